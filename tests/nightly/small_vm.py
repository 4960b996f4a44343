"""A machine with Debian's own kernel, whose files are this machine's, read only, with some packages laid over them."""

import lzma
import os
import re
import shutil
import subprocess
from pathlib import Path

from debian_packages import newest_kernel, unpacked

# In the order they are asked for; what each needs comes before it.
_FOR_FILES = ("virtio_pci", "9pnet_virtio", "9p", "overlay")
# bluetoothd makes itself an address with the kernel's ciphers.
_FOR_BLUETOOTH = ("bluetooth", "hci_vhci", "af_alg", "algif_hash", "algif_skcipher", "cmac", "ecb", "aes_generic")
_KINDS = ("fs", "net", "crypto", "lib", "arch", "drivers/virtio", "drivers/bluetooth")

_SHARE = "local,path={path},mount_tag={name},security_model=none,readonly=on,multidevs=remap"
_INIT = """#!/busybox sh
/busybox mkdir -p /proc /dev /host /packages /fresh /tree
/busybox mount -t proc none /proc
/busybox mount -t devtmpfs none /dev
for module in {modules}; do /busybox insmod /modules/$module || echo "module $module was refused"; done
for share in host packages; do
  /busybox mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=262144,cache=loose $share /$share
done
/busybox mount -t tmpfs none /fresh
/busybox mkdir /fresh/upper /fresh/work
/busybox mount -t overlay -o lowerdir=/packages:/host,upperdir=/fresh/upper,workdir=/fresh/work none /tree
/busybox mount -t proc none /tree/proc
/busybox mount -t sysfs none /tree/sys
/busybox mount -t devtmpfs none /tree/dev
/busybox mount -t tmpfs none /tree/run
/busybox ip link set lo up
/busybox chroot /tree /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root {command}
echo "ended with $?"
/busybox poweroff -f
"""


class SmallVm:
    """Debian's kernel in QEMU. It is gone, with all it wrote, when its one command ends."""

    def __init__(self, cache: Path, packages: list[str]) -> None:
        """Fetch what is needed and is not in the cache yet: a few minutes the first time.

        Raises:
            NoPackagesError: the packages cannot be had here.
        """
        self._cache = cache
        self._qemu = unpacked(["qemu-system-x86", "busybox-static"], cache / "qemu")
        patterns = [f"./lib/modules/*/kernel/{kind}/*" for kind in _KINDS]
        self._kernel = unpacked([newest_kernel()], cache / "kernel", "./boot/vmlinuz-*", *patterns)
        self._guest = unpacked(packages, cache / "guest")

    def run(self, command: list[str], seconds: float) -> str:
        """Run a command as root in a new machine; return everything it said on the console.

        Raises:
            subprocess.TimeoutExpired: it took longer; `.output` holds what it said so far.
        """
        initramfs = self._initramfs(" ".join(command))
        libraries = self._qemu / "usr/lib/x86_64-linux-gnu"
        done = subprocess.run(
            [
                self._qemu / "usr/bin/qemu-system-x86_64", "-L", self._qemu / "usr/share/seabios",
                "-L", self._qemu / "usr/share/qemu",
                "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "1024",
                "-nodefaults", "-display", "none", "-serial", "stdio", "-no-reboot",
                "-kernel", next((self._kernel / "boot").glob("vmlinuz-*")), "-initrd", initramfs,
                "-append", "console=ttyS0 quiet panic=-1",
                "-virtfs", _SHARE.format(path="/", name="host"),
                "-virtfs", _SHARE.format(path=self._guest, name="packages"),
            ],
            env={**os.environ, "LD_LIBRARY_PATH": f"{libraries}:{libraries}/pulseaudio"},
            stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False,
        )  # fmt: skip
        return (done.stdout + done.stderr).decode(errors="replace")

    def _initramfs(self, command: str) -> Path:
        place = self._cache / "initramfs"
        shutil.rmtree(place, ignore_errors=True)
        (place / "modules").mkdir(parents=True)
        shutil.copy(self._qemu / "bin/busybox", place / "busybox")
        order = self._modules([*_FOR_FILES, *_FOR_BLUETOOTH])
        for module in order:
            (place / "modules" / module.name.removesuffix(".xz")).write_bytes(_content(module))
        init = place / "init"
        names = " ".join(module.name.removesuffix(".xz") for module in order)
        init.write_text(_INIT.format(modules=names, command=command))
        init.chmod(0o755)
        files = b"\n".join(str(path.relative_to(place)).encode() for path in sorted(place.rglob("*")))
        packed = subprocess.run(
            [place / "busybox", "cpio", "-o", "-H", "newc"], cwd=place, input=files, capture_output=True, check=True
        )
        file = self._cache / "initramfs.cpio"
        file.write_bytes(packed.stdout)
        return file

    def _modules(self, wanted: list[str]) -> list[Path]:
        there = {path.name.split(".")[0].replace("-", "_"): path for path in self._kernel.rglob("*.ko*")}
        order: list[Path] = []

        def add(name: str) -> None:
            path = there.get(name.replace("-", "_"))
            if path is None or path in order:
                return  # built into the kernel, or there already
            needed = re.search(rb"\0depends=([^\0]*)\0", _content(path))
            for other in (needed[1].decode() if needed else "").split(","):
                add(other)
            order.append(path)

        for name in wanted:
            add(name)
        return order


def _content(module: Path) -> bytes:
    content = module.read_bytes()
    return lzma.decompress(content) if module.suffix == ".xz" else content
