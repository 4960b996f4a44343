"""Exactly what one relative sees of one resident: for the relative, for the resident, and for staff who set it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from server.access.service import Viewer, viewer_as
from server.access.tables import Role
from server.alerting.tables import AlertRow
from server.audit.service import append
from server.errors import NotFoundError
from server.overview.calm import Calm, Night, Up, calm_of, coarse
from server.overview.service import AbsenceView, glance
from server.relatives.company import CompanyView, company_of
from server.relatives.rules import Category, Word
from server.relatives.service import AgreementView, agreement_with, resident_for
from server.relatives.tables import AlertTelling
from server.relatives.tasks import TaskView, tasks_of
from server.relatives.thread import MessageView, peek
from server.residents.tables import Resident
from server.visits.service import next_visit

_NEWS_FOR: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RelativeView:
    """What one relative sees. What was not agreed is None or empty.

    `night`, `up`: None where nothing is told of them; `handled_at`: when something was last seen to that this relative
    was told of; `next_visit_at`: None also where none is planned; `absence`: why nobody looks just now.
    """

    agreement: AgreementView
    resident_id: str
    name: str
    phone: str
    time_zone: str
    status: Calm | None
    night: Night | None
    up: Up | None
    handled_at: datetime | None
    next_visit_at: datetime | None
    messages: tuple[MessageView, ...]
    tasks: tuple[TaskView, ...]
    company: tuple[CompanyView, ...]
    allows: frozenset[Category]
    absence: AbsenceView | None


def own_views(db: Session, viewer: Viewer, now: datetime, patience: timedelta) -> list[RelativeView]:
    """Return what this relative sees of each resident they follow, by name.

    Raises:
        NotAllowedError: this is no relative.
    """
    viewer.may(Role.RELATIVE)
    rows = db.exec(select(Resident).where(col(Resident.resident_id).in_(viewer.residents)).order_by(Resident.name))
    return [_view(db, viewer, resident, now, patience) for resident in rows.all()]


def view_of(
    db: Session, viewer: Viewer, resident_id: str, relative: int, now: datetime, patience: timedelta
) -> RelativeView:
    """Return what a relative (by number) sees of a resident, for whom it concerns. The look is audited.

    Raises:
        NotFoundError: there is no such resident or relative here, or it is another relative's view.
    """
    resident, _ = resident_for(db, viewer, resident_id)
    if viewer.role is Role.RELATIVE and relative != viewer.person_id:
        raise NotFoundError("relative")
    agreement_with(db, relative, resident.resident_id or 0)
    append(db, at=now, who=viewer.audit_name, what="looked at", about=f"resident:{resident.code}", why="sharing")
    return _view(db, viewer_as(db, relative), resident, now, patience)


def _view(db: Session, relative: Viewer, resident: Resident, now: datetime, patience: timedelta) -> RelativeView:
    number = resident.resident_id or 0
    agreement = agreement_with(db, relative.person_id, number)
    seen = glance(db, relative, resident, now, patience)
    zone = ZoneInfo(seen.time_zone)
    today = now.astimezone(zone).date()
    allows = frozenset(category for category in Category if agreement.agreed.allows(category, today))
    status = calm_of(seen.status) if Category.STATUS in allows else None
    night, up = coarse(seen.day, now, zone) if status not in {None, Calm.UNKNOWN, Calm.PAUSED} else (None, None)
    visit = next_visit(db, number, now) if Category.VISITS in allows else None
    in_thread = Category.MESSAGES in allows
    return RelativeView(
        agreement=agreement,
        resident_id=resident.code,
        name=resident.name,
        phone=resident.phone,
        time_zone=seen.time_zone,
        status=status,
        night=night,
        up=up,
        handled_at=_handled_at(db, relative, number, now) if allows else None,
        next_visit_at=visit.begins_at if visit else None,
        messages=tuple(peek(db, relative, resident)) if in_thread else (),
        tasks=tuple(tasks_of(db, relative, resident, now)) if in_thread else (),
        company=tuple(company_of(db, [number], now, relative)),
        allows=allows,
        absence=seen.absence if status is Calm.PAUSED else None,
    )


def _handled_at(db: Session, relative: Viewer, resident_id: int, now: datetime) -> datetime | None:
    wanted = (
        select(func.max(AlertRow.closed_at))
        .join(AlertTelling, col(AlertTelling.alert_id) == AlertRow.alert_id)
        .where(
            AlertRow.resident_id == resident_id,
            AlertTelling.person_id == relative.person_id,
            AlertTelling.told == Word.HANDLED,
            col(AlertRow.closed_at) > now - _NEWS_FOR,
        )
    )
    return db.exec(wanted).one()
