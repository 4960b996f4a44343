"""The programs that are measured beside the gateway, on the virtual radio.

python bench/other_listeners.py bare SOCKET
python bench/other_listeners.py theengs SOCKET HOST PORT ADDRESS KEY ...
"""

import asyncio
import sys

import bleak
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from device_sims.radio.receiver import VirtualRadio


class _NotYet:
    def is_connected(self) -> bool:
        return False


def _nothing(device: BLEDevice, heard: AdvertisementData) -> None:
    pass


async def _bare(radio: VirtualRadio) -> None:
    """Let bleak call somebody who does nothing: what the radio itself costs."""
    async with bleak.BleakScanner(_nothing, backend=radio.scanner_backend):
        await asyncio.get_running_loop().create_future()


def _theengs(radio: VirtualRadio, host: str, port: str, keys: list[str]) -> None:
    """Run TheengsGateway as it is delivered, save that it listens all of the time: else it pauses 5 seconds of 12."""
    from TheengsGateway import ble_gateway, main  # noqa: PLC0415 - only here is it needed

    ble_gateway.Gateway.client = _NotYet()  # its scan may begin before there is one, and then ends without a word
    bleak.get_platform_scanner_backend_type = lambda: (radio.scanner_backend, "virtual")  # type: ignore[attr-defined]
    where = ["-c", f"{radio.path}.conf", "-H", host, "-P", port]
    sys.argv = ["TheengsGateway", *where, "-sd", "100000", "-tb", "0", "-bk", *keys]
    main()


if __name__ == "__main__":
    program, socket_path, *rest = sys.argv[1:]
    if program == "bare":
        asyncio.run(_bare(VirtualRadio(socket_path)))
    else:
        _theengs(VirtualRadio(socket_path), rest[0], rest[1], rest[2:])
