"""A measurement is dated by its device's clock where that can be believed, over both clock changes too."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.contract.doubt import Doubt
from gateway.contract.observation import VITALS, SensorKind, Vital
from server.observations.tables import KIND_NUMBER
from server.vitals.rules import CODES, mark_of, measured_at

OSLO = ZoneInfo("Europe/Oslo")
PATIENCE = timedelta(minutes=10)
FETCHED = datetime(2026, 3, 10, 8, tzinfo=UTC)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("device_time", "fetched", "at"),
    [
        ("2026-03-09T07:30", "2026-03-10T08:00", "2026-03-09T06:30"),  # winter
        ("2026-07-01T07:30", "2026-07-01T08:00", "2026-07-01T05:30"),  # summer
        ("2026-03-29T01:59", "2026-03-29T08:00", "2026-03-29T00:59"),  # the last minute before summer time
        ("2026-03-29T02:30", "2026-03-29T08:00", "2026-03-29T01:30"),  # an hour that is left out: still winter time
        ("2026-03-29T03:00", "2026-03-29T08:00", "2026-03-29T01:00"),
        ("2026-10-25T02:30", "2026-10-25T08:00", "2026-10-25T01:30"),  # an hour that comes twice: the later one
        ("2026-10-25T02:30", "2026-10-25T00:40", "2026-10-25T00:30"),  # ... that was over by then
        ("2026-10-25T03:00", "2026-10-25T08:00", "2026-10-25T02:00"),
    ],
)
def test_a_device_s_time_is_the_home_s(device_time: str, fetched: str, at: str) -> None:
    found = measured_at(Vital(device_time=local(device_time)), OSLO, utc(fetched), PATIENCE)

    assert (found.at, found.by_device_clock) == (utc(at), True)


@pytest.mark.parametrize(
    "said",
    [
        Vital(),
        Vital(device_time=local("2026-03-09T07:30"), doubts=(Doubt.CLOCK_NOT_SET,)),
        Vital(device_time=local("2026-03-10T09:11")),  # eleven minutes after it was fetched
        Vital(device_time=local("2025-02-03T08:00")),  # four hundred days and an hour old
        Vital(device_time=local("2000-01-01T00:00")),
        Vital(device_time=local("0001-01-01T00:00")),
        Vital(device_time=local("9999-12-31T23:59")),
    ],
)
def test_a_clock_that_cannot_be_believed_leaves_the_moment_it_was_fetched(said: Vital) -> None:
    found = measured_at(said, OSLO, FETCHED, PATIENCE)

    assert (found.at, found.by_device_clock) == (FETCHED, False)


def test_a_clock_that_is_a_little_ahead_never_dates_a_value_after_it_was_fetched() -> None:
    found = measured_at(Vital(device_time=local("2026-03-10T09:09")), OSLO, FETCHED, PATIENCE)

    assert (found.at, found.by_device_clock) == (FETCHED, True)


def test_a_year_of_stored_measurements_keeps_its_times() -> None:
    found = measured_at(Vital(device_time=local("2025-02-03T10:00")), OSLO, FETCHED, PATIENCE)

    assert (found.at, found.by_device_clock) == (utc("2025-02-03T09:00"), True)


def test_only_what_a_device_numbers_or_dates_can_be_known_again() -> None:
    at = local("2026-03-09T07:30")

    assert mark_of(Vital(user=1), 120) is None
    assert mark_of(Vital(device_time=at), 120) == mark_of(Vital(device_time=at, doubts=(Doubt.FAULT,)), 120)
    different = [Vital(device_time=at), Vital(sequence=1), Vital(sequence=1, user=2), Vital(user=1, sequence=2)]
    assert len({mark_of(said, value) for said in different for value in (120, 120.5)}) == 8


def test_every_kind_has_its_codes_and_its_number() -> None:
    assert set(CODES) == VITALS - {SensorKind.MEASURED_NOTHING}
    assert set(KIND_NUMBER) == set(SensorKind)
    assert [KIND_NUMBER[kind] for kind in (SensorKind.POWER, SensorKind.SYSTOLIC, SensorKind.MEASURED_NOTHING)] == [
        13,
        14,
        22,
    ]
