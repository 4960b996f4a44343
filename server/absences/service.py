"""Absences and pauses: set, changed and ended by people; each ends by itself."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from server.absences import rules
from server.absences.rules import AbsenceKind, OwnPause, Span
from server.absences.tables import Absence
from server.access.service import Viewer
from server.access.tables import Role
from server.audit.service import append
from server.db.types import UtcDateTime
from server.errors import AbsenceOverlapsError, NotFoundError
from server.live.service import changed
from server.residents.tables import Home, Resident

CARERS = (Role.NURSE, Role.STAFF, Role.TESTER, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to set. Times aware."""

    kind: AbsenceKind
    begins_at: datetime
    ends_at: datetime
    note: str = ""


def absence_at(db: Session, resident_id: int, at: datetime) -> Absence | None:
    """Return the absence that tells most of those that hold for a resident (by number) at a moment; None: none does."""
    return absences_at(db, [resident_id], at).get(resident_id)


def absences_at(db: Session, resident_ids: Collection[int], at: datetime) -> dict[int, Absence]:
    """Return the same for many residents at once; those without one are not in it."""
    wanted = select(Absence).where(
        col(Absence.resident_id).in_(resident_ids), Absence.begins_at <= at, Absence.ends_at > at
    )
    found: dict[int, list[Absence]] = {}
    for row in db.exec(wanted.order_by(col(Absence.ends_at).desc())):
        found.setdefault(row.resident_id, []).append(row)
    return {number: some[rules.tells_most([one.kind for one in some])] for number, some in found.items()}


_OF_HOMES = (
    select(Absence.home_id, Absence.kind, Absence.begins_at, Absence.ends_at)
    .where(
        col(Absence.home_id).in_(bindparam("home_ids", expanding=True)),
        col(Absence.ends_at) > bindparam("since", type_=UtcDateTime()),
        col(Absence.begins_at) < bindparam("until", type_=UtcDateTime()),
    )
    .order_by(col(Absence.begins_at))
)


@dataclass(frozen=True, slots=True)
class Held:
    """An absence as those see it who judge a home."""

    kind: AbsenceKind
    span: Span


def held_in(db: Session, home_ids: Collection[int], since: datetime, until: datetime) -> dict[int, tuple[Held, ...]]:
    """Return the absences in each of these homes that has any which touch [since, until), by their begin."""
    found: dict[int, tuple[Held, ...]] = {}
    rows = db.connection().execute(_OF_HOMES, {"home_ids": list(home_ids), "since": since, "until": until})
    for home_id, kind, begins_at, ends_at in rows:
        found[home_id] = (*found.get(home_id, ()), Held(AbsenceKind(kind), Span(begins_at, ends_at)))
    return found


def list_absences(db: Session, resident_id: int, since: datetime) -> list[Absence]:
    """Return a resident's (by number) absences that hold, are to come, or ended after `since`; the next one first."""
    wanted = select(Absence).where(Absence.resident_id == resident_id, Absence.ends_at > since)
    return list(db.exec(wanted.order_by(col(Absence.begins_at), col(Absence.absence_id))))


def set_absence(db: Session, viewer: Viewer, resident_id: str, wanted: Wanted, now: datetime) -> Absence:
    """Set an absence of a resident of the viewer's units. The same again changes nothing.

    Raises:
        NotAllowedError: relatives and residents set none this way.
        NotFoundError: there is no such resident in the viewer's units.
        AbsenceTimesError: it has no such times.
        AbsenceOverlapsError: one of this kind holds in that time already.
    """
    viewer.may(*CARERS)
    resident = _resident(db, viewer, resident_id)
    span = rules.checked(wanted.kind, Span(wanted.begins_at, wanted.ends_at), now)
    same = _overlapping(db, resident, wanted.kind, span)
    if same is not None:
        if (same.begins_at, same.ends_at) == (span.begins_at, span.ends_at):
            return same
        raise AbsenceOverlapsError
    return _begin(db, viewer, resident, wanted, now)


def pause(db: Session, viewer: Viewer, length: OwnPause, now: datetime) -> Absence:
    """Let a resident pause the service for themselves. While one lasts this moves its end.

    Raises:
        NotAllowedError: the viewer is no resident.
        AbsenceTimesError: with what was paused already it would last longer than a resident alone may pause.
    """
    viewer.may(Role.RESIDENT)
    resident = _own(db, viewer)
    zone = ZoneInfo(db.get_one(Home, resident.home_id).time_zone)
    ends_at = rules.own_pause_ends(length, now, zone)
    lasting = _overlapping(db, resident, AbsenceKind.PAUSE, Span(now, ends_at))
    begins_at = now if lasting is None else min(lasting.begins_at, now)
    rules.checked(AbsenceKind.PAUSE, Span(begins_at, ends_at), now, is_own=True)
    if lasting is None:
        return _begin(db, viewer, resident, Wanted(AbsenceKind.PAUSE, now, ends_at), now)
    return _move_end(db, viewer, resident, lasting, ends_at, now)


