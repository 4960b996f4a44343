"""What the wall of a duty room shows of a unit: each flat's number and how grave it is there. No more.

A wall is read by whoever passes: no names, no kinds of alert, no rooms. Who runs reads the alert on their own phone.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from server.access.tables import Person
from server.alerting.rules import AlertClass
from server.alerting.tables import AlertRow
from server.board.rules import Level, flat_label, level_of
from server.detection.facts import blind_homes
from server.detection.tables import HomeWatch
from server.residents.tables import Gateway, Home, Resident


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """An alert as a tile needs it. `taken_by`: a first name; empty: nobody has it."""

    code: str
    severity: int
    alert_class: AlertClass
    since: datetime
    taken_by: str
    is_there: bool


@dataclass(frozen=True, slots=True)
class Tile:
    """A flat, or with an empty `flat` the unit itself. `since`: when what stands there began; None: it is well.

    `known_until`: up to when the flat is known; None: never heard.
    """

    flat: str
    level: Level
    since: datetime | None
    taken_by: str
    is_there: bool
    known_until: datetime | None


@dataclass(frozen=True, slots=True)
class Wall:
    """All tiles by flat, and those that call for somebody, the gravest and oldest first."""

    unit_name: str
    tiles: tuple[Tile, ...]
    time_zone: str

    @property
    def calls(self) -> tuple[Tile, ...]:
        """The tiles that take the screen: somebody's alert that nobody has answered on the spot yet."""
        wanted = (tile for tile in self.tiles if tile.level in {Level.CRITICAL, Level.ALERT})
        return tuple(sorted(wanted, key=lambda tile: (tile.taken_by != "", list(Level).index(tile.level), tile.since)))


def wall_of(db: Session, unit_ids: Collection[int], unit_name: str, now: datetime, patience: timedelta) -> Wall:
    """Return what a wall shows of these units. `patience`: how old knowledge of a flat may be."""
    homes = db.exec(select(Home).where(col(Home.unit_id).in_(unit_ids))).all()
    ids = [home.home_id or 0 for home in homes]
    alerts = _open_alerts(db, unit_ids)
    known = _known_until(db, ids)
    blind = _blind(db, ids)
    tiles = [
        _tile(home, alerts.pop(home.home_id, []), known.get(home.home_id or 0), now, patience, blind) for home in homes
    ]
    tiles.sort(key=lambda tile: (len(tile.flat), tile.flat))
    elsewhere = [alert for ones in alerts.values() for alert in ones]
    if elsewhere:  # of a common room, a door that is nobody's, or the unit as a whole
        tiles.insert(0, _shown("", elsewhere, Level.WELL, None))
    return Wall(unit_name, tuple(tiles), homes[0].time_zone if homes else "Europe/Oslo")


def _tile(
    home: Home,
    alerts: list[OpenAlert],
    known_until: datetime | None,
    now: datetime,
    patience: timedelta,
    blind: Collection[int],
) -> Tile:
    is_known = known_until is not None and now - known_until <= patience and home.home_id not in blind
    return _shown(flat_label(home.address), alerts, Level.WELL if is_known else Level.UNKNOWN, known_until)


def _shown(flat: str, alerts: Iterable[OpenAlert], otherwise: Level, known_until: datetime | None) -> Tile:
    levels = list(Level)
    ranked = sorted(alerts, key=lambda one: (levels.index(level_of(one.severity, one.alert_class)), one.since))
    if not ranked:
        return Tile(flat, otherwise, None, "", is_there=False, known_until=known_until)
    first = ranked[0]
    level = level_of(first.severity, first.alert_class)
    # A fault explains why a flat is not known; it never hides that it is not.
    level = Level.UNKNOWN if level is Level.TECHNICAL and otherwise is Level.UNKNOWN else level
    return Tile(flat, level, first.since, first.taken_by, first.is_there, known_until)


def _open_alerts(db: Session, unit_ids: Collection[int]) -> dict[int | None, list[OpenAlert]]:
    wanted = (
        select(AlertRow, Resident.home_id, Person.name)
        .outerjoin(Resident, col(Resident.resident_id) == AlertRow.resident_id)
        .outerjoin(Person, col(Person.person_id) == AlertRow.taken_by)
        .where(col(AlertRow.unit_id).in_(unit_ids), col(AlertRow.closed_at).is_(None))
    )
    found: dict[int | None, list[OpenAlert]] = {}
    for row, home_id, name in db.exec(wanted):
        taken_by = (name or "").split(" ")[0]
        alert = OpenAlert(row.code, row.severity, row.alert_class, row.raised_at, taken_by, row.arrived_at is not None)
        found.setdefault(home_id or row.home_id, []).append(alert)
    return found


def _known_until(db: Session, home_ids: Collection[int]) -> dict[int, datetime]:
    gateways = select(Gateway.home_id, Gateway.knows_until).where(
        col(Gateway.home_id).in_(home_ids), col(Gateway.deaf_since).is_(None)
    )
    watches = select(HomeWatch.home_id, HomeWatch.seen_until).where(col(HomeWatch.home_id).in_(home_ids))
    known: dict[int, datetime] = {}
    for home_id, until in (*db.exec(gateways), *db.exec(watches)):
        if until is not None:
            known[home_id] = max(until, known.get(home_id, until))
    return known


def _blind(db: Session, home_ids: Collection[int]) -> set[int]:
    """Return the homes that nothing sees, and those whose gateway hears nothing."""
    deaf = select(Gateway.home_id).where(col(Gateway.home_id).in_(home_ids), col(Gateway.deaf_since).is_not(None))
    return set(db.exec(deaf)) | blind_homes(db, home_ids)
