"""Debian's packages, fetched and unpacked in a folder of ours: nothing is installed on the machine that tests."""

import os
import re
import shutil
import subprocess
from pathlib import Path

_USR_MERGED = ("bin", "sbin", "lib", "lib64")
_PLAIN = {**os.environ, "LC_ALL": "C"}  # what apt says is read below


class NoPackagesError(Exception):
    """The packages cannot be had here. The text says why."""


def unpacked(names: list[str], folder: Path, *wanted: str) -> Path:
    """Return the folder with the packages and what they need beside this machine's own, fetched once.

    Args:
        names: packages of the release that this machine runs.
        folder: where they are kept; a second call with the same folder fetches nothing.
        wanted: patterns of paths, as tar takes them; none for everything.

    Raises:
        NoPackagesError: this is no Debian, or its archive is out of reach.
    """
    done = folder / ".complete"
    if done.exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    fetched = folder / "archives"
    fetched.mkdir(parents=True)
    for name in _USR_MERGED:  # as on the machine itself: else a package's own lib would hide it
        (folder / "usr" / name).mkdir(parents=True)
        (folder / name).symlink_to(f"usr/{name}")
    _apt(["download", *_with_needs(names)], fetched)
    for package in sorted(fetched.glob("*.deb")):
        content = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], capture_output=True, check=True).stdout
        some = ["--wildcards", *wanted] if wanted else []
        subprocess.run(["tar", "-x", "--keep-directory-symlink", "-C", folder, *some], input=content, check=True)
    shutil.rmtree(fetched)
    done.touch()
    return folder


def newest_kernel() -> str:
    """Return the name of the package with this release's kernel.

    Raises:
        NoPackagesError: this is no Debian, or it knows no kernel for this machine.
    """
    machine = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout
    told = _run(["apt-cache", "depends", f"linux-image-{machine.strip()}"], Path())
    found = re.search(r"Depends: (linux-image-\S+)", told)
    if found is None:
        raise NoPackagesError("the archive names no kernel for this machine")
    return found[1]


def _with_needs(names: list[str]) -> list[str]:
    if all(name.startswith("linux-image-") for name in names):
        return names  # unpacked, it needs none of what installs it
    planned = _apt(["install", "--simulate", "--no-install-recommends", *names], Path())
    return re.findall(r"^Inst (\S+)", planned, re.MULTILINE)


def _apt(arguments: list[str], folder: Path) -> str:
    return _run(["apt-get", "-q", "-o", "APT::Sandbox::User=root", *arguments], folder)


def _run(command: list[str], folder: Path) -> str:
    if shutil.which(command[0]) is None or shutil.which("dpkg-deb") is None:
        raise NoPackagesError("this machine is no Debian")
    done = subprocess.run(command, cwd=folder, env=_PLAIN, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NoPackagesError(f"{' '.join(command)}: {done.stderr.strip().splitlines()[-1:]}")
    return done.stdout
