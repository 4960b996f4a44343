"""What crosses the gateway's edge survives the crossing, and faults are told without telling on people."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from builders import T0
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from gateway.contract import topics
from gateway.contract.clock import SystemClock, WorldClock, WorldTime
from gateway.contract.codec import ContractError, from_json, to_json
from gateway.contract.doubt import Doubt, Meal
from gateway.contract.heartbeat import Heartbeat, Presence, PresenceState, SensorHealth, StreamHead, Trouble
from gateway.contract.home_config import HomeConfig, SensorConfig
from gateway.contract.observation import VITALS, Observation, ObservationBatch, SensorKind, Stream, Vital, stream_of
from gateway.contract.receipt import Receipt
from gateway.contract.schema import SCHEMA_FILE, as_text
from gateway.contract.topics import Downward, Upward, UpwardTopic

moments = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
numbers = st.integers(1, 2**53 - 1)
hex8 = st.from_regex(r"[0-9a-f]{8}", fullmatch=True)
gateway_ids = st.from_regex(r"[a-z0-9][a-z0-9-]{2,62}", fullmatch=True)
sensor_ids = st.from_regex(r"[0-9a-f]{12}", fullmatch=True)
rooms = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,31}", fullmatch=True)
values = st.floats(allow_nan=False, allow_infinity=False)

vitals = st.builds(
    Vital, device_time=st.none() | st.datetimes(), sequence=st.none() | st.integers(0, 65535),
    user=st.none() | st.integers(0, 255), doubts=st.lists(st.sampled_from(Doubt), max_size=3).map(tuple),
    meal=st.none() | st.sampled_from(Meal), missed=st.none() | st.sampled_from(sorted(VITALS)),
)  # fmt: skip
observations = st.builds(
    Observation, seq=numbers, sensor_id=sensor_ids, room=rooms, value=values, observed_at=moments,
    rssi_dbm=st.none() | st.integers(-127, 20), vital=st.none() | vitals,
)  # fmt: skip
messages: list[st.SearchStrategy[BaseModel]] = [
    st.builds(
        ObservationBatch, gateway_id=gateway_ids, epoch=hex8, oldest_seq=numbers, sent_at=moments,
        observations=st.lists(observations, min_size=1, max_size=3).map(tuple),
    ),
    st.builds(
        Heartbeat, gateway_id=gateway_ids, boot_id=hex8, software=st.text(max_size=32), started_at=moments,
        sent_at=moments, epoch=hex8, oldest_waiting_at=st.none() | moments, deaf_since=st.none() | moments,
        heads=st.lists(st.builds(StreamHead, last_seq=numbers, waiting=numbers), max_size=2).map(tuple),
        sensors=st.lists(
            st.builds(
                SensorHealth, sensor_id=sensor_ids, last_heard_at=st.none() | moments,
                battery_percent=st.floats(0, 100), troubles=st.dictionaries(st.sampled_from(Trouble), numbers),
            ),
            max_size=2,
        ).map(tuple),
        troubles=st.dictionaries(st.sampled_from(Trouble), numbers), config_mark=st.none() | hex8,
    ),
    st.builds(Presence, gateway_id=gateway_ids, boot_id=hex8),
    st.builds(Receipt, epoch=hex8, up_to_seq=numbers),
    st.builds(
        HomeConfig, version=st.integers(1, 2**31 - 1), mark=st.none() | hex8, gateway_id=gateway_ids,
        sensors=st.lists(
            st.builds(SensorConfig, sensor_id=sensor_ids, room=rooms, bind_key=st.none() | st.just("0f" * 16)),
            max_size=3,
        ).map(tuple),
    ),
]  # fmt: skip


@given(message=st.one_of(messages))
def test_every_message_comes_out_as_it_went_in(message: BaseModel) -> None:
    assert from_json(type(message), to_json(message)) == message


@given(payload=st.binary() | st.text().map(str.encode), kind=st.sampled_from([ObservationBatch, Heartbeat, Receipt]))
def test_any_bytes_are_a_message_or_a_contract_error(payload: bytes, kind: type[BaseModel]) -> None:
    with pytest.raises(ContractError):
        from_json(kind, payload)


@given(message=st.one_of(messages), place=st.integers(0, 2000), byte=st.integers(0, 255))
def test_a_message_with_one_wrong_byte_is_a_message_or_a_contract_error(
    message: BaseModel, place: int, byte: int
) -> None:
    payload = bytearray(to_json(message))
    payload[place % len(payload)] = byte

    with suppress(ContractError):
        assert isinstance(from_json(type(message), bytes(payload)), type(message))


@pytest.mark.parametrize("field", ["gateway_id", "epoch", "stream", "oldest_seq", "sent_at", "observations"])
def test_a_contract_error_names_the_place_and_never_the_value(field: str) -> None:
    fact = Observation(
        seq=1, sensor_id="0" * 12, room="lounge", kind=SensorKind.MOTION, value=1, observed_at=T0, clock_synced=True
    )
    batch = ObservationBatch(
        gateway_id="gw-a", epoch="0" * 8, stream=Stream.ROUTINE, oldest_seq=1, sent_at=T0, observations=(fact,)
    )
    document = json.loads(to_json(batch)) | {field: "Inger Solberg"}

    with pytest.raises(ContractError) as told:
        from_json(ObservationBatch, json.dumps(document).encode())

    assert str(told.value).startswith(f"{field}: ")
    assert "Inger" not in str(told.value)


def test_a_newer_message_with_fields_we_do_not_know_is_read() -> None:
    payload = json.dumps({"epoch": "0" * 8, "stream": "urgent", "up_to_seq": 3, "mood": "good"}).encode()

    assert from_json(Receipt, payload).up_to_seq == 3


MOVEMENT = (
    b'{"seq":1,"sensor_id":"a4c138000001","room":"lounge","kind":"motion","value":1.0,'
    b'"observed_at":"2025-01-15T09:00:00Z","clock_synced":true,"rssi_dbm":-60}'
)
SUGAR = (
    b'{"seq":2,"sensor_id":"a4c138000002","room":"bedroom","kind":"glucose","value":5.5,'
    b'"observed_at":"2025-01-15T09:00:00Z","clock_synced":true,"vital":{"device_time":"2025-01-15T08:00:00",'
    b'"sequence":7,"user":2,"doubts":["too_hot_or_cold"],"meal":"before"}}'
)


def test_an_ordinary_observation_takes_no_more_room_because_others_say_more() -> None:
    assert to_json(from_json(Observation, MOVEMENT)) == MOVEMENT
    assert to_json(from_json(Observation, SUGAR)) == SUGAR


def test_a_doubt_of_a_newer_gateway_stays_a_doubt_and_an_unknown_meal_is_none() -> None:
    newer = SUGAR.replace(b"too_hot_or_cold", b"held_upside_down").replace(b'"before"', b'"elevenses"')

    vital = from_json(Observation, newer).vital

    assert vital is not None
    assert (vital.doubts, vital.meal, vital.sequence) == ((Doubt.QUESTIONABLE,), None, 7)


def test_a_device_s_own_time_has_no_zone() -> None:
    with pytest.raises(ContractError, match=r"vital\.device_time"):
        from_json(Observation, SUGAR.replace(b'T08:00:00"', b'T08:00:00Z"'))


@given(gateway_id=gateway_ids, what=st.sampled_from(Upward))
def test_an_upward_topic_is_read_as_it_was_written(gateway_id: str, what: Upward) -> None:
    assert topics.read_upward(topics.upward(gateway_id, what)) == UpwardTopic(gateway_id, what)


@given(topic=st.text() | st.sampled_from(Downward).map(lambda what: topics.downward("gw-a", what)))
def test_no_other_topic_is_a_gateways(topic: str) -> None:
    with pytest.raises(ValueError, match="no gateway sends on"):
        topics.read_upward(topic)


@given(gateway_id=gateway_ids, what=st.sampled_from(Downward))
def test_a_downward_topic_is_read_as_it_was_written(gateway_id: str, what: Downward) -> None:
    assert topics.read_downward(topics.downward(gateway_id, what)) is what


def test_every_upward_topic_is_listened_to_and_only_the_urgent_one_apart() -> None:
    filters = [*topics.URGENT_UPWARD, *topics.OTHER_UPWARD]

    assert sorted(wanted.rpartition("/")[2] for wanted in filters) == sorted(Upward)
    assert [wanted.rpartition("/")[2] for wanted in topics.URGENT_UPWARD] == [Upward.URGENT]
    # rumqttd gives a message to one filter of a group, so filters of one group would take each other's messages away.
    assert len({wanted.split("/")[1] for wanted in filters}) == len(filters)
    assert all(wanted.startswith("$share/") for wanted in filters)


CALLS = {SensorKind.BUTTON, SensorKind.PULL_CORD, SensorKind.FALL, SensorKind.SMOKE, SensorKind.WATER_LEAK}


@pytest.mark.parametrize(("kind", "value"), [*product(SensorKind, [0.0, 1.0, 4.0])])
def test_a_call_for_help_is_urgent_and_nothing_else_is(kind: SensorKind, value: float) -> None:
    assert (stream_of(kind, value) is Stream.URGENT) == (kind in CALLS and value > 0)


def test_the_committed_schema_is_that_of_the_code() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == as_text()


def test_presence_has_two_sides() -> None:
    assert {str(state) for state in PresenceState} == {"here", "gone"}


@given(moment=moments)
def test_a_simulated_worlds_clock_shows_what_its_hand_set(
    moment: datetime, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("world") / "clock"
    world = WorldTime(path, T0)
    clock = WorldClock(path)
    assert clock.now() == T0

    world.set(moment)

    assert clock.now() == moment


def test_a_simulated_clock_nobody_has_set_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        WorldClock(tmp_path / "clock")


async def test_who_sleeps_in_a_simulated_world_wakes_when_its_time_has_come(tmp_path: Path) -> None:
    world = WorldTime(tmp_path / "clock", T0)
    clock = WorldClock(tmp_path / "clock")
    world.set(T0 + timedelta(hours=1))
    slept = clock.sleep(timedelta(hours=-1))
    await slept

    assert clock.now() == T0 + timedelta(hours=1)


async def test_the_machines_clock_is_aware_and_does_not_wait_for_the_past() -> None:
    clock = SystemClock()
    before = clock.now()

    await clock.sleep(timedelta(days=-1))

    assert before.tzinfo is UTC
    assert clock.now() >= before
