"""What comes in one home, happening by happening; a scenario may turn it while it is being lived."""

from collections import deque
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Final

from device_sims.life.life import Life
from device_sims.life.noticing import Circumstances, Happening, noticed
from device_sims.turns import Turn

_DAY: Final = timedelta(days=1)
# Thought out at a time: a tenth of a second's work, so that an order is obeyed at once.
_DAYS_AHEAD: Final = 2


class Course:
    """A home's future.

    Args:
        ahead: what is known of it, oldest first.
        life: from which it goes on for ever, and can be turned; None for a home of which nothing more is known.
        besides: those of `ahead` that do not come of the life itself, such as a pressed button.
    """

    def __init__(self, ahead: Iterable[Happening], life: Life | None = None, besides: Iterable[Happening] = ()) -> None:
        self.life = life
        self._ahead = deque(ahead)
        self._besides = list(besides)
        self._circumstances = Circumstances()
        self._known_until = self._ahead[-1].at if self._ahead else None

    @property
    def next_at(self) -> datetime | None:
        """When to `take` next; None for never again."""
        if self._ahead:
            return self._ahead[0].at
        return self._known_until if self.life is not None else None

    def take(self) -> Happening | None:
        """Return what happens next, once; None where nothing does before more has to be thought out."""
        if self._ahead:
            return self._ahead.popleft()
        self._think_on()
        return None

    def turn(self, at: datetime, turn: Turn) -> None:
        """Let everything after `at` (aware) be as the turn says. A home without a life cannot be turned: no effect."""
        if self.life is None:
            return
        self.life = turn.life
        self._besides = [one for one in self._besides if one.at > at] + list(turn.told)
        self._circumstances = Circumstances((*self._circumstances.changes, *turn.changes))
        self._ahead.clear()
        self._known_until = at
        self._think_on()
        at_once = (one for one in turn.told if one.at <= at)  # the later ones are among what was thought out
        self._ahead = deque(sorted([*at_once, *self._ahead], key=lambda one: one.at))

    def _think_on(self) -> None:
        """Know two days more."""
        if self.life is None or self._known_until is None:
            return
        after = self._known_until
        first = after.astimezone(self.life.zone).date()
        last = first + _DAYS_AHEAD * _DAY
        until = datetime.combine(last, time(), self.life.zone)
        # A day more before: the night before the first day began on it.
        known = [*noticed(self.life, first - _DAY, last, self._circumstances), *self._besides]
        self._ahead.extend(sorted((one for one in known if after < one.at <= until), key=lambda one: one.at))
        self._known_until = until
