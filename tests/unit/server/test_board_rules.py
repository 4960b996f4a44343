"""What is wrong with a device puts somebody at risk; what people say of it ends by itself."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.alerting.rules import AlertClass
from server.board.rules import (
    Device,
    Fault,
    Found,
    Level,
    Mark,
    MarkKind,
    Risk,
    battery_lasts,
    flat_label,
    holds,
    level_of,
    risks,
    urgency,
)

NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TODAY = date(2026, 3, 3)
MOTION, BUTTON = Device(frozenset({"motion"}), works=True), Device(frozenset({"button"}), works=True)
NO_MOTION, NO_BUTTON = Device(frozenset({"motion"}), works=False), Device(frozenset({"button"}), works=False)


def snooze(made_at: datetime, lasts: timedelta = DAY) -> Mark:
    return Mark(MarkKind.SNOOZE, Fault.SENSOR_SILENT, "Ola", "ordered a new one", made_at, made_at + lasts)


def test_a_home_that_nobody_hears_has_every_risk() -> None:
    assert risks([MOTION, BUTTON], is_heard=False, fell=False) == (Risk.NOBODY_LISTENS, Risk.CANNOT_CALL, Risk.NOT_SEEN)


@pytest.mark.parametrize(
    ("sensors", "expected"),
    [
        ([MOTION, BUTTON], ()),
        ([NO_MOTION, BUTTON], (Risk.NOT_SEEN,)),
        ([MOTION, NO_BUTTON], (Risk.CANNOT_CALL,)),
        ([MOTION, NO_MOTION, BUTTON, NO_BUTTON], ()),
    ],
)
def test_one_working_sensor_of_a_sort_is_enough(sensors: list[Device], expected: tuple[Risk, ...]) -> None:
    assert risks(sensors, is_heard=True, fell=False) == expected


def test_a_fall_makes_a_risk_graver_and_is_none_by_itself() -> None:
    assert risks([MOTION, BUTTON], is_heard=True, fell=True) == ()
    assert risks([MOTION, NO_BUTTON], is_heard=True, fell=True) == (Risk.CANNOT_CALL, Risk.FELL)


def test_who_fell_and_can_neither_be_seen_nor_call_stands_before_everybody_else() -> None:
    old, new = Found(Fault.SENSOR_SILENT, NOW - 9 * DAY), Found(Fault.SENSOR_SILENT, NOW - HOUR)
    fell = risks([NO_MOTION, NO_BUTTON], is_heard=True, fell=True)
    homes = {
        "fell, new fault": urgency(fell, [new], NOW),
        "not heard at all": urgency(risks([], is_heard=False, fell=False), [Found(Fault.GATEWAY_SILENT, None)], NOW),
        "cannot call": urgency((Risk.CANNOT_CALL,), [new], NOW),
        "battery only": urgency((), [Found(Fault.BATTERY_LOW, NOW - 90 * DAY)], NOW),
        "silent for long": urgency((), [old], NOW),
    }

    assert sorted(homes, key=homes.__getitem__) == [
        "fell, new fault", "not heard at all", "cannot call", "silent for long", "battery only",
    ]  # fmt: skip


def test_a_snooze_ends_at_its_time_and_with_contact() -> None:
    fault = Found(Fault.SENSOR_SILENT, NOW - 2 * HOUR)
    made = snooze(NOW - HOUR)
    assert holds(made, fault, NOW)

    assert not holds(made, fault, made.until)
    silent_again = Found(Fault.SENSOR_SILENT, NOW - HOUR / 2)
    assert not holds(made, silent_again, NOW)
    assert not holds(made, Found(Fault.BATTERY_LOW, NOW - 2 * HOUR), NOW)


def line(start: float, a_day: float, days: int, every: int = 7) -> list[tuple[date, float]]:
    return [(TODAY - timedelta(days=days - day), start - a_day * day) for day in range(0, days + 1, every)]


def test_a_battery_that_loses_one_per_cent_a_day_is_told_by_its_line() -> None:
    assert battery_lasts(line(73, 1.0, 42), TODAY) == timedelta(days=21)


def test_one_cold_night_does_not_bend_the_line() -> None:
    told = line(73, 1.0, 42)
    told[2] = (told[2][0], 5.0)

    lasts = battery_lasts(told, TODAY)

    assert lasts is not None
    assert abs(lasts - timedelta(days=21)) < 2 * DAY


@pytest.mark.parametrize(
    "told",
    [
        [],
        [(TODAY, 40.0)],
        [(TODAY - timedelta(days=5), 60.0), (TODAY, 40.0)],  # too short a time
        [(TODAY - timedelta(days=60), 41.0), (TODAY, 40.0)],  # it hardly fell
        [(TODAY - timedelta(days=30), 20.0), (TODAY - timedelta(days=3), 100.0), (TODAY, 99.0)],  # another cell
    ],
)
def test_of_a_battery_nobody_can_tell_nothing_is_told(told: list[tuple[date, float]]) -> None:
    assert battery_lasts(told, TODAY) is None


@given(st.lists(st.tuples(st.integers(0, 400), st.floats(0, 100)), max_size=40, unique_by=lambda one: one[0]))
def test_whatever_a_battery_told_its_forecast_is_unknown_or_within_a_year(points: list[tuple[int, float]]) -> None:
    told = sorted((TODAY - timedelta(days=ago), percent) for ago, percent in points)

    lasts = battery_lasts(told, TODAY)

    assert lasts is None or timedelta(0) <= lasts <= timedelta(days=365)


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("Bo- og servicesenteret, leilighet 214", "214"),
        ("Marker bosenter, leil. 12B", "12B"),
        ("Fjellveien 12", "Fjellveien 12"),
        ("", ""),
    ],
)
def test_a_wall_knows_a_flat_by_its_number(address: str, label: str) -> None:
    assert flat_label(address) == label


def test_what_changes_over_weeks_is_nothing_to_run_for() -> None:
    assert level_of(30, AlertClass.TREND) is Level.WELL
    assert level_of(40, AlertClass.PERSON) is Level.CRITICAL
    assert level_of(20, AlertClass.PERSON) is Level.ALERT
    assert level_of(40, AlertClass.TECHNICAL) is Level.TECHNICAL
