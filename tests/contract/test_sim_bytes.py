"""Simulated sensors put on the air what real ones do, byte for byte."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from device_sims.sensors import bthome
from device_sims.sensors.bthome import Measurement, Press, Seal

_KEY = bytes.fromhex("231d39c1d7cc1ab1aee224cd096db932")
_ADDRESS = bytes.fromhex("5448e68f80a5")
_VECTORS = Path(os.environ.get("LIVSRYTME_DATA", "../shared/data")) / "ble_vectors" / "bthome_v2_vectors.json"


@pytest.mark.parametrize(
    ("on_air", "measurements", "trigger_based"),
    [
        ("4002ca0903bf13", [bthome.temperature(25.06), bthome.humidity(50.55)], False),
        ("4000bd", [bthome.packet_id(189)], False),
        ("4000bd", [bthome.packet_id(189 + 256)], False),
        ("402d01", [bthome.window(is_open=True)], False),
        ("40451101", [bthome.temperature_coarse(27.3)], False),
        ("403a04", [bthome.button(Press.LONG)], False),
        ("403a003a013a03", [bthome.button(Press.NONE), bthome.button(Press.PRESS), bthome.button(Press.TRIPLE)], False),
        ("440023015e3a00", [bthome.packet_id(35), bthome.battery(94), bthome.button(Press.NONE)], True),
        (
            "4400f601640560e3162101",
            [bthome.packet_id(246), bthome.battery(100), bthome.illuminance(15_000), bthome.motion(is_moving=True)],
            True,
        ),
        ("44000701643a01", [bthome.packet_id(7), bthome.battery(100), bthome.button(Press.PRESS)], True),
        (
            "44004001642e2d45e400",
            [bthome.packet_id(64), bthome.battery(100), bthome.humidity_coarse(45), bthome.temperature_coarse(22.8)],
            True,
        ),
    ],
)
def test_a_plain_packet_is_the_published_one(
    on_air: str, measurements: list[Measurement], *, trigger_based: bool
) -> None:
    assert bthome.plain(measurements, trigger_based=trigger_based).hex() == on_air


def test_objects_go_in_order_of_their_ids_whatever_order_they_are_given_in() -> None:
    measured = [bthome.humidity(50.55), bthome.temperature(25.06)]

    assert bthome.plain(measured).hex() == "4002ca0903bf13"


@pytest.mark.parametrize(
    ("on_air", "celsius", "counter"),
    [
        ("41a47266c95f730011223378237214", 25.06, 0x33221100),
        ("41e445f3c9962b332211006c7c4519", 25.06, 0x00112233),
        ("413e932cc7175f34221100553876af", 25.06, 0x00112234),
        ("41ba0db07aeef6ffffffff21fd4600", 25.07, 0xFFFFFFFF),
        ("41de40b50e676600000000d7cb95de", 25.07, 0),
    ],
)
def test_an_encrypted_packet_is_the_published_one(on_air: str, celsius: float, counter: int) -> None:
    sealed = Seal(_ADDRESS, _KEY).close([bthome.temperature(celsius), bthome.humidity(50.55)], counter)

    assert sealed.hex() == on_air


def test_an_encrypted_button_press_is_the_published_one() -> None:
    seal = Seal(bytes.fromhex("b43522f53da4"), bytes.fromhex("90bffd73cb6b26ef58a7a8eba9232036"))

    sealed = seal.close(
        [bthome.packet_id(7), bthome.battery(100), bthome.button(Press.PRESS)], 0x1BA, trigger_based=True
    )

    assert sealed.hex() == "450aeb84467f85ba0100003188788c"


@pytest.mark.parametrize(
    ("measurement", "object_hex"),
    [
        (bthome.door(is_open=True), "1a01"),
        (bthome.door(is_open=False), "1a00"),
        (bthome.moisture(is_wet=True), "2001"),
        (bthome.smoke(is_smoke=True), "2901"),
        (bthome.motion(is_moving=False), "2100"),
        (bthome.temperature(-12.34), "022efb"),
        (bthome.illuminance(0), "05000000"),
    ],
)
def test_every_object_has_the_id_and_length_of_the_format(measurement: Measurement, object_hex: str) -> None:
    assert bthome.plain([measurement]).hex() == "40" + object_hex


@pytest.mark.parametrize("too_much", [400.0, -400.0])
def test_a_value_that_does_not_fit_is_refused_in_words(too_much: float) -> None:
    with pytest.raises(ValueError, match="cannot be said in 2 bytes"):
        bthome.temperature(too_much)


def test_a_counter_that_does_not_fit_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="32 bits"):
        Seal(_ADDRESS, _KEY).close([bthome.battery(5)], 2**32)


@pytest.mark.parametrize(("address", "key"), [(_ADDRESS[:5], _KEY), (_ADDRESS, _KEY[:15])])
def test_a_seal_wants_a_whole_address_and_a_whole_key(address: bytes, key: bytes) -> None:
    with pytest.raises(ValueError, match="6 bytes"):
        Seal(address, key)


def _can_say(vector: dict[str, Any]) -> bool:
    return (
        vector["bindkey"] is not None
        and len(vector["service_data_hex"]) == 30
        and set(vector["sensors"]) == {"temperature", "humidity"}
    )


@pytest.mark.skipif(not _VECTORS.exists(), reason=f"{_VECTORS} is not there; set LIVSRYTME_DATA to the data folder")
def test_every_encrypted_climate_packet_of_the_published_vectors_comes_out_again() -> None:
    vectors = [vector for vector in json.loads(_VECTORS.read_text(encoding="utf-8")) if _can_say(vector)]

    for vector in vectors:
        seal = Seal(bytes.fromhex(vector["mac"].replace(":", "")), bytes.fromhex(vector["bindkey"]))
        counter = int.from_bytes(bytes.fromhex(vector["service_data_hex"][14:22]), "little")
        measured = [
            bthome.temperature(vector["sensors"]["temperature"]),
            bthome.humidity(vector["sensors"]["humidity"]),
        ]
        assert seal.close(measured, counter).hex() == vector["service_data_hex"], vector["test"]
    assert len(vectors) >= 10
