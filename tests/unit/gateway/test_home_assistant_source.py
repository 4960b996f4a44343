"""Packets and states by way of a home's own Home Assistant: what is new is read, what is old or odd is not."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.observation import SensorKind
from gateway.home_assistant.source import Entity, read_packet, sighting
from gateway.sensors.reading import UndecodableAdvertisementError
from gateway.sensors.registry import families_of

_NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
_HALL = "a4c138000001"
_BTHOME = "0000fcd2-0000-1000-8000-00805f9b34fb"
_MORNING, _NOON = b"2026-03-01T07:00:00.000+00:00", b"2026-03-01T12:00:00.000+00:00"


def packet(**different: object) -> bytes:
    return json.dumps(
        {"id": "A4:C1:38:00:00:01", "rssi": -71, "servicedatauuid": "fcd2", "servicedata": "4400012101", **different}
    ).encode()


def entity(kind: SensorKind, name: str = "binary_sensor.hall") -> Entity:
    return Entity(name, _HALL, kind)


def value(one: Entity, state: bytes) -> float | None:
    reading = one.read(state, _NOW)
    return None if reading is None else reading.measures[0][1]


@pytest.mark.parametrize("service", ["fcd2", "FCD2", "0xfcd2", _BTHOME])
@pytest.mark.parametrize("sender", ["A4:C1:38:00:00:01", "a4:c1:38:00:00:01", "A4C138000001"])
def test_a_packet_is_read_as_a_radio_would_have_heard_it(service: str, sender: str) -> None:
    heard = read_packet(packet(servicedatauuid=service, id=sender, model="SBMO"), _NOW)

    assert (heard.address, heard.sensor_id) == ("A4:C1:38:00:00:01", _HALL)
    assert heard.service_data == {_BTHOME: bytes.fromhex("4400012101")}
    assert (heard.rssi_dbm, heard.heard_at) == (-71, _NOW)
    assert [family.name for family in families_of(heard)] == ["BTHome v2"]


def test_manufacturer_data_begins_with_the_companys_number_low_byte_first() -> None:
    heard = read_packet(packet(servicedatauuid=None, servicedata=None, manufacturerdata="99040512fc"), _NOW)

    assert (heard.service_data, heard.manufacturer_data) == ({}, {0x0499: bytes.fromhex("0512fc")})


def test_what_was_only_decoded_has_no_data() -> None:
    heard = read_packet(b'{"id":"A4:C1:38:00:00:01","tempc":21.5}', _NOW)

    assert (heard.service_data, heard.manufacturer_data) == ({}, {})


def test_a_signal_that_is_no_number_costs_no_packet() -> None:
    assert read_packet(packet(rssi="strong"), _NOW).rssi_dbm is None


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"online",
        b"[]",
        b"{}",
        b"\xff\xfe",
        packet(id="phone"),
        packet(servicedata="4"),
        packet(servicedata="zz"),
        packet(servicedata=[68]),
        packet(servicedatauuid="fcd"),
    ],
)
def test_what_is_no_packet_raises_the_one_typed_error(payload: bytes) -> None:
    with pytest.raises(UndecodableAdvertisementError):
        read_packet(payload, _NOW)


@given(
    st.binary(max_size=80) | st.dictionaries(st.sampled_from(["id", "servicedata", "rssi"]), st.text()).map(json.dumps)
)
def test_any_bytes_are_read_or_raise_the_one_typed_error(payload: bytes | str) -> None:
    raw = payload.encode() if isinstance(payload, str) else payload
    for kind in (SensorKind.DOOR, SensorKind.BUTTON, SensorKind.TEMPERATURE):
        for read in (lambda: read_packet(raw, _NOW), lambda kind=kind: entity(kind).read(raw, _NOW)):
            try:
                read()
            except UndecodableAdvertisementError:
                continue


def test_a_state_is_read_when_it_changes_and_not_when_it_is_told_again() -> None:
    door = entity(SensorKind.DOOR)

    told = [value(door, state) for state in (b"on", b"on", b"off", b"off", b"on")]

    assert told == [1.0, None, 0.0, None, 1.0]


def test_a_door_that_opens_shuts_and_opens_within_seconds_is_read_each_time() -> None:
    door = entity(SensorKind.DOOR)
    readings = [
        door.read(state, datetime(2026, 3, 1, 8, 0, second, tzinfo=UTC))
        for second, state in enumerate((b"on", b"off", b"on"))
    ]

    assert len({reading.packet for reading in readings if reading is not None}) == 3


def test_what_the_broker_had_kept_is_no_news_and_what_follows_is() -> None:
    door = entity(SensorKind.DOOR)
    door.note(b"on")

    assert [value(door, b"on"), value(door, b"off")] == [None, 0.0]


@pytest.mark.parametrize("state", [b"unavailable", b"unknown", b""])
def test_a_sensor_home_assistant_does_not_hear_says_nothing(state: bytes) -> None:
    assert value(entity(SensorKind.TEMPERATURE, "sensor.hall"), state) is None


def test_a_press_is_read_once_and_not_again_when_home_assistant_has_started_anew() -> None:
    button = entity(SensorKind.BUTTON, "event.hall")
    button.note(_MORNING)

    told = [value(button, state) for state in (_NOON, b"unavailable", _NOON, b"unknown", _MORNING)]

    assert told == [1.0, None, None, None, None]


def test_a_cord_is_pulled_and_let_go_and_only_the_first_is_an_event() -> None:
    cord = entity(SensorKind.PULL_CORD)

    assert [value(cord, b"on"), value(cord, b"off"), value(cord, b"on")] == [1.0, None, 1.0]


def test_a_measure_is_read_as_a_number() -> None:
    assert value(entity(SensorKind.TEMPERATURE, "sensor.hall"), b"-4.5") == -4.5


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (SensorKind.TEMPERATURE, b"nan"),
        (SensorKind.TEMPERATURE, b"inf"),
        (SensorKind.TEMPERATURE, b"warm"),
        (SensorKind.DOOR, b"21.5"),
        (SensorKind.BUTTON, b"pressed"),
        (SensorKind.WEIGHT, b"70"),
    ],
)
def test_a_state_that_does_not_fit_its_sensor_raises_the_one_typed_error(kind: SensorKind, state: bytes) -> None:
    with pytest.raises(UndecodableAdvertisementError):
        entity(kind).read(state, _NOW)


def test_who_spoke_by_an_entity_is_the_sensor_it_stands_for() -> None:
    assert sighting(_HALL, _NOW).sensor_id == _HALL
