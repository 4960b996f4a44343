"""Files of truth and alerts, and the report of them, from the command line."""

import json
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from typing_extensions import override

from device_sims.cli import sim
from device_sims.scoring.alerts import Alert, read_alerts, write_alerts
from device_sims.scoring.truth import AlertClass, Expected, Forbidden, Truth, Watched, read_truth, write_truth

T0 = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
TRUTH = Truth(
    (Watched("anna", T0, T0 + timedelta(days=14)),),
    (
        Expected("anna", ("fall",), T0 + HOUR, 2 * HOUR, "fall in <bathroom>", T0 + 9 * HOUR),
        Expected(
            "anna", ("gateway_silent",), T0 + 50 * HOUR, HOUR, "gateway dead", T0 + 60 * HOUR, AlertClass.TECHNICAL
        ),
    ),
    (Forbidden("anna", T0 + 50 * HOUR, T0 + 60 * HOUR, "gateway dead", "nobody fell", ("fall", "inactivity")),),
)
ALERTS = [
    Alert("anna", "fall", AlertClass.PERSON, T0 + 2 * HOUR, T0 + 3 * HOUR),
    Alert("anna", "inactivity", AlertClass.PERSON, T0 + 55 * HOUR),
]


def score(*arguments: str) -> Result:
    return CliRunner().invoke(sim, ["score", *arguments])


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    write_truth(tmp_path / "truth.jsonl", TRUTH)
    write_alerts(tmp_path / "alerts.jsonl", ALERTS)
    return str(tmp_path / "truth.jsonl"), str(tmp_path / "alerts.jsonl")


def test_what_was_written_is_read_back(files: tuple[str, str]) -> None:
    assert read_truth(Path(files[0])) == TRUTH
    assert read_alerts(Path(files[1])) == ALERTS


def test_a_saved_answer_of_the_api_is_read_too(tmp_path: Path) -> None:
    told = {
        "id": "1", "resident": {"id": "res-anna", "name": "Anna"}, "kind": "fall", "alert_class": "person",
        "raised_at": "2026-03-02T02:00:00Z", "closed_at": None, "severity": 40,
    }  # fmt: skip
    (tmp_path / "answer.json").write_text(json.dumps([told]))

    assert read_alerts(tmp_path / "answer.json") == [Alert("anna", "fall", AlertClass.PERSON, T0 + 2 * HOUR)]


def line(**different: object) -> str:
    """Return a line that is right but for what is different."""
    right = {
        "what": "expected",
        "home": "anna",
        "kinds": ["fall"],
        "begins_at": "2026-03-02T01:00:00Z",
        "within": "PT1H",
    }
    return json.dumps({**right, "label": "x", **different})


_NO_TIME = {"what": "forbidden", "home": "anna", "begins_at": T0.isoformat(), "ends_at": T0.isoformat(), "label": "x"}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ('{"what": "expected"', "line 2: message: Invalid JSON"),
        (line(what="guessed"), "line 2: message: Input tag 'guessed' found using 'what' does not match"),
        (line(begins_at="2026-03-02T01:00:00"), "line 2: expected.begins_at: Input should have timezone info"),
        (line(kinds=[]), "line 2: expected.kinds: Tuple should have at least 1 item"),
        (line(within="-PT1H"), "line 2: expected.within: Input should be greater than 0 seconds"),
        (line(colour="red"), "line 2: expected.colour: Unexpected keyword argument"),
        (line(home="bo"), "line 2: begins_at: a time in which home bo is watched was expected"),
        (json.dumps({**_NO_TIME, "reason": "y"}), "line 2: ends_at: a moment after begins_at was expected"),
    ],
)
def test_a_line_that_cannot_be_used_is_named_with_what_was_expected(
    wrong: str, told: str, tmp_path: Path, files: tuple[str, str]
) -> None:
    right = {"what": "watched", "home": "anna", "begins_at": T0.isoformat(), "ends_at": (T0 + 99 * HOUR).isoformat()}
    (tmp_path / "bad.jsonl").write_text(f"{json.dumps(right)}\n{wrong}\n")

    ended = score("--truth", str(tmp_path / "bad.jsonl"), "--alerts", files[1])

    assert ended.exit_code == 1
    assert f"bad.jsonl, {told}" in ended.output


