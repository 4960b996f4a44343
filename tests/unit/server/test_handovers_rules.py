"""Which shift is handed over, and whom a hand-over tells of."""

from datetime import UTC, datetime, timedelta

import pytest

from server.absences.rules import AbsenceKind
from server.alerting.rules import AlertKind, AlertStatus
from server.handovers.rules import (
    AwayUntil,
    HandedShift,
    HomeAtRisk,
    Listed,
    MutedKind,
    OpenAlert,
    Promise,
    handed_over,
)

NOON = datetime(2025, 1, 15, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def shift(code: str, begins: int, ends: int) -> HandedShift:
    """A shift that begins and ends so many hours from noon."""
    return HandedShift(code, NOON + begins * HOUR, NOON + ends * HOUR)


@pytest.mark.parametrize(
    ("shifts", "handed"),
    [
        ([shift("morning", -5, 0)], "morning"),
        ([shift("morning", -8, -4)], "morning"),
        ([shift("night", -13, -5)], None),
        ([shift("evening", 1, 9)], None),
        ([shift("morning", -8, -1), shift("evening", -1, 7)], "evening"),
        ([], None),
    ],
)
def test_the_last_shift_that_has_begun_and_is_not_long_over_is_handed_over(
    shifts: list[HandedShift], handed: str | None
) -> None:
    found = handed_over(shifts, NOON)

    assert (found and found.code) == handed


def test_everybody_and_every_home_that_is_told_of_can_be_looked_up() -> None:
    listed = Listed(
        alerts=(
            OpenAlert("a1", AlertKind.FALL, "res-1", AlertStatus.TAKEN),
            OpenAlert("a2", AlertKind.SMOKE, None, AlertStatus.REPORTED),
        ),
        promised=(Promise("a3", AlertKind.FALL, "res-2", NOON, None),),
        muted=(MutedKind(AlertKind.WANDERING, "home-3", None, NOON),),
        away=(AwayUntil("res-4", AbsenceKind.AWAY, NOON),),
        at_risk=(HomeAtRisk("home-5", ()),),
    )

    assert listed.residents == {"res-1", "res-2", "res-4"}
    assert listed.homes == {"home-3", "home-5"}
