"""When a packet is a new fact, when a repeat, and when a recording played again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ble.advertisement import Advertisement
from gateway.contract.heartbeat import Trouble
from gateway.contract.home_config import SensorConfig
from gateway.contract.observation import SensorKind, Stream
from gateway.observe import Decision, SensorMemory, observe
from gateway.outbox_rows import memory_from_json, memory_to_json
from gateway.sensors.reading import Reading

_NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
_SENSOR = SensorConfig(sensor_id="a4c138000001", room="hallway")


class Listener:
    """One sensor's packets one after another, each decided with the memory of those before."""

    def __init__(self, sensor: SensorConfig = _SENSOR) -> None:
        self.memory = SensorMemory()
        self.sensor = sensor

    def hear(self, reading: Reading, at: datetime = _NOW, rssi_dbm: int = -60) -> Decision:
        heard = Advertisement("A4:C1:38:00:00:01", None, {}, {}, rssi_dbm, at)
        decision = observe(reading, heard, self.sensor, self.memory, clock_synced=True)
        # Through JSON, as the outbox keeps it over a restart.
        self.memory = memory_from_json(memory_to_json(decision.memory or self.memory))
        return decision

    def values(self, reading: Reading, at: datetime = _NOW) -> list[float]:
        return [fact.value for fact in self.hear(reading, at).facts]


def motion(number: int) -> Reading:
    return Reading(((SensorKind.MOTION, 1.0),), bytes([number % 256]), packet_id=number % 256)


def sealed(counter: int, content: bytes = b"") -> Reading:
    return Reading(((SensorKind.DOOR, 1.0),), counter.to_bytes(4, "little") + content, counter=counter)


def unnumbered(packet: bytes = b"x") -> Reading:
    return Reading(((SensorKind.BUTTON, 1.0),), packet)


def warmth(number: int, degrees: float) -> Reading:
    return Reading(((SensorKind.TEMPERATURE, degrees),), bytes([number]), packet_id=number)


def test_a_fact_says_who_where_what_and_when() -> None:
    (fact,) = Listener().hear(motion(1)).facts

    assert (fact.sensor_id, fact.room, fact.kind, fact.value) == ("a4c138000001", "hallway", SensorKind.MOTION, 1.0)
    assert (fact.observed_at, fact.clock_synced, fact.rssi_dbm) == (_NOW, True, -60)


def test_the_same_packet_again_is_no_fact() -> None:
    listener = Listener()

    assert len(listener.hear(motion(1)).facts) == 1
    assert listener.hear(motion(1), _NOW + timedelta(hours=1)) == Decision()


def test_the_same_state_in_a_new_packet_is_a_new_fact() -> None:
    listener = Listener()

    assert listener.values(motion(1)) + listener.values(motion(2)) == [1.0, 1.0]


def test_a_repeat_is_known_among_the_last_eight_packets_and_a_number_may_come_round_again() -> None:
    listener = Listener()
    for number in range(9):
        listener.hear(motion(number))

    assert listener.values(motion(1)) == []
    assert listener.values(motion(0)) == [1.0]


def test_an_unnumbered_packet_is_the_same_event_for_ten_seconds() -> None:
    listener = Listener()

    assert listener.values(unnumbered()) == [1.0]
    assert listener.values(unnumbered(), _NOW + timedelta(seconds=9.9)) == []
    assert listener.values(unnumbered(), _NOW + timedelta(seconds=10)) == [1.0]


def test_a_clock_set_back_does_not_silence_an_unnumbered_sensor() -> None:
    listener = Listener()
    listener.hear(unnumbered())

    assert listener.values(unnumbered(), _NOW - timedelta(days=1)) == [1.0]


def test_an_encrypted_packet_heard_again_is_a_plain_repeat() -> None:
    listener = Listener()
    listener.hear(sealed(5))

    assert listener.hear(sealed(5)) == Decision()


@pytest.mark.parametrize(("counter", "content"), [(5, b"other"), (4, b""), (0, b"")])
def test_a_counter_that_does_not_rise_is_a_recording_played_again(counter: int, content: bytes) -> None:
    listener = Listener()
    listener.hear(sealed(5))

    assert listener.hear(sealed(counter, content)) == Decision(trouble=Trouble.REPLAYED)
    assert listener.memory.counter == 5


def test_a_count_that_was_renewed_begins_anew_once_and_rises_from_there() -> None:
    listener = Listener()
    listener.hear(sealed(500))

    listener.sensor = _SENSOR.model_copy(update={"count_renewed": 1})

    assert [bool(listener.hear(sealed(counter)).facts) for counter in (3, 2, 4, 501, 400)] == [
        True, False, True, True, False
    ]  # fmt: skip


@given(st.lists(st.integers(0, 12), max_size=40))
def test_no_order_of_encrypted_packets_tells_one_twice(counters: list[int]) -> None:
    listener = Listener()

    told = [counter for counter in counters if listener.hear(sealed(counter)).facts]

    assert told == sorted(set(told))


