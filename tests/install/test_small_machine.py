"""A gateway is installed on a small machine: it must bring nothing of the server's."""

import json
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOR_SERVERS = {"fastapi", "sqlmodel", "sqlalchemy", "apscheduler", "scikit-learn", "sklearn", "numpy", "starlette"}

pytestmark = [pytest.mark.install, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def clean_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the locked gateway packages and this project's gateway extra in it."""
    place = tmp_path_factory.mktemp("gateway") / "venv"
    venv.create(place, with_pip=True)
    python = place / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    lock = ROOT / "deploy" / "locks" / "gateway.txt"
    subprocess.run([*pip, "--require-hashes", "-r", str(lock)], check=True)
    build = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            str(place),
            str(ROOT),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert build.returncode == 0, build.stderr
    # The extra is asked for, so a package it needs and the lock lacks would be fetched here and seen below.
    wheel = next(place.glob("livsrytme-*.whl"))
    pins = place / "pins.txt"
    lines = lock.read_text(encoding="utf-8").splitlines()
    pins.write_text("\n".join(line.rstrip(" \\") for line in lines if "==" in line), encoding="utf-8")
    subprocess.run([*pip, "--constraint", str(pins), f"{wheel}[gateway]"], check=True)
    return python


def test_the_gateway_extra_brings_none_of_the_servers_packages(clean_python: Path) -> None:
    listed = subprocess.run(
        [clean_python, "-m", "pip", "list", "--format=json", "--disable-pip-version-check"],
        capture_output=True,
        text=True,
        check=True,
    )
    installed = {package["name"].lower() for package in json.loads(listed.stdout)}

    assert {"livsrytme", "bleak", "aiomqtt", "bthome-ble"} <= installed
    assert installed & FOR_SERVERS == set()


def test_the_gateway_command_runs_there(clean_python: Path) -> None:
    command = clean_python.with_name("livsrytme")

    shown = subprocess.run([command, "gateway", "run", "--help"], capture_output=True, text=True, check=False)

    assert shown.returncode == 0, shown.stderr
    assert "--broker" in shown.stdout


def test_a_group_that_is_not_installed_says_what_to_install(clean_python: Path) -> None:
    command = clean_python.with_name("livsrytme")

    refused = subprocess.run([command, "server", "run", "--port", "1"], capture_output=True, text=True, check=False)

    assert refused.returncode == 1
    assert "pip install 'livsrytme[server]'" in refused.stderr
    assert "Traceback" not in refused.stderr
