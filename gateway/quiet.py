"""Keeps libraries quiet that log packets, addresses or every lost link: what matters of it is told by us."""

import logging

from gateway.sensors.registry import LIBRARY_LOGGERS

_SILENCED = (*LIBRARY_LOGGERS, "bleak", "dbus_fast", "habluetooth")


def quieten(*more: str) -> None:
    """Let the libraries' loggers, and `more`, say nothing below a crash. A repeat is harmless."""
    for name in (*_SILENCED, *more):
        logging.getLogger(name).setLevel(logging.CRITICAL)
