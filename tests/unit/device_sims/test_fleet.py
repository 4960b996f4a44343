"""A fleet's lives, what its gateways hold, and what is told of it."""

import random
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from typing_extensions import override

from device_sims.cli import sim
from device_sims.fleet.fleet import delay_of, provisioning_of
from device_sims.fleet.homes import MORNING, Event, FleetHome, expected_events
from device_sims.fleet.load import Load
from device_sims.fleet.outgoing import FleetGateway, Outgoing
from gateway.contract.codec import from_json, to_json
from gateway.contract.heartbeat import Heartbeat
from gateway.contract.home_config import HomeConfig
from gateway.contract.observation import ObservationBatch, SensorKind, Stream, stream_of

DAY = timedelta(days=1)


def lives(seed: int, number: int, events_a_day: float = 400, days: int = 20) -> list[Event]:
    home, found = FleetHome(seed, number, events_a_day), []
    event = home.next_after(MORNING)
    while event.at < MORNING + days * DAY:
        found.append(event)
        event = home.next_after(event.at)
    return found


def test_the_same_seed_lives_the_same_life_and_another_home_another() -> None:
    assert lives(1, 7, days=2) == lives(1, 7, days=2)
    assert lives(1, 7, days=2) != lives(1, 8, days=2)
    assert lives(1, 7, days=2) != lives(2, 7, days=2)


def test_a_fleet_has_as_many_events_as_asked_for_and_nights_are_quiet() -> None:
    events = [event for number in range(20) for event in lives(1, number, 400, days=5)]

    assert len(events) == pytest.approx(20 * 5 * 400, rel=0.15)  # homes differ by up to half, by chance
    night = sum(1 for event in events if 0 <= event.at.hour < 4)
    assert night < len(events) * 0.10
    assert expected_events(20, 400, MORNING, 5 * DAY) == pytest.approx(20 * 5 * 400)


def test_events_come_in_order_and_a_door_opens_before_it_closes() -> None:
    events = lives(1, 3)
    home = FleetHome(1, 3, 400)

    assert [event.at for event in events] == sorted(event.at for event in events)
    doors = [event.value for event in events if home.kind(event.place) is SensorKind.DOOR]
    assert doors == [float(n % 2 == 0) for n in range(len(doors))]


def test_some_press_their_button_and_that_is_urgent() -> None:
    home = FleetHome(1, 3, 400)
    urgent = [
        one for number in range(30) for one in lives(1, number)
        if stream_of(home.kind(one.place), one.value) is Stream.URGENT
    ]  # fmt: skip

    assert 20 < len(urgent) < 160  # 30 homes, 20 days, about 0.12 a day


class _NoChance(random.Random):
    """Waits exactly as long as the longest wait: 1.2 times its patience."""

    @override
    def uniform(self, a: float, b: float) -> float:
        return b


def gateway() -> FleetGateway:
    return FleetGateway(FleetHome(1, 0, 400), "0000000a", 2.0, MORNING, _NoChance())


def outgoing(stream: Stream = Stream.ROUTINE) -> Outgoing:
    return gateway().streams[stream]


def hear(stream: Outgoing, facts: int) -> None:
    for n in range(facts):
        stream.hear(Event(MORNING, 0, 1.0), -60, heard_at_s=float(n))


def numbers(batch: ObservationBatch | None) -> list[int]:
    return [fact.seq for fact in batch.observations] if batch is not None else []


def test_what_has_no_receipt_is_held_and_sent_again_after_ever_longer_waits() -> None:
    stream = outgoing()
    hear(stream, 3)

    assert numbers(stream.batch(MORNING, 10.0)) == [1, 2, 3]
    assert not stream.asks_again(12.3)
    assert stream.asks_again(12.5)
    assert numbers(stream.batch(MORNING, 12.5)) == [1, 2, 3]
    assert not stream.asks_again(17.2), "a wait in vain doubles"
    assert stream.asks_again(17.4)


