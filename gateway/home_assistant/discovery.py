"""What a home's own Home Assistant is told of the sensors it may see. Pure.

Source: home-assistant.io/integrations/mqtt (device discovery, availability) and its pages on MQTT binary sensors,
sensors and events.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from gateway.contract.home_config import SensorConfig
from gateway.contract.observation import SensorKind
from gateway.home_assistant.words import Language, kind_word, room_word

ONLINE: Final = b"online"
OFFLINE: Final = b"offline"
_ON, _OFF = b"ON", b"OFF"

_DISCOVERY: Final = "homeassistant/device"  # Home Assistant's own default
_AVAILABLE: Final = "available"

# The slow measures are told every quarter of an hour at least: see gateway.observe.
_MEASURE_IS_OLD_S: Final = 3600
# Movement that goes on is told every minute; not every sensor says when it is over.
_MOVEMENT_IS_OVER_S: Final = 120

_PRESSES: Final = MappingProxyType({1: "press", 2: "double_press", 3: "triple_press", 4: "long_press"})


@dataclass(frozen=True, slots=True)
class _Component:
    """How a kind looks in Home Assistant."""

    platform: str
    rest: Mapping[str, Any] = field(default_factory=dict)
    is_lasting: bool = True  # its last value is true until another comes, so the broker may keep it


def _state(device_class: str, **more: object) -> _Component:
    return _Component("binary_sensor", {"device_class": device_class, **more})


def _measure(device_class: str, unit: str) -> _Component:
    rest = {"device_class": device_class, "unit_of_measurement": unit, "state_class": "measurement"}
    return _Component("sensor", {**rest, "expire_after": _MEASURE_IS_OLD_S})


def _event(*types: str, **more: object) -> _Component:
    return _Component("event", {"event_types": list(types), **more}, is_lasting=False)


# What is not here is never shown: nothing that was measured on a body is.
_COMPONENTS: Final[Mapping[SensorKind, _Component]] = MappingProxyType(
    {
        SensorKind.MOTION: _Component(
            "binary_sensor", {"device_class": "motion", "off_delay": _MOVEMENT_IS_OVER_S}, is_lasting=False
        ),
        SensorKind.DOOR: _state("opening"),
        SensorKind.BED: _state("occupancy"),
        SensorKind.CHAIR: _state("occupancy"),
        SensorKind.BUTTON: _event(*_PRESSES.values(), device_class="button"),
        SensorKind.PULL_CORD: _event("press", device_class="button"),
        SensorKind.FALL: _event("press"),
        SensorKind.SMOKE: _state("smoke"),
        SensorKind.WATER_LEAK: _state("moisture"),
        SensorKind.TEMPERATURE: _measure("temperature", "°C"),
        SensorKind.HUMIDITY: _measure("humidity", "%"),
        SensorKind.LIGHT: _measure("illuminance", "lx"),
        SensorKind.POWER: _measure("power", "W"),
    }
)
SHOWABLE: Final = frozenset(_COMPONENTS)


@dataclass(frozen=True, slots=True)
class Told:
    """One message to Home Assistant's broker."""

    topic: str
    payload: bytes
    is_kept: bool  # by the broker, for whoever asks later


