"""What the parser libraries and the radio's cache do wrong, and that none of it becomes a fact about a home."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sensor_packets import (
    KEY,
    NOON,
    OTHER_KEY,
    SENSOR,
    bthome,
    govee_event,
    heard,
    mibeacon,
    sealed_bthome,
    sealed_mibeacon,
)

from gateway.ble.advertisement import Advertisement
from gateway.contract.codec import to_json
from gateway.contract.heartbeat import Trouble
from gateway.contract.home_config import HomeConfig, SensorConfig
from gateway.contract.observation import SensorKind, Stream
from gateway.hearing import Hearing
from gateway.home import Home
from gateway.outbox import Outbox
from gateway.recorder import Recorder
from gateway.troubles import Troubles

Sealed = Callable[[int, str], Advertisement]

_MOTION_ON, _BATTERY_ONLY = "2101", "0163"  # in BTHome
_XIAOMI_MOTION, _XIAOMI_BATTERY = "084a0400006443", "034c0163"

_BUTTONS = {
    "BTHome with a packet number": (bthome("000701643a01"), None),
    "BTHome, encrypted": (sealed_bthome(9, "3a01"), KEY),
    "MiBeacon": (mibeacon(9, "011003000000", product=0x0153), None),
    "MiBeacon, encrypted": (sealed_mibeacon(9, "011003000000", product=0x0997), KEY),
    "Govee": (govee_event(70_000, model=8, state=0), None),
}


def sealed_mibeacon_door(counter: int, content: str) -> Advertisement:
    return sealed_mibeacon(counter, content, product=0x1889)


class House:
    """One run of the gateway's hearing, with all that it writes down."""

    def __init__(self, outbox: Outbox, folder: Path, key: str | None, version: int) -> None:
        self.troubles = Troubles()
        home = Home(folder, "gw-a", self.troubles)
        sensor = SensorConfig(sensor_id=SENSOR, room="hallway", bind_key=key)
        home.take(to_json(HomeConfig(version=version, gateway_id="gw-a", sensors=(sensor,))))
        self._outbox = outbox
        self._recorder = Recorder(outbox, self.troubles)
        self._hearing = Hearing(home, self._recorder, self.troubles, lambda: True)

    def hears(self, packet: Advertisement, after_s: float = 0.0, rssi_dbm: int = -60) -> None:
        self._hearing.hear(replace(packet, heard_at=NOON + timedelta(seconds=after_s), rssi_dbm=rssi_dbm))

    def ends(self) -> None:
        """Stop as the program does; a kill in the turn that heard a packet is as if it had not been heard."""
        self._recorder.flush()

    @property
    def told(self) -> list[tuple[SensorKind, float]]:
        """All facts, calls for help first."""
        self._recorder.flush()
        return [(fact.kind, fact.value) for stream in Stream for fact in self._outbox.oldest(stream, 0, 100)]

    @property
    def remembers_strangers(self) -> int:
        kept = {*self._hearing._heard, *self._hearing._last_read, *(sensor for _, sensor in self._hearing._heaps)}
        return len(kept - {SENSOR})


@contextmanager
def house(folder: Path, key: str | None = None, version: int = 1) -> Iterator[House]:
    with Outbox(folder, Troubles()) as outbox:
        home = House(outbox, folder, key, version)
        yield home
        home.ends()


@pytest.mark.parametrize("maker", _BUTTONS)
async def test_one_press_is_told_once_however_often_the_radio_hands_out_its_cached_copy(
    maker: str, tmp_path: Path
) -> None:
    packet, key = _BUTTONS[maker]
    with house(tmp_path, key) as home:
        for number in range(30):  # every change of signal strength brings the same bytes again
            home.hears(packet, after_s=6.0 * number, rssi_dbm=-60 - number % 7)

        assert home.told == [(SensorKind.BUTTON, 1.0)]


@pytest.mark.parametrize("maker", _BUTTONS)
async def test_one_press_is_told_once_over_a_restart(maker: str, tmp_path: Path) -> None:
    packet, key = _BUTTONS[maker]
    for _ in range(3):
        with house(tmp_path, key) as home:
            home.hears(packet, after_s=60.0)

            assert home.told == [(SensorKind.BUTTON, 1.0)]


@pytest.mark.parametrize(
    ("seal", "movement", "battery"),
    [(sealed_bthome, _MOTION_ON, _BATTERY_ONLY), (sealed_mibeacon, _XIAOMI_MOTION, _XIAOMI_BATTERY)],
    ids=["BTHome", "MiBeacon"],
)
async def test_a_packet_brings_back_nothing_that_an_earlier_one_said(
    seal: Sealed, movement: str, battery: str, tmp_path: Path
) -> None:
    with house(tmp_path, KEY) as home:
        home.hears(seal(10, movement))
        told = home.told
        home.hears(seal(11, battery), after_s=100)
        home.hears(replace(seal(12, movement), service_data=_forged(seal(12, movement))), after_s=200)
        home.hears(seal(4, movement), after_s=300)

        assert (SensorKind.MOTION, 1.0) in told
        assert home.told == told
        assert home.troubles.so_far() == {Trouble.WRONG_KEY: 1, Trouble.REPLAYED: 1}


def _forged(packet: Advertisement) -> dict[str, bytes]:
    return {service: data[:-1] + bytes([data[-1] ^ 1]) for service, data in packet.service_data.items()}


