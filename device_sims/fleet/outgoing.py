"""What one gateway of a fleet has heard and has no receipt for, stream by stream. Pure: times are arguments."""

from collections import deque
from datetime import datetime
from typing import Final

from device_sims.fleet.homes import Event, FleetHome
from gateway.contract.heartbeat import Heartbeat, StreamHead
from gateway.contract.observation import Observation, ObservationBatch, Stream

# As a gateway does: at most so many facts in a batch, and a wait for a receipt that doubles each time it is in vain.
_BATCH: Final = 200
_LONGEST_PATIENCE: Final = {Stream.URGENT: 1, Stream.ROUTINE: 30}  # times the first one
_RSSI_DBM: Final = -67


class Outgoing:
    """One stream: facts are held until a receipt covers them. At most one batch is on its way at a time."""

    __slots__ = ("_held", "_patience_s", "_sent_at_s", "_tries", "epoch", "home", "is_on_its_way", "last_seq", "stream")

    def __init__(self, home: FleetHome, stream: Stream, epoch: str, patience_s: float) -> None:
        self.home = home
        self.stream = stream
        self.epoch = epoch
        self.last_seq = 0
        self.is_on_its_way = False
        self._held: deque[tuple[Observation, float]] = deque()
        self._patience_s = patience_s
        self._sent_at_s = 0.0
        self._tries = 0

    @property
    def waiting(self) -> int:
        """How many facts have no receipt yet."""
        return len(self._held)

    def hear(self, event: Event, heard_at_s: float) -> None:
        """Number a fact and hold it; `heard_at_s` is real time, to tell how long it took."""
        self.last_seq += 1
        fact = Observation(
            seq=self.last_seq,
            sensor_id=self.home.sensor_id(event.place),
            room=self.home.room(event.place),
            kind=self.home.kind(event.place),
            value=event.value,
            observed_at=event.at,
            clock_synced=True,
            rssi_dbm=_RSSI_DBM,
        )
        self._held.append((fact, heard_at_s))

    def batch(self, now: datetime, now_s: float) -> ObservationBatch | None:
        """Return what to send now, oldest first; None when everything is covered. `now_s` is real time."""
        if not self._held:
            return None
        self._sent_at_s = now_s
        facts = tuple(self._held[place][0] for place in range(min(_BATCH, len(self._held))))
        return ObservationBatch(
            gateway_id=self.home.gateway_id,
            epoch=self.epoch,
            stream=self.stream,
            oldest_seq=facts[0].seq,
            sent_at=now,
            observations=facts,
        )

    def asks_again(self, now_s: float) -> bool:
        """Return whether a receipt has been waited for in vain, and count the try."""
        patience_s = self._patience_s * min(2**self._tries, _LONGEST_PATIENCE[self.stream])
        if now_s - self._sent_at_s < patience_s:
            return False
        self._sent_at_s = now_s
        self._tries += 1
        return True

    def receive(self, up_to_seq: int, now_s: float) -> list[float]:
        """Forget what the server has; return how long (real seconds) each of these facts took. A repeat gives none."""
        took_s = []
        while self._held and self._held[0][0].seq <= up_to_seq:
            took_s.append(now_s - self._held.popleft()[1])
        if took_s:
            self._tries = 0
        return took_s


class FleetGateway:
    """The gateway of one home of a fleet."""

    __slots__ = ("_started_at", "config_version", "home", "streams")

    def __init__(self, home: FleetHome, epoch: str, patience_s: float, now: datetime) -> None:
        self.home = home
        self.streams = {stream: Outgoing(home, stream, epoch, patience_s) for stream in Stream}
        self.config_version = 0
        self._started_at = now

    def heartbeat(self, now: datetime) -> Heartbeat:
        """Return its sign of life."""
        epoch = self.streams[Stream.ROUTINE].epoch
        return Heartbeat(
            gateway_id=self.home.gateway_id,
            boot_id=epoch,
            software="fleet",
            started_at=self._started_at,
            sent_at=now,
            clock_synced=True,
            config_version=self.config_version,
            epoch=epoch,
            heads=tuple(
                StreamHead(stream=one.stream, last_seq=one.last_seq, waiting=one.waiting)
                for one in self.streams.values()
            ),
        )
