"""What a home's own Home Assistant is shown: what the configuration names, in words it understands, and no more."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gateway.contract.home_config import SensorConfig
from gateway.contract.observation import VITALS, SensorKind
from gateway.home_assistant.discovery import SHOWABLE, Shown, Told
from gateway.home_assistant.words import Language, kind_word, room_word

_HALL, _BATH = "a4c138000001", "a4c138000002"
_KEY = "00112233445566778899aabbccddeeff"

_TEXT = {"type": "string", "minLength": 1}
_POSITIVE = {"type": "integer", "minimum": 1}
_COMMON = {"unique_id": _TEXT, "name": _TEXT, "state_topic": {"type": "string", "pattern": r"^[^+#]+$"}}
_ENTITY = {"type": "object", "additionalProperties": False, "required": ["platform", "unique_id", "state_topic"]}


def _entity(platform: str, required: list[str], **own: object) -> dict[str, Any]:
    properties = {"platform": {"const": platform}, **_COMMON, **own}
    return {**_ENTITY, "required": [*_ENTITY["required"], *required], "properties": properties}


# Source: home-assistant.io/integrations/{mqtt,binary_sensor.mqtt,sensor.mqtt,event.mqtt} and their tables of device
# classes and units: what of it we use. A word beside it makes Home Assistant refuse the whole message.
_DOCUMENTED = {
    "type": "object",
    "additionalProperties": False,
    "required": ["device", "origin", "components"],
    "properties": {
        "device": {
            "type": "object",
            "additionalProperties": False,
            "required": ["identifiers"],
            "properties": {
                "identifiers": {"type": "array", "items": _TEXT, "minItems": 1},
                "name": _TEXT,
                "suggested_area": _TEXT,
                "serial_number": _TEXT,
            },
        },
        "origin": {
            "type": "object",
            "additionalProperties": False,
            "required": ["name"],
            "properties": {"name": _TEXT, "sw_version": _TEXT},
        },
        "availability": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["topic"],
                "properties": {"topic": _TEXT},
            },
        },
        "availability_mode": {"enum": ["all", "any", "latest"]},
        "components": {
            "type": "object",
            "additionalProperties": {
                "oneOf": [
                    _entity(
                        "binary_sensor",
                        [],
                        device_class={"enum": ["motion", "opening", "occupancy", "smoke", "moisture"]},
                        off_delay=_POSITIVE,
                        expire_after=_POSITIVE,
                    ),
                    _entity(
                        "sensor",
                        ["unit_of_measurement"],
                        device_class={"enum": ["temperature", "humidity", "illuminance", "power"]},
                        unit_of_measurement={"enum": ["°C", "%", "lx", "W"]},
                        state_class={"const": "measurement"},
                        expire_after=_POSITIVE,
                    ),
                    _entity(
                        "event",
                        ["event_types"],
                        device_class={"const": "button"},
                        event_types={"type": "array", "items": _TEXT, "minItems": 1},
                    ),
                    # By its platform alone a component is removed.
                    {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["platform"],
                        "properties": {"platform": {"enum": ["binary_sensor", "sensor", "event"]}},
                    },
                ]
            },
        },
    },
}


def sensor(sensor_id: str = _HALL, room: str = "hallway", *shown: SensorKind) -> SensorConfig:
    return SensorConfig(sensor_id=sensor_id, room=room, bind_key=_KEY, shown_in_home_assistant=shown)


def shown(*sensors: SensorConfig, language: Language = "en") -> Shown:
    return Shown("gw-a", sensors, language)


def entities(told: Told) -> dict[str, Any]:
    return {kind: one for kind, one in json.loads(told.payload)["components"].items() if len(one) > 1}


def test_nothing_is_shown_of_a_sensor_that_the_configuration_does_not_name() -> None:
    view = shown(sensor(), sensor(_BATH, "bathroom"))

    assert view.discovery("1") == ()
    assert view.value(_BATH, SensorKind.MOTION, 1.0) is None


def test_of_a_sensor_only_the_named_kinds_are_shown() -> None:
    view = shown(sensor(_BATH, "bathroom", SensorKind.TEMPERATURE))

    (told,) = view.discovery("1")

    assert list(entities(told)) == ["temperature"]
    assert view.value(_BATH, SensorKind.MOTION, 1.0) is None


def test_what_is_measured_on_a_body_is_never_shown() -> None:
    view = shown(sensor(_HALL, "bedroom", *VITALS))

    assert VITALS.isdisjoint(SHOWABLE)
    assert view.discovery("1") == ()
    assert [view.value(_HALL, kind, 80.0) for kind in VITALS] == [None] * len(VITALS)


@pytest.mark.parametrize("kind", sorted(SHOWABLE))
def test_every_kind_is_described_in_the_fields_home_assistant_documents(kind: SensorKind) -> None:
    (told,) = shown(sensor(_HALL, "hallway", kind)).discovery("0.1.0")

    Draft202012Validator(_DOCUMENTED).validate(json.loads(told.payload))
    assert told.is_kept
    assert list(entities(told)) == [kind.value]


def test_a_key_never_leaves_for_home_assistant() -> None:
    view = shown(sensor(_HALL, "hallway", *SHOWABLE))

    assert all(_KEY.encode() not in told.payload for told in view.discovery("1"))


def test_its_topics_have_only_characters_home_assistant_takes() -> None:
    (told,) = shown(sensor(_HALL, "hallway", SensorKind.DOOR)).discovery("1")

    assert told.topic == "homeassistant/device/livsrytme-gw-a/a4c138000001/config"


@pytest.mark.parametrize(
    ("language", "name", "room"), [("en", "Movement", "Hallway"), ("nb", "Bevegelse", "Gang"), ("nn", "Rørsle", "Gang")]
)
def test_names_are_in_the_language_of_the_home(language: Language, name: str, room: str) -> None:
    (told,) = shown(sensor(_HALL, "hallway", SensorKind.MOTION), language=language).discovery("1")

    device = json.loads(told.payload)["device"]
    assert (device["name"], entities(told)["motion"]["name"]) == (room, name)


def test_a_room_or_kind_without_a_word_is_called_by_its_code() -> None:
    assert (room_word("winter_garden", "nb"), kind_word(SensorKind.WEIGHT, "nb")) == ("Winter garden", "Weight")


@pytest.mark.parametrize(
    ("kind", "value", "payload", "is_kept"),
    [
        (SensorKind.DOOR, 1.0, b"ON", True),
        (SensorKind.DOOR, 0.0, b"OFF", True),
        (SensorKind.MOTION, 1.0, b"ON", False),
        (SensorKind.TEMPERATURE, 21.37, b"21.37", True),
        (SensorKind.BUTTON, 4.0, b'{"event_type": "long_press"}', False),
    ],
)
def test_a_value_is_told_and_kept_only_where_it_stays_true(
    kind: SensorKind,
    value: float,
    payload: bytes,
    is_kept: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    told = shown(sensor(_HALL, "hallway", kind)).value(_HALL, kind, value)

    assert told == Told(f"livsrytme/gw-a/{_HALL}/{kind}", payload, is_kept)


def test_a_press_home_assistant_has_no_word_for_is_not_told() -> None:
    assert shown(sensor(_HALL, "hallway", SensorKind.BUTTON)).value(_HALL, SensorKind.BUTTON, 9.0) is None


def test_after_an_absence_only_what_is_still_true_is_told_again() -> None:
    view = shown(sensor(_HALL, "hallway", SensorKind.DOOR, SensorKind.MOTION, SensorKind.BUTTON))
    values = [(SensorKind.DOOR, 1.0), (SensorKind.MOTION, 1.0), (SensorKind.BUTTON, 1.0), (SensorKind.BED, 1.0)]

    assert [told.topic for told in view.lasting(_HALL, values)] == [f"livsrytme/gw-a/{_HALL}/door"]


def test_what_is_no_longer_named_is_to_be_taken_away_and_nothing_of_others_is() -> None:
    before = shown(sensor(_HALL, "hallway", SensorKind.DOOR), sensor(_BATH, "bathroom", SensorKind.DOOR))
    after = shown(sensor(_HALL, "hallway", SensorKind.DOOR), sensor(_BATH, "bathroom"))
    hall, bath = (told.topic for told in before.discovery("1"))

    assert (after.is_stray(hall), after.is_stray(bath)) == (False, True)
    assert after.is_stray(before.state_topic(_BATH, SensorKind.DOOR))
    assert after.is_stray(before.sensor_topic(_BATH))
    assert not after.is_stray(after.gateway_topic())
    assert not after.is_stray("homeassistant/device/livsrytme-gw-ab/a4c138000002/config")
    assert not after.is_stray("homeassistant/binary_sensor/garden/config")


def test_all_it_keeps_lies_under_the_filters_by_which_it_looks_for_it() -> None:
    view = shown(sensor(_HALL, "hallway", SensorKind.DOOR))
    prefixes = tuple(one.split("+")[0] for one in view.filters())

    (told,) = view.discovery("1")
    for topic in (told.topic, view.sensor_topic(_HALL), view.state_topic(_HALL, SensorKind.DOOR)):
        assert topic.startswith(prefixes)
        assert view.is_ours(topic)
