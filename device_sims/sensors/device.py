"""A sensor that lives: what it notices becomes packets at their time, with copies and beacons, until its cell fails."""

import random
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any, Final

from device_sims.radio.frames import Packet
from device_sims.sensors.battery import Battery
from device_sims.sensors.model import Death, Dying, Flapping, Ill, Model, Restart, model_of
from device_sims.sensors.sensor import Form, Sensor
from gateway.contract.observation import SensorKind

_MEASURES: Final = frozenset({Form.TEMPERATURE, Form.LIGHT, Form.POWER})
_PRESSES: Final = frozenset({Form.BUTTON, Form.PULL_CORD, Form.FALL})
# Each advertising event comes up to so much late, so that two sensors do not speak over each other for ever.
# Source: Bluetooth Core Specification 5.4, volume 6, part B, 4.4.2.2.1.
_ADV_DELAY: Final = timedelta(milliseconds=10)
_RESTARTS_WHILE_DYING: Final = 0.02  # for each packet


class Device:
    """One sensor on its wall.

    Args:
        sensor: who it is and how it speaks.
        begins: when it is switched on (aware); no moment before that may be told it.
        model: how it behaves; None: as its make and form do.
        spent: the share of its cell that is used up already.
        ills: what goes wrong with it, and when.
    """

    def __init__(
        self,
        sensor: Sensor,
        begins: datetime,
        model: Model | None = None,
        spent: float = 0.0,
        ills: Iterable[Ill] = (),
    ) -> None:
        self.sensor = sensor
        self.is_dead = False
        self.sent = 0
        self._model = model or model_of(sensor.make, sensor.form)
        self._begins = begins
        self._kind = SensorKind(sensor.form)
        self._spent = spent
        self._chance = random.Random(sensor.address)  # noqa: S311 - a simulated life, not a secret
        self._value: float | None = None if sensor.form in _MEASURES else 0.0
        self._rests_at = begins
        self._last_sent_at = begins
        self._burst = 0
        self._dying: Dying | None = None
        self._said: list[Packet] = []
        self._agenda: list[tuple[datetime, int, Callable[..., None], tuple[Any, ...]]] = []
        self._order = count()
        if self._model.beacon_every is not None:
            self._plan(begins + self._chance.random() * self._model.beacon_every, self._beacon)
        for ill in ills:
            self._plan(ill.at, self._fall_ill, ill)

    def notices(self, kind: SensorKind, value: float, at: datetime) -> None:
        """Something happens that it could notice: 1 active, open, pressed (to 4 for a button), 0 quiet, or a measure.

        What it has no sense for it does not notice; nor anything but its own kind, humidity and light.
        """
        self._live_until(at)
        form = self.sensor.form
        if kind is not self._kind:
            self._note_besides(kind, value)
        elif self._model.misses and self._chance.random() < self._model.misses:
            return
        elif form in _MEASURES:
            self._value = value
        elif form in _PRESSES:
            self._tell(at, value)
        elif form is Form.MOTION:
            self._see(at, value)
        elif value != self._value:
            self._change(at, value)

    def pass_until(self, moment: datetime) -> list[Packet]:
        """Return what it has sent since it was last asked, up to `moment`, in order."""
        self._live_until(moment)
        said, self._said = self._said, []
        return said

    @property
    def spent(self) -> float:
        """The share of its cell that was used up when it last spoke."""
        return self._spent_at(self._last_sent_at)

    def _live_until(self, moment: datetime) -> None:
        agenda = self._agenda
        while agenda and agenda[0][0] <= moment:
            at, _, act, arguments = heappop(agenda)
            act(at, *arguments)

    def _plan(self, at: datetime, act: Callable[..., None], *arguments: object) -> None:
        heappush(self._agenda, (at, next(self._order), act, arguments))

    def _note_besides(self, kind: SensorKind, value: float) -> None:
        if kind is SensorKind.HUMIDITY:
            self.sensor.humidity_percent = value
        elif kind is SensorKind.LIGHT and self.sensor.lux is not None:
            self.sensor.lux = value

    def _see(self, at: datetime, value: float) -> None:
        """A movement is told when it begins and when the blind time has passed without another one."""
        if not value:
            return
        self._rests_at = at + self._model.blind
        if not self._value:
            self._plan(self._rests_at, self._rest)
            self._change(at, 1.0)

    def _rest(self, at: datetime) -> None:
        if at < self._rests_at:
            self._plan(self._rests_at, self._rest)
        else:
            self._change(at, 0.0)

    def _change(self, at: datetime, value: float) -> None:
        self._value = value
        self._tell(at, value)

    def _tell(self, at: datetime, value: float) -> None:
        """Send a packet and its copies; what was being said before is broken off."""
        self._burst += 1
        packet = self.sensor.says(value, at, self._battery(at))
        self._copy(at, packet, self._burst, self._model.copies)

    def _copy(self, at: datetime, packet: Packet, burst: int, left: int) -> None:
        if burst != self._burst or self.is_dead:
            return
        self._send(at, packet)
        if left > 1:
            pause = self._model.copy_every + self._chance.random() * _ADV_DELAY
            self._plan(at + pause, self._copy, packet, burst, left - 1)

    def _beacon(self, at: datetime) -> None:
        if self.is_dead or self._model.beacon_every is None:
            return
        if self._value is not None:
            battery = self._battery(at)
            self._send(at, self.sensor.says(self._value, at, battery, is_beacon=self.sensor.form not in _MEASURES))
        self._plan(at + self._model.beacon_every + self._chance.random() * _ADV_DELAY, self._beacon)

    def _send(self, at: datetime, packet: Packet) -> None:
        if self._dying is not None and not self._manages(at, self._dying):
            return
        self.sent += 1
        self._last_sent_at = at
        if packet.at is not at:
            packet = Packet(at, packet.address, packet.rssi_dbm, packet.number, packet.data, packet.part)
        self._said.append(packet)

    def _spent_at(self, at: datetime) -> float:
        return self._spent + self._model.cell.spent(at - self._begins, self.sent)

    def _battery(self, at: datetime) -> Battery:
        spent = self._spent_at(at)
        if spent >= 1 and self._dying is None:
            self._dying = Dying(at)
        return Battery.after(spent)

    def _manages(self, at: datetime, dying: Dying) -> bool:
        """Tell whether a failing cell lasts for one more packet."""
        gone = (at - dying.at) / dying.over
        self.is_dead = self.is_dead or gone >= 1
        if self._chance.random() < _RESTARTS_WHILE_DYING:
            self.sensor.count.packets = 0
        return not self.is_dead and self._chance.random() >= gone

    def _fall_ill(self, at: datetime, ill: Ill) -> None:
        match ill:
            case Restart(forgets_count=forgets):
                self._restart(at, forgets=forgets)
            case Dying():
                self._dying = ill
            case Death():
                self.is_dead = True
            case Flapping():
                self._flap(at, ill)

    def _restart(self, at: datetime, *, forgets: bool) -> None:
        counted = self.sensor.count
        counted.packets = 0
        if forgets:
            counted.counter, counted.is_by_clock = 0, False
        if self._value is not None and self.sensor.form not in _PRESSES:
            self._tell(at, self._value)

    def _flap(self, at: datetime, ill: Flapping) -> None:
        if at >= ill.until or self.is_dead:
            return
        self._change(at, 0.0 if self._value else 1.0)
        self._plan(at + ill.every, self._flap, ill)
