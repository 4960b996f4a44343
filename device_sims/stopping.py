"""Ends a simulation when a person or a program asks for it, with everything it started."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

from device_sims.errors import StoppedError

T = TypeVar("T")


async def until_told_to_stop(work: Coroutine[Any, Any, T]) -> T:
    """Do the work; on SIGINT or SIGTERM let it clean up after itself.

    Raises:
        StoppedError: it was told to stop.
    """
    loop = asyncio.get_running_loop()
    doing = asyncio.create_task(work)
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, doing.cancel)
    try:
        return await doing
    except asyncio.CancelledError:
        raise StoppedError("stopped") from None
    finally:
        for sign in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(sign)
