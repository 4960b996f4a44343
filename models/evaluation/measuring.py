"""Runs the protocol: on each fold of the homes the models that were fitted on the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable
from zlib import crc32

import numpy as np
from numpy.random import Generator

from models.alerts import Alert
from models.evaluation import faults
from models.evaluation.protocol import LINES, Line
from models.evaluation.scoring import Disturbance, Rates, Recall, Trial, disturbance, rates, recall, trial
from models.evaluation.setting import Setting, Window, is_eligible
from models.trace import Trace


class Replay(Protocol):
    """Looks at the homes of a fleet, each causally; the homes of one call are one fleet."""

    def __call__(self, fleet: Sequence[Trace], /) -> list[Alert]:
        """Return all alerts."""
        ...


@runtime_checkable
class Relives(Protocol):
    """A replay that can also look at one copy of a home alone, from shortly before it differs, which is far quicker."""

    def of_copy(self, untouched: Trace, copy: Trace, window: Window) -> list[Alert]:
        """Return the person alerts of a copy that are raised in its window and the two hours after, at least."""
        ...


# Makes a replay whose population figures come from these homes only.
Build = Callable[[Sequence[Trace]], Replay]

FOLDS: Final = 4


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came out: every trial of every line asked for, and what the untouched homes disturbed people for."""

    lines: tuple[Line, ...]
    trials: tuple[Trial, ...]
    untouched: tuple[Disturbance, ...]

    def of(self, line: Line) -> tuple[Trial, ...]:
        """Return the trials of one line."""
        return tuple(one for one in self.trials if one.line == line.name)

    def recall(self, line: Line) -> Recall | None:
        """Return how a line was done; None: there was no place to try it."""
        ours = self.of(line)
        return recall(ours, line.within_s) if ours else None

    @property
    def rates(self) -> Rates:
        """What untouched homes disturb people for."""
        return rates(self.untouched)


def evaluate(  # noqa: PLR0913 - each is a choice of whoever measures
    traces: Sequence[Trace],
    setting: Setting,
    build: Build,
    *,
    lines: Sequence[Line] = LINES,
    per_home: int = 1,
    folds: int = FOLDS,
    seed: int = 1,
    told: Callable[[str], None] = lambda _: None,
) -> Evaluation:
    """Measure the models on the eligible homes, each by a replay built from the other folds' homes.

    In each run every home of a fold carries one injection of the same line at a time of its own, so that the fleet
    guard sees a fleet that lives; the untouched fold gives the false alerts and the recall by chance. A replay that
    `Relives` is asked for the copies of lines about persons one by one instead.

    Args:
        traces: the homes; those with too few days or events are left out.
        setting: zone, days to learn only, and when nothing counts.
        build: makes the replay from the traces of the homes it may be tuned on.
        lines: what to put in.
        per_home: copies of each home and line.
        folds: how many groups the homes are in; 1: tuned on none.
        seed: another one puts everything elsewhere.
        told: is told what is being done.
    """
    homes = sorted((one for one in traces if is_eligible(one, setting.zone)), key=lambda one: crc32(one.home.encode()))
    trials: list[Trial] = []
    untouched: list[Disturbance] = []
    for fold in range(min(folds, len(homes))):
        fleet = homes[fold::folds]
        run = _Fold(fleet, setting, build([one for one in homes if one not in fleet]), seed, told)
        untouched += [disturbance(one.home, run.untouched(alive=False), setting.watched(one)) for one in fleet]
        for line in lines:
            for copy in range(per_home):
                told(f"fold {fold + 1} of {folds}: {line.title}, copy {copy + 1} of {per_home}")
                trials += run.trials(line, copy)
    return Evaluation(tuple(lines), tuple(trials), tuple(untouched))


class _Fold:
    """One group of homes with the replay they are judged by."""

    def __init__(
        self, homes: Sequence[Trace], setting: Setting, replay: Replay, seed: int, told: Callable[[str], None]
    ) -> None:
        self._setting = setting
        self._replay = replay
        self._seed = seed
        self._told = told
        self._fleets = {False: list(homes)}
        self._alerts: dict[bool, list[Alert]] = {}

    def untouched(self, *, alive: bool) -> list[Alert]:
        """Return the alerts of the untouched homes, without signs of life of their gateways or with."""
        if alive not in self._alerts:
            self._told("untouched homes")
            self._alerts[alive] = self._replay(self._fleet(alive=alive))
        return self._alerts[alive]

    def trials(self, line: Line, copy: int) -> list[Trial]:
        fleet = self._fleet(alive=line.has_heartbeats)
        if isinstance(self._replay, Relives) and line.inject and line.cls == "person":
            return self._relived(line, fleet, copy, self._replay)
        copies, windows = self._outages(line, fleet, copy) if line.inject is None else self._copies(line, fleet, copy)
        if not windows:
            return []
        untouched = self.untouched(alive=line.has_heartbeats)
        alerts = self._replay(copies)
        return [trial(line.name, line.cls, home, window, alerts, untouched) for home, window in windows]

    def _relived(self, line: Line, fleet: list[Trace], copy: int, replay: Relives) -> list[Trial]:
        copies, windows = self._copies(line, fleet, copy)
        window_of, untouched = dict(windows), self.untouched(alive=line.has_heartbeats)
        pairs = [pair for pair in zip(fleet, copies, strict=True) if pair[0].home in window_of]
        return [
            trial(line.name, line.cls, one.home, window, replay.of_copy(one, other, window), untouched)
            for one, other in pairs
            for window in (window_of[one.home],)
        ]

    def _copies(self, line: Line, fleet: list[Trace], copy: int) -> tuple[list[Trace], list[tuple[str, Window]]]:
        copies, windows = [], []
        for trace in fleet:
            rng = self._chance(trace.home, line.name, copy)
            injected = line.inject(trace, self._setting, rng) if line.inject else None
            copies.append(injected[0] if injected else trace)
            windows += [(trace.home, injected[1])] if injected else []
        return copies, windows

    def _outages(self, line: Line, fleet: list[Trace], copy: int) -> tuple[list[Trace], list[tuple[str, Window]]]:
        rng = self._chance("", line.name, copy)
        copies, outages = faults.fleet_outages(fleet, self._setting, rng, line.share)
        return copies, [(home, outage.window) for outage in outages for home in sorted(outage.homes)]

    def _fleet(self, *, alive: bool) -> list[Trace]:
        if alive not in self._fleets:
            chances = (self._chance(one.home, "heartbeats", 0) for one in self._fleets[False])
            pairs = zip(self._fleets[False], chances, strict=True)
            self._fleets[alive] = [faults.with_heartbeats(one, rng, self._setting.closed) for one, rng in pairs]
        return self._fleets[alive]

    def _chance(self, home: str, line: str, copy: int) -> Generator:
        return np.random.default_rng([self._seed, crc32(home.encode()), crc32(line.encode()), copy])