@dataclass(frozen=True, slots=True)
class Shown:
    """What one gateway shows, and under which topics.

    Only what the home's configuration names is shown. What else of ours lies on that broker is to be taken away.
    """

    gateway_id: str
    sensors: tuple[SensorConfig, ...]
    language: Language = "en"

    def kinds(self, sensor_id: str) -> tuple[SensorKind, ...]:
        """Return what is shown of a sensor; nothing, where it is not named."""
        named = (sensor.shown_in_home_assistant for sensor in self.sensors if sensor.sensor_id == sensor_id)
        return tuple(kind for kind in dict.fromkeys(next(named, ())) if kind in SHOWABLE)

    def shown_ids(self) -> tuple[str, ...]:
        """Return the sensors of which something is shown."""
        return tuple(sensor.sensor_id for sensor in self.sensors if self.kinds(sensor.sensor_id))

    def filters(self) -> tuple[str, ...]:
        """Return under which filters all that the broker may have kept of ours lies."""
        return f"{_DISCOVERY}/{self._node}/+/config", f"{self._root}/+/+"

    def gateway_topic(self) -> str:
        """Return where Home Assistant sees whether the gateway is there."""
        return f"{self._root}/{_AVAILABLE}"

    def sensor_topic(self, sensor_id: str) -> str:
        """Return where Home Assistant sees whether a sensor was heard lately."""
        return f"{self._root}/{sensor_id}/{_AVAILABLE}"

    def state_topic(self, sensor_id: str, kind: SensorKind) -> str:
        """Return where Home Assistant sees a value."""
        return f"{self._root}/{sensor_id}/{kind}"

    def discovery(self, software: str) -> tuple[Told, ...]:
        """Return the messages that make the shown sensors appear. `software`: our version."""
        shown = set(self.shown_ids())
        return tuple(
            Told(self._discovery_topic(sensor.sensor_id), self._device(sensor, software), is_kept=True)
            for sensor in self.sensors
            if sensor.sensor_id in shown
        )

    def is_stray(self, topic: str) -> bool:
        """Tell whether something the broker keeps is ours and no longer to be seen."""
        return self.is_ours(topic) and topic not in self._kept_topics()

    def value(self, sensor_id: str, kind: SensorKind, value: float) -> Told | None:
        """Return the message that shows a value; None where it is not shown, or Home Assistant has no word for it."""
        if kind not in self.kinds(sensor_id):
            return None
        component = _COMPONENTS[kind]
        payload = _payload(component, value)
        return None if payload is None else Told(self.state_topic(sensor_id, kind), payload, component.is_lasting)

    def lasting(self, sensor_id: str, values: Iterable[tuple[SensorKind, float]]) -> tuple[Told, ...]:
        """Return the messages for those values that are still true: movement and presses of an hour ago are not."""
        told = (self.value(sensor_id, kind, value) for kind, value in values)
        return tuple(one for one in told if one is not None and one.is_kept)

    @property
    def _node(self) -> str:
        return f"livsrytme-{self.gateway_id}"

    @property
    def _root(self) -> str:
        return f"livsrytme/{self.gateway_id}"

    def _discovery_topic(self, sensor_id: str) -> str:
        return f"{_DISCOVERY}/{self._node}/{sensor_id}/config"

    def is_ours(self, topic: str) -> bool:
        """Tell whether a topic is this gateway's."""
        return topic.startswith((f"{_DISCOVERY}/{self._node}/", f"{self._root}/"))

    def _kept_topics(self) -> frozenset[str]:
        return frozenset(
            topic
            for one in self.shown_ids()
            for topic in (
                self._discovery_topic(one),
                self.sensor_topic(one),
                *(self.state_topic(one, kind) for kind in self.kinds(one) if _COMPONENTS[kind].is_lasting),
            )
        ) | {self.gateway_topic()}

    def _device(self, sensor: SensorConfig, software: str) -> bytes:
        room = room_word(sensor.room, self.language)
        shown = self.kinds(sensor.sensor_id)
        # A kind that is named by its platform alone is taken away; one that was never there is passed over.
        components = {
            kind.value: self._entity(sensor.sensor_id, kind) if kind in shown else {"platform": component.platform}
            for kind, component in _COMPONENTS.items()
        }
        topics = (self.gateway_topic(), self.sensor_topic(sensor.sensor_id))
        device = {
            "device": {
                "identifiers": [f"{self._node}-{sensor.sensor_id}"],
                "name": room,
                "suggested_area": room,
                "serial_number": sensor.sensor_id,
            },
            "origin": {"name": "Livsrytme", "sw_version": software},
            "availability": [{"topic": topic} for topic in topics],
            "availability_mode": "all",
            "components": components,
        }
        return json.dumps(device, ensure_ascii=False).encode()

    def _entity(self, sensor_id: str, kind: SensorKind) -> dict[str, Any]:
        component = _COMPONENTS[kind]
        return {
            "platform": component.platform,
            "unique_id": f"{self._node}-{sensor_id}-{kind}",
            "name": kind_word(kind, self.language),
            "state_topic": self.state_topic(sensor_id, kind),
            **component.rest,
        }


def _payload(component: _Component, value: float) -> bytes | None:
    match component.platform:
        case "binary_sensor":
            return _ON if value > 0 else _OFF
        case "event":
            press = _PRESSES.get(int(value))
            return None if press is None else json.dumps({"event_type": press}).encode()
        case _:
            return f"{value:g}".encode()
