"""The gateway's Debian package: what it lays where, and that what it brings runs by itself."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOR_SERVERS = {"fastapi", "sqlmodel", "sqlalchemy", "sklearn", "numpy", "pip", "hatchling"}

pytestmark = [
    pytest.mark.install,
    pytest.mark.nightly,
    pytest.mark.timeout(900),
    pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="install dpkg to build Debian's kind of package"),
]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    build = [str(ROOT / "deploy" / "gateway" / "package"), str(folder)]
    # The package wants the release's own Python; only that version's compiled parts fit it.
    subprocess.run(build, env={**os.environ, "PYTHON": sys.executable}, check=True)
    return next(folder.glob("livsrytme-gateway_*.deb"))


@pytest.fixture(scope="module")
def unpacked(package: Path) -> Path:
    subprocess.run(["dpkg-deb", "-x", package, package.parent / "tree"], check=True)
    return package.parent / "tree"


def test_it_says_what_it_is_and_keeps_settings_that_were_changed(package: Path) -> None:
    def told(*asked: str) -> str:
        return subprocess.run(["dpkg-deb", *asked], capture_output=True, text=True, check=True).stdout

    assert re.fullmatch(r"livsrytme-gateway_[0-9.]+_[a-z0-9]+\.deb", package.name)
    assert re.search(r"python3\.\d+, bluez", told("-f", str(package), "Depends"))
    assert told("-I", str(package), "conffiles").split() == ["/etc/livsrytme/gateway.env"]
    assert "purge" in told("-I", str(package), "postrm").split("rm -rf /var/lib/livsrytme")[0]
    assert " ./root" not in told("-c", str(package))


def test_what_it_brings_runs_by_itself_and_is_no_server(unpacked: Path) -> None:
    program = unpacked / "opt" / "livsrytme"
    python = program / "bin" / "python"
    if not Path("/usr/bin", python.readlink().name).exists():
        pytest.skip(f"this machine's own Python is another than {python.readlink().name}")
    decode = [python, program / "bin" / "livsrytme", "gateway", "decode", "d2fc4400f601640560e3162101"]
    said = subprocess.run(decode, env={}, capture_output=True, text=True, check=True).stdout

    assert json.loads(said.splitlines()[0])
    brought = {
        path.name.split("-")[0].split(".")[0] for path in next(program.glob("lib/python3*/site-packages")).iterdir()
    }
    assert {"bleak", "aiomqtt", "gateway"} <= brought
    assert brought & FOR_SERVERS == set()


def test_its_files_are_where_the_unit_looks_for_them(unpacked: Path) -> None:
    unit = (unpacked / "lib/systemd/system/livsrytme-gateway.service").read_text(encoding="utf-8")

    assert (unpacked / re.search(r"^ExecStart=/(\S+)", unit, re.MULTILINE)[1]).exists()  # type: ignore[index]
    assert (unpacked / re.search(r"^EnvironmentFile=/(\S+)", unit, re.MULTILINE)[1]).exists()  # type: ignore[index]
    assert os.access(unpacked / "usr/bin/livsrytme", os.X_OK)
    first_line = (unpacked / "opt/livsrytme/bin/livsrytme").read_text(encoding="utf-8").splitlines()[0]
    assert first_line == "#!/opt/livsrytme/bin/python"
