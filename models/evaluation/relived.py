"""A replay that lives a copy again only from the night before it differs, so that many copies cost little."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain

from models.alerts import Alert
from models.evaluation.setting import DAY, HOUR, Window
from models.nights import FIRST_NIGHT, Night, Settings, nights
from models.prior import Priors
from models.replay import alerts_of, replay
from models.technical.findings import Faults
from models.technical.fleet_replay import fleet_faults
from models.technical.home_faults import home_faults
from models.trace import Trace

_BEFORE_S = HOUR  # what was put in may begin with a few steps before its window

# A home's name, and whether its gateway gives signs of life.
_Which = tuple[str, bool]


@dataclass(frozen=True)
class Relived:
    """The models with these settings and priors. A fleet is replayed whole; copies of its homes one by one.

    The first fleet is taken for the untouched one: faults of the fleet, as copies meet them, are seen in that.
    """

    settings: Settings
    priors: Priors
    _nights: dict[_Which, list[Night]] = field(default_factory=dict)
    _fleet: dict[_Which, Faults] = field(default_factory=dict)

    def __call__(self, fleet: Sequence[Trace], /) -> list[Alert]:
        """Return all alerts of a fleet."""
        if any(_which(trace) not in self._fleet for trace in fleet):
            faults = fleet_faults(fleet, self.settings.zone)
            self._fleet.update({_which(trace): faults.get(trace.home, Faults()) for trace in fleet})
        return replay(fleet, self.settings.zone, self.settings.learn_days, self.settings.budget, priors=self.priors)

    def of_copy(self, untouched: Trace, copy: Trace, window: Window) -> list[Alert]:
        """Return the person alerts raised from `window` on, to its end at least."""
        which = _which(untouched)
        if which not in self._nights:
            lived = nights(untouched, self.settings, self.priors, faults=self._faults(untouched))
            self._nights[which] = [night for night, _ in lived]
        changed = datetime.fromtimestamp(window.start - _BEFORE_S, UTC).astimezone(self.settings.zone)
        before = (night for night in reversed(self._nights[which]) if night.day < changed.toordinal())
        seen = copy.kept(copy.at < window.end + DAY)
        ahead = nights(
            seen, self.settings, self.priors, next(before, FIRST_NIGHT), window.end + 2 * HOUR, self._faults(seen)
        )
        return list(alerts_of(copy.home, list(chain.from_iterable(events for _, events in ahead)), self.priors))

    def _faults(self, trace: Trace) -> Faults:
        return Faults.of([home_faults(trace, self.settings.zone), self._fleet.get(_which(trace), Faults())])


def _which(trace: Trace) -> _Which:
    return trace.home, trace.heartbeats is not None
