"""One open note a home: what a slow change adds to it, and when it is closed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from models.trends.evaluate import Trend
from models.trends.kinds import TrendKind

_QUIET_DAYS: Final = 14
_LEAST_DAYS: Final = 28


@dataclass(frozen=True, slots=True)
class Note:
    """What staff have been told of a home's slow change. Days since 1970-01-01, local.

    `kinds`: in the order they were seen; the first one opened it. `seen_on`: the last day on which there was any.
    """

    kinds: tuple[TrendKind, ...]
    opened_on: int
    seen_on: int

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return {"kinds": list(self.kinds), "opened_on": self.opened_on, "seen_on": self.seen_on}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Read what `as_json` wrote."""
        return cls(tuple(TrendKind(kind) for kind in stored["kinds"]), stored["opened_on"], stored["seen_on"])

    @classmethod
    def of(cls, trends: Sequence[Trend], today: int) -> Self | None:
        """Return a new note of a day's slow changes; None: there are none."""
        return cls(tuple(one.kind for one in trends), today, today) if trends else None

    def followed(self, trends: Sequence[Trend], today: int) -> "Note | None":
        """Return the note as of a later day, with further kinds added; None: it is closed.

        It is closed after four weeks at the earliest, and when nothing was seen for two. The same day again changes
        nothing.
        """
        if trends:
            more = tuple(one.kind for one in trends if one.kind not in self.kinds)
            return replace(self, kinds=self.kinds + more, seen_on=max(self.seen_on, today))
        is_over = today - self.seen_on > _QUIET_DAYS and today - self.opened_on > _LEAST_DAYS
        return None if is_over else self
