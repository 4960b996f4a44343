"""A D-Bus of one's own, so that a simulated bluetoothd and the programs it serves disturb nobody."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from device_sims.errors import SimulationError

# The variable by which every D-Bus library finds the system's bus.
ADDRESS_VARIABLE: Final = "DBUS_SYSTEM_BUS_ADDRESS"

_DAEMON: Final = "dbus-daemon"
_START_PATIENCE_S: Final = 10.0
# Anybody may own any name and speak to anybody; the limits are out of the way of thousands of packets a second.
_CONFIG: Final = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
  </policy>
  <limit name="max_outgoing_bytes">500000000</limit>
  <limit name="max_incoming_bytes">500000000</limit>
  <limit name="max_replies_per_connection">50000</limit>
  <limit name="max_match_rules_per_connection">50000</limit>
</busconfig>
"""


class NoBusError(SimulationError):
    """A private D-Bus cannot be started here."""


@asynccontextmanager
async def private_bus(folder: Path) -> AsyncIterator[str]:
    """Run a D-Bus daemon with its socket in `folder` and give its address.

    Raises:
        NoBusError: dbus-daemon is not installed, or does not start.
    """
    program = shutil.which(_DAEMON)
    if program is None:
        raise NoBusError("dbus-daemon is missing on this machine. Install it with: apt install dbus")
    config = folder / "bus.conf"
    config.write_text(_CONFIG.format(socket=folder / "bus.sock"), encoding="utf-8")
    daemon = await asyncio.create_subprocess_exec(
        program,
        f"--config-file={config}",
        "--nofork",
        "--nopidfile",
        "--print-address=1",
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield await _address(daemon)
    finally:
        if daemon.returncode is None:
            daemon.kill()
        await daemon.wait()


async def _address(daemon: asyncio.subprocess.Process) -> str:
    if daemon.stdout is None:
        raise NoBusError("dbus-daemon has no output to read its address from")
    async with asyncio.timeout(_START_PATIENCE_S):
        line = await daemon.stdout.readline()
    if not line:
        raise NoBusError("dbus-daemon ended before it said its address")
    return line.decode().strip()
