"""The protocol as a whole, with replays of which it is known what they say."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from html.parser import HTMLParser
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from models.alerts import Alert, AlertClass
from models.evaluation import goals
from models.evaluation.figures import figures
from models.evaluation.measuring import Evaluation, Replay, evaluate
from models.evaluation.page import page
from models.evaluation.protocol import LINES, Line
from models.evaluation.setting import HOUR, Setting
from models.evaluation.table import show
from models.trace import Trace
from tests.unit.models.evaluation.lives import ZONE, life

HOMES = [life(name, days=70, seed=ord(name)) for name in "abcd"]
SETTING = Setting(ZONE)


def lines(*names: str) -> list[Line]:
    return [line for line in LINES if line.name in names]


def alert(home: str, second: float, cls: AlertClass, kind: str) -> Alert:
    at = datetime.fromtimestamp(float(second), UTC)
    return Alert(home, at, at, None, cls, kind, "code", 30, 0.01, ())


def gaps(least_h: float) -> Replay:
    """Return a replay that tells of each silence of so many hours when it is that long."""

    def replay(fleet: Sequence[Trace]) -> list[Alert]:
        return [
            alert(trace.home, second + least_h * HOUR, "person", "inactivity")
            for trace in fleet
            for second in trace.at[:-1][np.diff(trace.at) > least_h * HOUR]
        ]

    return replay


def without_warmth(trace: Trace) -> Trace:
    return trace.kept(trace.channel != len(trace.channels) - 1)


@pytest.fixture(scope="module")
def found() -> Evaluation:
    homes = [without_warmth(trace) for trace in HOMES]
    return evaluate(
        homes, SETTING, lambda _: gaps(5.0), lines=lines("fall_day", "bathroom", "outage_whole"), per_home=2
    )


def test_a_silence_of_five_hours_finds_every_fall_after_five_and_no_other_thing(found: Evaluation) -> None:
    falls, bathroom, outage = (found.recall(line) for line in found.lines)
    assert falls
    assert bathroom
    assert outage
    assert (falls.count, falls.found, falls.chance, falls.median_s) == (8, 8, 0, 5 * HOUR)
    assert (bathroom.count, bathroom.found) == (8, 0)
    assert (outage.found, found.rates.person_a_week) == (0, 0)
    assert outage.more_persons > 0


def test_every_home_is_judged_by_a_replay_that_was_not_built_from_it() -> None:
    built: list[tuple[set[str], set[str]]] = []

    def build(tuning: Sequence[Trace]) -> Replay:
        def replay(fleet: Sequence[Trace]) -> list[Alert]:
            built.append(({one.home for one in tuning}, {one.home for one in fleet}))
            return []

        return replay

    evaluation = evaluate(HOMES, SETTING, build, lines=lines("fall_day"))
    assert {one.home for one in evaluation.untouched} == set("abcd")
    assert all(not tuning & judged and tuning | judged == set("abcd") for tuning, judged in built)


def test_homes_with_too_little_are_left_out() -> None:
    short = life("short", days=30)
    assert [one.home for one in evaluate([*HOMES[:1], short], SETTING, lambda _: gaps(5), lines=[]).untouched] == ["a"]


def test_lines_about_heartbeats_are_replayed_with_them_and_others_without() -> None:
    seen: list[bool] = []

    def replay(fleet: Sequence[Trace]) -> list[Alert]:
        seen.append(all(one.heartbeats is not None for one in fleet))
        return []

    evaluate(HOMES, SETTING, lambda _: replay, lines=lines("fall_day", "gateway_silent"), folds=1)
    assert seen == [False, False, True, True]


def test_the_same_seed_measures_the_same_and_another_elsewhere() -> None:
    def measured(seed: int) -> Evaluation:
        return evaluate(HOMES, SETTING, lambda _: gaps(5), lines=lines("fall_day"), seed=seed)

    assert measured(3).trials == measured(3).trials
    assert {one.window for one in measured(3).trials}.isdisjoint(one.window for one in measured(4).trials)


def test_the_terminal_the_page_and_the_figures_say_the_same(found: Evaluation) -> None:
    console = Console(record=True, width=100, file=StringIO())
    show(console, found)
    said, drawn, told = console.export_text(), page("Title & more", found), figures(found)
    for text in (said, drawn):
        assert goals.sentence(found) in text.replace("\n", " ")
        assert "Fall by day" in text
    assert "1.00 (8/8)" in said
    assert "no: recall ≥ 0.65" in said
    assert told["lines"]["fall_day"]["recall"] == 1.0
    assert json.loads(json.dumps(told))["trials"][0]["home"] in "abcd"
    assert "Title &amp; more" in drawn


def test_the_page_is_whole_and_needs_nothing_from_elsewhere(found: Evaluation) -> None:
    seen: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.append(tag)
            assert not {name for name, _ in attrs} & {"src", "href"}

    Reader().feed(page("Title", found))
    assert seen.count("figure") == len(found.lines)
    assert "script" not in seen
