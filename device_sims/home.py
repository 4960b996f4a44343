"""What the sensors of a home notice of the life in it, and what a tester lets happen there."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from device_sims.resident import Doing, Stay
from device_sims.sensors.sensor import Form

# A motion sensor that has seen something is blind for a minute; so were those of the TIHM homes (shortest gap 61 s).
REFRACTORY: Final = timedelta(seconds=60)

# Mean seconds between two movements a motion sensor could see.
_MOVES_EVERY_S: Final = {
    Doing.SLEEPING: 5_400.0,
    Doing.RESTING: 600.0,
    Doing.WASHING: 70.0,
    Doing.COOKING: 80.0,
    Doing.TIDYING: 75.0,
    Doing.WITH_VISITOR: 180.0,
}
_FRIDGE_OPENINGS_A_MEAL: Final = (1, 4)


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing one sensor notices, at a moment in UTC. `value`: 1 active, open or pressed, 0 closed."""

    at: datetime
    room: str
    form: Form
    value: int


@dataclass(frozen=True, slots=True)
class Fall:
    """The resident falls in the bathroom at `at` (aware) and lies there until found (None: for ever)."""

    at: datetime
    found_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Press:
    """The resident presses the help button at `at` (aware)."""

    at: datetime


Scenario = Fall | Press

HUNG_UP: Final = (
    ("bathroom", Form.MOTION),
    ("bedroom", Form.MOTION),
    ("kitchen", Form.MOTION),
    ("lounge", Form.MOTION),
    ("hallway", Form.MOTION),
    ("front_door", Form.DOOR),
    ("fridge", Form.DOOR),
    ("lounge", Form.BUTTON),
)


def happenings(stays: Iterable[Stay], zone: ZoneInfo, seed: str) -> list[Happening]:
    """Return what the sensors notice of these stays, oldest first. The same seed gives the same list.

    Args:
        stays: the resident's way through the rooms, oldest first, without a gap.
        zone: the home's time zone.
        seed: names the home.
    """
    chance = random.Random(seed)  # noqa: S311 - a simulated life, not a secret
    noticed: list[Happening] = []
    before: Stay | None = None
    for stay in stays:
        noticed += _on_the_way(before, stay, zone)
        noticed += _in_the_room(stay, zone, chance)
        before = stay
    noticed.sort(key=lambda one: (one.at, one.room, one.form))
    return list(_as_sensors_tell(noticed))


def played(noticed: Iterable[Happening], scenarios: Iterable[Scenario]) -> list[Happening]:
    """Return what the sensors notice when these things happen too, oldest first."""
    result = list(noticed)
    for scenario in scenarios:
        match scenario:
            case Fall():
                result = [*_until_found(result, scenario), *_to_the_bathroom(scenario.at)]
            case Press():
                result.append(Happening(scenario.at, "lounge", Form.BUTTON, 1))
    return sorted(result, key=lambda one: one.at)


def _until_found(noticed: list[Happening], fall: Fall) -> Iterator[Happening]:
    alone = fall.at - 2 * REFRACTORY
    for one in noticed:
        if one.at < alone or (fall.found_at is not None and one.at >= fall.found_at):
            yield one


def _to_the_bathroom(falls: datetime) -> Iterator[Happening]:
    yield Happening(falls - timedelta(seconds=50), "hallway", Form.MOTION, 1)
    yield Happening(falls - timedelta(seconds=40), "bathroom", Form.MOTION, 1)


def _utc(local: datetime, zone: ZoneInfo) -> datetime:
    return local.replace(tzinfo=zone).astimezone(UTC)


def _on_the_way(before: Stay | None, stay: Stay, zone: ZoneInfo) -> Iterator[Happening]:
    """Every way from one room to another leads through the hallway; out and in leads through the front door."""
    if before is None or before.room == stay.room:
        return
    at = _utc(stay.start, zone)
    yield Happening(at - timedelta(seconds=8), "hallway", Form.MOTION, 1)
    if stay.room is None or before.room is None or stay.doing is Doing.WITH_VISITOR:
        yield Happening(at - timedelta(seconds=2), "front_door", Form.DOOR, 1)
        yield Happening(at + timedelta(seconds=5), "front_door", Form.DOOR, 0)


def _in_the_room(stay: Stay, zone: ZoneInfo, chance: random.Random) -> Iterator[Happening]:
    if stay.room is None:
        return
    if stay.doing is not Doing.SLEEPING:
        yield Happening(_utc(stay.start + timedelta(seconds=2), zone), stay.room, Form.MOTION, 1)
    at = stay.start
    while (at := at + timedelta(seconds=1 + int(chance.expovariate(1 / _MOVES_EVERY_S[stay.doing])))) < stay.end:
        yield Happening(_utc(at, zone), stay.room, Form.MOTION, 1)
    if stay.doing is Doing.COOKING:
        yield from _fridge(stay, zone, chance)


def _fridge(stay: Stay, zone: ZoneInfo, chance: random.Random) -> Iterator[Happening]:
    """The door of a fridge goes in bursts: out with the milk, in with the milk."""
    long = stay.end - stay.start
    for _ in range(chance.randint(*_FRIDGE_OPENINGS_A_MEAL)):
        opened = _utc(stay.start + timedelta(seconds=int(chance.random() * long.total_seconds())), zone)
        for _ in range(chance.randint(1, 3)):
            yield Happening(opened, "fridge", Form.DOOR, 1)
            opened += timedelta(seconds=chance.randint(2, 12))
            yield Happening(opened, "fridge", Form.DOOR, 0)
            opened += timedelta(seconds=chance.randint(1, 4))


def _as_sensors_tell(noticed: Iterable[Happening]) -> Iterator[Happening]:
    """A motion sensor is blind for a while after each movement; a contact tells that a door changed, not that it is."""
    last: dict[tuple[str, Form], Happening] = {}
    for one in noticed:
        before = last.get((one.room, one.form))
        is_unseen = one.form is Form.MOTION and before is not None and one.at - before.at < REFRACTORY
        is_no_change = one.form is Form.DOOR and before is not None and one.value == before.value
        if not is_unseen and not is_no_change:
            last[one.room, one.form] = one
            yield one
