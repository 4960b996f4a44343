"""The time of a played world: as fast as it was asked for, however often it is asked to stop on its way."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from device_sims.scenarios.pace import Pace
from gateway.contract.clock import WorldClock

_T0 = datetime(2026, 2, 2, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


async def test_a_world_with_a_packet_each_second_passes_as_fast_as_it_was_asked_to(tmp_path: Path) -> None:
    pace = Pace(tmp_path / "clock", _T0, [])

    async with asyncio.timeout(30):  # a pause of its own for each packet would take longer than a minute
        for number in range(1, 6_001):
            await pace.pass_until(_T0 + number * _SECOND, 100_000.0)

    assert pace.now == WorldClock(tmp_path / "clock").now() == _T0 + 6_000 * _SECOND


async def test_what_was_earned_at_one_speed_is_not_spent_at_another_and_time_never_goes_back(tmp_path: Path) -> None:
    pace = Pace(tmp_path / "clock", _T0, [])
    await pace.pass_until(_T0 + _SECOND, 1_000_000.0)
    begun = asyncio.get_running_loop().time()

    await pace.pass_until(_T0 + 2 * _SECOND, 10.0)
    await pace.pass_until(_T0, None)

    assert asyncio.get_running_loop().time() - begun >= 0.05
    assert pace.now == _T0 + 2 * _SECOND
