"""Tries whether alerts reach who is on duty: a test alert that must arrive."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from server.access.service import Viewer, units_above
from server.access.tables import Person, Unit
from server.audit.service import append
from server.duty.rules import has_failed
from server.duty.service import KEEPERS, period_of
from server.duty.tables import DutyPeriod
from server.errors import NotFoundError
from server.live.service import changed
from server.notifications.rules import PUSH, Subject
from server.notifications.service import Telling, deliveries, tell

# A test is as grave as the call for help whose way it tries.
_SEVERITY = 40


@dataclass(frozen=True, slots=True)
class DutyView:
    """Somebody on duty as others see them. `has_failed`: their test alert had time to arrive and did not.

    `proven_at`: when a device of theirs said that the last test alert had come; `by`: the channels it came by.
    """

    person_id: int
    name: str
    unit: str
    unit_name: str
    from_at: datetime
    tested_at: datetime | None
    proven_at: datetime | None
    by: tuple[str, ...]
    has_failed: bool
    successor: str | None
    is_mine: bool


def send_test(db: Session, viewer: Viewer, now: datetime) -> None:
    """Send the viewer a test alert, by the app and by push. Until a device says that it came, duty is not proven.

    Raises:
        NotFoundError: the viewer is not on duty.
    """
    period = _own(db, viewer)
    period.tested_at = now
    period.tests += 1
    db.add(period)
    about = name_of_test(period)
    tell(db, Telling(viewer.person_id, Subject.DUTY_TEST, about, 0, _SEVERITY, channels=(PUSH,)), now)
    append(db, at=now, who=viewer.audit_name, what="duty test sent", about=f"duty:{period.code}")
    changed(db, period.unit_id, "duty", period.code)


def name_of_test(period: DutyPeriod) -> str:
    """Return the opaque name of a duty's last test alert: each test has one of its own."""
    return f"{period.code}-{period.tests}"


def who_is_on_duty(db: Session, viewer: Viewer, now: datetime) -> list[DutyView]:
    """Return who is on duty for the viewer's units or above them, the one who began first, first.

    Raises:
        NotAllowedError: relatives and residents see nothing of the staff's plans.
    """
    viewer.may(*KEEPERS)
    units = viewer.units.union(units_above(db, viewer.unit_id))
    wanted = (
        select(DutyPeriod, Person, Unit)
        .join(Person, col(Person.person_id) == DutyPeriod.person_id)
        .join(Unit, col(Unit.unit_id) == DutyPeriod.unit_id)
        .where(col(DutyPeriod.unit_id).in_(units), col(DutyPeriod.to_at).is_(None))
    )
    rows = db.exec(wanted.order_by(col(DutyPeriod.from_at))).all()
    return [_view(db, viewer, *row, now) for row in rows]


def _own(db: Session, viewer: Viewer) -> DutyPeriod:
    viewer.may(*KEEPERS)
    period = period_of(db, viewer.person_id, lock=True)
    if period is None:
        raise NotFoundError("duty")
    return period


def _view(db: Session, viewer: Viewer, period: DutyPeriod, person: Person, unit: Unit, now: datetime) -> DutyView:
    came = {
        one.channel: one.received_at
        for one in deliveries(db, period.person_id, Subject.DUTY_TEST, name_of_test(period))
        if one.received_at is not None
    }
    proven_at = min(came.values(), default=None)
    successor = None if period.successor_id is None else db.get_one(Person, period.successor_id).name
    return DutyView(
        person_id=period.person_id,
        name=person.name,
        unit=unit.code,
        unit_name=unit.name,
        from_at=period.from_at,
        tested_at=period.tested_at,
        proven_at=proven_at,
        by=tuple(came),
        has_failed=has_failed(period.tested_at, proven_at, now),
        successor=successor,
        is_mine=period.person_id == viewer.person_id,
    )
