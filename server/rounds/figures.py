"""Figures of digital supervision, for those who count."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from server.rounds.rules import SIGNED_WITHIN, Mark, saves_visit
from server.rounds.tables import LookRow, RoundRow


@dataclass(frozen=True, slots=True)
class RoundsSigned:
    """Rounds whose time came. `in_time`: of those signed, the ones signed within an hour of it."""

    planned: int
    signed: int
    in_time: int


def rounds_signed(db: Session, unit_ids: Collection[int], from_: datetime, to: datetime) -> RoundsSigned:
    """Return how many rounds of these units had their time in [from_, to), and how many of them were signed."""
    wanted = select(RoundRow.at, RoundRow.signed_at).where(
        col(RoundRow.unit_id).in_(unit_ids), RoundRow.at >= from_, RoundRow.at < to
    )
    rows = db.exec(wanted).all()
    signed = [signed_at - at for at, signed_at in rows if signed_at is not None]
    return RoundsSigned(len(rows), len(signed), sum(after <= SIGNED_WITHIN for after in signed))


def visits_saved(db: Session, unit_ids: Collection[int], from_: datetime, to: datetime) -> int:
    """Return how many looks of signed rounds in [from_, to) saved a visit: see docs/supervision.md."""
    wanted = (
        select(LookRow.mark, LookRow.replaces_visit)
        .join(RoundRow, col(RoundRow.round_id) == LookRow.round_id)
        .where(
            col(RoundRow.unit_id).in_(unit_ids),
            RoundRow.at >= from_,
            RoundRow.at < to,
            col(RoundRow.signed_at).is_not(None),
        )
    )
    return sum(saves_visit(Mark(mark), replaces_visit=replaces) for mark, replaces in db.exec(wanted))
