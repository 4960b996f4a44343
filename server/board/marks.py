"""Comments on faults and snoozes: who answers for what until when. They end on contact, and never end a fault."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select, update

from server.access.service import Viewer
from server.access.tables import Person, Role
from server.audit.service import append
from server.board.rules import LONGEST_MARK, Fault, Mark, MarkKind
from server.board.tables import DeviceMark
from server.errors import MarkError, NotFoundError
from server.live.service import changed
from server.residents.tables import Gateway, Home, Sensor

LONGEST_REASON = 300
KEEPERS = (Role.NURSE, Role.STAFF, Role.TESTER, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class NewMark:
    """What somebody wants to say of a device's fault, and for how long."""

    kind: MarkKind
    fault: Fault
    why: str
    lasts: timedelta


def mark(db: Session, viewer: Viewer, device: str, said: NewMark, now: datetime) -> None:
    """Say something of a fault. A new snooze takes the place of the one before.

    Raises:
        NotFoundError: there is no such device in the viewer's units.
        MarkError: there is no reason, or it is for longer than it may be.
    """
    home = home_of(db, viewer, device)
    why = said.why.strip()
    if not 0 < len(why) <= LONGEST_REASON:
        raise MarkError("why", f"say why, in at most {LONGEST_REASON} letters")
    if not timedelta(0) < said.lasts <= LONGEST_MARK:
        raise MarkError("days", f"it may hold for {LONGEST_MARK.days} days at most")
    if said.kind is MarkKind.SNOOZE:
        _withdraw(db, device, now)
    row = DeviceMark(
        home_id=home.home_id or 0, device=device, fault=said.fault, kind=said.kind, person_id=viewer.person_id,
        why=why, made_at=now, until=now + said.lasts,
    )  # fmt: skip
    db.add(row)
    _note(db, viewer, home, device, f"device {said.kind}", now)


def wake(db: Session, viewer: Viewer, device: str, now: datetime) -> None:
    """End a device's snoozes before their time. Harmless where there is none.

    Raises:
        NotFoundError: there is no such device in the viewer's units.
    """
    home = home_of(db, viewer, device)
    _withdraw(db, device, now)
    _note(db, viewer, home, device, "device snooze ended", now)


def marks_in(db: Session, home_ids: Collection[int], now: datetime) -> dict[str, list[Mark]]:
    """Return what was said of devices in these homes and has not run out, oldest first, by device."""
    wanted = (
        select(DeviceMark, Person.name)
        .join(Person, col(Person.person_id) == DeviceMark.person_id)
        .where(col(DeviceMark.home_id).in_(home_ids), DeviceMark.until > now, col(DeviceMark.withdrawn_at).is_(None))
        .order_by(col(DeviceMark.device_mark_id))
    )
    found: dict[str, list[Mark]] = defaultdict(list)
    for row, name in db.exec(wanted):
        found[row.device].append(Mark(row.kind, row.fault, name, row.why, row.made_at, row.until))
    return found


def _withdraw(db: Session, device: str, now: datetime) -> None:
    snoozes = (DeviceMark.device == device) & (DeviceMark.kind == MarkKind.SNOOZE)
    db.exec(update(DeviceMark).where(snoozes, col(DeviceMark.withdrawn_at).is_(None)).values(withdrawn_at=now))  # type: ignore[arg-type]


def home_of(db: Session, viewer: Viewer, device: str) -> Home:
    """Return the home of a device of the viewer's units. Raises as `mark`."""
    viewer.may(*KEEPERS)
    for table, name in ((Sensor, col(Sensor.address)), (Gateway, col(Gateway.code))):
        wanted = select(Home).join(table, col(table.home_id) == Home.home_id).where(name == device)
        home = db.exec(wanted.where(col(Home.unit_id).in_(viewer.units))).first()
        if home is not None:
            return home
    raise NotFoundError("device")


def _note(db: Session, viewer: Viewer, home: Home, device: str, what: str, now: datetime) -> None:
    append(db, at=now, who=viewer.audit_name, what=what, about=f"device:{device}")
    changed(db, home.unit_id, "device", device)
