"""A home that is too cold to live in, for hours."""

from collections.abc import Iterator
from typing import Final

from gateway.contract.observation import SensorKind
from models.finding import FindingKind
from models.presence import cached_role
from models.rooms import Role
from models.stays.standing import NEVER, Standing
from models.stays.state import Warmth
from models.stays.view import View

_HOUR_S: Final = 3600.0
_LASTS_HOURS: Final = 3
_SILENT_S: Final = 2 * _HOUR_S  # a thermometer tells at least each quarter of an hour
_WARMER_C: Final = 0.5  # above the limit by so much, and it is over
# Where people are awake. Many sleep in the cold, and nobody lives in the hall.
LIVED_IN: Final = (Role.LIVING, Role.KITCHEN, Role.BATHROOM)


def cold_home(view: View) -> Iterator[Standing]:
    """Every lived-in room that tells has been below its own limit for three hours: one window is no cold home."""
    rooms = _telling(view)
    if not rooms or view.around.away_until is not None:
        return
    limits = view.limits
    limit = {room: limits.cold_c.get(room, limits.usual_cold_c) for room in rooms}
    is_open = FindingKind.COLD_HOME.value in view.state.open
    if any(warmth.celsius > limit[room] + _WARMER_C for room, warmth in rooms.items()):
        return
    newest = max(warmth.heard_s for warmth in rooms.values())
    begin = int(newest // _HOUR_S) - _LASTS_HOURS
    is_cold = all(_cold_since(warmth, begin, limit[room]) for room, warmth in rooms.items())
    if not is_cold and not is_open:
        return
    coldest = min(rooms, key=lambda room: (rooms[room].celsius, room))
    figures = {"celsius": round(rooms[coldest].celsius, 1), "limit_celsius": round(limit[coldest], 1), "hours": 3}
    yield Standing(
        FindingKind.COLD_HOME, "", coldest, begin * _HOUR_S, newest if is_cold else NEVER, "cold_for", figures,
        goes_on=True,
    )  # fmt: skip


def _telling(view: View) -> dict[str, Warmth]:
    newest = max((warmth.heard_s for warmth in view.state.warmth.values()), default=0.0)
    heard = {
        room: warmth
        for room, warmth in view.state.warmth.items()
        if newest - warmth.heard_s < _SILENT_S and room not in view.around.sight.unseen_rooms
    }
    return {room: one for room, one in heard.items() if cached_role(SensorKind.TEMPERATURE, room) in LIVED_IN}


def _cold_since(warmth: Warmth, begin: int, limit: float) -> bool:
    """Whether the room was told of from the hour `begin` on, and always as below `limit`."""
    hours = [one for one in warmth.hours if one[0] >= begin - 1]
    return len(hours) >= _LASTS_HOURS and hours[0][0] <= begin and max(high for _, high in hours) < limit
