"""What one gateway of a fleet has heard and has no receipt for, stream by stream. Pure: times are arguments.

It does as a real gateway does (gateway/sender.py, gateway/heartbeat.py): what is new is sent at once, also while older
facts wait for their receipt; without a receipt the oldest batch is sent again, after ever longer waits, at random.
"""

import random
from collections import deque
from datetime import datetime
from itertools import islice
from typing import Final

from device_sims.fleet.homes import Event, FleetHome
from device_sims.fleet.sensors import FleetSensor
from gateway.contract.heartbeat import Heartbeat, Presence, PresenceState, StreamHead, Trouble
from gateway.contract.home_config import HomeConfig
from gateway.contract.observation import Observation, ObservationBatch, Stream, stream_of

_BATCH: Final = 200
_WINDOW: Final = 2000  # facts sent and not yet covered by a receipt
_LONGEST_PATIENCE: Final = {Stream.URGENT: 1, Stream.ROUTINE: 30}  # times the first one
_SOONEST, _LATEST = 0.8, 1.2
_DISK_FREE_MB: Final = 24_000  # an ordinary card in an ordinary gateway
_A_STRANGERS_PACKET_EACH_S: Final = 47


class Outgoing:
    """One stream: facts are held until a receipt covers them.

    Args:
        home: whose.
        stream: which of the two.
        epoch: under which facts are numbered.
        patience_s: real seconds until a first batch is sent again.
        chance: by which waits differ.
    """

    __slots__ = (
        "_chance", "_first_patience_s", "_held", "_patience_s", "_proved_at_s", "_sent_up_to", "_wait_s", "_window",
        "epoch", "home", "is_in_line", "last_seq", "stream",
    )  # fmt: skip

    def __init__(self, home: FleetHome, stream: Stream, epoch: str, patience_s: float, chance: random.Random) -> None:
        self.home = home
        self.stream = stream
        self.epoch = epoch
        self.last_seq = 0
        self.is_in_line = False  # it has asked for a turn to send
        self._held: deque[tuple[Observation, float]] = deque()
        self._first_patience_s = patience_s
        self._chance = chance
        self._proved_at_s = 0.0
        self._sent_up_to = 0
        self._window = _WINDOW
        self._wait_for_receipt(patience_s)

    @property
    def waiting(self) -> int:
        """How many facts have no receipt yet."""
        return len(self._held)

    @property
    def oldest_waiting_at(self) -> datetime | None:
        """When the oldest of them was observed; None when nothing waits."""
        return self._held[0][0].observed_at if self._held else None

    @property
    def has_unsent(self) -> bool:
        """Whether a batch would hold something now."""
        return self._sent_up_to < self.last_seq and len(self._held) > 0 and self._on_their_way < self._window

    def hear(self, event: Event, rssi_dbm: int, heard_at_s: float) -> None:
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
            rssi_dbm=rssi_dbm,
        )
        self._held.append((fact, heard_at_s))

    def batch(self, now: datetime, now_s: float) -> ObservationBatch | None:
        """Return what to send now, oldest first; None when there is nothing to. `now_s` is real time."""
        sent = self._on_their_way
        room = min(_BATCH, self._window - sent)
        facts = tuple(fact for fact, _ in islice(self._held, sent, sent + room)) if room > 0 else ()
        if not facts:
            return None
        if not sent:
            self._proved_at_s = now_s
        self._sent_up_to = facts[-1].seq
        return ObservationBatch(
            gateway_id=self.home.gateway_id,
            epoch=self.epoch,
            stream=self.stream,
            oldest_seq=self._held[0][0].seq,
            sent_at=now,
            observations=facts,
        )

    def asks_again(self, now_s: float) -> bool:
        """Return whether a receipt has been waited for in vain; then the next batch is the oldest one again."""
        if not self._on_their_way or now_s - self._proved_at_s < self._wait_s:
            return False
        longest_s = self._first_patience_s * _LONGEST_PATIENCE[self.stream]
        self._wait_for_receipt(min(2 * self._patience_s, longest_s))
        self._proved_at_s, self._sent_up_to, self._window = now_s, 0, _BATCH
        return True

    def receive(self, up_to_seq: int, now_s: float) -> list[float]:
        """Forget what the server has; return how long (real seconds) each of these facts took. A repeat gives none."""
        took_s = []
        while self._held and self._held[0][0].seq <= up_to_seq:
            took_s.append(now_s - self._held.popleft()[1])
        if took_s:
            self._proved_at_s, self._window = now_s, _WINDOW
            self._wait_for_receipt(self._first_patience_s)
        return took_s

    @property
    def _on_their_way(self) -> int:
        return max(0, self._sent_up_to - self._held[0][0].seq + 1) if self._held else 0

    def _wait_for_receipt(self, patience_s: float) -> None:
        self._patience_s = patience_s
        soonest_s = _SOONEST * min(self._first_patience_s, patience_s)
        self._wait_s = self._chance.uniform(soonest_s, _LATEST * patience_s)


class FleetGateway:
    """The gateway of one home of a fleet."""

    __slots__ = ("_config", "_sensors", "_spoke_at", "_started_at", "home", "streams")

    def __init__(self, home: FleetHome, epoch: str, patience_s: float, now: datetime, chance: random.Random) -> None:
        self.home = home
        self.streams = {stream: Outgoing(home, stream, epoch, patience_s, chance) for stream in Stream}
        self._config: tuple[int, str | None] = (0, None)
        self._started_at = now
        self._sensors: tuple[FleetSensor, ...] = home.sensors()
        self._spoke_at: dict[int, datetime] = {}

    def hear(self, event: Event, heard_at_s: float) -> Outgoing:
        """Write down what a sensor tells; return the stream that has news. `heard_at_s` is real time."""
        stream = self.streams[stream_of(self.home.kind(event.place), event.value)]
        stream.hear(event, self._sensors[event.place].rssi_dbm(event.at), heard_at_s)
        self._spoke_at[event.place] = event.at
        return stream

    def take(self, config: HomeConfig) -> None:
        """Take a configuration that is newer than ours."""
        if config.version > self._config[0]:
            self._config = (config.version, config.mark)

    def presence(self) -> Presence:
        """Return what it says on connecting."""
        return Presence(gateway_id=self.home.gateway_id, boot_id=self._epoch, state=PresenceState.HERE)

    def heartbeat(self, now: datetime) -> Heartbeat:
        """Return its sign of life."""
        strangers = int((now - self._started_at).total_seconds() // _A_STRANGERS_PACKET_EACH_S)
        health = (
            sensor.health(now, self._spoke_at.get(place), self._started_at)
            for place, sensor in enumerate(self._sensors)
        )
        return Heartbeat(
            gateway_id=self.home.gateway_id,
            boot_id=self._epoch,
            software="fleet",
            started_at=self._started_at,
            sent_at=now,
            clock_synced=True,
            config_version=self._config[0],
            config_mark=self._config[1],
            epoch=self._epoch,
            heads=tuple(
                StreamHead(stream=one.stream, last_seq=one.last_seq, waiting=one.waiting)
                for one in self.streams.values()
            ),
            oldest_waiting_at=min(
                (one.oldest_waiting_at for one in self.streams.values() if one.oldest_waiting_at), default=None
            ),
            sensors=tuple(one for one in health if one is not None),
            troubles={Trouble.UNKNOWN_SENSOR: strangers} if strangers else {},
            starts=1,
            disk_free_mb=_DISK_FREE_MB,
        )

    @property
    def _epoch(self) -> str:
        return self.streams[Stream.ROUTINE].epoch
