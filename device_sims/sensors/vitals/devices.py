"""Devices that measure a body, as a simulated bluetoothd serves them: they store what they measure until somebody asks.

Source: Bluetooth SIG, Blood Pressure Service 1.1.1, Heart Rate Service 1.0, Weight Scale Service 1.0.1, Health
Thermometer Service 1.0, Pulse Oximeter Service 1.0.1, Glucose Service 1.0.1 (3.4, Record Access Control Point).
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from device_sims.radio.bluez.adapter import Heard
from device_sims.radio.bluez.peripheral import Characteristic, Peripheral
from device_sims.sensors.vitals.measurements import Glucose

_BATTERY_SERVICE: Final = 0x180F
_BATTERY_LEVEL: Final = 0x2A19
_GLUCOSE_SERVICE: Final = 0x1808
_HEARD_DBM: Final = -60


class Body(Enum):
    """What is measured: the service, the characteristic, and how BlueZ calls the way in which it is sent."""

    BLOOD_PRESSURE = (0x1810, 0x2A35, "indicate")
    HEART_RATE = (0x180D, 0x2A37, "notify")
    WEIGHT = (0x181D, 0x2A9D, "indicate")
    TEMPERATURE = (0x1809, 0x2A1C, "indicate")
    SATURATION = (0x1822, 0x2A5E, "indicate")
    SATURATION_NOW = (0x1822, 0x2A5F, "notify")

    @property
    def is_stream(self) -> bool:
        """Whether it is sent while somebody listens and never stored."""
        return self in {Body.HEART_RATE, Body.SATURATION_NOW}


class Meter:
    """A device with one kind of measurement. It sends what it has stored to whoever subscribes, oldest first.

    Args:
        address: AA:BB:CC:DD:EE:FF.
        body: what it measures.
        battery_percent: what it tells of its battery.
        forgets: it stores a measurement until it has been sent once; else it sends all of them at each connection.
    """

    def __init__(self, address: str, body: Body, battery_percent: int = 88, *, forgets: bool = False) -> None:
        service, measurement, way = body.value
        self.stored: list[bytes] = []
        self._body = body
        self._forgets = forgets
        self._measurement = Characteristic(measurement, (way,), on_subscribe=self._send_stored)
        self.peripheral = Peripheral(address, {service: (self._measurement,), **_battery_service(battery_percent)})
        self.shows = Heard(address, _HEARD_DBM, services=(service,))

    def measures(self, measurement: bytes) -> None:
        """Measure somebody: it is sent at once where somebody listens; else it is stored, unless it is a stream."""
        is_heard = self._measurement.is_subscribed
        if is_heard:
            self._measurement.notify(measurement)
        if not self._body.is_stream and not (is_heard and self._forgets):
            self.stored.append(measurement)

    def _send_stored(self) -> None:
        for measurement in tuple(self.stored):
            self._measurement.notify(measurement)
        if self._forgets:
            self.stored.clear()


class _Asked(Enum):
    """Requests to a Record Access Control Point."""

    REPORT = 1
    DELETE = 2
    ABORT = 3
    COUNT = 4


_COUNTED: Final = 5
_ANSWER: Final = 6
_SUCCESS, _NO_SUCH_REQUEST, _NO_SUCH_CHOICE, _BAD_NUMBERS, _NO_RECORDS, _NO_SUCH_FILTER = 1, 2, 4, 5, 6, 9
_BY_SEQUENCE: Final = 1
_UP_TO, _FROM, _BETWEEN = 2, 3, 4
_LAST_SEQUENCE: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class _Refusal(Exception):  # noqa: N818 - no fault of ours: the answer the specification asks for
    code: int


class GlucoseMeter:
    """A blood sugar meter: its records are asked for by their numbers."""

    def __init__(self, address: str, battery_percent: int = 88) -> None:
        self.records: list[Glucose] = []
        self.requests: list[bytes] = []  # as they came
        self._value = Characteristic(0x2A18, ("notify",))
        self._context = Characteristic(0x2A34, ("notify",))
        self._control = Characteristic(0x2A52, ("write", "indicate"), on_write=self._take)
        services = {_GLUCOSE_SERVICE: (self._value, self._context, self._control)}
        self.peripheral = Peripheral(address, {**services, **_battery_service(battery_percent)})
        self.shows = Heard(address, _HEARD_DBM, services=(_GLUCOSE_SERVICE,))

    def measures(self, record: Glucose) -> None:
        """Store a measurement."""
        self.records.append(record)

    def _take(self, request: bytes) -> None:
        self.requests.append(request)
        asked = request[0] if request else 0
        try:
            answer = self._answer(request)
        except _Refusal as refused:
            answer = bytes([_ANSWER, 0, asked, refused.code])
        self._control.notify(answer)

    def _answer(self, request: bytes) -> bytes:
        try:
            asked = _Asked(request[0])
        except (ValueError, IndexError):
            raise _Refusal(_NO_SUCH_REQUEST) from None
        if asked is _Asked.ABORT:
            return bytes([_ANSWER, 0, asked.value, _SUCCESS])
        chosen = self._chosen(request[1:])
        if asked is _Asked.COUNT:
            return bytes([_COUNTED, 0]) + len(chosen).to_bytes(2, "little")
        if not chosen:
            raise _Refusal(_NO_RECORDS)
        for record in chosen:
            if asked is _Asked.DELETE:
                self.records.remove(record)
            else:
                self._report(record)
        return bytes([_ANSWER, 0, asked.value, _SUCCESS])

    def _report(self, record: Glucose) -> None:
        self._value.notify(record.on_air())
        context = record.context()
        if context is not None:
            self._context.notify(context)

    def _chosen(self, choice: bytes) -> list[Glucose]:
        """Return the records meant by an operator (all, up to, from, between, first, last) and its numbers."""
        match list(choice):
            case [1]:
                return list(self.records)
            case [5]:
                return self.records[:1]
            case [6]:
                return self.records[-1:]
            case [2 | 3 | 4 as way, by, *numbers]:
                wanted = _numbers(way, by, bytes(numbers))
                return [one for one in self.records if one.sequence in wanted]
            case _:
                raise _Refusal(_NO_SUCH_CHOICE)


def _numbers(way: int, by: int, written: bytes) -> range:
    """Return the numbers up to (2), from (3) or between (4) those that are written."""
    if by != _BY_SEQUENCE:
        raise _Refusal(_NO_SUCH_FILTER)
    if len(written) != (4 if way == _BETWEEN else 2):
        raise _Refusal(_BAD_NUMBERS)
    first, last = int.from_bytes(written[:2], "little"), int.from_bytes(written[-2:], "little")
    return range(0 if way == _UP_TO else first, _LAST_SEQUENCE + 1 if way == _FROM else last + 1)


def _battery_service(percent: int) -> dict[int, tuple[Characteristic, ...]]:
    return {_BATTERY_SERVICE: (Characteristic(_BATTERY_LEVEL, ("read",), bytes([percent])),)}