def test_a_truth_that_watches_nobody_is_refused(tmp_path: Path, files: tuple[str, str]) -> None:
    (tmp_path / "empty.jsonl").write_text("\n")

    assert (
        'with "what": "watched" was expected'
        in score("--truth", f"{tmp_path}/empty.jsonl", "--alerts", files[1]).output
    )
    assert "there is no such file" in score("--truth", f"{tmp_path}/none", "--alerts", files[1]).output
    assert "give either --alerts FILE or --server URL" in score("--truth", files[0]).output


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, files: tuple[str, str]) -> None:
    (tmp_path / "latin.jsonl").write_bytes("bø".encode("latin-1"))
    (tmp_path / "refusal.json").write_text('[{"detail": "no"}]')

    for truth, alerts, told in (
        (str(tmp_path), files[1], f"{tmp_path}: it cannot be read"),
        (f"{tmp_path}/latin.jsonl", files[1], "latin.jsonl: it cannot be read"),
        (files[0], f"{tmp_path}/none.json", "none.json: there is no such file"),
        (files[0], str(tmp_path), f"{tmp_path}: it cannot be read"),
        (files[0], f"{tmp_path}/refusal.json", "refusal.json: 0.resident: Field required"),
    ):
        ended = score("--truth", truth, "--alerts", alerts)
        assert ended.exit_code == 1
        assert told in ended.output


def test_a_truth_of_another_run_is_not_scored(tmp_path: Path, files: tuple[str, str]) -> None:
    write_truth(tmp_path / "other.jsonl", Truth(tuple(Watched(f"home-{n}", T0, T0 + HOUR) for n in range(5))))

    ended = score("--truth", f"{tmp_path}/other.jsonl", "--alerts", files[1])

    assert ended.exit_code == 1
    assert "the truth watches home-0, home-1, home-2 and 2 more, the alerts are about anna" in ended.output


def test_that_nothing_was_alerted_at_all_is_a_score_too(tmp_path: Path, files: tuple[str, str]) -> None:
    (tmp_path / "empty.jsonl").write_text("")

    ended = score("--truth", files[0], "--alerts", f"{tmp_path}/empty.jsonl")

    assert ended.exit_code == 0
    assert "0 of 2 that should be alerted were alerted in time; 2 missed." in ended.output


def test_alerts_from_another_time_are_told_as_left_out(tmp_path: Path, files: tuple[str, str]) -> None:
    write_alerts(tmp_path / "before.jsonl", [Alert("anna", "fall", AlertClass.PERSON, T0 - HOUR)])

    ended = score("--truth", files[0], "--alerts", f"{tmp_path}/before.jsonl")

    assert "1 came while their home was not watched and do not count" in ended.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--alerts", "a", "--html", "/no/such/folder/s.html"], "there is no folder /no/such/folder to write it in"),
        (["--server", "localhost:8080"], "http://host:port or https://host:port was expected"),
        (["--server", "http://[::1"], "http://host:port or https://host:port was expected"),
        (["--server", "http://localhost:99999999"], "http://host:port or https://host:port was expected"),
        (["--alerts", "a", "--server", "http://localhost"], "give either --alerts FILE or --server URL"),
    ],
)
def test_what_cannot_be_done_is_told_before_anything_is(
    files: tuple[str, str], arguments: list[str], told: str
) -> None:
    ended = score("--truth", files[0], *arguments)

    assert ended.exit_code == 2
    assert told in " ".join(ended.output.replace("│", "").split())


class _Page(HTMLParser):
    """Collects what a browser would fetch, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.text = ""

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [value or "" for name, value in attrs if name in {"src", "href"}]
        self.fetched += [tag] if tag in {"script", "link", "img"} else []

    @override
    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_score_is_told_at_the_terminal_as_json_and_as_a_page_that_needs_nothing_else(
    tmp_path: Path, files: tuple[str, str]
) -> None:
    ended = score(
        "--truth", files[0], "--alerts", files[1], "--json", f"{tmp_path}/s.json", "--html", f"{tmp_path}/s.html"
    )

    assert ended.exit_code == 0, ended.output
    assert "1 of 2 that should be alerted were alerted in time; 1 missed." in ended.output
    assert "Once a fault of a device was taken for a person; 0 of 1 times that had to stay quiet did." in ended.output
    written = json.loads((tmp_path / "s.json").read_text())
    assert written["figures"]["forbidden_violated"] == 1
    assert [one["verdict"] for one in written["alerts"]] == ["in time", "false"]
    page = _Page()
    page.feed((tmp_path / "s.html").read_text())
    assert page.fetched == []
    assert "url(http" not in page.text
    assert "fall in <bathroom>" in page.text
    assert "1 of 2 that should be alerted were alerted in time; 1 missed." in page.text
