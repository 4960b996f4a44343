"""Finds free ports on this machine, and says in words when one is taken."""

import asyncio
import socket
from typing import Final

from device_sims.errors import PortInUseError

_HERE: Final = "127.0.0.1"


def free_port() -> int:
    """Return a port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((_HERE, 0))
        port: int = probe.getsockname()[1]
        return port


def make_sure_is_free(port: int, option: str) -> int:
    """Return the port.

    Args:
        port: the port a person asked for.
        option: how to choose another one, as the person would type it.

    Raises:
        PortInUseError: another program listens there.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: a port just left is free
        try:
            probe.bind((_HERE, port))
        except OSError as taken:
            raise PortInUseError(
                f"port {port} cannot be used ({taken.strerror}). "
                f"Choose another one with {option}, such as {option} {free_port()}"
            ) from taken
    return port


async def accepts(port: int) -> bool:
    """Return whether somebody on this machine accepts connections there."""
    try:
        _, writer = await asyncio.open_connection(_HERE, port)
    except OSError:
        return False
    writer.close()
    return True
