"""Packets and states that a home's own Home Assistant, or a gateway beside it, has heard for us. Pure.

Source: theengs.io and openmqttgateway.com, "advertisement and advanced data" (packets);
home-assistant.io/integrations/mqtt_statestream (states).
"""

import math
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from gateway.ble.advertisement import Advertisement
from gateway.contract.observation import SensorKind
from gateway.sensors.library import uuid
from gateway.sensors.reading import Reading, UndecodableAdvertisementError

RADIO: Final = "home assistant"
LONGEST: Final = 4096  # bytes of a message; an extended advertisement in hex is far shorter
_SHORT_UUID: Final = 4  # hex digits
_COMPANY: Final = 2  # bytes, low byte first

_STATES: Final = frozenset(
    {
        SensorKind.MOTION,
        SensorKind.DOOR,
        SensorKind.BED,
        SensorKind.CHAIR,
        SensorKind.SMOKE,
        SensorKind.WATER_LEAK,
    }
)
_EVENTS: Final = frozenset({SensorKind.BUTTON, SensorKind.PULL_CORD, SensorKind.FALL})
_MEASURES: Final = frozenset({SensorKind.TEMPERATURE, SensorKind.HUMIDITY, SensorKind.LIGHT, SensorKind.POWER})

_WORDS: Final[Mapping[str, float]] = MappingProxyType({"on": 1.0, "off": 0.0})
_NOT_KNOWN: Final = frozenset({"unavailable", "unknown", ""})


def _sender(address: str) -> str:
    digits = address.replace(":", "").replace("-", "")
    return bytes.fromhex(digits).hex(":").upper()


def _service(number: object) -> object:
    return number.lower().removeprefix("0x") if isinstance(number, str) else number


def _signal(strength: object) -> object:
    return strength if isinstance(strength, int) and not isinstance(strength, bool) else None


def _bytes(digits: object) -> bytes | None:
    if digits is None:
        return None
    if not isinstance(digits, str):
        raise ValueError("hex digits are expected")  # noqa: TRY004 - what pydantic makes a fault of
    return bytes.fromhex(digits)


_Hex = Annotated[bytes | None, BeforeValidator(_bytes)]
_Uuid = Annotated[str, Field(pattern=r"^[0-9a-f]{4}$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
_Address = Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{2}([:-]?[0-9A-Fa-f]{2}){5}$"), AfterValidator(_sender)]


class _Heard(BaseModel):
    """A packet as TheengsGateway and OpenMQTTGateway write it; all bytes in hex."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    id: _Address
    name: str | None = None
    rssi: Annotated[int | None, BeforeValidator(_signal)] = None
    servicedata: _Hex = None
    servicedatauuid: Annotated[_Uuid | None, BeforeValidator(_service)] = None
    manufacturerdata: _Hex = None

    @property
    def service_data(self) -> dict[str, bytes]:
        if self.servicedatauuid is None or self.servicedata is None:
            return {}
        short = len(self.servicedatauuid) == _SHORT_UUID
        return {uuid(int(self.servicedatauuid, 16)) if short else self.servicedatauuid: self.servicedata}

    @property
    def manufacturer_data(self) -> dict[int, bytes]:
        data = self.manufacturerdata or b""
        return {int.from_bytes(data[:_COMPANY], "little"): data[_COMPANY:]} if len(data) >= _COMPANY else {}


def read_packet(payload: bytes, now: datetime) -> Advertisement:
    """Return the advertisement in a message; without any data, where only what was decoded of it was passed on.

    Raises:
        UndecodableAdvertisementError: it is none, whatever is in it.
    """
    try:
        heard = _Heard.model_validate_json(payload)
    except ValidationError:
        raise UndecodableAdvertisementError("no packet of TheengsGateway or OpenMQTTGateway") from None
    return Advertisement(
        heard.id, heard.name, heard.service_data, heard.manufacturer_data, heard.rssi, now, radio=RADIO
    )


def sighting(sensor_id: str, now: datetime) -> Advertisement:
    """Return who said something, and when, where it did not come as a packet."""
    address = bytes.fromhex(sensor_id).hex(":").upper()
    return Advertisement(address, None, {}, {}, None, now, RADIO)


class Entity:
    """One entity of Home Assistant that stands for a sensor. Remembers what it last was: only a change is news.

    Home Assistant tells a state again whenever an attribute of it changes, and after every start of its own.
    """

    def __init__(self, entity_id: str, sensor_id: str, kind: SensorKind) -> None:
        self.sensor_id = sensor_id
        self._entity_id = entity_id
        self._kind = kind
        self._last: str | None = None
        self._last_event = ""

    def means_the_same(self, other: "Entity") -> bool:
        """Tell whether both stand for the same measurement of the same sensor."""
        return (self.sensor_id, self._entity_id, self._kind) == (other.sensor_id, other._entity_id, other._kind)  # noqa: SLF001 - of its own class

    def note(self, payload: bytes) -> None:
        """Take what the broker had kept: what it was at some time, and no news."""
        state = payload.decode(errors="replace")
        self._last = state
        self._last_event = max(self._last_event, state) if _is_moment(state) else self._last_event

    def read(self, payload: bytes, now: datetime) -> Reading | None:
        """Return what a state says that came at `now`, None where it is no news.

        Raises:
            UndecodableAdvertisementError: it is no state of such a sensor.
        """
        state = payload.decode(errors="replace")
        if state == self._last:
            return None
        if _is_moment(state) and state <= self._last_event:
            return None  # an event that was told before, shown again after a start of Home Assistant
        value = self._value(state)
        self.note(payload)
        if value is None:
            return None
        stamp = state if _is_moment(state) else f"{state}@{now.isoformat()}"
        return Reading(((self._kind, value),), f"{self._entity_id}={stamp}".encode(), has_stamp=True)

    def _value(self, state: str) -> float | None:
        if state in _NOT_KNOWN:
            return None
        if self._kind in _STATES and state in _WORDS:
            return _WORDS[state]
        if self._kind in _EVENTS and (state in _WORDS or _is_moment(state)):
            return _WORDS.get(state, 1.0) or None  # a button that is let go is no event
        if self._kind in _MEASURES:
            return _number(state)
        raise UndecodableAdvertisementError(f"{self._entity_id} has no state of a {self._kind}")


def _number(state: str) -> float:
    try:
        number = float(state)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise UndecodableAdvertisementError("no number")
    return number


def _is_moment(state: str) -> bool:
    """Tell whether it is a moment, as the state of an event is: 2026-03-01T08:00:00.123+00:00, always UTC."""
    try:
        return "T" in state and datetime.fromisoformat(state).tzinfo is not None
    except ValueError:
        return False
