"""A gateway's sign of life comes every minute, whatever happens to its clock."""

import asyncio
from datetime import UTC, datetime, timedelta

from device_sims.radio.receiver import AirClock
from gateway.contract.codec import from_json
from gateway.contract.heartbeat import Heartbeat
from gateway.heartbeat import Pulse

_NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_PATIENCE_S = 60.0


class Beats(Pulse):
    """A pulse that tells nothing but the time."""

    def __init__(self, clock: AirClock) -> None:
        self.clock = clock
        self._gateway_id = "gw-a"
        self._hurry = asyncio.Event()

    def heartbeat(self) -> Heartbeat:
        return Heartbeat(
            gateway_id="gw-a", boot_id="00000001", software="0.1", started_at=_NOW, sent_at=self.clock.now(),
            clock_synced=True, epoch="0000000a", heads=(),
        )  # fmt: skip


async def test_a_clock_that_is_set_back_while_a_heartbeat_is_sent_is_followed_by_one_by_the_right_time() -> None:
    """At once: until then nobody knows this home up to now, and a simulated world may stand still until they do."""
    clock = AirClock(_NOW + timedelta(hours=2))
    clock.is_fed = True
    sent: asyncio.Queue[datetime] = asyncio.Queue()

    async def publish(_topic: str, payload: bytes) -> None:
        clock.set(_NOW)
        sent.put_nowait(from_json(Heartbeat, payload).sent_at)

    beating = asyncio.create_task(Beats(clock).beat(publish))
    try:
        async with asyncio.timeout(_PATIENCE_S):
            assert [await sent.get(), await sent.get()] == [_NOW + timedelta(hours=2), _NOW]
    finally:
        beating.cancel()


async def test_there_is_no_more_than_one_heartbeat_a_minute() -> None:
    clock = AirClock(_NOW)
    clock.is_fed = True
    sent: asyncio.Queue[datetime] = asyncio.Queue()

    async def publish(_topic: str, payload: bytes) -> None:
        sent.put_nowait(from_json(Heartbeat, payload).sent_at)

    beating = asyncio.create_task(Beats(clock).beat(publish))
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await sent.get()
            while sent.empty():
                clock.set(clock.now() + timedelta(seconds=20))
                clock.wake()
                await asyncio.sleep(0.1)
            assert await sent.get() >= _NOW + timedelta(minutes=1)
    finally:
        beating.cancel()
