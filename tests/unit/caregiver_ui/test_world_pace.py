"""The band says how fast a simulated world runs."""

from datetime import UTC, datetime, timedelta

from caregiver_ui.world_pace import WorldPace

_START = datetime(2026, 3, 3, tzinfo=UTC)


def test_the_speed_is_told_once_two_readings_are_far_enough_apart() -> None:
    pace = WorldPace()

    told = [pace.observe(_START, 100.0), pace.observe(_START + timedelta(seconds=60), 101.0)]
    told.append(pace.observe(_START + timedelta(minutes=10), 110.0))

    assert told == [None, None, 60]


def test_an_ordinary_speed_is_not_told() -> None:
    pace = WorldPace()
    pace.observe(_START, 0.0)

    assert pace.observe(_START + timedelta(seconds=10), 10.0) is None
