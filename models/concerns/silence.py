"""How long a silence is too long: of everything, of all but the bed, of the kitchen.

Three views of the same question, for this home at this time of day. The line of Cuddihy et al. (2007), "Algorithm to
automatically detect abnormally long periods of inactivity in a home": the longest silences in progress at each time of
day. The hazard of survival analysis (Cox 1972): how likely a silence of this age ended in each five minutes on the
days before, summed over the silence at hand. And how much went on elsewhere meanwhile.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from models.concerns.view import Learned, View, around_the_clock
from models.minutes import TICK_MINUTES, TICKS_A_DAY
from models.past import Past
from models.rooms import EVERYWHERE, ROLES, Role, mask_of
from models.series import HORIZON_TICKS, Column, Flags

_QUANTILES: Final = (0.5, 0.75, 0.9, 1.0)
_BUSY_QUANTILES: Final = (0.5, 0.9, 1.0)
_HALF_HOUR: Final = 13  # ticks: half an hour either way
_YOUNG: Final = 10.0  # minutes: shorter silences end all the time
_OLD: Final = 45.0
_OLD_TICKS: Final = 7
_MOST_LIKELY: Final = 0.9
_HAZARD_PRIOR: Final = 3.0
_PLACE_PRIOR: Final = 4.0
_BLOCKS: Final = 4  # of six hours
_JUST_IN: Final = (10, 20)  # minutes from an outer door to the last thing heard: somebody may have gone out again
_HOURS: Final = (4, 6, 8)  # after which nobody should wait much longer, whatever this home is used to
_SHORTEST_LINE: Final = float(np.log(30))


@dataclass(frozen=True)
class SilenceConcern:
    """Too long a silence of the roles in `mask`; `least` minutes are never too long."""

    name: str
    mask: int
    least: float

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns of `features`."""
        return _FEATURES

    def learn(self, past: Past) -> Learned:
        """Return the tables: `usual` (4, 288) and `busy` (3, 288) quantiles of ln(1 + minutes) over the days, `hazard`
        (2, 288) for young and old silences, `place_hours` (32,) in ln.
        """  # noqa: D205 - one sentence
        silence, series = past.series.silence(self.mask), past.series
        at, out = past.at, series.looks_out[past.at]
        ranks = _sorted_highest(np.where(out, 0, silence.minutes[at]))
        busy = _sorted_highest(np.where(out, 0, silence.busy[at]))
        before = (at - 1).clip(0)
        age, was_out, ended = silence.minutes[before], series.looks_out[before], silence.minutes[at] < TICK_MINUTES
        at_home = ~was_out & series.seen[at] & series.seen[before]
        hazard = np.stack(
            [_hazard(at_home & (age >= low) & (age < high), ended) for low, high in ((_YOUNG, _OLD), (_OLD, np.inf))]
        )
        place_hours = _by_place(at_home & (age >= 30), ended, series.last_role[before], hazard[1])  # noqa: PLR2004
        return {
            "usual": _quantiles(ranks, _QUANTILES),
            "busy": _quantiles(busy, _BUSY_QUANTILES),
            "hazard": hazard.astype(np.float32),
            "place_hours": place_hours,
        }

    def applies(self, view: View) -> Flags:
        """Whether the silence is long enough to be judged, in a home that can be seen."""
        return (view.series.silence(self.mask).minutes[view.places] >= self.least) & view.series.seen[view.places]

    def features(self, learned: Learned, view: View) -> NDArray[np.float64]:
        """Return the figures of each tick."""
        series, places, clock = view.series, view.places, view.time_of_day
        silence = series.silence(self.mask)
        minutes = silence.minutes[places]
        log = np.log1p(minutes)
        usual, busy = learned["usual"][:, clock], learned["busy"][:, clock]
        over = log - np.maximum(usual[3], _SHORTEST_LINE)
        young, old = self._hazards(learned, view, minutes)
        role = series.last_role[places]
        here = learned["place_hours"][role * _BLOCKS + clock * _BLOCKS // TICKS_A_DAY]
        expected = young + old
        door, indoors = series.after_door[places], series.indoors[places]
        log_busy = np.log1p(silence.busy[places])
        columns = [
            log, log - usual[0], log - usual[1], log - usual[2], over, over.clip(0),
            young, old, expected, np.log1p(expected), np.log1p(old),
            here,
            series.looks_out[places], np.log1p(door), np.log1p(indoors), np.log1p(np.minimum(indoors, door)),
            *(door <= minutes_since for minutes_since in _JUST_IN),
            role == Role.BEDROOM, role == Role.LIVING, role == Role.HALL, role == Role.OUTER_DOOR,
            series.last_was_two[places],
            series.before_silence(60, mask_of(Role.BEDROOM))[places] / (1 + series.before_silence(60)[places]),
            np.log1p(series.before_silence(30)[places]), np.log1p(series.before_silence(180)[places]),
            log_busy, log_busy - busy[0], log_busy - busy[1], log_busy - busy[2],
            np.log1p(series.silence(EVERYWHERE).minutes[places]), np.log1p(series.within(EVERYWHERE, 60)[places]),
            *((minutes / 60 - hours).clip(0) for hours in _HOURS),
            *around_the_clock(clock),
        ]  # fmt: skip
        return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)

    def _hazards(self, learned: Learned, view: View, minutes: Column) -> tuple[Column, Column]:
        """Return the hazard summed over each silence: while it was young, and since it is old."""
        before = max(int(view.places[0]) - HORIZON_TICKS, 0)
        hazard = learned["hazard"].astype(np.float64)[:, view.of_day[before : view.places[-1] + 1]]
        summed = np.concatenate([np.zeros((2, 1)), np.cumsum(hazard, axis=1)], axis=1)
        end = view.places + 1 - before
        begin = np.minimum((end + 1 - minutes.astype(np.int64) // TICK_MINUTES).clip(0), end)
        grown = np.minimum(begin + _OLD_TICKS, end)
        return summed[0, grown] - summed[0, begin], summed[1, end] - summed[1, grown]


def usual_minutes(learned: Learned, time_of_day: int) -> tuple[float, float]:
    """Return the middle and the longest silence of this home at a tick of the day, in minutes."""
    middle, longest = np.expm1(learned["usual"][[0, 3], time_of_day])
    return float(middle), float(longest)


def _sorted_highest(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the highest of each half hour either way, days in rising order: shape (days, 288)."""
    around = maximum_filter1d(values.reshape(-1), _HALF_HOUR, mode="nearest").reshape(values.shape)
    return np.asarray(np.sort(around, axis=0))


def _quantiles(ranks: NDArray[np.float64], wanted: tuple[float, ...]) -> NDArray[np.float32]:
    rows = [int(part * (len(ranks) - 1)) for part in wanted]
    return np.log1p(ranks[rows]).astype(np.float32)


def _hazard(at_risk: Flags, ended: Flags) -> Column:
    """Return the hazard of each tick of the day: ends seen, over silences that could have ended, by the hour."""
    risk, ends = _hourly(at_risk), _hourly(at_risk & ended)
    share = (ends + _HAZARD_PRIOR * ends.sum() / max(risk.sum(), 1.0)) / (risk + _HAZARD_PRIOR)
    return np.asarray(-np.log1p(-np.minimum(share, _MOST_LIKELY)))


def _hourly(flags: Flags) -> Column:
    return np.asarray(uniform_filter1d(flags.sum(axis=0).astype(np.float64), _HALF_HOUR, mode="wrap") * _HALF_HOUR)


def _by_place(at_risk: Flags, ended: Flags, role: NDArray[np.intp], hazard: Column) -> NDArray[np.float32]:
    """Return in ln how much sooner or later than usual silences end, by where they began and by six hours."""
    expected = np.broadcast_to(hazard, at_risk.shape)[at_risk]
    block = np.broadcast_to(np.arange(TICKS_A_DAY) * _BLOCKS // TICKS_A_DAY, at_risk.shape)[at_risk]
    seen, where = ended[at_risk].astype(np.float64), role[at_risk]
    place = _ratio(where, seen, expected, ROLES, np.ones(ROLES))
    fine = _ratio(where * _BLOCKS + block, seen, expected, ROLES * _BLOCKS, np.exp(place).repeat(_BLOCKS))
    return fine.astype(np.float32)


def _ratio(group: NDArray[np.intp], seen: Column, expected: Column, groups: int, prior: Column) -> Column:
    ends = np.bincount(group, weights=seen, minlength=groups) + _PLACE_PRIOR * prior
    return np.asarray(np.log(ends / (np.bincount(group, weights=expected, minlength=groups) + _PLACE_PRIOR)))


_FEATURES: Final = (
    "silence", "over_median", "over_q75", "over_q90", "over_longest", "above_longest",
    "hazard_young", "hazard_old", "hazard", "ln_hazard", "ln_hazard_old",
    "place_hours",
    "looks_out", "after_door", "indoors", "indoors_after_door", *(f"door_within_{minutes}" for minutes in _JUST_IN),
    "last_bedroom", "last_living", "last_hall", "last_door",
    "last_was_two", "bedroom_before", "active_before_30", "active_before_180",
    "busy", "busy_over_median", "busy_over_q90", "busy_over_longest",
    "silence_everywhere", "active_60",
    *(f"hours_above_{hours}" for hours in _HOURS),
    "sin_24", "cos_24", "sin_12", "cos_12",
)  # fmt: skip

EVERYTHING: Final = SilenceConcern("inactivity", EVERYWHERE, 30.0)
OUT_OF_BED: Final = SilenceConcern("not_up", EVERYWHERE & ~mask_of(Role.BEDROOM), 45.0)
KITCHEN: Final = SilenceConcern("no_meals", mask_of(Role.KITCHEN, Role.FRIDGE), 120.0)