def test_what_is_new_does_not_wait_for_the_receipt_of_what_is_older() -> None:
    stream = outgoing()
    hear(stream, 2)
    stream.batch(MORNING, 0.0)
    hear(stream, 1)
    news = stream.batch(MORNING, 0.1)

    assert numbers(news) == [3]
    assert news is not None
    assert news.oldest_seq == 1
    assert stream.batch(MORNING, 0.2) is None


def test_gateways_that_lose_one_server_do_not_all_ask_again_in_one_moment() -> None:
    chance, waits = random.Random(7), []  # noqa: S311 - not a secret
    for number in range(200):
        stream = FleetGateway(FleetHome(1, number, 400), "0000000a", 2.0, MORNING, chance).streams[Stream.ROUTINE]
        hear(stream, 1)
        stream.batch(MORNING, 0.0)
        waits.append(next(tenth / 10 for tenth in range(100) if stream.asks_again(tenth / 10)))

    assert min(waits) >= 1.6
    assert max(waits) <= 2.5
    assert len(set(waits)) >= 7, "spread over the whole wait"


def test_an_urgent_fact_is_asked_for_again_without_a_longer_wait() -> None:
    stream = outgoing(Stream.URGENT)
    stream.hear(Event(MORNING, 6, 1.0), -60, 0.0)
    again = []
    for now_s in (0.0, 2.5, 5.0):
        stream.batch(MORNING, now_s)
        again.append(stream.asks_again(now_s + 2.5))

    assert again == [True, True, True]


def test_a_receipt_frees_what_it_covers_and_tells_how_long_it_took() -> None:
    stream = outgoing()
    hear(stream, 3)
    stream.batch(MORNING, 4.0)

    assert stream.receive(2, 5.0) == [5.0, 4.0]
    assert stream.receive(2, 6.0) == []
    assert stream.waiting == 1
    assert stream.batch(MORNING, 6.5) is None, "the third is on its way"
    assert stream.asks_again(7.5)
    rest = stream.batch(MORNING, 7.5)
    assert rest is not None
    assert (rest.oldest_seq, numbers(rest)) == (3, [3])


def test_a_long_backlog_goes_in_batches_and_no_more_than_a_window_is_on_its_way() -> None:
    stream = outgoing()
    hear(stream, 2450)
    sizes = []
    while batch := stream.batch(MORNING, 0.0):
        sizes.append(len(batch.observations))

    assert sizes == [200] * 10
    assert not stream.has_unsent
    stream.receive(2000, 1.0)
    assert [len(numbers(stream.batch(MORNING, 1.0))) for _ in range(4)] == [200, 200, 50, 0]


def test_while_no_receipt_comes_only_the_oldest_batch_is_sent_again() -> None:
    stream = outgoing()
    hear(stream, 450)
    while stream.batch(MORNING, 0.0):
        pass
    stream.asks_again(60.0)

    assert numbers(stream.batch(MORNING, 60.0)) == list(range(1, 201))
    assert stream.batch(MORNING, 60.0) is None


def test_a_heartbeat_tells_how_far_the_streams_have_come_and_how_each_sensor_is_heard() -> None:
    one = gateway()
    one.take(HomeConfig(version=3, mark="00c0ffee", gateway_id=one.home.gateway_id, sensors=()))
    one.take(HomeConfig(version=2, mark="00000bad", gateway_id=one.home.gateway_id, sensors=()))
    at = MORNING + timedelta(hours=1)
    one.hear(Event(at, 3, 1.0), 0.0)
    beat = from_json(Heartbeat, to_json(one.heartbeat(at + timedelta(seconds=1))))

    assert {head.stream: (head.last_seq, head.waiting) for head in beat.heads} == {
        Stream.URGENT: (0, 0), Stream.ROUTINE: (1, 1),
    }  # fmt: skip
    assert (beat.config_version, beat.config_mark, beat.oldest_waiting_at) == (3, "00c0ffee", at)
    heard = {health.sensor_id: health for health in beat.sensors}
    assert set(heard) == {one.home.sensor_id(place) for place in range(7)}
    assert heard[one.home.sensor_id(3)].last_heard_at == at
    for health in heard.values():
        assert health.last_heard_at is not None
        assert at - timedelta(minutes=40) <= health.last_heard_at <= at + timedelta(seconds=1)
        assert health.rssi_dbm is not None
        assert -90 <= health.rssi_dbm <= -46


