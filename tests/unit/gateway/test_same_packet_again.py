"""A packet that was read already is not read again, and nobody can tell: facts, troubles, signs of life are equal."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from bthome_ble import BTHomeBluetoothDeviceData
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sensor_packets import (
    BTHOME_DATA,
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
from typing_extensions import override

from gateway.ble.advertisement import Advertisement
from gateway.contract.codec import to_json
from gateway.contract.heartbeat import SensorHealth, Trouble
from gateway.contract.home_config import HomeConfig, SensorConfig
from gateway.contract.observation import Observation, Stream
from gateway.hearing import Hearing
from gateway.home import Home
from gateway.observe import SensorMemory
from gateway.outbox import Outbox
from gateway.recorder import Recorder
from gateway.sensors import bthome as bthome_family
from gateway.sensors import library
from gateway.sensors.reading import Reading, UndecodableAdvertisementError
from gateway.troubles import Troubles

_GOVEE_WARMTH = bytes.fromhex("0003215d6400")
# A thermometer that writes what it measures where the company's number belongs: BlueZ heaps them up.
_WARM, _WARMER = ({number: bytes.fromhex("f41000ba4e6408")} for number in (0x0834, 0x0898))
_RUUVI = "0512fc5394c37c0004fffc040cac364200cdcbb8334c884f"
_RUUVI_WARMER = "0516fc5394c37c0004fffc040cac364200cecbb8334c884f"
# What one sensor may say: these come mixed most often, and anything with anything now and then.
_VOICES = (
    [*(bthome(f"00{number:02x}01643a01") for number in range(3)), bthome("2101"), bthome("0244090351")],
    [sealed_bthome(counter, content) for counter in (8, 9, 10) for content in ("2101", "00092100")],
    [sealed_bthome(11, "2101", OTHER_KEY), sealed_bthome(11, "2101"), bthome("2101")],
    [mibeacon(3, "0d1004fe004802"), mibeacon(4, "0d1004fe004802"), sealed_mibeacon(7, "034c0164")],
    [heard(manufacturer_data={0x0499: bytes.fromhex(said)}) for said in (_RUUVI, _RUUVI_WARMER)],
    [heard(manufacturer_data=heap, name="sps") for heap in (_WARM, _WARMER, {**_WARM, **_WARMER})],
    [
        heard(manufacturer_data={0xEC88: _GOVEE_WARMTH}, name="GVH5075_18B2"),
        govee_event(70_000, model=8, state=0),
        heard(service_data={BTHOME_DATA: b"\x44"}),
        heard(service_data={BTHOME_DATA: b"\x44\x21\x01"}, manufacturer_data={0xEC88: _GOVEE_WARMTH}, name="GVH5075"),
    ],
)


class Forgetful(Hearing):
    """Reads every packet anew, as if nothing had ever been read."""

    @override
    def hear(self, advertisement: Advertisement) -> None:
        self._last_read.clear()
        bthome_family._read.cache_clear()
        super().hear(advertisement)


@dataclass(frozen=True)
class Step:
    """A packet so long after the last, or a new configuration of the home."""

    packet: Advertisement | None
    after: timedelta
    key: str | None
    rssi_dbm: int


@dataclass(frozen=True)
class Heard:
    facts: Sequence[Observation]
    memory: SensorMemory
    health: tuple[SensorHealth, ...]
    troubles: dict[Trouble, int]


def courses(packets: list[Advertisement]) -> st.SearchStrategy[list[Step]]:
    """Return courses in which these few packets come again and again."""
    step = st.builds(
        Step,
        st.sampled_from((*packets, None)),
        st.sampled_from([timedelta(seconds=s) for s in (0.1, 3.0, 9.9, 10.0, 61.0, 3600.0, -20.0)]),
        st.sampled_from((None, KEY, OTHER_KEY)),
        st.integers(-100, -40),
    )
    return st.lists(step, min_size=1, max_size=12)


few_packets = st.sampled_from(_VOICES) | st.just([one for voice in _VOICES for one in voice])


@contextmanager
def hearing_of(kind: type[Hearing], key: str | None) -> Iterator[tuple[Hearing, Home, Recorder, Outbox, Troubles]]:
    with TemporaryDirectory() as folder, Outbox(Path(folder), Troubles()) as outbox:
        troubles = Troubles()
        home = Home(Path(folder), "gw-a", troubles)
        home.take(configured(1, key))
        recorder = Recorder(outbox, troubles)
        yield kind(home, recorder, troubles, lambda: True), home, recorder, outbox, troubles


def configured(version: int, key: str | None) -> bytes:
    sensor = SensorConfig(sensor_id=SENSOR, room="hallway", bind_key=key)
    return to_json(HomeConfig(version=version, gateway_id="gw-a", sensors=(sensor,)))


async def what_comes_of(kind: type[Hearing], key: str | None, course: Sequence[Step]) -> Heard:
    with hearing_of(kind, key) as (hearing, home, recorder, outbox, troubles):
        now: datetime = NOON
        for number, step in enumerate(course, start=2):
            now += step.after
            if step.packet is None:
                home.take(configured(number, step.key))
            else:
                hearing.hear(replace(step.packet, heard_at=now, rssi_dbm=step.rssi_dbm))
        recorder.flush()
        facts = [fact for stream in Stream for fact in outbox.oldest(stream, 0, 1000)]
        return Heard(facts, recorder.memory(SENSOR), hearing.health(), dict(troubles.so_far()))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from((None, KEY)), few_packets.flatmap(courses))
async def test_a_stream_with_copies_comes_to_the_same_as_one_of_which_every_packet_is_read(
    key: str | None, course: list[Step]
) -> None:
    assert await what_comes_of(Hearing, key, course) == await what_comes_of(Forgetful, key, course)


@pytest.mark.parametrize("key", [None, KEY])
@pytest.mark.parametrize("voice", _VOICES)
async def test_packets_that_take_turns_are_told_apart_in_every_format(
    voice: list[Advertisement], key: str | None
) -> None:
    course = [Step(packet, timedelta(seconds=61), key, -60) for packet in (*voice, *voice)]

    assert await what_comes_of(Hearing, key, course) == await what_comes_of(Forgetful, key, course)


async def test_a_copy_is_not_read_again_and_still_proves_that_its_sensor_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[Advertisement] = []
    decode = bthome_family.decode

    def counted(advertisement: Advertisement, bind_key: str | None) -> Reading:
        reads.append(advertisement)
        return decode(advertisement, bind_key)

    counting = replace(bthome_family.BTHOME, decode=counted)
    monkeypatch.setattr("gateway.hearing.families_of", lambda _: (counting,))
    with hearing_of(Hearing, KEY) as (hearing, *_):
        for hour in range(6):
            beacon = sealed_bthome(9, "0009016421")
            hearing.hear(replace(beacon, heard_at=NOON + timedelta(hours=hour), rssi_dbm=-60 - hour))
        (health,) = hearing.health()

    assert len(reads) == 1
    assert (health.last_heard_at, health.rssi_dbm) == (NOON + timedelta(hours=5), -65)


async def test_a_packet_that_an_earlier_key_has_opened_is_not_believed_under_a_new_one() -> None:
    with hearing_of(Hearing, KEY) as (hearing, home, _, _, troubles):
        hearing.hear(sealed_bthome(9, "2101"))
        home.take(configured(2, OTHER_KEY))
        hearing.hear(sealed_bthome(9, "2101"))

    assert troubles.so_far() == {Trouble.WRONG_KEY: 1}


async def test_a_radio_that_goes_on_writing_into_its_own_table_does_not_hide_news() -> None:
    table = {BTHOME_DATA: bytes.fromhex("4400012d01")}
    with hearing_of(Hearing, None) as (hearing, _, recorder, outbox, _):
        hearing.hear(heard(service_data=table))
        table[BTHOME_DATA] = bytes.fromhex("4400022d00")
        hearing.hear(heard(service_data=table, after_s=1))
        recorder.flush()
        told = [fact.value for fact in outbox.oldest(Stream.ROUTINE, 0, 10)]

    assert told == [1.0, 0.0]


def by_the_library(packet: bytes, key: str | None) -> Reading:
    """Read a packet by the library alone, seal and all."""
    parser = BTHomeBluetoothDeviceData(bindkey=bytes.fromhex(key) if key else None)
    update = library.parse(parser, heard(service_data={BTHOME_DATA: packet}), service_data={BTHOME_DATA: packet})
    if parser.last_service_info is None:
        raise UndecodableAdvertisementError
    return Reading(
        measures=library.measures(update, bthome_family._MEANINGS),
        packet=packet,
        packet_id=next((int(value) for word, value in library.numbers(update) if word == "packet_id"), None),
        counter=int.from_bytes(packet[-8:-4], "little") if key else None,
        is_encrypted=key is not None,
        battery_percent=library.battery(update),
        title=library.title(update),
    )


def naming_sender(packet: bytes, counter: int, content: str, key: str | None) -> bytes:
    """Return the packet with its sender's address in it."""
    head, sender = bytes([packet[0] | 2]), bytes.fromhex(SENSOR)
    if key is None:
        return head + sender[::-1] + packet[1:]
    count = counter.to_bytes(4, "little")
    cipher = AESCCM(bytes.fromhex(key), tag_length=4)
    sealed = cipher.encrypt(sender + b"\xd2\xfc" + head + count, bytes.fromhex(content), None)
    return head + sender[::-1] + sealed[:-4] + count + sealed[-4:]


