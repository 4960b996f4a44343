"""Who comes by: home care, visitors, guests who stay over the weekend; and the animals of the home."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from device_sims.life.activities import Doing, Stay
from device_sims.life.agenda import Visit, epoch_s
from device_sims.life.people import Pet
from device_sims.life.profile import Profile

VISITOR: Final = "visitor"
CARER: Final = "carer"
GUEST: Final = "guest"

_FRIDAY: Final = 4
_BETWEEN_VISITS_S: Final = 1_200.0
_PET_ROOMS: Final = ("lounge", "lounge", "kitchen", "hallway", "bedroom")


def drawn_visits(seed: str, profile: Profile, day: date, zone: ZoneInfo) -> Iterator[Visit]:
    """Yield who would come by on a day, home care first."""
    chance = random.Random(f"{seed}/{day.isoformat()}/visits")  # noqa: S311 - a simulated life, not a secret
    for hour in profile.care_visits_at:
        start = epoch_s(day, hour + max(-0.5, min(0.7, chance.gauss(0, 0.25))), zone)
        yield Visit(CARER, start, start + 60 * chance.uniform(10, 25), is_care=True)
    if chance.random() < profile.visits_a_day * (1.6 if day.weekday() > _FRIDAY else 0.8):
        start = epoch_s(day, chance.choice((11.2, 13.5, 15.0, 17.7)) + chance.gauss(0, 0.3), zone)
        yield Visit(VISITOR, start, start + 60 * chance.uniform(35, 120), is_care=False)


def one_at_a_time(visits: list[Visit]) -> list[Visit]:
    """Return the visits that do not meet one before them in the list, in order of time."""
    kept: list[Visit] = []
    for visit in visits:
        if all(_are_apart(visit, other) for other in kept):
            kept.append(visit)
    return sorted(kept, key=lambda visit: visit.start_s)


def weekend_of_guest(seed: str, profile: Profile, day: date, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """Return from when to when a guest stays who comes on this day; None for no guest, and always but on Fridays."""
    chance = random.Random(f"{seed}/{day.isoformat()}/guest")  # noqa: S311 - a simulated life, not a secret
    if day.weekday() != _FRIDAY or chance.random() >= profile.guest_weeks:
        return None
    return _moment(epoch_s(day, 17.2, zone)), _moment(epoch_s(day, 48 + 14.5, zone))


def _are_apart(one: Visit, other: Visit) -> bool:
    return one.end_s + _BETWEEN_VISITS_S <= other.start_s or other.end_s + _BETWEEN_VISITS_S <= one.start_s


def visiting(visit: Visit) -> Iterator[Stay]:
    """Yield a visitor's stays, between two moments outside: how the door is opened for them."""
    long = visit.end_s - visit.start_s
    rooms = (
        [("bathroom", 0.45), ("kitchen", 1.0)]
        if visit.is_care
        else [("lounge", 0.5), ("bathroom", 0.54), ("lounge", 1.0)]
    )
    doing = Doing.CARED_FOR if visit.is_care else Doing.WITH_VISITOR
    now = visit.start_s + 30
    yield Stay(visit.who, None, _moment(now - 1), _moment(now), Doing.OUT)
    for room, share in rooms:
        end = visit.start_s + long * share
        yield Stay(visit.who, room, _moment(now), _moment(end), doing)
        now = end
    yield Stay(visit.who, None, _moment(now), _moment(now + 60), Doing.OUT)


def pet_day(seed: str, pet: Pet, day: date, zone: ZoneInfo) -> Iterator[Stay]:
    """Yield an animal's stays from midnight to midnight."""
    chance = random.Random(f"{seed}/{pet.name}/{day.isoformat()}")  # noqa: S311 - a simulated life, not a secret
    now, ends = epoch_s(day, 0, zone), epoch_s(day, 24, zone)
    room = "lounge"
    while now < ends:
        rests = chance.random() < 0.4  # noqa: PLR2004 - share of its stays
        end = min(
            ends, now + round(60 * (chance.lognormvariate(3.7, 0.6) if rests else chance.lognormvariate(0.6, 0.6)))
        )
        yield Stay(pet.name, room, _moment(now), _moment(end), Doing.NAPPING if rests else Doing.PROWLING, pet.lively)
        room = chance.choice(_PET_ROOMS)
        now = end


def _moment(at_s: float) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)
