"""An invented home for people who have no log-in: its plan, one of its days, one alert, and what a daughter sees."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from markupsafe import Markup

from caregiver_ui.charts.day_strip import draw_day_strip
from caregiver_ui.charts.floor_plan import Shown, draw_floor_plan
from caregiver_ui.language import NORWAY, Speech
from caregiver_ui.levels import Badge, Level, alert_badge, resident_badge
from caregiver_ui.words import kind_words, room_name
from server.alerting.rules import AlertKind
from server.overview.rules import Status
from server.simulations.messages import Being, BeingKind, Door, HomePlan, HungSensor, Place, Room

_HOME: Final = HomePlan(
    rooms=(
        Room(name="bedroom", left=0, bottom=4, width=3.6, depth=3.4),
        Room(name="bathroom", left=3.6, bottom=4.6, width=2.4, depth=2.8),
        Room(name="kitchen", left=6, bottom=4, width=3.6, depth=3.4),
        Room(name="hallway", left=3.6, bottom=0, width=2.4, depth=4.6),
        Room(name="lounge", left=6, bottom=0, width=3.6, depth=4),
        Room(name="guest_room", left=0, bottom=0, width=3.6, depth=4),
    ),
    doors=(
        Door(name="bedroom", x=3.6, y=4.3),
        Door(name="bathroom", x=4.8, y=4.6),
        Door(name="kitchen", x=6, y=4.3),
        Door(name="lounge", x=6, y=2),
        Door(name="guest_room", x=3.6, y=2),
        Door(name="front_door", x=4.8, y=0, is_outer=True),
    ),
    furniture=(
        Place(name="bed", x=0.7, y=5.4),
        Place(name="toilet", x=5.6, y=6.9),
        Place(name="basin", x=4.1, y=7),
        Place(name="stove", x=7.6, y=7),
        Place(name="fridge", x=8.4, y=7),
        Place(name="table", x=8.6, y=5),
        Place(name="sofa", x=9.1, y=2),
        Place(name="guest_bed", x=0.7, y=1.2),
    ),
    sensors=(
        HungSensor(name="bedroom", room="bedroom", kinds=("motion",), x=3.2, y=7),
        HungSensor(name="bathroom", room="bathroom", kinds=("motion",), x=3.9, y=5),
        HungSensor(name="kitchen", room="kitchen", kinds=("motion",), x=6.4, y=7),
        HungSensor(name="hallway", room="hallway", kinds=("motion",), x=3.9, y=0.8),
        HungSensor(name="lounge", room="lounge", kinds=("motion",), x=6.4, y=0.5),
        HungSensor(name="front_door", room="hallway", kinds=("door",), x=5.5, y=0.1),
        HungSensor(name="button", room="bedroom", kinds=("button",), x=1.6, y=5.9),
    ),
)
_IN_KITCHEN: Final = Being(name="Inger", kind=BeingKind.RESIDENT, room="kitchen", x=7.3, y=5.6, doing="cooking")
_ON_FLOOR: Final = Being(name="Inger", kind=BeingKind.RESIDENT, room="bathroom", x=4.9, y=6.05, doing="lying_on_floor")

# Movements in each quarter of an hour of an invented day, from midnight on: a quiet night with one visit to the
# bathroom, breakfast, an outing, two hours in which the sensors were silent, supper, bed.
_NIGHT: Final = (0,) * 11 + (2, 1) + (0,) * 15
_MORNING: Final = (1, 3, 7, 9, 8, 5, 4, 2, 3, 1, 0, 2, 3, 5, 2, 1)
_OUT: Final = (0,) * 7
_AFTERNOON: Final = (3, 6, 8, 4, 2, 1, 0, 1, 2)
_UNKNOWN: Final = (None,) * 8
_EVENING: Final = (2, 5, 8, 6, 3, 1, 1, 2, 0, 1, 2, 3, 1, 0, 2, 4, 3, 1)
_DAY: Final[tuple[int | None, ...]] = (
    *_NIGHT, *_MORNING, *_OUT, *_AFTERNOON, *_UNKNOWN, *_EVENING, *(0,) * 10,
)  # fmt: skip
_MIDNIGHT: Final = datetime(2026, 3, 3, 22, 59, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Showcase:
    """What the page shows."""

    morning: Markup
    night: Markup
    day: Markup
    badge: Badge
    title: str
    status: Badge


def showcase(speech: Speech) -> Showcase:
    """Return the invented home in the reader's language."""
    return Showcase(
        _plan(speech, _IN_KITCHEN, "kitchen", "morning-"),
        _plan(speech, _ON_FLOOR, "bathroom", "night-"),
        draw_day_strip(speech, _DAY, _MIDNIGHT, NORWAY),
        alert_badge(speech, Level.IMPORTANT),
        kind_words(speech, AlertKind.LONG_IN_BATHROOM),
        resident_badge(speech, Status.NORMAL),
    )


def _plan(speech: Speech, being: Being, lit: str, prefix: str) -> Markup:
    names = {room.name: room_name(speech, room.name) for room in _HOME.rooms}
    return draw_floor_plan(_HOME, Shown((being,), frozenset({lit}), names, {"Inger": "I"}), prefix=prefix)
