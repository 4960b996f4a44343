"""What counts as found and what as a false alert, against cases counted by hand."""

from datetime import UTC, datetime

import pytest

from models.alerts import Alert, AlertClass
from models.evaluation.goals import asked
from models.evaluation.protocol import LINES, Goal, Line
from models.evaluation.scoring import Rates, disturbance, merged, rates, recall, trial
from models.evaluation.setting import DAY, HOUR, Setting, Window, is_eligible
from tests.unit.models.evaluation.lives import FIRST, ZONE, life

WINDOW = Window(100 * HOUR, 112 * HOUR)


def alert(hour: float, cls: AlertClass = "person", kind: str = "inactivity", home: str = "a") -> Alert:
    at = datetime.fromtimestamp(hour * HOUR, UTC)
    return Alert(home, at, at, None, cls, kind, "code", 30, 0.01, ())


@pytest.mark.parametrize(
    ("hours", "delay"),
    [([], None), ([99.9], None), ([112], None), ([100], 0), ([103, 101], 1 * HOUR), ([99, 111.5], 11.5 * HOUR)],
)
def test_only_what_is_raised_inside_the_window_is_found(hours: list[float], delay: float | None) -> None:
    assert trial("fall", "person", "a", WINDOW, map(alert, hours), []).delay_s == delay


def test_alerts_of_another_home_or_class_find_nothing() -> None:
    others = [alert(101, home="b"), alert(101, "technical"), alert(101, "trend")]
    assert trial("fall", "person", "a", WINDOW, others, []).delay_s is None
    assert trial("dead", "technical", "a", WINDOW, others, []).delay_s == HOUR


def test_what_the_untouched_trace_raises_in_the_same_window_is_chance() -> None:
    one = trial("fall", "person", "a", WINDOW, [], [alert(105), alert(113), alert(120)])
    assert one.chance_delay_s == 5 * HOUR
    assert (one.persons, one.chance_persons) == (0, 2)  # the two hours after count here


def test_disturbances_less_than_six_hours_apart_are_one() -> None:
    assert merged([]) == 0
    assert merged(hour * HOUR for hour in (0, 5, 10, 16, 21.9)) == 2
    assert merged(hour * HOUR for hour in (16, 0, 6)) == 3


def test_a_homes_false_alerts_are_those_of_the_time_it_was_watched() -> None:
    watched = [Window(0, 100 * HOUR), Window(200 * HOUR, 300 * HOUR)]
    alerts = [alert(1), alert(2, kind="wandering"), alert(150), alert(250), alert(300), alert(99, "technical"),
              alert(99, "trend", "decline"), alert(50, home="b")]  # fmt: skip
    one = disturbance("a", alerts, watched)
    assert (one.watched_s, one.person, one.trend, one.technical) == (200 * HOUR, 2, 1, 1)
    assert one.kinds["person", "inactivity"] == 2
    assert one.kinds["person", "wandering"] == 1


def test_rates_are_of_all_homes_together() -> None:
    two = [disturbance(home, [alert(1, home=home)], [Window(0, 7 * DAY)]) for home in "ab"]
    none = disturbance("c", [], [Window(0, 14 * DAY)])
    found = rates([*two, none])
    assert (found.home_weeks, found.person_a_week) == (4, 0.5)
    assert found.kinds_a_week == {("person", "inactivity"): 0.5}


def test_recall_delay_and_chance_are_counted_over_the_trials() -> None:
    trials = [
        trial("fall", "person", "a", WINDOW, [alert(101)], []),
        trial("fall", "person", "a", WINDOW, [alert(103)], [alert(111)]),
        trial("fall", "person", "a", WINDOW, [alert(111)], []),
        trial("fall", "person", "a", WINDOW, [], [alert(101), alert(110)]),
    ]
    one = recall(trials, 4 * HOUR)
    assert (one.count, one.found, one.recall, one.chance, one.within) == (4, 3, 0.75, 0.5, 0.5)
    assert one.median_s == 3 * HOUR
    assert one.mean_s == (1 + 3 + 11 + 12) * HOUR / 4  # what was missed counts with the whole window
    assert one.more_persons == 2  # 1, 0, 1 and none fewer
    assert one.interval == pytest.approx((0.3006, 0.9544), abs=1e-4)  # Wilson's, from a table


def test_recall_of_nothing_found_has_no_median() -> None:
    one = recall([trial("fall", "person", "a", WINDOW, [], [])], HOUR)
    assert (one.median_s, one.recall, one.interval[0]) == (None, 0, 0)


def test_a_line_is_reached_when_all_that_is_asked_of_it_is() -> None:
    line = Line("x", "X", "person", None, Goal(recall=0.7, median_s=3 * HOUR, chance=0.4), 4 * HOUR)
    found = recall([trial("x", "person", "a", WINDOW, [alert(103)], [alert(101)])], line.within_s)
    told = [one.is_met for one in asked(line, found, Rates(1, 0, 0, 0, {}))]
    assert told == [True, True, False]


def test_an_emergency_found_at_the_price_of_too_many_alerts_is_not_reached() -> None:
    (line,) = (one for one in LINES if one.name == "emergency")
    found = recall([trial("x", "person", "a", WINDOW, [alert(101)], [])], line.within_s)
    dear, cheap = (asked(line, found, Rates(1, rate, 0, 0, {})) for rate in (0.64, 0.63))
    assert [one.is_met for one in dear] == [True, False]
    assert [one.is_met for one in cheap] == [True, True]


def test_the_first_weeks_and_what_is_closed_are_not_watched() -> None:
    trace = life(days=60)
    closed = Window(FIRST + 30 * DAY, FIRST + 34 * DAY)
    (before, after) = Setting(ZONE, closed=closed).watched(trace)
    assert before.start == trace.at[0] + 21 * DAY
    assert (before.end, after.start, after.end) == (closed.start, closed.end, trace.at[-1])
    assert Setting(ZONE, closed=Window(FIRST, FIRST + 90 * DAY)).watched(trace) == ()
    assert Setting(ZONE).watched(life(days=20)) == ()


def test_homes_count_that_have_enough_days_and_events() -> None:
    assert is_eligible(life(days=44), ZONE)
    assert not is_eligible(life(days=43), ZONE)
    assert not is_eligible(life().kept(life().channel == 5), ZONE)  # a hundred events a day
