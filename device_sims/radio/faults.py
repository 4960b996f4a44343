"""What the air does to packets between a sensor and the gateway's radio: small seeded faults that form a chain.

A fault is told when a packet comes to it and says what goes on, and when: nothing, the packet later, several of them.
Times never go back in what it is told, but for what an earlier fault in the chain holds up; each copes with that.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Final, Protocol

from device_sims.radio.frames import Packet

Arrival = tuple[datetime, Packet]


class Fault(Protocol):
    """One thing that happens on the way."""

    def meets(self, at: datetime, packet: Packet) -> list[Arrival]:
        """Return what goes on of a packet that comes at `at` (aware), none of it earlier."""
        ...


def _chance(seed: str, fault: str) -> random.Random:
    return random.Random(f"{seed}/{fault}")  # noqa: S311 - a simulated air, not a secret


class Loss:
    """Loses this share of the packets, each by itself: a scanner that listens half of the time loses 0.5."""

    def __init__(self, share: float, seed: str) -> None:
        self._share = share
        self._random = _chance(seed, "loss").random

    def meets(self, at: datetime, packet: Packet) -> list[Arrival]:
        """Return the packet, or nothing."""
        return [] if self._random() < self._share else [(at, packet)]


class Delay:
    """Holds every packet up: at least so long, and on average so much longer, as a proxy on a busy network does."""

    def __init__(self, at_least: timedelta, mean_more: timedelta, seed: str) -> None:
        self._at_least = at_least
        self._mean_more = mean_more
        self._chance = _chance(seed, "delay")

    def meets(self, at: datetime, packet: Packet) -> list[Arrival]:
        """Return the packet, later."""
        return [(at + self._at_least + self._chance.expovariate(1.0) * self._mean_more, packet)]


class Reordering:
    """Lets this share of the packets be overtaken by those that follow within the span."""

    def __init__(self, share: float, span: timedelta, seed: str) -> None:
        self._share = share
        self._span = span
        self._random = _chance(seed, "reordering").random

    def meets(self, at: datetime, packet: Packet) -> list[Arrival]:
        """Return the packet, some of them later."""
        return [(at + self._random() * self._span if self._random() < self._share else at, packet)]


class Duplication:
    """Hands this share of the packets over twice, as BlueZ does with its cached copy."""

    def __init__(self, share: float, within: timedelta, seed: str) -> None:
        self._share = share
        self._within = within
        self._random = _chance(seed, "duplication").random

    def meets(self, at: datetime, packet: Packet) -> list[Arrival]:
        """Return the packet, and perhaps a copy."""
        if self._random() >= self._share:
            return [(at, packet)]
        return [(at, packet), (at + self._random() * self._within, packet)]


class Interference:
    """Bursts of noise (a microwave oven, a neighbour's film) in which this share is lost.

    Args:
        mean_quiet: how long it is quiet between two bursts, on average.
        mean_burst: how long a burst lasts, on average.
        share: what is lost in a burst.
        seed: of the home.
    """

    def __init__(self, mean_quiet: timedelta, mean_burst: timedelta, share: float, seed: str) -> None:
        self._means = (mean_quiet, mean_burst)
        self._share = share
        self._chance = _chance(seed, "interference")
        self._is_noisy = False
        self._changes_at: datetime | None = None

    def meets(self, at: datetime, packet: Packet) -> list[Arrival]:
        """Return the packet, or nothing."""
        changes_at = self._changes_at or at + self._lasts()
        while changes_at <= at:
            self._is_noisy = not self._is_noisy
            changes_at += self._lasts()
        self._changes_at = changes_at
        return [] if self._is_noisy and self._chance.random() < self._share else [(at, packet)]

    def _lasts(self) -> timedelta:
        return self._chance.expovariate(1.0) * self._means[self._is_noisy]


# No gateway is told more of a flood at once, however long nothing else was on the air.
_MOST_AT_ONCE: Final = 10_000
# Advertised by phones and watches everywhere; no sensor of ours.
_APPLE: Final = 0x004C


class Flood:
    """Strangers' packets, so many a second in a span of time: a street with a fair, or somebody who means harm.

    With `speaks_as` they come in the name of that sensor and say nothing that can be read; else each has a new address.
    """

    def __init__(
        self, begins: datetime, ends: datetime, per_second: float, seed: str, speaks_as: bytes | None = None
    ) -> None:
        self._next = begins
        self._ends = ends
        self._pause = timedelta(seconds=1 / per_second)
        self._chance = _chance(seed, "flood")
        self._speaks_as = speaks_as

    def meets(self, at: datetime, packet: Packet) -> list[Arrival]:
        """Return what strangers have sent since the last packet, then the packet."""
        until = min(at, self._ends)
        if self._next >= until:
            return [(at, packet)]
        self._next = max(self._next, until - _MOST_AT_ONCE * self._pause)
        strangers: list[Arrival] = []
        while self._next < until:
            strangers.append((max(self._next, at), self._stranger(packet)))
            self._next += self._pause
        return [*strangers, (at, packet)]

    def _stranger(self, heard: Packet) -> Packet:
        address = self._speaks_as or bytes([0xC0 | self._chance.randrange(64)]) + self._chance.randbytes(5)
        data = self._chance.randbytes(self._chance.randrange(24))
        number = heard.number if self._speaks_as else _APPLE
        return Packet(heard.at, address, self._chance.randrange(-95, -40), number, data, heard.part)


@dataclass(frozen=True, slots=True)
class Chain:
    """Faults one after the other; a fault too."""

    faults: Sequence[Fault]

    def meets(self, at: datetime, packet: Packet) -> list[Arrival]:
        """Return what comes out at the end."""
        going = [(at, packet)]
        for fault in self.faults:
            if not going:
                break
            going = fault.meets(*going[0]) if len(going) == 1 else [new for one in going for new in fault.meets(*one)]
        return going


class Channel:
    """The way from a home's sensors to its gateway: packets come out in the order in which they arrive."""

    def __init__(self, *faults: Fault) -> None:
        self._meets = Chain(faults).meets
        self._on_the_way: list[tuple[datetime, int, Packet]] = []
        self._order = count()

    def send(self, packet: Packet) -> None:
        """Put a packet on its way."""
        for at, arriving in self._meets(packet.at, packet):
            heappush(self._on_the_way, (at, next(self._order), arriving))

    def due(self, moment: datetime) -> Iterator[Packet]:
        """Yield what arrives up to `moment`, with the time of its arrival."""
        coming = self._on_the_way
        while coming and coming[0][0] <= moment:
            at, _, packet = heappop(coming)
            yield packet if packet.at == at else _arrived(packet, at)

    def over(self, packets: Iterable[Packet]) -> Iterator[Packet]:
        """Yield what arrives of all these packets (oldest first)."""
        for packet in packets:
            yield from self.due(packet.at)
            self.send(packet)
        while self._on_the_way:
            yield from self.due(self._on_the_way[-1][0])


def _arrived(packet: Packet, at: datetime) -> Packet:
    return Packet(at, packet.address, packet.rssi_dbm, packet.number, packet.data, packet.part)
