"""More monitors beside a passive scan's own: bluetoothd bears few patterns in each, and a home needs more than that."""

from collections.abc import Awaitable, Callable, Sequence

from bleak.args.bluez import OrPatternLike
from bleak.backends.bluezdbus.manager import get_global_bluez_manager

Stop = Callable[[], Awaitable[None]]


async def add_monitors(adapter: str, monitors: Sequence[Sequence[OrPatternLike]], stops: list[Stop]) -> None:
    """Register monitors with an adapter (empty: bleak's choice); add to `stops` what takes each of them away again.

    They only wake: the scan they stand beside hears everything, so that what comes by them is looked at once.

    Raises:
        BleakError: bluetoothd takes none, or the adapter has gone.
    """
    manager = await get_global_bluez_manager()
    path = f"/org/bluez/{adapter}" if adapter else manager.get_default_adapter()
    for patterns in monitors:
        stops.append(await manager.passive_scan(path, list(patterns), _nothing, _nothing))  # noqa: PERF401 - one by one


def _nothing(*_: object) -> None:
    pass
