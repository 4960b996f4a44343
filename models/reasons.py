"""Why something was noticed, in figures a nurse can weigh; the words are the reader's language's.

Times of day are "HH:MM" of the home's own clock, spans are minutes, rooms are roles.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.concerns.bathroom import BATHROOM, VISITS_APART
from models.concerns.leaving import LEAVING
from models.concerns.likeness import most_unlike
from models.concerns.silence import EVERYTHING, KITCHEN, OUT_OF_BED, SilenceConcern, usual_minutes
from models.concerns.view import View
from models.concerns.wandering import WANDERING, usual_active
from models.finding import Reason
from models.follow import Opened
from models.minutes import TICK_S
from models.rooms import EVERYWHERE, Role, mask_of
from models.routine import Routine
from models.series import Series

_HOUR_TICKS: Final = 12


@dataclass(frozen=True)
class Scene:
    """What a reason is told from: the tick at which something was noticed, in its series."""

    opened: Opened
    routine: Routine
    series: Series
    of_day: NDArray[np.intp]
    zone: tzinfo

    @property
    def clock(self) -> int:
        """The tick of the local day."""
        return int(self.of_day[self.opened.place])

    def at(self, column: NDArray[Any]) -> int:
        """Return a column's value at that tick, whole."""
        return int(column[self.opened.place])

    def moment(self, minutes_before: int) -> datetime:
        """Return the moment so many minutes before the tick's end."""
        return datetime.fromtimestamp((self.opened.raised + 1) * TICK_S - minutes_before * 60, UTC)

    def shown(self, minutes_before: int) -> str:
        """Return that moment by the clock on the home's wall."""
        return self.moment(minutes_before).astimezone(self.zone).strftime("%H:%M")


def reasons(scene: Scene) -> tuple[Reason, ...]:
    """Return why this was noticed, and what would end it."""
    name = scene.opened.concern
    return (*_TOLD[name](scene), Reason("learned_from", {"days": scene.routine.days}), Reason(_ENDS[name]))


def last_heard_at(scene: Scene) -> datetime:
    """Return the minute in which somebody was last heard."""
    return scene.moment(scene.at(scene.series.unheard) + 1)


def _last_heard(scene: Scene) -> dict[str, Any]:
    return {
        "last_room": Role(scene.at(scene.series.last_role)).name.lower(),
        "last_seen_at": last_heard_at(scene).isoformat(),
        "out": bool(scene.series.looks_out[scene.opened.place]),
    }


def _silence(key: str, concern: SilenceConcern) -> Callable[[Scene], tuple[Reason, ...]]:
    def told(scene: Scene) -> tuple[Reason, ...]:
        silence = scene.series.silence(concern.mask)
        middle, longest = usual_minutes(scene.routine.tables[concern.name], scene.clock)
        figures = {
            "minutes": scene.at(silence.minutes),
            "usual_minutes": round(longest),
            "middle_minutes": round(middle),
            "since": scene.shown(scene.at(silence.minutes) + 1),
            "learned_days": scene.routine.days,
            **_last_heard(scene),
        }
        more = (Reason("meanwhile_elsewhere", {"minutes": scene.at(silence.busy)}),) if scene.at(silence.busy) else ()
        return Reason(key, figures), *more

    return told


def _up_at_night(scene: Scene) -> tuple[Reason, ...]:
    series = scene.series
    figures = {
        "active_minutes": scene.at(series.within(EVERYWHERE, 60)),
        "usual_minutes": round(usual_active(scene.routine.tables[WANDERING.name], scene.clock)),
        "rooms": scene.at(series.roles_heard(60)),
        "moves": scene.at(series.moves(60)),
        **_last_heard(scene),
    }
    place = most_unlike(
        scene.routine.tables[WANDERING.name], View(series, scene.of_day, np.array([scene.opened.place]))
    )
    if place is not None:
        figures |= {
            "place": place.role.name.lower(), "place_minutes": place.minutes, "usual_place_minutes": place.usual
        }  # fmt: skip
    return (Reason("up_at_night", figures),)


def _gone_at_night(scene: Scene) -> tuple[Reason, ...]:
    unheard = scene.at(scene.series.unheard)
    door = unheard + scene.at(scene.series.after_door) + 1
    return (Reason("left_and_not_back", {"minutes": unheard, "door_at": scene.shown(door), **_last_heard(scene)}),)


def _many_visits(scene: Scene) -> tuple[Reason, ...]:
    counts, row = scene.routine.tables[BATHROOM.name]["count"], scene.clock // _HOUR_TICKS
    visits = [scene.at(scene.series.visits(mask_of(Role.BATHROOM), VISITS_APART, hours * 60)) for hours in (24, 48)]
    usual = [round(float(counts[row, column]), 1) for column in (2, 4)]
    return (
        Reason(
            "many_bathroom_visits",
            {"day": visits[0], "usual_day": usual[0], "two_days": visits[1], "usual_two_days": usual[1]},
        ),
    )


_TOLD: Final = {
    EVERYTHING.name: _silence("no_movement_for", EVERYTHING),
    OUT_OF_BED.name: _silence("not_up_for", OUT_OF_BED),
    KITCHEN.name: _silence("no_kitchen_for", KITCHEN),
    WANDERING.name: _up_at_night,
    LEAVING.name: _gone_at_night,
    BATHROOM.name: _many_visits,
}
_ENDS: Final = {
    EVERYTHING.name: "ends_with_movement",
    OUT_OF_BED.name: "ends_with_movement_out_of_bed",
    KITCHEN.name: "ends_with_kitchen",
    WANDERING.name: "ends_with_quiet",
    LEAVING.name: "ends_with_return",
    BATHROOM.name: "ends_after_a_day",
}
