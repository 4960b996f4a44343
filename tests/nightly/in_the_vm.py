"""Inside the machine: bluetoothd, and two adapters that hear one another: sensors on one, the gateway on the other."""

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

# BTHome, not encrypted: number of the packet, battery 100 %, one short press.
BUTTON = "0a16d2fc4400{packet:02x}01643a01"
# Ruuvi, format 5: nothing but its maker's data, so that only a monitor of its own wakes for it.
THERMOMETER = "1bff99040512fc5394c37c0004fffc040cac364200{packet:02x}cbb8334c884f"
_PATIENCE_S = 90.0  # an emulated processor


def main(livsrytme: str) -> int:
    """Run all of it. The last line says what the gateway heard, as JSON."""
    for folder in ("/run/dbus", "/var/lib/bluetooth", "/tmp/gateway"):  # noqa: S108 - this machine is ours alone
        Path(folder).mkdir(parents=True, exist_ok=True)
    _start("dbus-daemon", "--system", "--nofork", "--nopidfile")
    _until(Path("/run/dbus/system_bus_socket").exists)
    _start("btvirt", "-L", "-l2")
    _until(Path("/sys/class/bluetooth/hci1").exists)
    # Passive scanning is still an experiment in BlueZ's eyes.
    bluetoothd = _start("/usr/libexec/bluetooth/bluetoothd", "--nodetach", "--experimental")
    for adapter in "01":
        _until(lambda adapter=adapter: "complete" in _btmgmt(adapter, "power", "on"))  # type: ignore[misc]
    listens = [livsrytme, "gateway", "scan", "--seconds", "40", "--radio", "bluez:hci0"]
    with subprocess.Popen(listens, stdout=subprocess.PIPE, text=True, env={**os.environ, "TERM": "dumb"}) as scan:
        for packet in itertools.cycle(range(256)):  # the emulated air carries a packet once, when it is new
            _btmgmt("1", "add-adv", "-d", (BUTTON, THERMOMETER)[packet % 2].format(packet=packet), "1")
            with suppress(subprocess.TimeoutExpired):
                heard, _ = scan.communicate(timeout=1)
                break
    lives = bluetoothd.poll() is None
    print(json.dumps({"heard": [line.split("\t") for line in heard.splitlines()], "bluetoothd_lives": lives}))
    return scan.returncode


def _start(*command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command)


def _btmgmt(adapter: str, *command: str) -> str:
    # Its input stays the console: it gives up where there is nothing to read.
    return subprocess.run(["btmgmt", "--index", adapter, *command], capture_output=True, text=True, check=False).stdout


def _until(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + _PATIENCE_S
    while not is_so():
        if time.monotonic() > ends:
            raise SystemExit("something of Bluetooth did not start; see above")
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
