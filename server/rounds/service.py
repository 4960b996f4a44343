"""Makes rounds of looks: what is shown of each resident, what is said of it, and who signs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from server.access.service import Viewer
from server.access.tables import Person, Role, Unit
from server.alerting.rules import AlertClass
from server.alerting.service import cease_alert
from server.alerting.tables import AlertRow
from server.audit.service import append
from server.errors import (
    NotFoundError,
    NotKnownError,
    PictureChangedError,
    RoundNotOpenError,
    RoundSignedError,
    UnmarkedError,
)
from server.live.service import changed
from server.overview.present import standing_of
from server.residents.tables import Home, Resident
from server.rounds import rules
from server.rounds.plans import planned_at
from server.rounds.rules import Mark, Picture, State
from server.rounds.tables import LookRow, RoundRow

MAKERS: Final = (Role.NURSE, Role.TESTER, Role.ADMIN)
READERS: Final = (*MAKERS, Role.STAFF)
# What was not signed is asked for so long, and what was signed can be read so long on the page.
_SHOWN_FOR: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class LookView:
    """One resident in a round. `picture`: now, or as it was when `mark` was set. `alert_id`: one that is open."""

    resident_id: str
    name: str
    address: str
    phone: str
    time_zone: str
    picture: Picture
    mark: Mark | None
    marked_at: datetime | None
    marked_by: str
    visited_at: datetime | None
    visited_by: str
    replaces_visit: bool
    alert_id: str | None


@dataclass(frozen=True, slots=True)
class RoundView:
    """A round at a glance. `looks` and `marked`: how many residents, and of how many something is said."""

    id: str
    unit: str
    at: datetime
    is_open: bool
    is_overdue: bool
    signed_at: datetime | None
    signed_by: str
    looks: int
    marked: int
    to_visit: int


@dataclass(frozen=True, slots=True)
class RoundDetail:
    """A round with its looks: those still to be made first, then by name."""

    round: RoundView
    looks: tuple[LookView, ...]


def list_rounds(db: Session, viewer: Viewer, now: datetime) -> list[RoundView]:
    """Return the rounds of the viewer's units that are open, were signed of late, or come next; the first one first.

    Raises:
        NotAllowedError: relatives make no rounds.
    """
    viewer.may(*READERS)
    wanted = select(RoundRow).where(col(RoundRow.unit_id).in_(viewer.units), RoundRow.at > now - _SHOWN_FOR)
    return [_view(db, row, now) for row in db.exec(wanted.order_by(col(RoundRow.at), col(RoundRow.round_id)))]


def get_round(db: Session, viewer: Viewer, code: str, now: datetime, patience: timedelta) -> RoundDetail:
    """Return a round with what is known of each resident. The look is audited, so `db` must be a writing transaction.

    Raises:
        NotAllowedError: relatives make no rounds.
        NotFoundError: there is none of that name in the viewer's units.
    """
    viewer.may(*READERS)
    row = _find(db, viewer, code)
    append(db, at=now, who=viewer.audit_name, what="looked at", about=f"round:{row.code}", why="digital supervision")
    return _detail(db, row, now, patience)


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says of a resident in a round. `shown`: the state that their page showed."""

    resident_id: str
    mark: Mark
    shown: State


def mark(db: Session, viewer: Viewer, code: str, said: Said, now: datetime, patience: timedelta) -> None:
    """Say what a look told. Said again it counts from now, until the round is signed.

    Raises:
        NotAllowedError: nurses make rounds.
        NotFoundError: there is no such round, or this resident is not in it.
        RoundNotOpenError: it is not time for it yet.
        RoundSignedError: it is signed.
        PictureChangedError: another thing is known of the resident now; nothing is noted.
        NotKnownError: nobody can be seen whose home is not known.
    """
    viewer.may(*MAKERS)
    row = _open(db, viewer, code, now)
    resident, home, saves = _in_round(db, row, said.resident_id)
    seen = _picture(db, home, now, patience)
    # To ask for a visit is right whatever is known by now.
    if said.mark is not Mark.VISIT and seen.state is not said.shown:
        raise PictureChangedError
    if not rules.may_be(said.mark, seen.state):
        raise NotKnownError
    look = _look_of(db, row, resident) or LookRow(
        round_id=row.round_id or 0, resident_id=resident.resident_id or 0, mark=said.mark, replaces_visit=saves,
        shown={}, marked_at=now, marked_by=viewer.person_id,
    )  # fmt: skip
    look.mark, look.shown, look.marked_at, look.marked_by = said.mark, _as_json(seen), now, viewer.person_id
    look.visited_at = look.visited_by = None
    look.due_at = now + rules.VISITED_WITHIN if said.mark is Mark.VISIT else None
    db.add(look)
    what = f"supervision {said.mark}"
    append(db, at=now, who=viewer.audit_name, what=what, about=f"resident:{resident.code}", why=f"round:{row.code}")
    changed(db, row.unit_id, "round", row.code)


