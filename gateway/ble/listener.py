"""One radio, listening through bleak; when it falls silent, the ladder says what to do and this does it."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Final, Literal

from bleak import BleakScanner
from bleak.args.bluez import BlueZScannerArgs, OrPatternLike
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakError

from gateway.ble.adapter import Adapter
from gateway.ble.advertisement import Advertisement
from gateway.ble.ladder import AdapterState, Known, Patience, Step, Taken, is_silent, next_step
from gateway.ble.monitors import Stop, add_monitors
from gateway.ble.radio import BluezRadio, Radio, RadioLostError, adapter_of, bluez_arguments
from gateway.ble.rhythm import Rhythm

_LOGGER = logging.getLogger(__name__)

# A hung bluetoothd answers no call, and bleak's calls have no time limit of their own.
_PATIENCE_S: Final = 10.0
_FIRST_WAIT_S: Final = 0.5
_LONGEST_WAIT_S: Final = 30.0
_LOOK_EVERY_S: Final = 1.0
_SETTLE_S: Final = 1.0  # between off and on

_RADIO_FAULTS: Final = (BleakError, OSError, TimeoutError, EOFError)


class Listener:
    """One radio. `deaf_since` tells since when it hears nothing, None while it hears or nobody is missed.

    Args:
        radio: what to listen with.
        hear: takes each packet.
        monitors: the patterns that wake BlueZ's passive scan, those of the first monitor first.
        is_ours: tells whether a sensor belongs to this home: only those are missed.
        patience: how long silence is borne.
        rhythm: how often the home's sensors speak.
    """

    def __init__(
        self,
        radio: Radio,
        hear: Callable[[Advertisement, BLEDevice], None],
        monitors: Sequence[Sequence[OrPatternLike]],
        is_ours: Callable[[str], bool],
        patience: Patience,
        rhythm: Rhythm,
    ) -> None:
        self.radio = radio
        self.steps: Counter[Step] = Counter()  # taken since the program started
        self.deaf_since: datetime | None = radio.clock.now()
        self.on_change: Callable[[], None] = _nobody_asks
        self.is_alone: Callable[[], bool] = _always
        self._hear = hear
        self._monitors = monitors
        self._is_ours = is_ours
        self._patience = patience
        self._rhythm = rhythm
        self._adapter: Adapter = adapter_of(radio)
        self._refuses_passive = False
        self._is_doubted = False
        self._wait_s = _FIRST_WAIT_S
        self._taken = Taken()
        self._cut_at: float | None = time.monotonic()
        self._heard_at = time.monotonic()
        self._last_heard_at = self.deaf_since

    def bear(self, patience: Patience, *, is_doubted: bool) -> None:
        """Bear silence for as long as this from now on. A radio in doubt is deaf until it has heard something."""
        self._patience, self._is_doubted = patience, is_doubted

    async def run(self) -> None:
        """Listen until cancelled.

        Raises:
            RadioLostError: nothing has helped, and no other radio of this gateway hears anything.
        """
        watch = asyncio.create_task(self._adapter.watch())
        try:
            await self._adapter.looked_at(_FIRST_WAIT_S)
            while True:
                await self._take(await self._listen())
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch

    async def _listen(self) -> Step:
        """Listen until something has to be done about it."""
        mode = self._mode()
        losses = self._adapter.losses
        scanner = self._scanner(mode)
        stops: list[Stop] = [scanner.stop]
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await scanner.start()
                await self._wake_for_more(mode, stops)
            self._tell_listening(mode)
            return await self._mind(losses)
        except _RADIO_FAULTS as fault:
            if isinstance(fault, BleakError) and self._adapter.state is AdapterState.READY:
                self._refuses_passive = mode == "passive"  # the other way next time
            self._tell_cut(str(fault) or type(fault).__name__)
        finally:
            await _stop(stops)
        await self._adapter.changed(self._wait_s)
        self._wait_s = min(2 * self._wait_s, _LONGEST_WAIT_S)
        return next_step(self._known(), self._patience, time.monotonic())

    async def _wake_for_more(self, mode: str, stops: list[Stop]) -> None:
        if mode == "active" or not isinstance(self.radio, BluezRadio):
            return
        try:
            await add_monitors(self.radio.adapter, self._monitors[1:], stops)
        except BleakError as fault:  # those of the first monitor are heard all the same
            _LOGGER.info("the radio %s wakes for fewer families: %s", self.radio.name, fault)

    async def _mind(self, losses: int) -> Step:
        while True:
            if self._adapter.losses != losses:
                self._tell_cut("the adapter or bluetoothd has gone")
                return Step.RESTART
            now = time.monotonic()
            known = self._known()
            if self.deaf_since is None and is_silent(known, self._patience, now):
                self._tell_deaf(self._last_heard_at, "it hears nothing any more")
            step = next_step(known, self._patience, now)
            if step is not Step.WAIT:
                return step
            await self._adapter.changed(_LOOK_EVERY_S)

    async def _take(self, step: Step) -> None:
        if step is Step.WAIT:  # the next try is the way to see what has changed
            return
        self.steps[step] += 1
        now = time.monotonic()
        _LOGGER.warning("the radio %s: %s", self.radio.name, step)
        match step:
            case Step.POWER_ON:
                self._taken = replace(self._taken, power_on_at=now)
                await self._adapter.power(on=True)
            case Step.POWER_CYCLE:
                self._taken = replace(self._taken, power_cycle_at=now)
                await self._adapter.power(on=False)
                await asyncio.sleep(_SETTLE_S)
                await self._adapter.power(on=True)
            case Step.GIVE_UP:
                raise RadioLostError(f"The radio {self.radio.name} hears nothing, and nothing helps. Start again.")
            case _:
                self._taken = replace(self._taken, restart_at=now)

    def _known(self) -> Known:
        canary = self._rhythm.canary()
        return Known(
            adapter=self._adapter.state,
            cut_at=self._cut_at,
            heard_at=self._heard_at,
            canary_gap_s=None if canary is None else canary.usual_gap_s,
            canary_heard_at=None if canary is None else canary.heard_at,
            taken=self._taken,
            can_be_cycled=self._adapter.can_be_cycled,
            is_alone=self.is_alone(),
            is_doubted=self._is_doubted,
        )

    def _mode(self) -> Literal["active", "passive"]:
        """Passive listening costs the sensors no battery; not every BlueZ can."""
        is_wakeable = bool(self._monitors) or self.radio.scanner_backend is not None  # BlueZ wants a pattern
        is_possible = is_wakeable and self._adapter.can_listen_passively and not self._refuses_passive
        return "passive" if is_possible else "active"

    def _scanner(self, mode: Literal["active", "passive"]) -> BleakScanner:
        bluez: BlueZScannerArgs = {
            **bluez_arguments(self.radio),
            "or_patterns": list(self._monitors[0]) if self._monitors else [],
        }
        return BleakScanner(self._detected, scanning_mode=mode, bluez=bluez, backend=self.radio.scanner_backend)

    def _detected(self, device: BLEDevice, heard: AdvertisementData) -> None:
        advertisement = Advertisement(
            address=device.address,
            name=heard.local_name,
            service_data=heard.service_data,
            manufacturer_data=heard.manufacturer_data,
            rssi_dbm=heard.rssi,
            heard_at=self.radio.clock.now(),
            radio=self.radio.name,
            services=tuple(heard.service_uuids),
        )
        self._note(advertisement)
        self._hear(advertisement, device)

    def _note(self, advertisement: Advertisement) -> None:
        self._heard_at = time.monotonic()
        self._last_heard_at = advertisement.heard_at
        self._is_doubted = False
        if self._adapter.can_fall_silent and self._is_ours(advertisement.sensor_id):
            self._rhythm.note(advertisement.sensor_id, self._heard_at)
            self._taken = replace(self._taken, restart_at=None) if self._taken.restart_at else self._taken
        if self.deaf_since is not None and self._cut_at is None:
            self._tell_hearing()

    def _tell_listening(self, mode: str) -> None:
        self._cut_at = None
        self._wait_s = _FIRST_WAIT_S
        _LOGGER.info("listening with %s (%s)", self.radio.name, mode)
        if not is_silent(self._known(), self._patience, time.monotonic()):
            self._tell_hearing()

    def _tell_hearing(self) -> None:
        self.deaf_since = None
        self._taken = Taken()
        self.on_change()

    def _tell_cut(self, why: str) -> None:
        if self._cut_at is None:
            self._cut_at = time.monotonic()
        self._tell_deaf(self.radio.clock.now(), why)

    def _tell_deaf(self, since: datetime | None, why: str) -> None:
        if self.deaf_since is None:
            self.deaf_since = since
            self.on_change()
        state = "" if self._adapter.state is AdapterState.READY else f" (adapter {self._adapter.state})"
        _LOGGER.warning("the radio %s does not hear: %s%s", self.radio.name, why, state)


async def _stop(stops: Sequence[Stop]) -> None:
    """Let go of the radio. One that has failed cannot be stopped either; that is no news."""
    with suppress(*_RADIO_FAULTS):
        async with asyncio.timeout(_PATIENCE_S):
            await asyncio.gather(*(stop() for stop in stops), return_exceptions=True)


def _nobody_asks() -> None:
    pass


def _always() -> bool:
    return True
