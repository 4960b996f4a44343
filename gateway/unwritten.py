"""Calls for help that the disk would not take: they go to the server from memory, under numbers of their own."""

from gateway.contract.observation import Observation, Stream
from gateway.observe import Fact
from gateway.outbox_file import new_epoch
from gateway.outbox_rows import numbered

# A button that is pressed every second for a quarter of an hour; the newest are kept.
MOST = 1000


class Unwritten:
    """An outbox without a disk. What it holds is lost with the program, which is why nothing else goes this way.

    Its numbers belong to an epoch of its own: given out under the file's they would be used again after a restart, and
    the server would take what comes under them for repeats.
    """

    def __init__(self) -> None:
        self.epoch = new_epoch()
        self._last_seq = 0
        self._held: list[Observation] = []

    def add(self, fact: Fact) -> bool:
        """Take a call for help; return whether the oldest had to go for it."""
        self._last_seq += 1
        self._held.append(numbered(fact, self._last_seq))
        is_over = len(self._held) > MOST
        if is_over:
            del self._held[0]
        return is_over

    def oldest(self, stream: Stream, after_seq: int, limit: int) -> tuple[Observation, ...]:
        """Return up to `limit` observations with numbers above `after_seq`, oldest first."""
        return tuple(one for one in self._of(stream) if one.seq > after_seq)[:limit]

    def oldest_seq(self, stream: Stream) -> int | None:
        """Return the lowest number still held, None when nothing is."""
        return next((one.seq for one in self._of(stream)), None)

    def last_seq(self, stream: Stream) -> int:
        """Return the highest number given."""
        return self._last_seq if stream is Stream.URGENT else 0

    def forget(self, stream: Stream, up_to_seq: int) -> None:
        """Drop the observations the server has on disk. A repeat is harmless."""
        self._held = [one for one in self._held if stream is not Stream.URGENT or one.seq > up_to_seq]

    def start_over(self) -> None:
        """Number what is held anew under a new epoch: the server knows higher numbers of this one than we gave."""
        self.epoch = new_epoch()
        self._held = [one.model_copy(update={"seq": seq}) for seq, one in enumerate(self._held, start=1)]
        self._last_seq = len(self._held)

    def _of(self, stream: Stream) -> list[Observation]:
        return self._held if stream is Stream.URGENT else []
