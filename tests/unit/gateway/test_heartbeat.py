"""A gateway's sign of life comes every minute, whatever happens to its clock."""

import asyncio
from datetime import UTC, datetime, timedelta

from device_sims.radio.receiver import AirClock
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


async def test_a_clock_that_is_set_back_while_a_heartbeat_is_sent_silences_nobody() -> None:
    clock = AirClock(_NOW + timedelta(hours=2))
    clock.is_fed = True
    sent = asyncio.Semaphore(0)

    async def publish(_topic: str, _payload: bytes) -> None:
        clock.set(_NOW)
        sent.release()

    beating = asyncio.create_task(Beats(clock).beat(publish))
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await sent.acquire()
            while sent.locked():  # until it sleeps
                clock.set(max(clock.now(), _NOW) + timedelta(seconds=31))
                clock.wake()
                await asyncio.sleep(0.1)
                if clock.now() > _NOW + timedelta(hours=1):
                    break
        assert not sent.locked(), "nothing was sent for an hour"
    finally:
        beating.cancel()
