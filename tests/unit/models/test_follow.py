"""What begins to be a finding, what it hides, what ends it, and when it may be told again."""

import json
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.follow import Ended, Event, Opened, Standing, follow
from models.minutes import TICK_MINUTES, TICKS_A_DAY, Minutes
from models.rooms import Role, mask_of
from models.routine import CONCERNS, Judged, Limit
from models.series import Series

DAYS = 4
TICKS = DAYS * TICKS_A_DAY
OF_DAY = np.arange(TICKS) % TICKS_A_DAY
FIRST = 5_000_000
LIMITS = {concern.name: Limit(1.0, 2.0) for concern in CONCERNS}
HIGH, LOW = 3.5, 2.5
HOUR = 12


def home(*heard: tuple[int, Role]) -> Series:
    """Return four days in which somebody is heard at the end of these ticks."""
    minutes = Minutes.empty(FIRST, FIRST + TICKS)
    for tick, role in heard:
        minutes.bits[(tick + 1) * TICK_MINUTES - 1] |= mask_of(role)
    return Series(minutes)


def judged(**high: Sequence[int]) -> dict[str, Judged]:
    """Return scores above the limit in these ticks, and below it in all others."""
    ticks = np.arange(TICKS)
    return {
        concern.name: Judged(ticks, np.where(np.isin(ticks, high.get(concern.name, ())), HIGH, LOW))
        for concern in CONCERNS
    }


def followed(series: Series, scores: dict[str, Judged], last: int = TICKS - 1) -> list[tuple[str, str, int]]:
    return told(follow(Standing(), scores, LIMITS, series, OF_DAY, last)[1])


def told(events: list[Event]) -> list[tuple[str, str, int]]:
    return [
        ("opened", event.concern, event.raised - FIRST) if isinstance(event, Opened)
        else ("ended", event.concern, event.at - FIRST)
        for event in events
    ]  # fmt: skip


def test_a_finding_begins_with_the_silence_and_ends_when_somebody_is_heard() -> None:
    series = home((100, Role.LIVING), (180, Role.LIVING))
    standing, events = follow(Standing(), judged(inactivity=range(150, 180)), LIMITS, series, OF_DAY, TICKS - 1)

    assert events == [
        Opened("inactivity", FIRST + 100, FIRST + 150, HIGH - 1.0, 150),
        Ended("inactivity", FIRST + 150, FIRST + 180),
    ]
    assert not standing.open


def test_a_score_on_the_line_and_a_concern_without_a_limit_raise_nothing() -> None:
    series, scores = home(), judged(inactivity=range(100, 110))
    on_the_line = {"inactivity": Limit(1.0, HIGH - 1.0), "not_up": Limit(0, np.inf)}
    assert follow(Standing(), scores, on_the_line, series, OF_DAY, TICKS - 1)[1] == []
    assert follow(Standing(), scores, {}, series, OF_DAY, TICKS - 1)[1] == []


def test_nothing_after_the_last_tick_is_told() -> None:
    series, scores = home((100, Role.LIVING), (180, Role.LIVING)), judged(inactivity=range(150, 180))
    assert followed(series, scores, 149) == []
    assert followed(series, scores, 179) == [("opened", "inactivity", 150)]


@pytest.mark.parametrize(
    ("first", "hidden"),
    [
        ("inactivity", ["left_at_night", "not_up", "no_meals"]),
        ("left_at_night", ["inactivity", "not_up", "no_meals"]),
        ("not_up", ["inactivity", "no_meals"]),
        ("no_meals", []),
    ],
)
def test_what_is_told_hides_what_would_tell_of_the_same(first: str, hidden: list[str]) -> None:
    others = ["inactivity", "left_at_night", "not_up", "no_meals", "bathroom_visits"]
    scores = judged(**{first: range(100, 200)}, **{name: range(110, 200) for name in others if name != first})
    raised = [name for _, name, _ in followed(home(), scores, 110)]
    assert raised[0] == first
    assert set(others) - set(hidden) >= set(raised)
    assert not set(hidden) & set(raised)
    assert "bathroom_visits" in raised


