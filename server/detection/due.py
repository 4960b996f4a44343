"""Lets homes be looked at: what others know and the detector must hear of. Each takes homes in one order for all."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, update

from server.db.types import UtcDateTime
from server.detection.tables import HomeWatch

_DUE = col(HomeWatch.due_at)
_NOW = bindparam("now", type_=UtcDateTime())
_OF_HOME = update(HomeWatch).where(col(HomeWatch.home_id) == bindparam("home")).values(due_at=_NOW)
_FOR_NEWS = _OF_HOME.where(_DUE.is_(None) | (_DUE > _NOW))
_IF_AWAITED = _OF_HOME.where(
    _DUE.is_(None) & (col(HomeWatch.wakes_at) <= bindparam("known_until", type_=UtcDateTime()))
)


def make_due(db: Session, home_ids: Collection[int], now: datetime) -> None:
    """Let homes be looked at now; one that is due already stays so."""
    rows = [{"home": home_id, "now": now} for home_id in sorted(home_ids)]
    if rows:
        db.connection().execute(_FOR_NEWS, rows)


def make_due_if_awaited(db: Session, known_until: Mapping[int, datetime], now: datetime) -> None:
    """Let those homes be looked at whose silence may be a finding, now that they are known up to these moments."""
    rows = [{"home": home_id, "now": now, "known_until": until} for home_id, until in sorted(known_until.items())]
    if rows:
        db.connection().execute(_IF_AWAITED, rows)
