"""Out by an outer door at night, and nothing heard since."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from models.concerns.view import Learned, View, around_the_clock
from models.minutes import TICK_MINUTES
from models.past import Past
from models.rooms import EVERYWHERE, Role, mask_of
from models.series import GOING_OUT_MINUTES, Flags

_DOOR: Final = mask_of(Role.OUTER_DOOR)
_TWO_HOURS: Final = 25  # ticks: an hour either way
# Minutes after which a return is missed, and in which it is news. A fleet that falls silent is doubted sooner.
_SILENT: Final = (24.0, 120.0)
_GONE: Final = 20.0
_NIGHT: Final = (23 * 12, 5 * 12 + 6)


@dataclass(frozen=True)
class LeavingConcern:
    """Left home at night and not back."""

    name: str = "left_at_night"

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns of `features`."""
        return _FEATURES

    def learn(self, past: Past) -> Learned:
        """Return by tick of the day, each (288,): `door` and `gone` in ln of how often, `active` as a share of days."""
        series, at = past.series, past.at
        silence = series.silence(EVERYWHERE).minutes
        opened = series.within(_DOOR, TICK_MINUTES) > 0
        gone = series.looks_out & (silence >= _GONE) & (silence < _GONE + TICK_MINUTES)

        def often(flags: Flags) -> NDArray[np.float64]:
            return np.asarray(uniform_filter1d(flags[at].mean(axis=0, dtype=np.float64), _TWO_HOURS, mode="wrap"))

        return {
            "door": np.log(often(opened) + 0.002).astype(np.float32),
            "gone": np.log(often(gone) + 0.0005).astype(np.float32),
            "active": often(series.active).astype(np.float32),
        }

    def applies(self, view: View) -> Flags:
        """Whether it is night and the last thing heard was an outer door, a while ago."""
        series, places, clock = view.series, view.places, view.time_of_day
        silence = series.unheard[places]  # who left before the home went blind did not leave this night
        night = (clock >= _NIGHT[0]) | (clock < _NIGHT[1])
        gone = (series.after_door[places] <= GOING_OUT_MINUTES) & (silence >= _SILENT[0]) & (silence <= _SILENT[1])
        return np.asarray(night & gone & series.seen[places])

    def features(self, learned: Learned, view: View) -> NDArray[np.float64]:
        """Return the figures of each tick."""
        series, places, clock = view.series, view.places, view.time_of_day
        door = series.after_door[places]
        columns = [
            learned["door"][clock], learned["gone"][clock], learned["active"][clock],
            np.log1p(series.silence(EVERYWHERE).minutes[places]), np.log1p(door), np.log1p(series.indoors[places]),
            door <= 2,  # noqa: PLR2004 - minutes: hardly time to take off a coat
            np.log1p(series.before_silence(60, _DOOR)[places]), np.log1p(series.before_silence(60)[places]),
            np.log1p(series.before_silence(15)[places]),
            *around_the_clock(clock),
        ]  # fmt: skip
        return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)


_FEATURES: Final = (
    "door_often", "gone_often", "active_often", "silence", "after_door", "indoors", "at_once",
    "doors_before_60", "active_before_60", "active_before_15", "sin_24", "cos_24", "sin_12", "cos_12",
)  # fmt: skip

LEAVING: Final = LeavingConcern()
