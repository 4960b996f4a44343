"""Tells systemd that the gateway has started and still turns.

Source: sd_notify(3). Without systemd (no NOTIFY_SOCKET) nothing is told and nothing is missing.
"""

import asyncio
import os
import socket
from typing import Final

_FALLBACK_INTERVAL_S: Final = 10.0


def tell(state: str) -> bool:
    """Send one line such as `READY=1` to the service manager; return whether there is one that took it."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return False
    # A leading @ means a name in the abstract space, which the kernel writes as a zero byte.
    path = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        try:
            line.sendto(state.encode(), path)
        except OSError:
            return False
    return True


async def keep_alive() -> None:
    """Say that we started, then say at half the time the manager allows that the event loop turns; for ever."""
    tell("READY=1")
    limit_us = int(os.environ.get("WATCHDOG_USEC", "0"))
    interval_s = limit_us / 1e6 / 2 if limit_us else _FALLBACK_INTERVAL_S
    try:
        while True:
            tell("WATCHDOG=1")
            await asyncio.sleep(interval_s)
    finally:
        tell("STOPPING=1")
