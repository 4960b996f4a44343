"""How a home stands now, as far as it is known: where somebody is, and up to when that is told."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.home import HomeState
from models.presence import Presence, Present
from models.presence import look as look_at_presence
from server.detection.facts import sight_of
from server.detection.tables import HomeWatch
from server.residents.tables import Gateway, Home


@dataclass(frozen=True, slots=True)
class Standing:
    """A home now. `is_known` False: what `present` says is of the past, and nothing may be told from it."""

    presence: Presence
    present: Present
    known_until: datetime | None
    is_known: bool


def standing_of(db: Session, home: Home, now: datetime, patience: timedelta) -> Standing:
    """Return how a home stands. It is known when all was heard up to `patience` ago, by sensors that can see."""
    home_id = home.home_id or 0
    watch = db.get(HomeWatch, home_id)
    presence = HomeState.from_json(watch.state if watch else {}).stays.presence
    known_until = _known_until(db, home_id, watch)
    is_seen = not _is_deaf(db, home_id) and not sight_of(db, home_id).is_blind
    return Standing(
        presence,
        look_at_presence(presence, ZoneInfo(home.time_zone), now),
        known_until,
        is_known=known_until is not None and now - known_until <= patience and is_seen,
    )


def _known_until(db: Session, home_id: int, watch: HomeWatch | None) -> datetime | None:
    """Return up to when all that was heard has arrived, though nothing may have happened that is worth a look."""
    moments = db.exec(select(Gateway.knows_until).where(Gateway.home_id == home_id)).all()
    return max((until for until in (*moments, watch and watch.seen_until) if until), default=None)


def _is_deaf(db: Session, home_id: int) -> bool:
    deaf = select(Gateway.gateway_id).where(Gateway.home_id == home_id, col(Gateway.deaf_since).is_not(None))
    return db.exec(deaf).first() is not None
