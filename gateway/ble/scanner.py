"""All radios of a gateway as one ear."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from bleak.args.bluez import OrPatternLike
from bleak.backends.device import BLEDevice

from gateway.ble.advertisement import Advertisement
from gateway.ble.ladder import Patience, Step
from gateway.ble.listener import Listener
from gateway.ble.radio import Radio
from gateway.ble.rhythm import Rhythm
from gateway.ble.twins import Twins


class Scanner:
    """Listens with every radio. What several of them hear is handed on once, as the first one heard it.

    Args:
        radios: at least one.
        hear: takes each packet.
        monitors: what wakes BlueZ's passive scan (gateway.ble.wake).
        is_ours: tells whether a sensor belongs to this home: a radio is missed by their silence, not by a neighbour's.
        patience: how long silence is borne before each step of the ladder.
        new_rhythm: makes what learns how often a home's sensors speak, one for each radio.
    """

    def __init__(
        self,
        radios: Sequence[Radio],
        hear: Callable[[Advertisement], None],
        monitors: Sequence[Sequence[OrPatternLike]] = (),
        *,
        is_ours: Callable[[str], bool] = lambda _: False,
        patience: Patience = Patience(),
        new_rhythm: Callable[[], Rhythm] = Rhythm,
    ) -> None:
        self._hear = hear
        self._is_ours = is_ours
        self._twins = Twins() if len(radios) > 1 else None
        self._meets: list[Callable[[Advertisement, BLEDevice], None]] = []
        self._listeners = [Listener(radio, self._heard, monitors, is_ours, patience, new_rhythm()) for radio in radios]
        # Called whenever a radio falls deaf, hears again, or something is done about it.
        self.on_change: Callable[[], None] = lambda: None
        for listener in self._listeners:
            listener.is_alone = self._is_alone_without(listener)
            listener.on_change = self._tell_change

    @property
    def deaf_since(self) -> datetime | None:
        """Since when no radio hears anything; None while one does."""
        deaf = [listener.deaf_since for listener in self._listeners]
        moments = [moment for moment in deaf if moment is not None]
        return max(moments) if len(moments) == len(deaf) else None

    @property
    def deaf_radios(self) -> dict[str, datetime]:
        """Which radios hear nothing, and since when."""
        return {one.radio.name: one.deaf_since for one in self._listeners if one.deaf_since is not None}

    @property
    def steps(self) -> Counter[Step]:
        """How often each step was taken to make a radio hear again, since the program started."""
        return sum((listener.steps for listener in self._listeners), Counter[Step]())

    def overhear(self, advertisement: Advertisement) -> None:
        """Take a packet that somebody else's radio heard. What our own have heard is dropped."""
        self._twins = self._twins or Twins()
        if not self._is_copy(advertisement):
            self._hear(advertisement)

    def introduce_to(self, meet: Callable[[Advertisement, BLEDevice], None]) -> None:
        """Show every packet, with the device to connect to, to somebody who connects."""
        self._meets.append(meet)

    def bear(self, patience: Patience, *, is_doubted: bool = False) -> None:
        """Bear silence for as long as this from now on. Radios in doubt are deaf until they have heard something."""
        for listener in self._listeners:
            listener.bear(patience, is_doubted=is_doubted)

    async def run(self) -> None:
        """Listen until cancelled.

        Raises:
            RadioLostError: no radio hears anything, and nothing helps.
        """
        tasks = [asyncio.create_task(listener.run()) for listener in self._listeners]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _tell_change(self) -> None:
        self.on_change()

    def _heard(self, advertisement: Advertisement, device: BLEDevice) -> None:
        if not self._is_copy(advertisement):
            self._hear(advertisement)
        for meet in self._meets:
            meet(advertisement, device)

    def _is_copy(self, advertisement: Advertisement) -> bool:
        if self._twins is None or not self._is_ours(advertisement.sensor_id):  # a flood of strangers fills no memory
            return False
        return self._twins.is_copy(advertisement, time.monotonic())

    def _is_alone_without(self, one: Listener) -> Callable[[], bool]:
        others = [listener for listener in self._listeners if listener is not one]
        return lambda: all(other.deaf_since is not None for other in others)