def test_a_slow_measure_is_told_when_it_has_moved_or_a_quarter_of_an_hour_has_passed() -> None:
    listener = Listener()

    assert listener.values(warmth(1, 21.0)) == [21.0]
    assert listener.values(warmth(2, 21.1)) == []
    assert listener.values(warmth(3, 21.3)) == [21.3]
    assert listener.values(warmth(4, 21.3), _NOW + timedelta(minutes=15)) == [21.3]


def test_small_steps_that_add_up_are_told() -> None:
    listener = Listener()

    told = [value for step in range(20) for value in listener.values(warmth(step, 20 + step * 0.1))]

    assert len(told) >= 8


def test_a_second_probe_does_not_make_the_first_seem_to_jump() -> None:
    listener = Listener()
    two = ((SensorKind.TEMPERATURE, 21.0), (SensorKind.TEMPERATURE, 4.0))

    assert listener.values(Reading(two, b"1", packet_id=1)) == [21.0]
    assert listener.values(Reading(two, b"2", packet_id=2)) == []


def test_a_contact_under_a_mattress_is_a_bed() -> None:
    bed = SensorConfig(sensor_id="a4c138000001", room="bedroom", reads_as={SensorKind.DOOR: SensorKind.BED})

    assert [fact.kind for fact in Listener(bed).hear(sealed(1)).facts] == [SensorKind.BED]


def test_a_press_is_urgent_and_a_movement_is_not() -> None:
    assert [fact.stream for fact in Listener().hear(unnumbered()).facts] == [Stream.URGENT]
    assert [fact.stream for fact in Listener().hear(motion(1)).facts] == [Stream.ROUTINE]


@pytest.mark.parametrize("rssi_dbm", [127, -128])
def test_a_signal_strength_that_means_unknown_is_left_out(rssi_dbm: int) -> None:
    assert [fact.rssi_dbm for fact in Listener().hear(motion(1), rssi_dbm=rssi_dbm).facts] == [None]


def test_a_packet_without_a_measure_is_remembered_all_the_same() -> None:
    listener = Listener()

    decision = listener.hear(Reading((), b"battery only", counter=9))

    assert (decision.facts, listener.memory.counter) == ((), 9)


def state(number: int, value: float, kind: SensorKind = SensorKind.DOOR) -> Reading:
    return Reading(((kind, value),), bytes([number]), packet_id=number)


def test_the_same_state_is_no_news_from_a_sensor_that_tells_both_ends() -> None:
    listener = Listener()

    told = [listener.values(state(number, value)) for number, value in enumerate([0, 0, 1, 1, 0, 0])]

    assert told == [[0.0], [], [1.0], [], [0.0], []]


def test_a_sensor_that_never_tells_an_end_means_each_by_itself() -> None:
    listener = Listener()

    assert [listener.values(state(number, 1)) for number in range(3)] == [[1.0]] * 3


@pytest.mark.parametrize("kind", [SensorKind.MOTION, SensorKind.SMOKE, SensorKind.WATER_LEAK])
def test_what_goes_on_is_told_again_after_a_minute(kind: SensorKind) -> None:
    listener = Listener()
    listener.hear(state(0, 0, kind))
    listener.hear(state(1, 1, kind))

    assert listener.values(state(2, 1, kind), _NOW + timedelta(seconds=59)) == []
    assert listener.values(state(3, 1, kind), _NOW + timedelta(seconds=60)) == [1.0]


def test_one_open_window_of_two_is_open() -> None:
    windows = Reading(((SensorKind.DOOR, 1.0), (SensorKind.DOOR, 0.0)), b"w", packet_id=1)

    assert Listener().values(windows) == [1.0]


def test_two_presses_in_one_packet_are_two_facts() -> None:
    presses = Reading(((SensorKind.BUTTON, 1.0), (SensorKind.BUTTON, 4.0)), b"p", packet_id=1)

    assert Listener().values(presses) == [1.0, 4.0]


def test_a_button_that_reads_as_a_pull_cord_is_pulled_however_it_was_pressed() -> None:
    cord = SensorConfig(sensor_id="a4c138000001", room="bathroom", reads_as={SensorKind.BUTTON: SensorKind.PULL_CORD})
    held = Reading(((SensorKind.BUTTON, 4.0),), b"held", packet_id=1)

    assert [(fact.kind, fact.value, fact.stream) for fact in Listener(cord).hear(held).facts] == [
        (SensorKind.PULL_CORD, 1.0, Stream.URGENT)
    ]


def test_a_packet_with_a_stamp_of_its_own_is_the_same_however_late() -> None:
    listener = Listener()
    press = Reading(((SensorKind.BUTTON, 1.0),), b"stamped", has_stamp=True)

    assert listener.values(press) == [1.0]
    assert listener.values(press, _NOW + timedelta(hours=1)) == []
