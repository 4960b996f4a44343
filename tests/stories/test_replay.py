"""A home's own history, played through the whole chain from the command line."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

_LIVSRYTME = str(Path(sys.executable).with_name("livsrytme"))
_DAY = """home,ts,location
a1,2019-05-16 10:52:49,kitchen
a1,2019-05-16 10:52:49,fridge-door
a1,2019-05-16 10:52:50,fridge-door
a1,2019-05-16 10:52:50,fridge-door
a1,2019-05-16 22:01:10,bedroom
"""


@pytest.fixture
def tihm(tmp_path: Path) -> Path:
    (tmp_path / "activity.csv").write_text(_DAY, encoding="utf-8")
    return tmp_path


def _replay(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [_LIVSRYTME, "sim", "replay", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_a_replay_tells_that_every_event_of_the_file_is_stored(tihm: Path) -> None:
    ended = _replay("--tihm", str(tihm), "--home", "a1")

    assert ended.returncode == 0, ended.stdout + ended.stderr
    counts = {
        line.split("│")[1].strip(): line.split("│")[2].strip() for line in ended.stdout.splitlines() if "│" in line
    }
    assert (counts["events in the file"], counts["on the air"], counts["stored"]) == ("5", "5", "5")
    assert counts["messages in quarantine"] == "0"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--home", "zz"], "holds no home 'zz'. The homes there: a1"),
        (["--home", "a1", "--speed", "backwards"], "is no speed"),
        (["--home", "a1", "--speed", "0"], "is no speed"),
        (["--home", "a1", "--days", "0"], "0 is not in the range"),
        (["--home", "a1", "--from", "2031-01-01"], "nothing happened in this home in the time asked for"),
        (["--home", "a1", "--from", "May"], "does not match the format"),
    ],
)
def test_what_cannot_be_replayed_is_told_in_a_sentence(tihm: Path, arguments: list[str], complaint: str) -> None:
    ended = _replay("--tihm", str(tihm), *arguments)

    assert ended.returncode != 0
    assert complaint in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_folder_that_holds_an_earlier_replay_is_refused_in_words(tihm: Path) -> None:
    (tihm / "data" / "server").mkdir(parents=True)

    ended = _replay("--tihm", str(tihm), "--home", "a1", "--data", str(tihm / "data"))

    assert ended.returncode == 1
    assert "already holds a replay" in ended.stderr


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_no_program_outlives_a_replay_that_is_ended(tihm: Path, sign: signal.Signals) -> None:
    data = tihm / "data"
    replay = subprocess.Popen(
        [_LIVSRYTME, "sim", "replay", "--tihm", str(tihm), "--home", "a1", "--speed", "60", "--data", str(data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert replay.stdout is not None
    replay.stdout.readline()  # the first line of progress: all parts run
    children = psutil.Process(replay.pid).children(recursive=True)
    assert len(children) == 3

    replay.send_signal(sign)
    replay.communicate(timeout=5)

    _, alive = psutil.wait_procs(children, timeout=3)
    assert alive == []
