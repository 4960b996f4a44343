"""Kinds of which nobody is told in a home for a time: by whom, why, and until when. They end by themselves."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from server.access.service import Viewer
from server.access.tables import Person, Role
from server.alerting.rules import FACTS, AlertKind, Severity
from server.audit.service import append
from server.errors import NotFoundError, TooLongMutedError
from server.sensitivity.rules import RATEABLE
from server.sensitivity.service import SETTERS
from server.sensitivity.tables import KindMuting

MUTERS: Final = (Role.NURSE, *SETTERS)
LONGEST_MUTING: Final = timedelta(days=14)
# What the routine tells, but for what is critical: that is never muted, and nor is what somebody presses.
MUTABLE: Final = tuple(
    sorted(kind for kind in (*RATEABLE, AlertKind.COLD_HOME) if FACTS[kind].severity < Severity.CRITICAL)
)


@dataclass(frozen=True, slots=True)
class MutingView:
    """A kind that is muted now. `id`: for lifting it."""

    id: int
    kind: AlertKind
    until: datetime
    why: str
    by: str
    since: datetime


def muted_in(db: Session, home_ids: Collection[int], now: datetime) -> dict[int, dict[AlertKind, datetime]]:
    """Return the kinds that are muted in these homes, and until when."""
    rows = db.exec(_lasting(now).where(col(KindMuting.home_id).in_(home_ids)))
    found: dict[int, dict[AlertKind, datetime]] = defaultdict(dict)
    for row in rows:
        found[row.home_id][row.kind] = max(row.until, found[row.home_id].get(row.kind, row.until))
    return found


def mutings_of(db: Session, home_id: int, now: datetime) -> list[MutingView]:
    """Return what is muted in a home now, the one that ends first first."""
    rows = db.exec(_lasting(now).where(KindMuting.home_id == home_id).order_by(col(KindMuting.until)))
    return [
        MutingView(
            row.kind_muting_id or 0, row.kind, row.until, row.why, db.get_one(Person, row.set_by).name, row.set_at
        )
        for row in rows
    ]


def mute_kind(
    db: Session, viewer: Viewer, home_id: int, kind: AlertKind, until: datetime, why: str, now: datetime
) -> None:
    """Tell nobody of a kind in a home until then. Said again it counts from now.

    Raises:
        NotAllowedError: relatives and testers mute nothing.
        TooLongMutedError: the end is past or later than two weeks from now, or the kind is never muted.
    """
    viewer.may(*MUTERS)
    if kind not in MUTABLE or not now < until <= now + LONGEST_MUTING:
        raise TooLongMutedError
    for row in db.exec(_lasting(now).where(KindMuting.home_id == home_id, KindMuting.kind == kind).with_for_update()):
        row.lifted_at = now
    db.add(KindMuting(home_id=home_id, kind=kind, until=until, why=why.strip(), set_by=viewer.person_id, set_at=now))
    append(
        db, at=now, who=viewer.audit_name, what="kind muted", about=f"home:{home_id}", why=f"{kind} {until:%FT%H:%MZ}"
    )


def lift_muting(db: Session, viewer: Viewer, home_id: int, muting_id: int, now: datetime) -> None:
    """Tell of a kind again. One that has ended already stays so.

    Raises:
        NotAllowedError: relatives and testers mute nothing.
        NotFoundError: there is none of that number in this home.
    """
    viewer.may(*MUTERS)
    row = db.get(KindMuting, muting_id, with_for_update=True)
    if row is None or row.home_id != home_id:
        raise NotFoundError("muting")
    if row.lifted_at is None:
        row.lifted_at = now
        db.add(row)
        append(db, at=now, who=viewer.audit_name, what="muting lifted", about=f"home:{home_id}", why=row.kind)


def _lasting(now: datetime) -> SelectOfScalar[KindMuting]:
    return select(KindMuting).where(KindMuting.until > now, col(KindMuting.lifted_at).is_(None))
