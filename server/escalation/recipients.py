"""Whom a step reaches at the moment it runs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlmodel import Session, col, select

from server.access.service import units_above
from server.access.tables import PRIVATE_ROLES, Person
from server.alerting.tables import AlertRow
from server.duty.service import on_duty
from server.escalation.rules import Step, Who
from server.escalation.stand_ins import told_in
from server.relatives.service import who_take_a_step


@dataclass(frozen=True, slots=True)
class Place:
    """Where an alert is: `resident_id` None when it is about nobody's own home."""

    unit_id: int
    resident_id: int | None
    is_test: bool

    @classmethod
    def of(cls, alert: AlertRow) -> Self:
        """Return where an alert is."""
        return cls(alert.unit_id, alert.resident_id, alert.is_test)


def recipients(db: Session, place: Place, step: Step, now: datetime) -> list[int]:
    """Return the numbers of the people a step tells, each once; none when there is nobody.

    A test home only ever reaches test people, and a real home never does.
    """
    wanted = select(Person.person_id).where(
        col(Person.person_id).in_(_meant(db, place, step, now)),
        Person.is_test == place.is_test,
        col(Person.closed_at).is_(None),
    )
    return [number for number in db.exec(wanted.order_by(col(Person.person_id))) if number is not None]


def everyone(db: Session, unit_id: int, *, is_test: bool) -> set[int]:
    """Return who works in a unit or in one above it, real people or those of tests: all who can open its alerts."""
    wanted = select(Person.person_id).where(
        col(Person.unit_id).in_(units_above(db, unit_id)),
        col(Person.role).not_in(PRIVATE_ROLES),
        col(Person.closed_at).is_(None),
        Person.is_test == is_test,
    )
    return {number for number in db.exec(wanted) if number is not None}


def has_only_tests(db: Session, unit_id: int) -> bool:
    """Return whether nobody real works in a unit or in one above it."""
    return not everyone(db, unit_id, is_test=False)


def _meant(db: Session, place: Place, step: Step, now: datetime) -> Collection[int]:
    match step.who:
        case Who.ON_DUTY:
            return on_duty(db, place.unit_id, now)
        case Who.BACKUP:
            return told_in(db, place.unit_id, step.named or 0, now)
        case Who.PERSON | Who.RESPONDER_CENTRE:
            return {step.named or 0}
        case Who.RELATIVES:
            return () if place.resident_id is None else who_take_a_step(db, place.resident_id, now)
        case Who.EVERYONE:
            return everyone(db, place.unit_id, is_test=place.is_test)
