"""`livsrytme models`: files in, files out, and errors in words."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from models.cli import models
from models.prior import Prior
from models.routine import CONCERNS
from models.store import from_bytes
from tests.unit.models.evaluation.lives import CHANNELS, life

TRACE = life(days=30)


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """Return a month of a simple life, of which one day is silent."""
    path = tmp_path / "events.csv"
    silent = range(int(TRACE.at[0]) + 25 * 86400, int(TRACE.at[0]) + 26 * 86400)
    rows = zip(TRACE.at.tolist(), TRACE.channel.tolist(), strict=True)
    lines = [f"a,{at},{CHANNELS[number].kind},{CHANNELS[number].room},1\n" for at, number in rows if at not in silent]
    path.write_text("home,ts,kind,location,value\n" + "".join(map(in_words, lines)), encoding="utf-8")
    return path


def in_words(line: str) -> str:
    home, at, rest = line.split(",", 2)
    return f"{home},{datetime.fromtimestamp(int(at), UTC).isoformat()},{rest}"


def ran(*arguments: str | Path) -> Result:
    return CliRunner().invoke(models, [str(one) for one in arguments])


def test_replay_writes_one_object_a_line_with_all_that_was_promised(events: Path, tmp_path: Path) -> None:
    out = tmp_path / "alerts.jsonl"
    result = ran("replay", "--events", events, "--out", out)
    assert result.exit_code == 0, result.output
    alerts = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    names = "home raised_at started_at ended_at class kind code severity p_value reasons"
    assert alerts
    assert all(list(alert) == names.split() for alert in alerts)
    assert {alert["class"] for alert in alerts} <= {"person", "trend", "technical"}
    assert f"{len(alerts)} alerts written" in result.output.replace("\n", " ")
    assert [one.name for one in tmp_path.iterdir() if one.suffix == ".part"] == []


def test_what_cannot_be_done_is_said_in_words_and_nothing_is_written(events: Path, tmp_path: Path) -> None:
    out = tmp_path / "alerts.jsonl"
    for arguments, said in (
        (("--events", tmp_path / "none.csv", "--out", out), "there is no such file"),
        (("--events", events, "--out", out, "--timezone", "Mars/Base"), "'Mars/Base' is not a time zone"),
        (("--events", events, "--out", tmp_path / "no" / "where.jsonl"), "cannot be written"),
    ):
        result = ran("replay", *arguments)
        assert result.exit_code != 0
        assert said in result.output
    assert not out.exists()


def test_line_shows_a_home_and_names_those_there_are(events: Path) -> None:
    assert "learned from" in ran("line", "--events", events, "--home", "a").output
    assert "there is no home 'b'; there are: a" in ran("line", "--events", events, "--home", "b").output


def test_evaluate_says_when_no_home_has_enough(events: Path) -> None:
    result = ran("evaluate", "--tihm", events, "--part", "fall_day")
    assert result.exit_code == 1
    assert "no home has 42 whole days" in result.output


def test_fit_writes_the_weights_and_the_middle_of_these_homes(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    lines = [
        in_words(f"{trace.home},{at},{CHANNELS[number].kind},{CHANNELS[number].room},1\n")
        for trace in (life("a", days=46), life("b", days=46, seed=1))
        for at, number in zip(trace.at.tolist(), trace.channel.tolist(), strict=True)
    ]
    path.write_text("home,ts,kind,location,value\n" + "".join(lines), encoding="utf-8")

    result = ran("fit", "--tihm", path, "--out", tmp_path, "--copies", "1")

    assert result.exit_code == 0, result.output
    told = json.loads((tmp_path / "priors.json").read_text(encoding="utf-8"))
    assert told["fitted_on"].startswith("2 homes")
    assert {name: Prior.from_json(one).features for name, one in told["concerns"].items()} == {
        one.name: one.feature_names for one in CONCERNS
    }
    assert from_bytes((tmp_path / "many_homes.npz").read_bytes()).routine.tables.keys() == told["concerns"].keys()


def test_fit_says_where_it_cannot_write(events: Path, tmp_path: Path) -> None:
    result = ran("fit", "--tihm", events, "--out", tmp_path / "none")

    assert result.exit_code != 0
    assert "there is no such folder" in result.output
