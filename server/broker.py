"""The MQTT broker of one machine, in a process of its own, on the loopback address only.

Mosquitto where it is installed, else rumqttd from the iotcore package. It keeps nothing on disk, and need not: receipts
are end to end, so what a lost broker held is sent again.
"""

import atexit
import errno
import getpass
import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import NoReturn

from iotcore import Broker

from server.errors import ServerError

LOOPBACK = "127.0.0.1"
_STARTS_WITHIN_S = 15.0
_POLL_S = 0.02

_RUMQTTD = """
id = 0

[router]
id = 0
max_connections = 10010
max_outgoing_packet_count = 200
max_segment_size = 104857600
max_segment_count = 10

[v5.1]
name = "v5-1"
listen = "{listen}"
next_connection_delay_ms = 1

[v5.1.connections]
connection_timeout_ms = 60000
max_payload_size = 1048576
max_inflight_count = 500
dynamic_filters = true
"""


# Without tcp_nodelay an idle alarm waits some 40 ms for nothing.
_MOSQUITTO = """
listener {port} 127.0.0.1
allow_anonymous true
persistence false
set_tcp_nodelay true
max_queued_messages 100000
max_inflight_messages 500
log_type error
log_type warning
user {user}
"""


class Engine(StrEnum):
    """Which program is the broker."""

    AUTO = "auto"  # Mosquitto where it is installed
    MOSQUITTO = "mosquitto"
    RUMQTTD = "rumqttd"


class BrokerMissingError(ServerError):
    """The broker asked for is not installed."""


class PortTakenError(ServerError):
    """The port cannot be had; the text says which, why, and what to do."""


def refuse_taken_port(host: str, port: int, what: str, option: str) -> None:
    """Make sure that nobody listens on a port we want.

    Raises:
        PortTakenError: somebody does.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise PortTakenError(f"{what} cannot listen on {host}:{port}: {error.strerror}") from None
            raise PortTakenError(
                f"port {port} on {host} is in use by another program, so {what} cannot start there; "
                f"stop that program or choose another port with {option}"
            ) from None


def run_here(port: int, engine: Engine = Engine.AUTO) -> None:
    """Be the broker until this process is killed.

    Raises:
        PortTakenError: somebody listens on the port.
        BrokerMissingError: Mosquitto was asked for and is not installed.
    """
    refuse_taken_port(LOOPBACK, port, "the broker", "--port")
    mosquitto = _mosquitto()
    if engine is Engine.MOSQUITTO and mosquitto is None:
        raise BrokerMissingError("Mosquitto is not installed; install it, or leave --engine out to use rumqttd")
    if mosquitto is not None and engine is not Engine.RUMQTTD:
        _become_mosquitto(mosquitto, port)
    _run_rumqttd(port)


def _mosquitto() -> str | None:
    # Debian keeps it where an ordinary user's path does not lead.
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


def _become_mosquitto(program: str, port: int) -> NoReturn:
    path = Path(tempfile.gettempdir()) / f"livsrytme-mosquitto-{getpass.getuser()}-{port}.conf"
    path.write_text(_MOSQUITTO.format(port=port, user=getpass.getuser()), encoding="utf-8")
    os.execv(program, [program, "-c", str(path)])  # noqa: S606 - this process becomes the broker, so that killing it kills it


def _run_rumqttd(port: int) -> None:
    # The library logs every packet as an error of this name.
    logging.getLogger("rumqttd").setLevel(logging.CRITICAL)
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as config:
        config.write(_RUMQTTD.format(listen=f"{LOOPBACK}:{port}"))
        config.flush()
        Broker(config_path=config.name).run_forever()


@contextmanager
def embedded() -> Iterator[str]:
    """Start a broker on a free port as a child of this process; give its address.

    Raises:
        ServerError: it did not start.
    """
    port = _free_port()
    command = [sys.executable, "-m", "gateway.command", "server", "broker", "--port", str(port), "--with-parent"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - our own command line
    atexit.register(child.kill)
    try:
        _wait_for(child, port)
        yield f"mqtt://{LOOPBACK}:{port}"
    finally:
        atexit.unregister(child.kill)
        child.kill()
        child.communicate()  # waits for its end, and closes the pipe


def _wait_for(child: subprocess.Popen[bytes], port: int) -> None:
    ends = time.monotonic() + _STARTS_WITHIN_S
    while time.monotonic() < ends and child.poll() is None:
        try:
            socket.create_connection((LOOPBACK, port), timeout=1).close()
        except OSError:
            time.sleep(_POLL_S)
        else:
            return
    raise ServerError(f"the embedded broker did not start on port {port}; see the lines above")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port
