"""How fast a simulated world's time runs, for the band that says so."""

from datetime import datetime

# Real seconds between two readings: less would make a rough figure, much more would lag behind a change of speed.
_LEAST_S = 2.0
_ORDINARY = 1.5


class WorldPace:
    """Compares the world's clock with real time from one page to the next."""

    def __init__(self) -> None:
        self._last: tuple[float, datetime] | None = None
        self._speed: float | None = None

    def observe(self, now: datetime, real_s: float) -> int | None:
        """Take a reading and return how many times faster than real time the world runs.

        Args:
            now: the world's time.
            real_s: seconds on any clock that runs steadily and is never set.

        Returns:
            None while the speed is not known, and when it is the ordinary one.
        """
        if self._last is None:
            self._last = (real_s, now)
        elif real_s - self._last[0] >= _LEAST_S:
            self._speed = (now - self._last[1]).total_seconds() / (real_s - self._last[0])
            self._last = (real_s, now)
        return round(self._speed) if self._speed is not None and self._speed > _ORDINARY else None