@pytest.mark.parametrize(
    ("seal", "open_door"), [(sealed_bthome, "1101"), (sealed_mibeacon_door, "124a0101")], ids=["BTHome", "MiBeacon"]
)
async def test_a_recording_is_refused_after_a_restart_and_with_a_low_counter_too(
    seal: Sealed, open_door: str, tmp_path: Path
) -> None:
    recorded = [seal(counter, open_door) for counter in range(1_000_000, 1_000_020)]
    with house(tmp_path, KEY) as home:
        for packet in recorded:
            home.hears(packet)
        told = home.told
    with house(tmp_path, KEY) as home:
        home.hears(recorded[0], after_s=60)
        for low in (0, 1, 50, 99):  # bthome-ble takes any counter below 100, and counts on from it
            home.hears(seal(low, open_door), after_s=61 + low)
        home.hears(recorded[5], after_s=200)
        assert home.told == told
        assert home.troubles.so_far() == {Trouble.REPLAYED: 6}

        home.hears(seal(1_000_020, open_door), after_s=300)
        assert len(home.told) == len(told) + 1


async def test_only_a_new_key_lets_a_sensor_count_from_the_beginning(tmp_path: Path) -> None:
    with house(tmp_path, KEY) as home:
        home.hears(sealed_bthome(1_000, "3a01"))
    with house(tmp_path, OTHER_KEY, version=2) as home:
        home.hears(sealed_bthome(1_001, "3a01"))  # recorded under the old key
        home.hears(sealed_bthome(1, "3a01", OTHER_KEY))
        home.hears(sealed_bthome(0, "3a01", OTHER_KEY))

        assert home.told == [(SensorKind.BUTTON, 1.0), (SensorKind.BUTTON, 1.0)]
        assert home.troubles.so_far() == {Trouble.WRONG_KEY: 1, Trouble.REPLAYED: 1}


async def test_short_packets_of_a_neighbour_do_not_disturb(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        for service in bthome("").service_data:
            home.hears(heard(service_data={service: b""}))
        home.hears(heard(manufacturer_data={0x0499: b"\x05"}))
        home.hears(heard(manufacturer_data={0xAA55: b"\x01\x01\xa4\xc1"}))
        home.hears(bthome("000701643a01"))

        assert home.told == [(SensorKind.BUTTON, 1.0)]
        assert home.troubles.so_far() == {Trouble.UNDECODABLE: 3}


async def test_a_beacon_that_repeats_the_last_state_in_ever_new_packets_is_no_news(tmp_path: Path) -> None:
    closed, opened = "2d00", "2d01"
    with house(tmp_path) as home:
        for number, state in enumerate([closed, opened, *[opened] * 100, closed, *[closed] * 100]):
            home.hears(bthome(f"00{number:02x}0164{state}"), after_s=30.0 * number)

        assert home.told == [(SensorKind.DOOR, 0.0), (SensorKind.DOOR, 1.0), (SensorKind.DOOR, 0.0)]


async def test_movement_that_a_beacon_repeats_is_told_once_a_minute_and_rest_not_again(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        for number, state in enumerate(["2100", *["2101"] * 12, *["2100"] * 100]):
            home.hears(bthome(f"00{number:02x}{state}"), after_s=10.0 * number)

        quiet, moving = (SensorKind.MOTION, 0.0), (SensorKind.MOTION, 1.0)
        assert home.told == [quiet, moving, moving, quiet]


async def test_a_value_in_place_of_the_company_number_is_told_from_the_heap_that_bluez_makes_of_it(
    tmp_path: Path,
) -> None:
    warm, warmer = {0x0834: bytes.fromhex("f41000ba4e6408")}, {0x0898: bytes.fromhex("f41000ba4e6408")}
    with house(tmp_path) as home:
        home.hears(heard(manufacturer_data=warm, name="sps"))
        home.hears(heard(manufacturer_data={**warm, **warmer}, name="sps"), after_s=20)
        home.hears(heard(manufacturer_data={**warm, **warmer}, name="sps"), after_s=1000)

        assert home.told == [
            (SensorKind.TEMPERATURE, 21.0),
            (SensorKind.HUMIDITY, 43.4),
            (SensorKind.TEMPERATURE, 22.0),
        ]


async def test_what_one_radio_heard_before_says_nothing_about_the_heap_of_another(tmp_path: Path) -> None:
    warm, warmer = {0x0834: bytes.fromhex("f41000ba4e6408")}, {0x0898: bytes.fromhex("f41000ba4e6408")}
    near, far = heard(manufacturer_data=warm, name="sps"), heard(manufacturer_data={**warmer, **warm}, name="sps")
    with house(tmp_path) as home:
        home.hears(replace(near, radio="hci0"))
        home.hears(replace(far, radio="hci1"), after_s=20)  # which of the two is new, only hci0 could know

        assert home.told == [(SensorKind.TEMPERATURE, 21.0), (SensorKind.HUMIDITY, 43.4)]


async def test_a_flood_of_strangers_leaves_nothing_behind_and_nothing_out(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        for number in range(5_000):
            stranger = f"C0:00:00:00:{number >> 8:02X}:{number & 255:02X}"
            home.hears(heard(manufacturer_data={number: b"x", 0x0834: b"y"}, name="sps", address=stranger))
        home.hears(bthome("000701643a01"))

        assert home.told == [(SensorKind.BUTTON, 1.0)]
        assert home.remembers_strangers == 0
        assert home.troubles.so_far() == {Trouble.UNKNOWN_SENSOR: 5_000}
