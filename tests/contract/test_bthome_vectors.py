"""Sensor packets of other people's making mean here what their makers say they mean."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ble.advertisement import Advertisement
from gateway.contract.observation import SensorKind
from gateway.sensors.reading import NotEncryptedError, Reading, UndecodableAdvertisementError, WrongKeyError
from gateway.sensors.registry import families_of

_BTHOME = "0000fcd2-0000-1000-8000-00805f9b34fb"
_KEY = "231d39c1d7cc1ab1aee224cd096db932"
_REPOSITORY = Path(__file__).parents[2]
_DATA = Path(os.environ.get("LIVSRYTME_DATA", _REPOSITORY.parent / "shared" / "data"))
_VECTORS = _DATA / "ble_vectors" / "bthome_v2_vectors.json"

# The maker's word for a value, without the place it has in a packet with several of it.
_MEASURED = {
    "temperature": SensorKind.TEMPERATURE,
    "humidity": SensorKind.HUMIDITY,
    "illuminance": SensorKind.LIGHT,
    "power": SensorKind.POWER,
}
_STATES = {"motion": SensorKind.MOTION, "window": SensorKind.DOOR, "door": SensorKind.DOOR}
_PRESSES = {"press": 1.0, "double_press": 2.0, "triple_press": 3.0, "long_press": 4.0, "hold_press": 4.0}


def heard(service_data: bytes, address: str = "A4:C1:38:8D:18:B2") -> Advertisement:
    return Advertisement(address, None, {_BTHOME: service_data}, {}, -60, datetime(2026, 3, 1, tzinfo=UTC))


def read(advertisement: Advertisement, key: str | None) -> Reading:
    (family,) = families_of(advertisement)
    return family.decode(advertisement, key)


def stated(vector: dict[str, Any]) -> tuple[list[tuple[SensorKind, float]], float | None, int | None]:
    """Return the measures of kinds we claim, the battery and the packet number, as the vector states them."""

    def named(values: dict[str, Any], kinds: dict[str, SensorKind]) -> list[tuple[SensorKind, float]]:
        plain = [(key.rstrip("_0123456789"), value) for key, value in values.items()]
        return [(kinds[key], float(value)) for key, value in plain if key in kinds]

    presses = [(SensorKind.BUTTON, _PRESSES[kind]) for key, (kind, _) in vector["events"].items() if "button" in key]
    measures = named(vector["sensors"], _MEASURED) + named(vector["binary"], _STATES) + presses
    return measures, vector["sensors"].get("battery"), vector["sensors"].get("packet_id")


def is_stated(vector: dict[str, Any]) -> bool:
    return bool(vector["sensors"] or vector["binary"] or vector["events"])


@pytest.mark.skipif(not _VECTORS.exists(), reason=f"no packets of other makers at {_VECTORS}; set LIVSRYTME_DATA")
def test_every_vector_means_what_its_maker_states() -> None:
    vectors = json.loads(_VECTORS.read_text(encoding="utf-8"))

    assert len(vectors) == 65
    for vector in vectors:
        advertisement = heard(bytes.fromhex(vector["service_data_hex"]), vector["mac"])
        try:
            reading = read(advertisement, vector["bindkey"])
        except UndecodableAdvertisementError:
            assert not is_stated(vector), vector["test"]
            continue
        assert (list(reading.measures), reading.battery_percent, reading.packet_id) == stated(vector), vector["test"]


@pytest.mark.parametrize(
    ("packet", "measures"),
    [
        ("4400f601640560e3162101", ((SensorKind.LIGHT, 15000.0), (SensorKind.MOTION, 1.0))),  # Shelly BLU Motion
        ("44001e015c05204e002d013f0200", ((SensorKind.LIGHT, 200.0), (SensorKind.DOOR, 1.0))),  # Shelly BLU Door/Window
        ("44000701643a01", ((SensorKind.BUTTON, 1.0),)),  # Shelly BLU Button1
        ("44004001642e2d45e400", ((SensorKind.HUMIDITY, 45.0), (SensorKind.TEMPERATURE, 22.8))),  # Shelly BLU H&T
        ("442001", ((SensorKind.WATER_LEAK, 1.0),)),
        ("442901", ((SensorKind.SMOKE, 1.0),)),
        ("442301", ((SensorKind.MOTION, 1.0),)),  # occupancy
        ("442500", ((SensorKind.MOTION, 0.0),)),  # presence
        ("441101", ((SensorKind.DOOR, 1.0),)),  # opening
        ("443a81", ()),  # a button let go: the press was told before
    ],
)
def test_a_packet_in_a_makers_own_layout_is_read(packet: str, measures: tuple[tuple[SensorKind, float], ...]) -> None:
    assert set(read(heard(bytes.fromhex(packet)), None).measures) == set(measures)


def test_an_encrypted_packet_gives_its_counter() -> None:
    reading = read(heard(bytes.fromhex("41a47266c95f730011223378237214"), "54:48:E6:8F:80:A5"), _KEY)

    assert reading.measures == ((SensorKind.TEMPERATURE, 25.06), (SensorKind.HUMIDITY, 50.55))
    assert reading.counter == 0x33221100
    assert reading.is_encrypted


@pytest.mark.parametrize("key", [None, "0" * 32])
def test_an_encrypted_packet_is_refused_without_its_key(key: str | None) -> None:
    with pytest.raises(WrongKeyError):
        read(heard(bytes.fromhex("41a47266c95f730011223378237214"), "54:48:E6:8F:80:A5"), key)


def test_a_plain_packet_of_a_sensor_with_a_key_is_refused() -> None:
    with pytest.raises(NotEncryptedError):
        read(heard(bytes.fromhex("44000701643a01")), _KEY)


def test_a_packet_says_nothing_of_an_earlier_one() -> None:
    read(heard(bytes.fromhex("4400f601640560e3162101")), None)

    assert read(heard(bytes.fromhex("4400f70163")), None).measures == ()


@pytest.mark.parametrize("packet", ["", "44", "41", "4100", "e102000c0404138a01", "44ff", "0000"])
def test_a_broken_packet_is_refused_with_the_one_typed_error(packet: str) -> None:
    with pytest.raises(UndecodableAdvertisementError):
        read(heard(bytes.fromhex(packet)), None)


@given(st.binary(max_size=40), st.sampled_from([None, _KEY]))
def test_any_bytes_are_read_or_refused_with_the_one_typed_error(packet: bytes, key: str | None) -> None:
    try:
        reading = read(heard(packet), key)
    except UndecodableAdvertisementError:
        return
    assert reading.packet == packet


@given(st.binary(max_size=40))
def test_any_content_behind_a_right_first_byte_is_read_or_refused(content: bytes) -> None:
    try:
        reading = read(heard(b"\x44" + content), None)
    except UndecodableAdvertisementError:
        return
    assert not reading.is_encrypted


def test_an_advertisement_of_another_family_is_nobodys() -> None:
    lamp = Advertisement("A4:C1:38:8D:18:B2", "lamp", {}, {76: b"\x10"}, -60, datetime(2026, 3, 1, tzinfo=UTC))

    assert families_of(lamp) == ()