def test_of_two_at_the_same_tick_the_more_urgent_is_told() -> None:
    scores = judged(inactivity=range(100, 110), not_up=range(100, 110), left_at_night=range(100, 110))
    assert followed(home(), scores, 109) == [("opened", "left_at_night", 100)]


@pytest.mark.parametrize(
    ("concern", "role", "ends"),
    [
        ("not_up", Role.BEDROOM, False), ("not_up", Role.HALL, True),
        ("no_meals", Role.LIVING, False), ("no_meals", Role.FRIDGE, True),
        ("left_at_night", Role.BEDROOM, True), ("inactivity", Role.OTHER, True),
    ],
)  # fmt: skip
def test_only_what_was_missed_ends_a_silence(concern: str, role: Role, ends: bool) -> None:  # noqa: FBT001 - a column
    events = followed(home((130, role)), judged(**{concern: range(100, 105)}))
    assert events == [("opened", concern, 100), *([("ended", concern, 130)] if ends else [])]


def test_a_home_that_falls_silent_itself_ends_no_finding() -> None:
    series = home((40, Role.LIVING))
    series.minutes.seen[120 * TICK_MINUTES : 200 * TICK_MINUTES] = False
    assert followed(series, judged(inactivity=range(100, 110))) == [("opened", "inactivity", 100)]


def test_wandering_ends_after_a_quiet_hour_or_in_the_morning_and_rests_for_the_night() -> None:
    night = TICKS_A_DAY
    up = [(night + tick, Role.KITCHEN) for tick in range(HOUR, 2 * HOUR)]
    scores = judged(wandering=range(night, night + 10 * HOUR))
    rested = followed(home(*up), scores, night + 8 * HOUR)
    assert rested[:2] == [("opened", "wandering", night), ("ended", "wandering", night + 1)]

    scores = judged(wandering=range(night + 2 * HOUR, night + 10 * HOUR))
    assert followed(home(*up), scores, night + 9 * HOUR - 2) == [
        ("opened", "wandering", night + 2 * HOUR),
        ("ended", "wandering", night + 3 * HOUR - 1),
    ]

    all_night = [(night + tick, Role.KITCHEN) for tick in range(10 * HOUR)]
    scores = judged(wandering=range(night + 2 * HOUR, night + 4 * HOUR))
    assert followed(home(*all_night), scores) == [
        ("opened", "wandering", night + 2 * HOUR),
        ("ended", "wandering", night + 6 * HOUR),
    ]


def test_visits_to_the_bathroom_are_told_for_a_day_and_not_again_the_next() -> None:
    scores = judged(bathroom_visits=range(100, TICKS))
    assert followed(home(), scores) == [
        ("opened", "bathroom_visits", 100),
        ("ended", "bathroom_visits", 100 + TICKS_A_DAY),
        ("opened", "bathroom_visits", 100 + 2 * TICKS_A_DAY),
        ("ended", "bathroom_visits", 100 + 3 * TICKS_A_DAY),
    ]


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32 - 1), cuts=st.lists(st.integers(0, TICKS - 1), max_size=6).map(sorted))
def test_in_parts_and_stored_in_between_it_is_as_in_one_go(seed: int, cuts: list[int]) -> None:
    rng = np.random.default_rng(seed)
    series = home(*((int(tick), Role(role)) for tick, role in zip(
        rng.integers(0, TICKS, 60), rng.integers(0, 8, 60), strict=True)))  # fmt: skip
    begins = {concern.name: rng.integers(0, TICKS, 6) for concern in CONCERNS}
    scores = judged(**{name: [int(tick) + i for tick in of for i in range(20)] for name, of in begins.items()})
    standing, parts = Standing(), []
    for begin, end in zip([0, *(cut + 1 for cut in cuts)], [*cuts, TICKS - 1], strict=True):
        those = {name: Judged(one.places[begin : end + 1], one.scores[begin : end + 1]) for name, one in scores.items()}
        standing, events = follow(standing, those, LIMITS, series, OF_DAY, end)
        standing = Standing.from_json(json.loads(json.dumps(standing.as_json())))
        parts += events
    whole, in_one_go = follow(Standing(), scores, LIMITS, series, OF_DAY, TICKS - 1)
    assert in_one_go
    assert parts == in_one_go
    assert standing == whole
