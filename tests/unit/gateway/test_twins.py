"""One packet that several radios hear is one packet."""

from datetime import UTC, datetime

from gateway.ble.advertisement import Advertisement
from gateway.ble.twins import Twins


def heard(radio: str, packet: bytes = b"a", address: str = "AA:BB:CC:DD:EE:FF") -> Advertisement:
    return Advertisement(address, None, {"uuid": packet}, {}, -60, datetime(2026, 3, 1, tzinfo=UTC), radio=radio)


def test_each_other_radio_brings_a_copy() -> None:
    twins = Twins()

    assert [twins.is_copy(heard(radio), 0) for radio in ("hall", "bedroom", "kitchen")] == [False, True, True]


def test_what_one_radio_says_twice_is_not_judged_here() -> None:
    twins = Twins()

    assert [twins.is_copy(heard(radio), 0) for radio in ("hall", "hall", "bedroom", "bedroom")] == [
        False,
        False,
        True,
        False,
    ]


def test_other_bytes_or_another_sensor_is_another_packet() -> None:
    twins = Twins()
    twins.is_copy(heard("hall"), 0)

    assert not twins.is_copy(heard("bedroom", b"b"), 0)
    assert not twins.is_copy(heard("bedroom", address="AA:BB:CC:DD:EE:00"), 0)


def test_a_radio_may_lag_behind_by_many_packets_but_not_for_long() -> None:
    twins = Twins()
    for number in range(200):
        twins.is_copy(heard("hall", bytes([number])), number / 100)

    assert all(twins.is_copy(heard("bedroom", bytes([number])), 9) for number in range(200))
    assert not twins.is_copy(heard("kitchen", b"\x00"), 10.5)


def test_a_flood_takes_no_more_room_than_it_is_given() -> None:
    twins = Twins()
    for number in range(10_000):
        twins.is_copy(heard("hall", number.to_bytes(4, "little")), 0)

    assert len(twins._heard) <= 4096
