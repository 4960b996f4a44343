"""How much the silence of many homes at once speaks for a fault of the system and not of many quiet people. Pure.

A fault that began at S silences each home with a chance of one half to nearly all, from S on. Without one, each home
falls and stays silent by its own habits. The evidence is the logarithm of how much likelier what is heard is by the
first than by the second (Wald 1945), for several S, all homes together.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.minutes import TICK_S, TICKS_A_DAY
from models.technical.silence_habits import AGES_S, CLASSES, Rates
from models.trace import Times

# Ticks since the fault may have begun: 20 min, below which a silence is none, to 4 h, by steps of a half.
LOOKBACKS: Final = np.array([4, 6, 9, 12, 18, 24, 36, 48])
PRESENT_S: Final = 72 * 3600  # a home that was silent for longer before has ended, or nobody lives there now
# One home's silence can be odd for its own reasons (a fall, a journey, a new life), so that none counts for more than
# one in e^6. By day a home is heard more evenly than chance would have it, so that a silence counts for more than its
# rate alone says. Both, and the lines in `fleet`, are where natural silences and outages put into traces part best.
_MOST_OF_ONE: Final = 6.0
_SHARPENED: Final = 1.6
_SHARES: Final = np.array([0.5, 0.7, 0.85, 0.97])  # of the homes that a fault silences
LEAST_VOICES: Final = 5.0  # fewer homes are no fleet


@dataclass(frozen=True)
class Evidence:
    """At the end of each tick. `llr`: shape (ticks, lookbacks), -inf where there are too few homes.

    `silent`: shape (ticks, lookbacks, homes), present and silent for so long.
    """

    llr: NDArray[np.float64]
    silent: NDArray[np.bool_]

    def homes_above(self, line: float) -> NDArray[np.bool_]:
        """Return which homes are silent for a time that speaks for a fault by at least `line`, (ticks, homes)."""
        return np.asarray((self.silent & (self.llr >= line)[:, :, None]).any(axis=1))


def weigh(ends: Times, of_day: NDArray[np.intp], heard: Times, rates: Rates, voices: NDArray[np.float64]) -> Evidence:
    """Weigh the silences at the end of some ticks of one day.

    Args:
        ends: seconds since 1970 UTC at which the ticks end, (ticks,).
        of_day: which tick of the local day each is, (ticks,).
        heard: `last_heard` of each home, (ticks, homes); -1: it has no part in this.
        rates: each home's on that day, (homes, 3, 288).
        voices: what part of one voice each home has, 0 to 1, (homes,).
    """
    age = ends[:, None, None] - LOOKBACKS[:, None] * TICK_S - heard[:, None, :]  # of the silence when it may have begun
    silent = (age >= 0) & (heard[:, None, :] >= 0) & (age <= PRESENT_S)
    usual = _goes_on(age, of_day, rates)
    heard_since = (age < 0) @ voices
    many = np.exp(usual)
    by_share = np.stack(
        [
            np.where(silent, np.log(share * many + 1 - share), 0) @ voices + np.log(1 - share) * heard_since
            for share in _SHARES
        ]
    )
    top = by_share.max(axis=0)
    llr = top + np.log(np.exp(by_share - top).mean(axis=0))
    return Evidence(np.where(heard_since + silent @ voices >= LEAST_VOICES, llr, -np.inf), silent)


def _goes_on(age: NDArray[np.int64], of_day: NDArray[np.intp], rates: Rates) -> NDArray[np.float64]:
    """Return minus the logarithm of the chance that each silence lasts from when a fault may have begun to now."""
    twice = np.cumsum(np.tile(rates, 2), axis=2, dtype=np.float64)
    twice = np.concatenate([np.zeros((*rates.shape[:2], 1)), twice], axis=2)
    width = twice.shape[2]
    now = (of_day + TICKS_A_DAY + 1)[:, None, None]
    begin = now - LOOKBACKS[:, None]
    young = begin + (AGES_S[1] // TICK_S - age // TICK_S).clip(0, LOOKBACKS[:, None])
    row = np.arange(len(rates)) * CLASSES * width
    flat = twice.ravel()
    spent = flat[row + young] - flat[row + begin]
    later = row + np.where(age < AGES_S[2], width, 2 * width)
    spent += flat[later + now] - flat[later + young]
    return np.asarray(np.minimum(_SHARPENED * spent, _MOST_OF_ONE))
