"""A fleet's lives, what its gateways hold, and what is told of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from device_sims.cli import sim
from device_sims.fleet.fleet import delay_of, provisioning_of
from device_sims.fleet.homes import MORNING, Event, FleetHome, expected_events
from device_sims.fleet.outgoing import FleetGateway, Outgoing
from gateway.contract.observation import SensorKind, Stream, stream_of

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


def outgoing(stream: Stream = Stream.ROUTINE) -> Outgoing:
    return FleetGateway(FleetHome(1, 0, 400), "0000000a", 2.0, MORNING).streams[stream]


def test_what_has_no_receipt_is_held_and_sent_again() -> None:
    stream = outgoing()
    for n in range(3):
        stream.hear(Event(MORNING, 0, 1.0), heard_at_s=float(n))
    first = stream.batch(MORNING, 10.0)

    assert first is not None
    assert [fact.seq for fact in first.observations] == [1, 2, 3]
    assert not stream.asks_again(11.9)
    assert stream.asks_again(12.0)
    assert not stream.asks_again(15.9), "a wait in vain doubles"
    assert stream.asks_again(16.0)
    assert stream.batch(MORNING, 20.0) == first


def test_an_urgent_fact_is_asked_for_again_without_a_longer_wait() -> None:
    stream = outgoing(Stream.URGENT)
    stream.hear(Event(MORNING, 6, 1.0), 0.0)
    stream.batch(MORNING, 0.0)

    assert [stream.asks_again(now_s) for now_s in (2.0, 4.0, 6.0)] == [True, True, True]


def test_a_receipt_frees_what_it_covers_and_tells_how_long_it_took() -> None:
    stream = outgoing()
    for n in range(3):
        stream.hear(Event(MORNING, 0, 1.0), heard_at_s=float(n))

    assert stream.receive(2, 5.0) == [5.0, 4.0]
    assert stream.receive(2, 6.0) == []
    assert stream.waiting == 1
    rest = stream.batch(MORNING, 7.0)
    assert rest is not None
    assert rest.oldest_seq == 3


def test_a_long_backlog_goes_in_batches() -> None:
    stream = outgoing()
    for _ in range(450):
        stream.hear(Event(MORNING, 0, 1.0), 0.0)
    sizes = []
    while batch := stream.batch(MORNING, 0.0):
        sizes.append(len(batch.observations))
        stream.receive(batch.observations[-1].seq, 1.0)

    assert sizes == [200, 200, 50]


def test_a_heartbeat_tells_how_far_the_streams_have_come() -> None:
    gateway = FleetGateway(FleetHome(1, 0, 400), "0000000a", 2.0, MORNING)
    gateway.streams[Stream.ROUTINE].hear(Event(MORNING, 0, 1.0), 0.0)
    beat = gateway.heartbeat(datetime(2026, 3, 3, 8, tzinfo=UTC))

    assert {head.stream: (head.last_seq, head.waiting) for head in beat.heads} == {
        Stream.URGENT: (0, 0), Stream.ROUTINE: (1, 1),
    }  # fmt: skip


def test_percentiles_are_in_milliseconds_and_of_nothing_there_are_none() -> None:
    found = delay_of([n / 1000 for n in range(101)])

    assert (found.p50_ms, found.p95_ms, found.p99_ms, found.most_ms) == pytest.approx((50, 95, 99, 100))
    assert delay_of([]).facts == 0


def test_every_sensor_of_a_large_fleet_has_an_address_of_its_own() -> None:
    homes = provisioning_of(3000)["homes"]

    assert len({sensor["sensor_id"] for home in homes for sensor in home["sensors"]}) == 3000 * 7


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--homes", "0"], "0 is not in the range"),
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


def test_a_folder_that_holds_an_installation_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    ended = CliRunner().invoke(sim, ["fleet", "--homes", "1", "--data", str(tmp_path)])

    assert ended.exit_code == 1
    assert "already holds an installation" in ended.output
