"""The third-party files: locked, without host names, fetched once, and a clear word when they cannot be had."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from caregiver_ui import assets

_UI = Path(assets.__file__).parent


def test_the_lock_names_every_package_with_its_digest_and_no_host() -> None:
    lock = json.loads((_UI / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}

    assert [name for name, entry in packages.items() if not entry["integrity"].startswith("sha512-")] == []
    assert re.findall(r"resolved|https?://", json.dumps(lock)) == []


def test_every_wanted_version_is_exact_and_locked() -> None:
    wanted = json.loads((_UI / "package.json").read_text(encoding="utf-8"))
    locked = json.loads((_UI / "package-lock.json").read_text(encoding="utf-8"))["packages"]

    for name, version in (wanted["dependencies"] | wanted["devDependencies"]).items():
        assert locked[f"node_modules/{name}"]["version"] == version


def test_a_second_run_finds_everything_in_place() -> None:
    assert assets.fetch() in {True, False}  # the first run of a fresh clone may have to fetch

    assert assets.fetch() is False


def test_a_registry_that_does_not_answer_gives_a_sentence_and_not_a_stack_trace(tmp_path: Path) -> None:
    """In an empty place everything must be fetched anew, here from a registry that is not there."""
    away = tmp_path / "caregiver_ui"
    away.mkdir()
    for name in ("assets.py", "package.json", "package-lock.json", ".npmrc"):
        (away / name).write_bytes((_UI / name).read_bytes())
    settings = "registry=http://127.0.0.1:9/\nfetch-retries=0\ncache=" + str(tmp_path / "cache")
    (away / ".npmrc").write_text(settings, encoding="utf-8")

    done = subprocess.run([sys.executable, str(away / "assets.py")], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "npm could not fetch the files the pages are drawn with" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_npm_and_without_a_lock_for_it_the_way_out_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = tmp_path / "caregiver_ui"
    away.mkdir()
    for name in ("assets.py", "package.json", "package-lock.json"):
        (away / name).write_bytes((_UI / name).read_bytes())
    monkeypatch.setenv("PATH", str(tmp_path))

    done = subprocess.run([sys.executable, str(away / "assets.py")], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "install Node.js 20 or newer" in done.stderr
    assert "Traceback" not in done.stderr
