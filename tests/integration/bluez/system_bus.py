"""What bleak keeps of a D-Bus between two tests."""

import asyncio
from contextlib import suppress

from bleak.backends.bluezdbus.manager import _global_instances


async def forget_bus() -> None:
    """Let bleak close its connection: it keeps one for each event loop, and this test's loop ends."""
    manager = _global_instances.pop(asyncio.get_running_loop(), None)
    if manager is not None and manager._bus is not None:
        manager._bus.disconnect()
        with suppress(Exception):
            await manager._bus.wait_for_disconnect()
        await asyncio.sleep(0)