_OBJECTS = st.sampled_from(
    ["0009", "00ff", "0164", "02ca09", "03bf13", "05e31600", "05e316", "2101", "2d00", "3a01", "3a00", "ff01"]
)


@settings(max_examples=150, deadline=None)
@given(
    # Two bytes at least: what is shorter is refused before anybody opens it.
    content=st.lists(_OBJECTS, min_size=1, max_size=6).map("".join) | st.binary(min_size=2, max_size=20).map(bytes.hex),
    counter=st.integers(0, 2**32 - 1),
    is_sealed=st.booleans(),
    names_sender=st.booleans(),
)
def test_what_is_opened_here_reads_as_what_the_library_opens(
    content: str, counter: int, *, is_sealed: bool, names_sender: bool
) -> None:
    plain = bthome(content).service_data[BTHOME_DATA]
    key = KEY if is_sealed else None
    packet = sealed_bthome(counter, content).service_data[BTHOME_DATA] if is_sealed else plain
    if names_sender:
        packet = naming_sender(packet, counter, content, key)

    found: list[object] = []
    for read in (
        lambda: bthome_family.decode(heard(service_data={BTHOME_DATA: packet}), key),
        lambda: by_the_library(packet, key),
    ):
        try:
            found.append(read())
        except UndecodableAdvertisementError as fault:
            found.append(type(fault))

    assert found[0] == found[1]