def visited(db: Session, viewer: Viewer, code: str, resident_id: str, now: datetime) -> None:
    """Note that somebody was with a resident who needed a visit; also after the round is signed. Harmless twice.

    Raises:
        NotAllowedError: nurses make visits.
        NotFoundError: there is no such round, or no visit was asked for.
    """
    viewer.may(*MAKERS)
    row = _find(db, viewer, code)
    wanted = (
        select(LookRow, Resident)
        .join(Resident, col(Resident.resident_id) == LookRow.resident_id)
        .where(LookRow.round_id == row.round_id, LookRow.mark == Mark.VISIT, Resident.code == resident_id)
    )
    found = db.exec(wanted.with_for_update(of=LookRow)).first()
    if found is None:
        raise NotFoundError("look")
    look, resident = found
    if look.visited_at is None:
        look.visited_at, look.visited_by, look.due_at = now, viewer.person_id, None
        db.add(look)
        about, why = f"resident:{resident.code}", f"round:{row.code}"
        append(db, at=now, who=viewer.audit_name, what="supervision visited", about=about, why=why)
        changed(db, row.unit_id, "round", row.code)


def sign(db: Session, viewer: Viewer, code: str, now: datetime) -> None:
    """Sign a round: once, and what was seen stays as it is. The same person saying it twice changes nothing.

    Raises:
        NotAllowedError: nurses sign rounds.
        NotFoundError: there is none of that name in the viewer's units.
        RoundNotOpenError: it is not time for it yet.
        RoundSignedError: somebody else signed it.
        UnmarkedError: of some resident nothing is said.
    """
    viewer.may(*MAKERS)
    row = _find(db, viewer, code, lock=True)
    if row.signed_by == viewer.person_id:
        return
    _must_be_open(db, row, now)
    said = set(db.exec(select(LookRow.resident_id).where(LookRow.round_id == row.round_id)))
    if any(resident.resident_id not in said for resident, *_ in planned_at(db, row.unit_id, row.at)):
        raise UnmarkedError
    row.signed_at, row.signed_by = now, viewer.person_id
    db.add(row)
    if row.alert_id is not None and not _is_awaited_elsewhere(db, row):
        cease_alert(db, row.alert_id, now, closes=True)
    append(db, at=now, who=viewer.audit_name, what="round signed", about=f"round:{row.code}")
    changed(db, row.unit_id, "round", row.code)


def _is_awaited_elsewhere(db: Session, row: RoundRow) -> bool:
    """Return whether another round that nobody signed is told of in the same alert."""
    others = select(RoundRow.round_id).where(RoundRow.alert_id == row.alert_id, RoundRow.round_id != row.round_id)
    return db.exec(others.where(col(RoundRow.signed_at).is_(None))).first() is not None


def _find(db: Session, viewer: Viewer, code: str, *, lock: bool = False) -> RoundRow:
    wanted = select(RoundRow).where(RoundRow.code == code, col(RoundRow.unit_id).in_(viewer.units))
    row = db.exec(wanted.with_for_update() if lock else wanted).first()
    if row is None:
        raise NotFoundError("round")
    return row


def _open(db: Session, viewer: Viewer, code: str, now: datetime) -> RoundRow:
    row = _find(db, viewer, code, lock=True)
    _must_be_open(db, row, now)
    return row


def _must_be_open(db: Session, row: RoundRow, now: datetime) -> None:
    if row.signed_at is not None:
        raise RoundSignedError(_name(db, row.signed_by), row.signed_at)
    if not rules.is_open(row.at, now):
        raise RoundNotOpenError