def change_end(db: Session, viewer: Viewer, code: str, ends_at: datetime, now: datetime) -> Absence:
    """Move the end of an absence that is not over. The same again changes nothing. Raises as `set_absence`."""
    viewer.may(*CARERS)
    row, resident = _find(db, viewer, code)
    rules.checked(row.kind, Span(row.begins_at, row.ends_at), now)
    rules.checked(row.kind, Span(row.begins_at, ends_at), now)
    return _move_end(db, viewer, resident, row, ends_at, now)


def end(db: Session, viewer: Viewer, code: str, now: datetime) -> None:
    """End an absence at once, or take back one that has not begun. Of one that is over this changes nothing.

    A resident may end any of their own: whoever is home may say so.

    Raises:
        NotFoundError: there is none of that name for this person.
        NotAllowedError: relatives end none.
    """
    viewer.may(*CARERS, Role.RESIDENT)
    row, resident = _find(db, viewer, code)
    if row.ends_at <= now:
        return
    row.ends_at, row.ended_by, row.remind_at, row.back_at = max(now, row.begins_at), viewer.person_id, None, None
    db.add(row)
    _tell(db, viewer, resident, "absence ended", row, now)


def seen_at_home(db: Session, absence: Absence, at: datetime, now: datetime) -> None:
    """Note that movement looks as if the resident is home again: people are to be asked. Only the first time counts."""
    if absence.back_at is None:
        absence.back_at, absence.remind_at = at, now
        db.add(absence)


def _begin(db: Session, viewer: Viewer, resident: Resident, wanted: Wanted, now: datetime) -> Absence:
    row = Absence(
        code=secrets.token_hex(8), resident_id=resident.resident_id or 0, home_id=resident.home_id, kind=wanted.kind,
        begins_at=wanted.begins_at, ends_at=wanted.ends_at, note=wanted.note, set_by=viewer.person_id,
        is_own=viewer.role is Role.RESIDENT, set_at=now,
        remind_at=rules.remind_at(Span(wanted.begins_at, wanted.ends_at), now),
    )  # fmt: skip
    db.add(row)
    _tell(db, viewer, resident, "absence set", row, now)
    return row


def _move_end(
    db: Session, viewer: Viewer, resident: Resident, row: Absence, ends_at: datetime, now: datetime
) -> Absence:
    if row.ends_at != ends_at:
        row.ends_at, row.remind_at = ends_at, rules.remind_at(Span(row.begins_at, ends_at), now)
        db.add(row)
        _tell(db, viewer, resident, "absence changed", row, now)
    return row


def _tell(db: Session, viewer: Viewer, resident: Resident, what: str, row: Absence, now: datetime) -> None:
    why = f"{row.kind} {row.begins_at:%Y-%m-%dT%H:%MZ} to {row.ends_at:%Y-%m-%dT%H:%MZ}"
    append(db, at=now, who=viewer.audit_name, what=what, about=f"resident:{resident.code}", why=why)
    changed(db, resident.unit_id, "resident", resident.code)


def _overlapping(db: Session, resident: Resident, kind: AbsenceKind, span: Span) -> Absence | None:
    wanted = select(Absence).where(Absence.resident_id == resident.resident_id, Absence.kind == kind)
    return db.exec(
        wanted.where(Absence.begins_at < span.ends_at, Absence.ends_at > span.begins_at).with_for_update()
    ).first()


def _resident(db: Session, viewer: Viewer, code: str) -> Resident:
    wanted = select(Resident).where(Resident.code == code, col(Resident.unit_id).in_(viewer.units))
    # Locked, so that two who set the same at once take turns.
    resident = db.exec(wanted.with_for_update()).first()
    if resident is None:
        raise NotFoundError("resident")
    return resident


def _own(db: Session, viewer: Viewer) -> Resident:
    wanted = select(Resident).where(col(Resident.resident_id).in_(viewer.residents)).with_for_update()
    resident = db.exec(wanted).first()
    if resident is None:
        raise NotFoundError("resident")
    return resident


def _find(db: Session, viewer: Viewer, code: str) -> tuple[Absence, Resident]:
    wanted = select(Absence, Resident).join(Resident, col(Resident.resident_id) == Absence.resident_id)
    found = db.exec(wanted.where(Absence.code == code).with_for_update(of=Absence)).first()
    if found is None:
        raise NotFoundError("absence")
    row, resident = found
    mine = (
        resident.resident_id in viewer.residents if viewer.role is Role.RESIDENT else resident.unit_id in viewer.units
    )
    if not mine:
        raise NotFoundError("absence")
    return row, resident


def own_pause_until(db: Session, home_id: int, at: datetime) -> datetime | None:
    """Return until when somebody in a home has paused the service by themselves at a moment; None: nobody has."""
    wanted = select(Absence.ends_at).where(
        Absence.home_id == home_id, col(Absence.is_own).is_(True), Absence.begins_at <= at, Absence.ends_at > at
    )
    return max(db.exec(wanted), default=None)
