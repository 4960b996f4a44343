"""How a home stands now, as far as it is known: where somebody is, and up to when that is told."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, bindparam
from sqlmodel import Session, col, select

from models.presence import Presence, Present
from models.presence import look as look_at_presence
from models.stays.state import StayState
from server.detection.facts import blind_homes
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
    return standings_of(db, {home_id: home.time_zone}, now, patience)[home_id]


def standings_of(db: Session, zones: Mapping[int, str], now: datetime, patience: timedelta) -> dict[int, Standing]:
    """Return by number how homes stand, in a few queries however many they are. `zones`: each home's time zone."""
    return standings(db, zones, heard_from(db, zones, now, patience), now)


@dataclass(frozen=True, slots=True)
class Heard:
    """Up to when a home is known; `is_known`: that is now, and there are sensors that can see."""

    until: datetime | None
    is_known: bool


_HOMES: BindParameter[Sequence[int]] = bindparam("home_ids", expanding=True)
_WATCHED = select(HomeWatch.home_id, HomeWatch.seen_until).where(col(HomeWatch.home_id).in_(_HOMES))
_GATEWAYS = select(Gateway.home_id, Gateway.knows_until, Gateway.deaf_since).where(col(Gateway.home_id).in_(_HOMES))


def heard_from(db: Session, home_ids: Collection[int], now: datetime, patience: timedelta) -> dict[int, Heard]:
    """Return by number how well homes are known. It is cheap: nobody's whereabouts are read."""
    unseen, these = blind_homes(db, home_ids), {"home_ids": list(home_ids)}
    known: dict[int, list[datetime]] = {home_id: [] for home_id in home_ids}
    for home_id, seen_until in db.connection().execute(_WATCHED, these):
        if seen_until is not None:
            known[home_id].append(seen_until)
    # All that was heard may have arrived though nothing happened that was worth a look.
    for home_id, knows_until, deaf_since in db.connection().execute(_GATEWAYS, these):
        if knows_until is not None:
            known[home_id].append(knows_until)
        if deaf_since is not None:
            unseen.add(home_id)
    found = {}
    for home_id, moments in known.items():
        until = max(moments, default=None)
        is_known = until is not None and now - until <= patience and home_id not in unseen
        found[home_id] = Heard(until, is_known)
    return found


def standings(db: Session, zones: Mapping[int, str], heard: Mapping[int, Heard], now: datetime) -> dict[int, Standing]:
    """Return by number how homes stand of which it is known already how well they are."""
    states = select(HomeWatch.home_id, HomeWatch.state).where(col(HomeWatch.home_id).in_(zones))
    stays = {home_id: StayState.from_json(state.get("stays", {})) for home_id, state in db.exec(states)}
    found = {}
    for home_id, zone in zones.items():
        presence, known = stays.get(home_id, StayState()).presence, heard[home_id]
        present = look_at_presence(presence, ZoneInfo(zone), now)
        found[home_id] = Standing(presence, present, known.until, is_known=known.is_known)
    return found
