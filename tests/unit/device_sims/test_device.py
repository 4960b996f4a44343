"""A simulated sensor over time: copies, beacons, blindness, cells and ills."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from device_sims.radio.frames import Packet
from device_sims.sensors.battery import Battery, Cell
from device_sims.sensors.device import Device
from device_sims.sensors.kit import Kit
from device_sims.sensors.model import Death, Dying, Flapping, Ill, Model, Restart
from device_sims.sensors.sensor import Form, Make, Sensor
from gateway.contract.observation import SensorKind

_NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
_CELL = Cell(timedelta(days=730), 36_000_000)
_SILENT = Model(_CELL, beacon_every=None)
_S = timedelta(seconds=1)


def _device(form: Form = Form.DOOR, model: Model = _SILENT, *ills: Ill, spent: float = 0.0) -> Device:
    return Device(Sensor.made_from("inger", "hall", form, Make.BTHOME_PLAIN), _NOON, model, spent, ills)


def _values(packets: list[Packet]) -> list[int]:
    """What the packets say, one for each packet number: the last byte is the state."""
    return [packet.data[-1] for packet in {packet.data[2]: packet for packet in packets}.values()]


def test_one_press_is_one_packet_sent_several_times_within_a_second() -> None:
    device = _device(Form.BUTTON)

    device.notices(SensorKind.BUTTON, 2, _NOON + _S)
    said = device.pass_until(_NOON + 10 * _S)

    assert len(said) == 6
    assert len({packet.data for packet in said}) == 1
    assert timedelta() < said[-1].at - said[0].at < _S
    assert said[0].at == _NOON + _S


def test_two_presses_are_told_apart_by_their_packet_numbers_and_the_second_breaks_the_first_off() -> None:
    device = _device(Form.BUTTON)

    device.notices(SensorKind.BUTTON, 1, _NOON)
    device.notices(SensorKind.BUTTON, 1, _NOON + 0.25 * _S)
    said = device.pass_until(_NOON + 10 * _S)

    assert list(Counter(packet.data for packet in said).values()) == [3, 6]
    assert [packet.at for packet in said] == sorted(packet.at for packet in said)


def test_a_movement_lasts_until_nobody_has_moved_for_the_blind_time() -> None:
    device = _device(Form.MOTION)

    for second in (0, 30, 80):
        device.notices(SensorKind.MOTION, 1, _NOON + second * _S)
    moving = device.pass_until(_NOON + 139 * _S)
    resting = device.pass_until(_NOON + 150 * _S)

    assert _values(moving) == [1]
    assert _values(resting) == [0]
    assert resting[0].at == _NOON + 140 * _S


def test_a_door_tells_that_it_changed_and_not_that_it_is() -> None:
    device = _device()

    for second, value in enumerate((1, 1, 0, 0, 1)):
        device.notices(SensorKind.DOOR, value, _NOON + 10 * second * _S)

    assert _values(device.pass_until(_NOON + 100 * _S)) == [1, 0, 1]


def test_a_beacon_comes_in_its_time_with_the_last_state_and_a_number_of_its_own() -> None:
    device = _device(Form.DOOR, Model(_CELL, beacon_every=timedelta(minutes=1)))

    device.notices(SensorKind.DOOR, 1, _NOON)
    said = device.pass_until(_NOON + timedelta(minutes=10))[6:]

    assert 9 <= len(said) <= 10
    assert set(_values(said)) == {1}
    assert len({packet.data[2] for packet in said}) == len(said)
    gaps = [(after.at - before.at).total_seconds() for before, after in pairwise(said)]
    assert all(60 <= gap <= 60.02 for gap in gaps)


def test_a_thermometer_says_nothing_before_it_has_measured_and_then_speaks_in_its_time() -> None:
    device = _device(Form.TEMPERATURE, Model(_CELL))

    assert device.pass_until(_NOON + timedelta(minutes=5)) == []
    device.notices(SensorKind.TEMPERATURE, 19.0, _NOON + timedelta(minutes=5))
    device.notices(SensorKind.HUMIDITY, 55.5, _NOON + timedelta(minutes=5))
    said = device.pass_until(_NOON + timedelta(minutes=10))

    assert len(said) == 5
    assert said[0].data[-6:].hex() == "026c0703ae15"  # 19.00 degrees, 55.50 percent


def test_a_sensor_has_no_sense_for_what_is_not_its_kind() -> None:
    device = _device(Form.DOOR)

    device.notices(SensorKind.MOTION, 1, _NOON)

    assert device.pass_until(_NOON + 10 * _S) == []


def test_a_sensor_that_misses_half_notices_about_half() -> None:
    device = _device(Form.BUTTON, Model(_CELL, beacon_every=None, copies=1, misses=0.5))

    for press in range(1_000):
        device.notices(SensorKind.BUTTON, 1, _NOON + press * _S)

    assert 430 <= len(device.pass_until(_NOON + timedelta(hours=1))) <= 570


def test_a_cell_looks_full_for_most_of_its_life_and_then_collapses() -> None:
    told = [Battery.after(spent).percent for spent in (0.0, 0.5, 0.8, 0.95, 0.99, 1.0, 2.0)]

    assert told == sorted(told, reverse=True)
    assert told[0] == 100
    assert told[1] >= 90
    assert told[3] == 50
    assert told[-2:] == [0, 0]


def test_a_cell_is_used_up_by_days_and_by_packets() -> None:
    assert Cell(timedelta(days=100), 1_000).spent(timedelta(days=25), 250) == pytest.approx(0.5)


def test_a_sensor_whose_cell_ends_becomes_erratic_starts_anew_and_falls_silent() -> None:
    device = _device(Form.DOOR, Model(Cell(timedelta(days=100), 10**9)), spent=0.99)
    end = _NOON + timedelta(days=1)

    full = len(device.pass_until(end))
    dying = device.pass_until(end + timedelta(days=17))
    numbers = [packet.data[2] for packet in dying]

    assert full == pytest.approx(1_440, abs=2)
    assert 0.4 < len(dying) / (17 * 1_440) < 0.6
    assert sum(after < before for before, after in pairwise(numbers)) > 100  # wraps and restarts
    assert device.pass_until(end + timedelta(days=60)) == []
    assert device.is_dead
    assert device.spent >= 1


@pytest.mark.parametrize("ill", [Death(_NOON + _S), Dying(_NOON + _S, over=_S)])
def test_a_dead_sensor_says_nothing_more(ill: Ill) -> None:
    device = _device(Form.DOOR, Model(_CELL), ill)
    device.pass_until(_NOON + timedelta(hours=1))

    device.notices(SensorKind.DOOR, 1, _NOON + timedelta(hours=2))

    assert device.pass_until(_NOON + timedelta(days=1)) == []


def test_a_loose_contact_changes_all_the_time_and_then_no_more() -> None:
    device = _device(Form.DOOR, _SILENT, Flapping(_NOON, _NOON + 60 * _S))

    said = device.pass_until(_NOON + timedelta(hours=1))

    assert _values(said) == [1, 0] * 15
    assert said[-1].at < _NOON + 61 * _S


@pytest.mark.parametrize(("forgets", "is_lower"), [(False, False), (True, True)])
def test_a_restart_numbers_packets_anew_and_loses_the_counter_only_if_it_forgets(
    *, forgets: bool, is_lower: bool
) -> None:
    sensor = Sensor.made_from("inger", "hall", Form.BUTTON)
    device = Device(sensor, _NOON, _SILENT, ills=[Restart(_NOON + 5 * _S, forgets_count=forgets)])
    for second in (1, 2, 10):
        device.notices(SensorKind.BUTTON, 1, _NOON + second * _S)

    *_, before, after = list(dict.fromkeys(packet.data for packet in device.pass_until(_NOON + 60 * _S)))

    counters = [int.from_bytes(data[-8:-4], "little") for data in (before, after)]
    assert (counters[1] < counters[0]) is is_lower
    assert sensor.count.packets == 1


@dataclass(frozen=True)
class _Noticed:
    at: datetime
    sensor: str
    kind: SensorKind
    value: float


def test_a_home_says_in_order_what_its_sensors_notice_and_nothing_of_a_sensor_it_has_not() -> None:
    kit = Kit({"door": _device(Form.DOOR), "button": _device(Form.BUTTON)})
    noticed = [
        _Noticed(_NOON, "door", SensorKind.DOOR, 1),
        _Noticed(_NOON + 0.1 * _S, "button", SensorKind.BUTTON, 1),
        _Noticed(_NOON + _S, "nowhere", SensorKind.MOTION, 1),
    ]

    said = list(kit.over(noticed, _NOON + timedelta(hours=1)))

    assert len(said) == 12
    assert [packet.at for packet in said] == sorted(packet.at for packet in said)


@dataclass(frozen=True)
class _Hanging:
    name: str
    room: str
    kinds: tuple[SensorKind, ...]


_PLAN = [
    _Hanging("hall_motion", "hall", (SensorKind.MOTION, SensorKind.LIGHT)),
    _Hanging("other_motion", "hall", (SensorKind.MOTION,)),
    _Hanging("air", "bath", (SensorKind.TEMPERATURE, SensorKind.HUMIDITY)),
    _Hanging("cord", "bath", (SensorKind.PULL_CORD,)),
]


def test_a_plan_becomes_sensors_with_names_keys_and_meanings_of_their_own() -> None:
    kit = Kit.hung("inger", _PLAN, _NOON, makes={"air": Make.RUUVI}, ills={"cord": [Death(_NOON)]})

    told = {sensor.sensor_id: sensor.provisioning() for sensor in kit.sensors}

    assert len(told) == len(_PLAN)
    assert [one["room"] for one in told.values()] == ["hall", "hall", "bath", "bath"]
    assert [one["kinds"] for one in told.values()] == [
        ["motion", "light"], ["motion"], ["temperature", "humidity"], ["pull_cord"]
    ]  # fmt: skip
    assert [one["bind_key"] is None for one in told.values()] == [False, False, True, False]
    assert [one["reads_as"] for one in told.values()] == [{}, {}, {}, {"button": "pull_cord"}]
    kit.notices(_Noticed(_NOON + _S, "cord", SensorKind.PULL_CORD, 1))
    assert kit.devices["cord"].is_dead


def test_a_motion_sensor_with_an_eye_for_light_tells_how_light_it_was_last() -> None:
    kit = Kit.hung("inger", _PLAN, _NOON, makes={"hall_motion": Make.BTHOME_PLAIN})

    kit.notices(_Noticed(_NOON, "hall_motion", SensorKind.LIGHT, 12.5))
    kit.notices(_Noticed(_NOON + 0.5 * _S, "hall_motion", SensorKind.MOTION, 1))
    (said, *_) = [one for one in kit.pass_until(_NOON + _S) if one.data.endswith(b"\x21\x01")]

    assert bytes.fromhex("05e20400") in said.data


def test_a_sensor_never_uses_an_encryption_counter_twice() -> None:
    sensor = Sensor.made_from("inger", "kitchen", Form.MOTION)

    counters = [int.from_bytes(sensor.says(1, _NOON).data[-8:-4], "little") for _ in range(5)]

    assert counters == sorted(set(counters))


def test_a_sensor_that_comes_back_with_its_count_goes_on_above_it() -> None:
    before, after = (Sensor.made_from("inger", "kitchen", Form.MOTION) for _ in range(2))
    before.count.is_by_clock = False
    told = [before.says(1, _NOON).data for _ in range(3)]

    after.count = replace(before.count)
    told.append(after.says(1, _NOON).data)

    assert [int.from_bytes(data[-8:-4], "little") for data in told] == [1, 2, 3, 4]


def test_a_sensor_has_an_address_that_belongs_to_no_maker() -> None:
    addresses = [Sensor.made_from(f"home-{number}", "kitchen", Form.MOTION).address for number in range(50)]

    assert len(set(addresses)) == 50
    assert all(address[0] & 0b11 == 0b10 for address in addresses)
