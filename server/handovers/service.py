"""Hands a shift over: notes, how things stand, and two signatures. What was signed never changes."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import TypeAdapter
from sqlmodel import Session, col, select

from server.access.service import Viewer
from server.access.tables import Person, Unit
from server.audit.service import append
from server.audit.tables import AuditEntry
from server.duty.service import KEEPERS, unit_named
from server.errors import HandoverError, NotFoundError
from server.handovers.rules import Listed
from server.handovers.situation import situation
from server.handovers.tables import Handover, HandoverNote
from server.live.service import changed
from server.residents.tables import Home, Resident

LONGEST_NOTE = 2000
_SHOWN = 10
_LISTED = TypeAdapter(Listed)


@dataclass(frozen=True, slots=True)
class NoteView:
    """One note. `is_mine`: the viewer wrote it."""

    code: str
    by: str
    at: datetime
    text: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class HandoverView:
    """A hand-over as people see it. `listed`: how things stood when the leaving signed; before, how they stand now.

    `is_whole`: it is what the audit says was written and signed.
    """

    code: str
    unit: str
    unit_name: str
    begun_at: datetime
    notes: tuple[NoteView, ...]
    listed: Listed
    left_by: str | None
    left_at: datetime | None
    taken_by: str | None
    taken_at: datetime | None
    left_by_me: bool
    is_whole: bool


def add_note(db: Session, viewer: Viewer, unit: str, text: str, now: datetime) -> str:
    """Write something down for the next shift of a unit; return the note's name. Audited, without the words.

    Raises:
        NotAllowedError: this role keeps no duty.
        NotFoundError: the unit is not the viewer's.
        HandoverError: there are no words in it, or too many.
    """
    viewer.may(*KEEPERS)
    if not text.strip() or len(text) > LONGEST_NOTE:
        raise HandoverError("empty" if not text.strip() else "too_long")
    row = _open(db, viewer, unit, now)
    note = HandoverNote(handover_id=row.handover_id or 0, person_id=viewer.person_id, at=now, text=text.strip())
    db.add(note)
    db.flush()
    _tell(db, viewer, row, "note written", now)
    return note.code


def remove_note(db: Session, viewer: Viewer, code: str, now: datetime) -> None:
    """Take away a note of the viewer's own, while nobody has signed.

    Raises:
        NotFoundError: there is none of theirs by that name.
        HandoverError: the hand-over is signed.
    """
    viewer.may(*KEEPERS)
    wanted = select(HandoverNote).where(HandoverNote.code == code, HandoverNote.person_id == viewer.person_id)
    note = db.exec(wanted).first()
    if note is None:
        raise NotFoundError("note")
    row = db.get_one(Handover, note.handover_id, with_for_update=True)
    if row.left_at is not None:
        raise HandoverError("signed")
    db.delete(note)
    _tell(db, viewer, row, "note removed", now)


def sign_leaving(db: Session, viewer: Viewer, unit: str, now: datetime, patience: timedelta) -> str:
    """Sign a unit's hand-over for the shift that leaves; return its name. From here on nothing of it changes.

    With nothing written it says that there is nothing to tell. `patience`: how long a gateway may be silent. Raises as
    `add_note`.
    """
    viewer.may(*KEEPERS)
    row = _open(db, viewer, unit, now)
    row.listed = _LISTED.dump_python(situation(db, row.unit_id, viewer.person_id, now, patience), mode="json")
    row.left_by, row.left_at = viewer.person_id, now
    db.add(row)
    _tell(db, viewer, row, "hand-over signed by the leaving", now)
    return row.code


def sign_coming(db: Session, viewer: Viewer, code: str, now: datetime) -> None:
    """Sign for the shift that comes: it has read this. A second time by the same person it changes nothing.

    Raises:
        NotFoundError: there is none of that name in the viewer's units.
        HandoverError: the leaving have not signed, somebody else has taken it over, or the viewer is who left.
    """
    viewer.may(*KEEPERS)
    wanted = select(Handover).where(Handover.code == code, col(Handover.unit_id).in_(viewer.units))
    row = db.exec(wanted.with_for_update()).first()
    if row is None:
        raise NotFoundError("handover")
    if row.taken_by == viewer.person_id:
        return
    fault = _why_not(row, viewer)
    if fault:
        raise HandoverError(fault)
    row.taken_by, row.taken_at = viewer.person_id, now
    db.add(row)
    _tell(db, viewer, row, "hand-over signed by the coming", now)


def list_handovers(db: Session, viewer: Viewer, now: datetime, patience: timedelta) -> list[HandoverView]:
    """Return the hand-overs of the viewer's units: those that wait for a signature and the last signed, newest first.

    `patience`: how long a gateway may be silent.

    Raises:
        NotAllowedError: this role keeps no duty.
    """
    viewer.may(*KEEPERS)
    wanted = select(Handover, Unit).join(Unit, col(Unit.unit_id) == Handover.unit_id)
    rows = db.exec(
        wanted.where(col(Handover.unit_id).in_(viewer.units)).order_by(col(Handover.handover_id).desc()).limit(_SHOWN)
    ).all()
    people = _people(db, [row for row, _ in rows])
    return [_view(db, viewer, row, unit, people, _listed(db, viewer, row, now, patience)) for row, unit in rows]


def present_in(db: Session, viewer: Viewer, unit: str, now: datetime, patience: timedelta) -> Listed:
    """Return how a unit of the viewer's stands now, as the viewer would hand it over.

    Raises:
        NotAllowedError: this role keeps no duty.
        NotFoundError: the unit is not the viewer's.
    """
    viewer.may(*KEEPERS)
    return situation(db, unit_named(db, viewer, unit), viewer.person_id, now, patience)


@dataclass(frozen=True, slots=True)
class Names:
    """What the opaque names of hand-overs stand for, as far as the viewer may know; of homes who lives where."""

    residents: Mapping[str, str]
    homes: Mapping[str, str]


def names_in(db: Session, viewer: Viewer, some: Iterable[Listed]) -> Names:
    """Return who and where is meant in hand-overs; whoever has moved to another unit is not in it."""
    listed = list(some)
    residents = set().union(*(one.residents for one in listed))
    homes = set().union(*(one.homes for one in listed))
    who = select(Resident.code, Resident.name).where(
        col(Resident.code).in_(residents), col(Resident.unit_id).in_(viewer.units)
    )
    where = (
        select(Home.code, Home.address, Resident.name)
        .join(Resident, col(Resident.home_id) == Home.home_id, isouter=True)
        .where(col(Home.code).in_(homes), col(Home.unit_id).in_(viewer.units))
        .order_by(col(Resident.name))
    )
    named: dict[str, list[str]] = {}
    for code, address, name in db.exec(where):
        named.setdefault(code, [address]).insert(-1, name or "")
    return Names(dict(db.exec(who).all()), {code: ", ".join(filter(None, parts)) for code, parts in named.items()})


def _open(db: Session, viewer: Viewer, unit: str, now: datetime) -> Handover:
    """Return the hand-over that a unit's present shift writes, locked; a new one when the last is signed."""
    found = select(Unit).where(Unit.code == unit, col(Unit.unit_id).in_(viewer.units))
    home = db.exec(found.with_for_update()).first()
    if home is None:
        raise NotFoundError("unit")
    wanted = select(Handover).where(Handover.unit_id == home.unit_id, col(Handover.left_at).is_(None))
    row = db.exec(wanted).first()
    if row is None:
        row = Handover(unit_id=home.unit_id or 0, begun_at=now)
        db.add(row)
        db.flush()
    return row


