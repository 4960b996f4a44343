"""Waits until the server says that it has stored what was on the air."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from device_sims.errors import NotConfirmedError

_LOOK_EVERY_S: Final = 0.05
# Real seconds in which the server must store something more. The gateway sends again after two, and a server needs some
# to start.
_PATIENCE_S: Final = 60.0


async def until_stored(home: str, wanted: int, stored: Callable[[], int]) -> None:
    """Wait until `stored()` has reached `wanted`, for as long as there is progress.

    Raises:
        NotConfirmedError: there is none any more.
    """
    best, best_at = -1, time.monotonic()
    while (now := stored()) < wanted:
        if now > best:
            best, best_at = now, time.monotonic()
        if time.monotonic() - best_at > _PATIENCE_S:
            raise NotConfirmedError(
                f"of the {wanted} events of home {home} the server has stored {now}, and nothing more in "
                f"{_PATIENCE_S:.0f} s; its log and the gateway's are in the folder given with --data"
            )
        await asyncio.sleep(_LOOK_EVERY_S)
