"""Remembers what changed, in the transaction that changed it."""

from sqlmodel import Session, col, delete, func, select

from server.live.tables import ChangeRow

# What a running simulator tells comes several times a second: only the pages that show it hear of it.
SIMULATION = "simulation"
# For simulators, which wait for it: no page shows it.
SIMULATION_ORDER = "simulation-order"

# A page that was away longer than this many changes fetches everything anew anyway.
_KEEP = 10_000


def changed(db: Session, unit_id: int, what: str, name: str) -> None:
    """Tell every open page of a unit that something changed. `name` is opaque."""
    db.add(ChangeRow(unit_id=unit_id, what=what, name=name))


def newest(db: Session) -> int:
    """Return the number of the newest change; 0 before the first."""
    return db.exec(select(func.max(ChangeRow.change_id))).one() or 0


def since(db: Session, after: int) -> list[ChangeRow]:
    """Return what changed after `after`, oldest first."""
    return list(
        db.exec(
            select(ChangeRow).where(col(ChangeRow.change_id) > after).order_by(col(ChangeRow.change_id)).limit(1000)
        )
    )


def forget_old(db: Session) -> None:
    """Keep only the newest changes."""
    db.exec(delete(ChangeRow).where(col(ChangeRow.change_id) <= newest(db) - _KEEP))