def _why_not(row: Handover, viewer: Viewer) -> str | None:
    if row.left_at is None:
        return "not_left"
    if row.taken_at is not None:
        return "taken"
    return "own" if row.left_by == viewer.person_id else None


def _notes(db: Session, handover_id: int | None) -> Sequence[HandoverNote]:
    wanted = select(HandoverNote).where(HandoverNote.handover_id == handover_id)
    return db.exec(wanted.order_by(col(HandoverNote.handover_note_id))).all()


def _tell(db: Session, viewer: Viewer, row: Handover, what: str, now: datetime) -> None:
    """Audit with a seal over all that is written: a signed note that was changed behind our back would not fit it."""
    db.flush()
    append(db, at=now, who=viewer.audit_name, what=what, about=f"handover:{row.code}", why=_seal(db, row))
    changed(db, row.unit_id, "duty", row.code)


def _seal(db: Session, row: Handover) -> str:
    notes = [[note.person_id, note.at.isoformat(), note.text] for note in _notes(db, row.handover_id)]
    return "content:" + hashlib.sha256(json.dumps([notes, row.listed]).encode()).hexdigest()


def _is_whole(db: Session, row: Handover) -> bool:
    last = select(AuditEntry.why).where(AuditEntry.about == f"handover:{row.code}")
    return db.exec(last.order_by(col(AuditEntry.audit_entry_id).desc()).limit(1)).first() == _seal(db, row)


def _people(db: Session, rows: Sequence[Handover]) -> dict[int, str]:
    ids = [row.handover_id for row in rows]
    writers = db.exec(select(HandoverNote.person_id).where(col(HandoverNote.handover_id).in_(ids)))
    numbers = {*writers, *(row.left_by for row in rows), *(row.taken_by for row in rows)}
    found = db.exec(select(Person).where(col(Person.person_id).in_({one for one in numbers if one is not None})))
    return {person.person_id or 0: person.name for person in found}


def _listed(db: Session, viewer: Viewer, row: Handover, now: datetime, patience: timedelta) -> Listed:
    if row.listed is None:
        return situation(db, row.unit_id, viewer.person_id, now, patience)
    return _LISTED.validate_python(row.listed)


def _view(
    db: Session, viewer: Viewer, row: Handover, unit: Unit, people: dict[int, str], listed: Listed
) -> HandoverView:
    return HandoverView(
        code=row.code,
        unit=unit.code,
        unit_name=unit.name,
        begun_at=row.begun_at,
        notes=tuple(
            NoteView(note.code, people[note.person_id], note.at, note.text, note.person_id == viewer.person_id)
            for note in _notes(db, row.handover_id)
        ),
        listed=listed,
        left_by=None if row.left_by is None else people[row.left_by],
        left_at=row.left_at,
        taken_by=None if row.taken_by is None else people[row.taken_by],
        taken_at=row.taken_at,
        left_by_me=row.left_by == viewer.person_id,
        is_whole=_is_whole(db, row),
    )
