"""What a tester may ask, and how what happened is compared with what was alerted."""

from datetime import timedelta

import pytest
from builders import HOUR, MINUTE, T0
from pydantic import TypeAdapter

from server.simulations.messages import TruthLine
from server.simulations.rules import RaisedAlert, Verdict, compare, is_connected

_TRUTH = TypeAdapter(tuple[TruthLine, ...])
_DAY = timedelta(days=1)


def _truth(*lines: dict[str, object]) -> tuple[TruthLine, ...]:
    watched = {"what": "watched", "home": "t", "begins_at": T0, "ends_at": T0 + _DAY}
    return _TRUTH.validate_python([watched, *lines])


def _fall(hours: float = 0.0, **more: object) -> dict[str, object]:
    fall = {"what": "expected", "label": "Fall", "kinds": ["inactivity", "fall"], "within": 2 * HOUR}
    return {**fall, "begins_at": T0 + hours * HOUR, **more}


def _alert(hours: float, kind: str = "inactivity", closed: float | None = None, name: str = "k3") -> RaisedAlert:
    return RaisedAlert(name, kind, T0 + hours * HOUR, None if closed is None else T0 + closed * HOUR)


@pytest.mark.parametrize(
    ("fall", "alert", "now", "verdict"),
    [
        (_fall(), _alert(2), 3, Verdict.IN_TIME),
        (_fall(ends_at=T0 + 4 * HOUR), _alert(3), 5, Verdict.LATE),
        (_fall(), None, 2, Verdict.AWAITED),
        (_fall(), None, 2.1, Verdict.MISSED),
        (_fall(ends_at=T0 + HOUR), None, 0.9, Verdict.AWAITED),
        (_fall(ends_at=T0 + HOUR), None, 3, Verdict.OVER),
        (_fall(), _alert(1, "button"), 3, Verdict.MISSED),
        (_fall(1), _alert(0.5), 3, Verdict.ALREADY),
        (_fall(1), _alert(0.5, closed=0.8), 3.1, Verdict.MISSED),
    ],
)
def test_what_happened_has_the_alert_that_tells_of_it(
    fall: dict[str, object], alert: RaisedAlert | None, now: float, verdict: Verdict
) -> None:
    rows = compare(_truth(fall), [alert] if alert else [], T0 + now * HOUR)

    assert [row.verdict for row in rows if row.label] == [verdict]


def test_two_falls_have_an_alert_each_and_the_newest_is_first() -> None:
    first, second = _alert(1, closed=3, name="k1"), _alert(5, name="k2")

    rows = compare(_truth(_fall(), _fall(4)), [second, first], T0 + 6 * HOUR)

    assert [(row.label, row.alert) for row in rows] == [("Fall", second), ("Fall", first)]


def test_an_alert_about_nothing_is_told_as_such_and_a_forbidden_one_with_its_reason() -> None:
    away = {"what": "forbidden", "label": "Out", "reason": "nobody is home", "begins_at": T0, "ends_at": T0 + HOUR}

    rows = compare(_truth(away), [_alert(0.5), _alert(2, name="k4")], T0 + 3 * HOUR)

    assert [(row.verdict, row.label, row.reason) for row in rows] == [
        (Verdict.UNEXPECTED, None, ""),
        (Verdict.FORBIDDEN, None, "nobody is home"),
    ]


def test_what_was_raised_before_the_home_counts_is_left_out() -> None:
    assert compare(_truth(), [_alert(-1), _alert(-2, closed=-1.5)], T0) == ()
    assert compare((), [_alert(1)], T0 + HOUR) == ()


def test_a_simulator_that_says_nothing_for_long_is_gone() -> None:
    assert is_connected(T0, T0 + timedelta(seconds=10))
    assert not is_connected(T0, T0 + MINUTE)