def _in_round(db: Session, row: RoundRow, resident_id: str) -> tuple[Resident, Home, bool]:
    found = next((one for one in planned_at(db, row.unit_id, row.at) if one[0].code == resident_id), None)
    if found is None:
        raise NotFoundError("resident")
    return found


def _look_of(db: Session, row: RoundRow, resident: Resident) -> LookRow | None:
    wanted = select(LookRow).where(LookRow.round_id == row.round_id, LookRow.resident_id == resident.resident_id)
    return db.exec(wanted.with_for_update()).first()


def _picture(db: Session, home: Home, now: datetime, patience: timedelta) -> Picture:
    standing = standing_of(db, home, now, patience)
    zone = ZoneInfo(home.time_zone)
    return rules.picture(standing.presence, standing.present, zone, now, is_known=standing.is_known)


def _detail(db: Session, row: RoundRow, now: datetime, patience: timedelta) -> RoundDetail:
    planned, looks = _members(db, row)
    shown = [_look(db, one, looks.get(one[0].resident_id or 0), now, patience) for one in planned]
    return RoundDetail(_view(db, row, now), tuple(sorted(shown, key=lambda one: (one.mark is not None, one.name))))


def _members(db: Session, row: RoundRow) -> tuple[Sequence[tuple[Resident, Home, bool]], Mapping[int, LookRow]]:
    """Return who is in a round, and what was said of each. Once it is signed that is whom somebody looked at."""
    looks = {one.resident_id: one for one in db.exec(select(LookRow).where(LookRow.round_id == row.round_id))}
    planned = {one[0].resident_id: one for one in planned_at(db, row.unit_id, row.at) if row.signed_at is None}
    for look in looks.values():
        resident = db.get_one(Resident, look.resident_id)
        planned[look.resident_id] = resident, db.get_one(Home, resident.home_id), look.replaces_visit
    return list(planned.values()), looks


def _look(
    db: Session, member: tuple[Resident, Home, bool], look: LookRow | None, now: datetime, patience: timedelta
) -> LookView:
    resident, home, saves = member
    return LookView(
        resident_id=resident.code,
        name=resident.name,
        address=home.address,
        phone=resident.phone,
        time_zone=home.time_zone,
        picture=_picture(db, home, now, patience) if look is None else _from_json(look.shown),
        mark=look.mark if look else None,
        marked_at=look.marked_at if look else None,
        marked_by=_name(db, look.marked_by) if look else "",
        visited_at=look.visited_at if look else None,
        visited_by=_name(db, look.visited_by) if look else "",
        replaces_visit=saves,
        alert_id=_open_alert(db, resident),
    )


def _open_alert(db: Session, resident: Resident) -> str | None:
    wanted = select(AlertRow.code).where(
        AlertRow.resident_id == resident.resident_id,
        AlertRow.alert_class == AlertClass.PERSON,
        col(AlertRow.closed_at).is_(None),
    )
    return db.exec(wanted.order_by(col(AlertRow.severity).desc()).limit(1)).first()


def _view(db: Session, row: RoundRow, now: datetime) -> RoundView:
    members, looks = _members(db, row)
    is_signed = row.signed_at is not None
    return RoundView(
        id=row.code,
        unit=db.get_one(Unit, row.unit_id).name,
        at=row.at,
        is_open=not is_signed and rules.is_open(row.at, now),
        is_overdue=not is_signed and now > row.at + rules.SIGNED_WITHIN,
        signed_at=row.signed_at,
        signed_by=_name(db, row.signed_by),
        looks=len(members),
        marked=len(looks),
        to_visit=sum(look.mark is Mark.VISIT and look.visited_at is None for look in looks.values()),
    )


def _name(db: Session, person_id: int | None) -> str:
    return db.get_one(Person, person_id).name if person_id is not None else ""


def _as_json(seen: Picture) -> dict[str, Any]:
    return {
        "state": str(seen.state),
        "since": seen.since.isoformat() if seen.since else None,
        "quiet_since": seen.quiet_since.isoformat() if seen.quiet_since else None,
        "room": seen.room,
        "is_quiet": seen.is_quiet,
    }


def _from_json(shown: Mapping[str, Any]) -> Picture:
    since, quiet = (datetime.fromisoformat(shown[name]) if shown[name] else None for name in ("since", "quiet_since"))
    return Picture(State(shown["state"]), since, quiet, shown["room"], is_quiet=shown["is_quiet"])
