"""The demo, as a person or a program starts it."""

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from device_sims.ports import free_port

_LIVSRYTME = str(Path(sys.executable).with_name("livsrytme"))


def _demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [_LIVSRYTME, "demo", "--headless", *arguments], capture_output=True, text=True, check=False, timeout=110
    )


@pytest.mark.timeout(120)
def test_an_alert_comes_by_itself_and_its_time_line_is_told(tmp_path: Path) -> None:
    ended = _demo("--until-alert", "--days", "3", "--speed", "120", "--port", str(free_port()), "--data", str(tmp_path))

    assert ended.returncode == 0, ended.stdout + ended.stderr
    steps = re.findall(r"(observed|received|raised|notified) +│ (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3})", ended.stdout)
    assert [step for step, _ in steps] == ["observed", "received", "raised", "notified"], ended.stdout
    assert [at for _, at in steps] == sorted(at for _, at in steps)
    assert "First alert: button" in ended.stdout
    assert "livsrytme-demo" in ended.stdout


def test_a_port_in_use_is_told_in_a_sentence_that_says_how_to_choose_another() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        ended = _demo("--port", str(port))

    assert ended.returncode == 1
    assert f"port {port} cannot be used" in ended.stderr
    assert "--port" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_missing_tihm_path_is_told_before_anything_starts(tmp_path: Path) -> None:
    ended = _demo("--port", str(free_port()), "--tihm", str(tmp_path / "nowhere"), "--data", str(tmp_path / "data"))

    assert ended.returncode == 1
    assert "is not there: give the TIHM folder" in ended.stderr
    assert not (tmp_path / "data").exists()


def test_a_folder_that_holds_an_earlier_demo_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()

    ended = _demo("--port", str(free_port()), "--data", str(tmp_path))

    assert ended.returncode == 1
    assert "choose an empty folder with --data" in ended.stderr
