"""Simulated sensors of other makes put on the air what the makers publish and real ones were heard to send."""

import pytest

from device_sims.sensors import govee, mibeacon, ruuvi
from device_sims.sensors.mibeacon import Product, Seal
from device_sims.sensors.ruuvi import RawV2

_TAG = bytes.fromhex("cbb8334c884f")
_HS1BB = (bytes.fromhex("a4c138058ee9"), bytes.fromhex("7475a4a77584401780ffc3ee62dd353c"), Product.MOTION_HS1BB)
_MS1BB = (bytes.fromhex("a4c13866e567"), bytes.fromhex("0fdcc30fe9289254876b5ef7c11ef1f0"), Product.DOOR_MS1BB)
_SJWS01LM = (bytes.fromhex("54ef44e027bc"), bytes.fromhex("255e6cabb39b2eddd0de992b9fee2bf2"), Product.FLOOD_SJWS01LM)


# Source: docs.ruuvi.com, data format 5, "test vectors".
@pytest.mark.parametrize(
    ("on_air", "said"),
    [
        (
            "0512fc5394c37c0004fffc040cac364200cdcbb8334c884f",
            RawV2(24.3, 53.49, 205, 2977, _TAG, 100_044, (4, -4, 1036), 4, 66),
        ),
        (
            "057ffffffefffe7fff7fff7fffffdefefffecbb8334c884f",
            RawV2(163.835, 163.835, 65_534, 3646, _TAG, 115_534, (32_767, 32_767, 32_767), 20, 254),
        ),
        (
            "058001000000008001800180010000000000cbb8334c884f",
            RawV2(-163.835, 0.0, 0, 1600, _TAG, 50_000, (-32_767, -32_767, -32_767), -40, 0),
        ),
        ("058000ffffffff800080008000ffffffffffffffffffffff", RawV2(None, None, None)),
    ],
)
def test_a_ruuvi_packet_is_the_published_one(on_air: str, said: RawV2) -> None:
    assert said.on_air().hex() == on_air


def test_a_ruuvi_that_is_too_hot_tells_the_most_it_can() -> None:
    assert RawV2(170.0, 50.0, 1).on_air()[1:3].hex() == "7fff"


@pytest.mark.parametrize(
    ("on_air", "celsius", "percent", "battery"),
    [("0081c2896400", -11.5, 33.7, 100), ("0003215d6400", 20.5, 14.9, 100)],
)
def test_a_govee_packet_is_the_captured_one(on_air: str, celsius: float, percent: float, battery: int) -> None:
    said = govee.h5075(celsius, percent, battery)

    # The device puts hundredths of a degree where humidity leaves no room for them; readers cut them off, and so do we.
    assert [said[0], *said[4:]] == [*bytes.fromhex(on_air)[:1], *bytes.fromhex(on_air)[4:]]
    told, captured = (int.from_bytes(data[1:4], "big") for data in (said, bytes.fromhex(on_air)))
    assert (told // 1_000, told % 1_000) == (captured // 1_000, captured % 1_000)


@pytest.mark.parametrize(("celsius", "percent", "battery"), [(900.0, 50.0, 50), (20.0, 100.0, 50), (20.0, 50.0, 101)])
def test_a_govee_refuses_what_it_cannot_say(celsius: float, percent: float, battery: int) -> None:
    with pytest.raises(ValueError, match="H5075 cannot say"):
        govee.h5075(celsius, percent, battery)


# Recorded from real sensors by the project ble_monitor.
@pytest.mark.parametrize(
    ("on_air", "sensor", "content", "counter", "with_address"),
    [
        ("5859eb2ac1e98e0538c1a40759530f8d380000b77a70f8", _HS1BB, mibeacon.no_motion(60), 0x38C1, True),
        ("4859eb2ac2fce02ca0b43af2380000a2d9f05f", _HS1BB, mibeacon.motion(228.0), 0x38C2, False),
        ("5859eb2a9ee98e0538c1a4d07ad3e338000033635d10", _HS1BB, mibeacon.battery(100), 0x389E, True),
        ("585989187667e56638c1a4aa8902ba26000023c3bca8", _MS1BB, mibeacon.door(is_open=True), 0x2676, True),
        ("5859630808bc27e044ef54f58fe704000000fc69d15c", _SJWS01LM, mibeacon.water(is_wet=True), 8, True),
    ],
)
def test_a_mibeacon_packet_is_the_recorded_one(
    on_air: str, sensor: tuple[bytes, bytes, Product], content: bytes, counter: int, *, with_address: bool
) -> None:
    assert Seal(*sensor).close(content, counter, with_address=with_address).hex() == on_air


def test_a_mibeacon_counter_that_does_not_fit_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="32 bits"):
        Seal(*_HS1BB).close(mibeacon.battery(5), 2**32)


def test_companies_and_services_are_the_published_ones() -> None:
    assert (ruuvi.COMPANY, govee.COMPANY, mibeacon.SERVICE_UUID16) == (0x0499, 0xEC88, 0xFE95)
