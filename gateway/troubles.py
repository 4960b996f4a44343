"""What went wrong since the program started: counted, told with every heartbeat, never hidden."""

import logging
from collections import Counter

from gateway.contract.heartbeat import Trouble

_LOGGER = logging.getLogger(__name__)


class Troubles:
    """Counts of troubles. The first of each sort is logged; after that the heartbeat tells the number."""

    def __init__(self) -> None:
        self._counts: Counter[Trouble] = Counter()

    def count(self, trouble: Trouble) -> None:
        """Add one."""
        if not self._counts[trouble]:
            _LOGGER.warning("first trouble of this sort since the start: %s", trouble)
        self._counts[trouble] += 1

    def so_far(self) -> dict[Trouble, int]:
        """Return how often each happened; those that never did are left out."""
        return {trouble: count for trouble, count in self._counts.items() if count}