def test_a_sensor_is_in_no_heartbeat_before_it_was_heard() -> None:
    one = gateway()
    told = [len(one.heartbeat(MORNING + timedelta(seconds=s)).sensors) for s in (0, 60, 300, 1800)]

    assert told == sorted(told)
    assert told[0] == 0
    assert told[-1] == 7


def test_from_minute_to_minute_sensors_speak_anew_louder_or_softer() -> None:
    one = gateway()
    beats = [one.heartbeat(MORNING + timedelta(minutes=60 + minute)) for minute in range(60)]
    by_sensor = [[beat.sensors[place] for beat in beats] for place in range(7)]

    assert all(len({health.last_heard_at for health in some}) >= 2 for some in by_sensor)
    assert any(len({health.rssi_dbm for health in some}) > 3 for some in by_sensor)
    assert all(len({health.battery_percent for health in some}) == 1 for some in by_sensor)
    heard = [health.last_heard_at for health in by_sensor[0] if health.last_heard_at]
    assert heard == sorted(heard)


def test_percentiles_are_in_milliseconds_and_of_nothing_there_are_none() -> None:
    found = delay_of([n / 1000 for n in range(101)])

    assert (found.p50_ms, found.p95_ms, found.p99_ms, found.most_ms) == pytest.approx((50, 95, 99, 100))
    assert delay_of([]).facts == 0


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell")
def test_memory_is_seen_at_most_and_at_half_time_and_that_of_no_server_is_none(tmp_path: Path) -> None:
    load = Load(tmp_path)
    load.look(0.2)
    at_half = load.fleet.half_mb
    held = bytearray(64 * 2**20)
    load.look(0.9)

    assert at_half == load.fleet.half_mb > 5
    assert load.fleet.most_mb > at_half + 30
    assert (load.server.most_mb, load.cpu_s) == (0, 0)
    del held


def test_every_sensor_of_a_large_fleet_has_an_address_of_its_own() -> None:
    homes = provisioning_of(3000)["homes"]

    assert len({sensor["sensor_id"] for home in homes for sensor in home["sensors"]}) == 3000 * 7


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--homes", "0"], "0 is not in the range"),
        (["--homes", "-5"], "-5 is not in the range"),
        (["--homes", "many"], "'many' is not a valid integer"),
        (["--minutes", "-1"], "-1.0 is not in the range"),
        (["--minutes", "nan"], "a number was expected"),
        (["--rate", "inf"], "a number was expected"),
        (["--events", "1e9"], "1000000000.0 is not in the range"),
        (["--broker", "localhost:1883"], "mqtt://host:port was expected"),
        (["--broker", "mqtts://localhost"], "mqtt://host:port was expected"),
        (["--broker", "mqtt://localhost:no"], "mqtt://host:port was expected"),
        (["--json", "/no/such/folder/counts.json"], "there is no folder /no/such/folder to write it in"),
        (["--write-homes", "/no/such/folder/homes.json"], "there is no folder /no/such/folder to write it in"),
        (["--broker", "mqtt://localhost"], "--broker and --server belong together"),
        (
            ["--broker", "mqtt://localhost", "--server", "http://localhost", "--speed", "2"],
            "another server's clock is the real one",
        ),
    ],
)
def test_an_order_that_cannot_be_met_is_told_in_a_sentence(arguments: list[str], told: str) -> None:
    ended = CliRunner().invoke(sim, ["fleet", *arguments])

    assert ended.exit_code == 2
    assert told in " ".join(ended.output.replace("│", "").split())


def test_a_file_in_place_of_the_folder_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = CliRunner().invoke(sim, ["fleet", "--homes", "1", "--data", str(tmp_path / "file")])

    assert ended.exit_code == 1
    assert "file cannot be used: File exists" in ended.output


def test_a_folder_that_holds_an_installation_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    ended = CliRunner().invoke(sim, ["fleet", "--homes", "1", "--data", str(tmp_path)])

    assert ended.exit_code == 1
    assert "already holds an installation" in ended.output
