"""Faults of the whole system: many homes fall silent within minutes of each other, and come back.

Only homes whose gateways give no signs of life are judged so: of the others it is known whether they are alive.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.technical.findings import Fault, Faults, Technical, Unseen
from models.technical.fleet_evidence import Evidence
from models.trace import Times

# In 13 weeks of 17 homes the evidence of natural silences came to 12 for a quarter of an hour twice, and to 4 for one
# or two hours in a hundred, at night; of outages of 70 to 100 % of them it came to 16 within 2 h in 95 of 100.
_DOUBT: Final = 4.0  # from here on the silence of these homes is not held to be a person's
_CERTAIN: Final = 12.0
_LASTS: Final = 3  # ticks for which it must be certain: silences that only happen together end before
_TOGETHER_S: Final = 30 * 60  # homes that a fault silences fall silent within this
_BACK: Final = 0.5  # of the silenced homes, after which the others are waited for no longer than
_LAST_BACK_S: Final = 3600  # this since the last one came back,
_HALF_BACK_S: Final = 3 * 3600  # and this since half of them were


@dataclass(frozen=True, slots=True)
class Silenced:
    """A home that a fault has silenced. `heard`: the last second something was."""

    heard: int
    unseen: Unseen
    raised_at: int
    figures: dict[str, int]


@dataclass(slots=True)
class Outage:
    """A fault of the system that is not over. `since`: when the first homes found had all fallen silent."""

    since: int
    silenced: dict[str, Silenced] = field(default_factory=dict)
    voices: dict[str, float] = field(default_factory=dict)
    back: float = 0.0
    last_back: int = 0
    half_back: int | None = None


@dataclass(slots=True)
class FleetGuard:
    """Follows the fleet tick by tick. `doubted`: homes whose silence may be a fault. `over`: what has ended."""

    outage: Outage | None = None
    certain_ticks: int = 0
    doubted: dict[str, Unseen] = field(default_factory=dict)
    over: list[tuple[str, Faults]] = field(default_factory=list)

    def step(
        self, end: int, homes: Sequence[str], heard: NDArray[np.int64], voices: NDArray[np.float64], now: Evidence
    ) -> None:
        """Take in one tick that ended at `end`, seconds since 1970 UTC; `now` is its evidence. The others, (homes,)."""
        last = dict(zip(homes, heard.tolist(), strict=True))
        weight = dict(zip(homes, voices.tolist(), strict=True))
        self._hear(end, last)
        certain = list(compress(homes, now.homes_above(_CERTAIN)[0]))
        self.certain_ticks = self.certain_ticks + 1 if certain else 0
        if self.certain_ticks >= _LASTS and self.outage is None:
            self.outage = Outage(max(last[home] for home in certain))
        if self.outage is not None:
            self._silence(self.outage, end, certain, last, weight)
        doubtful = [] if self.outage else list(compress(homes, now.homes_above(_DOUBT)[0]))
        self._doubt(end, doubtful, last)

    def follow(
        self, ends: Times, homes: Sequence[str], heard: Times, voices: NDArray[np.float64], evidence: Evidence
    ) -> None:
        """Take in many ticks: the same as `step` with each, and quick where nothing goes on."""
        is_odd: NDArray[np.bool_] = np.asarray((evidence.llr >= _DOUBT).any(axis=1))
        place = 0
        while place < ends.size:
            if not (is_odd[place] or self.outage or self.doubted):
                self.certain_ticks = 0
                place += int(is_odd[place:].argmax()) or ends.size
                continue
            one = Evidence(evidence.llr[place : place + 1], evidence.silent[place : place + 1])
            self.step(int(ends[place]), homes, heard[place], voices, one)
            place += 1

    def standing(self) -> dict[str, Faults]:
        """Return what is wrong now, by home."""
        doubts = {home: Faults(unseen=(unseen,)) for home, unseen in self.doubted.items()}
        silenced = self.outage.silenced.items() if self.outage else ()
        return doubts | {home: _faults(one, None) for home, one in silenced}

    def _hear(self, end: int, last: dict[str, int]) -> None:
        """Let go the homes that were heard again, and all of them when the fault is over."""
        if self.outage is None:
            return
        outage = self.outage
        for home in [home for home, one in outage.silenced.items() if last.get(home, 0) > one.heard]:
            self.over.append((home, _faults(outage.silenced.pop(home), last[home])))
            outage.back += outage.voices[home]
            outage.last_back = end
        if outage.half_back is None and outage.back >= _BACK * sum(outage.voices.values()):
            outage.half_back = end
        waited = outage.half_back is not None and (
            end - outage.last_back >= _LAST_BACK_S or end - outage.half_back >= _HALF_BACK_S
        )
        if waited or not outage.silenced:
            self.over += [(home, _faults(one, end)) for home, one in outage.silenced.items()]
            self.outage = None

    def _silence(
        self, outage: Outage, end: int, certain: Sequence[str], last: dict[str, int], weight: dict[str, float]
    ) -> None:
        new = [
            home
            for home in certain
            if home not in outage.silenced and home not in outage.voices and last[home] <= outage.since + _TOGETHER_S
        ]
        for home in new:
            outage.voices[home] = weight[home]
            since = max(last[home], outage.since - _TOGETHER_S)
            doubt = self.doubted.pop(home, None)
            since, known = (min(since, doubt.since), doubt.known_at) if doubt else (since, end)
            unseen = Unseen(since, known, None, None, is_fault=True)
            figures = {"silent_homes": len(certain), "homes": len(last), "silent_min": (end - outage.since) // 60}
            outage.silenced[home] = Silenced(last[home], unseen, end, figures)

    def _doubt(self, end: int, doubtful: Sequence[str], last: dict[str, int]) -> None:
        for home in self.doubted.keys() - set(doubtful):
            unseen = self.doubted.pop(home)
            until = last.get(home, 0) if last.get(home, 0) > unseen.known_at else end
            self.over.append((home, Faults(unseen=(replace(unseen, until=until),))))
        since = max((last[home] for home in doubtful), default=0) - _TOGETHER_S
        for home in doubtful:
            self.doubted.setdefault(home, Unseen(max(last[home], since), end, None, None, is_fault=False))


def _faults(one: Silenced, until: int | None) -> Faults:
    unseen = replace(one.unseen, until=until)
    technical = Technical(Fault.FLEET_OUTAGE, None, one.unseen.since, one.raised_at, until, dict(one.figures))
    return Faults((technical,), (unseen,))
