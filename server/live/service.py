"""Remembers what changed, in the transaction that changed it."""

from collections.abc import Collection, Sequence

from sqlalchemy import bindparam, insert
from sqlalchemy import select as select_rows
from sqlmodel import Session, col, delete, func, select

from server.live.tables import CHANGE, ChangeRow

# What a running simulator tells comes several times a second: only the pages that show it hear of it.
SIMULATION = "simulation"
# For simulators, which wait for it: no page shows it.
SIMULATION_ORDER = "simulation-order"

# A page that was away longer than this many changes fetches everything anew anyway.
_KEEP = 10_000


# Not through the session: it is done for every home that is looked at.
_TELL = insert(CHANGE)
_SINCE = select_rows(CHANGE).where(CHANGE.c.change_id > bindparam("after")).order_by(CHANGE.c.change_id).limit(1000)


def changed(db: Session, unit_id: int, what: str, name: str) -> None:
    """Tell every open page of a unit that something changed. `name` is opaque."""
    db.connection().execute(_TELL, {"unit_id": unit_id, "what": what, "name": name})


def all_changed(db: Session, changes: Sequence[tuple[int, str, str]]) -> None:
    """Tell of many changes at once: each is (unit, what, name)."""
    if changes:
        told = [{"unit_id": unit_id, "what": what, "name": name} for unit_id, what, name in changes]
        db.connection().execute(_TELL, told)


def newest(db: Session) -> int:
    """Return the number of the newest change; 0 before the first."""
    return db.exec(select(func.max(ChangeRow.change_id))).one() or 0


def since(db: Session, after: int, known: Collection[int]) -> list[ChangeRow]:
    """Return what changed after `after` and is not `known`, oldest first."""
    rows = db.connection().execute(_SINCE, {"after": after}).mappings()
    return [ChangeRow(**row) for row in rows if row["change_id"] not in known]


def forget_old(db: Session) -> None:
    """Keep only the newest changes."""
    db.exec(delete(ChangeRow).where(col(ChangeRow.change_id) <= newest(db) - _KEEP))
