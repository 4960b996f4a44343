"""The advice to technicians, tried: everything read-only but the data folder, as the systemd unit has it too."""

import os
import shutil
import signal
import subprocess
import sysconfig
import time
from pathlib import Path

import pytest

LIVSRYTME = shutil.which("livsrytme", path=sysconfig.get_path("scripts")) or "livsrytme"
UNIT = Path(__file__).resolve().parents[2] / "deploy" / "gateway" / "livsrytme-gateway.service"
PATIENCE_S = 60.0
# A view of the files for this process alone. The folder stays writable because it is a mount of its own.
READ_ONLY = """
set -e
mount --make-rprivate /
mount --bind "$1" "$1"
awk '{print $2}' /proc/self/mounts | grep -vE '^/(proc|sys|dev)' | grep -vxF "$1" | while read -r place; do
  mount -o remount,bind,ro "$place"
done
if touch "$2" 2>/dev/null; then echo "$2 can be written" >&2; exit 9; fi
exec "$3" gateway run --id gw-a --broker mqtt://127.0.0.1:9 --radio bluez --data "$1"
"""

pytestmark = pytest.mark.install


def can_hide_files() -> bool:
    tried = subprocess.run(["unshare", "-m", "mount", "--make-rprivate", "/"], capture_output=True, check=False)
    return tried.returncode == 0


@pytest.mark.skipif(
    os.getuid() != 0 or shutil.which("unshare") is None or not can_hide_files(),
    reason="only root may see files read-only; run the tests as root to try it",
)
def test_the_gateway_needs_to_write_nowhere_but_in_its_data_folder(tmp_path: Path) -> None:
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    data.mkdir()
    command = ["unshare", "-m", "sh", "-c", READ_ONLY, "sh", str(data), str(elsewhere), LIVSRYTME]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as gateway:
        ends = time.monotonic() + PATIENCE_S
        while not (data / "status.json").exists() and gateway.poll() is None and time.monotonic() < ends:
            time.sleep(0.05)  # a file gives no sign
        gateway.send_signal(signal.SIGTERM)
        _, said = gateway.communicate(timeout=PATIENCE_S)

    assert (data / "status.json").exists(), said
    assert (data / "outbox.db").exists()
    assert gateway.returncode == 0, said
    assert "Read-only file system" not in said


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="install systemd to have its unit checked")
def test_systemd_takes_the_unit_and_finds_it_well_closed(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    # The program is not installed here; everything else is as in service.
    unit.write_text(UNIT.read_text().replace("/opt/livsrytme/bin/livsrytme", shutil.which("true") or "/bin/true"))
    seen = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert UNIT.name not in seen.stderr, seen.stderr
    assert judged.returncode == 0, judged.stdout[-600:]
