"""What the air does to packets: seeded, in order, and as much as it was asked for."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from device_sims.radio.faults import Chain, Channel, Delay, Duplication, Fault, Flood, Interference, Loss, Reordering
from device_sims.radio.frames import Packet
from device_sims.radio.reception import Place, Reception, mean_rssi_dbm, path_loss_db, reception_probability

_NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
_S = timedelta(seconds=1)
_SENSOR = bytes.fromhex("a2c138000001")


def _packets(count: int, every: timedelta = _S) -> list[Packet]:
    return [Packet(_NOON + n * every, _SENSOR, -60, 0xFCD2, n.to_bytes(4, "big")) for n in range(count)]


def _numbers(packets: list[Packet]) -> list[int]:
    return [int.from_bytes(packet.data, "big") for packet in packets]


_FAULTS: list[Callable[[str], Fault]] = [
    lambda seed: Loss(0.3, seed),
    lambda seed: Delay(_S, _S, seed),
    lambda seed: Reordering(0.3, 3 * _S, seed),
    lambda seed: Duplication(0.3, _S, seed),
    lambda seed: Interference(60 * _S, 10 * _S, 0.9, seed),
    lambda seed: Flood(_NOON + _S, _NOON + 5 * _S, 3, seed),
    lambda seed: Reception({_SENSOR: Place(25, 3)}, seed),
]


@pytest.mark.parametrize("made", _FAULTS)
def test_the_same_seed_gives_the_same_air_and_another_seed_another(made: Callable[[str], Fault]) -> None:
    def hears(seed: str) -> list[Packet]:
        return list(Channel(made(seed)).over(_packets(500)))

    assert hears("inger") == hears("inger")
    assert hears("inger") != hears("olav")


@pytest.mark.parametrize("made", _FAULTS)
def test_nothing_arrives_before_it_was_sent_and_everything_in_order(made: Callable[[str], Fault]) -> None:
    sent = {packet.data: packet.at for packet in _packets(500)}

    heard = list(Channel(made("inger")).over(_packets(500)))

    assert [packet.at for packet in heard] == sorted(packet.at for packet in heard)
    assert all(packet.at >= sent.get(packet.data, packet.at) for packet in heard)


def test_a_quiet_air_changes_nothing() -> None:
    assert list(Channel().over(_packets(20))) == _packets(20)


@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
def test_so_much_is_lost_as_was_said(share: float) -> None:
    heard = list(Channel(Loss(share, "inger")).over(_packets(5_000)))

    assert len(heard) == pytest.approx(5_000 * (1 - share), abs=150)


def test_what_is_held_up_comes_later_on_average_by_so_much() -> None:
    late = [packet.at for packet in Channel(Delay(_S, 2 * _S, "inger")).over(_packets(5_000, timedelta()))]

    assert min(late) >= _NOON + _S
    assert sum(((at - _NOON) for at in late), timedelta()) / 5_000 / _S == pytest.approx(3, abs=0.2)


def test_some_are_overtaken_and_none_is_lost() -> None:
    heard = _numbers(list(Channel(Reordering(0.2, 5 * _S, "inger")).over(_packets(1_000))))

    assert heard != sorted(heard)
    assert sorted(heard) == list(range(1_000))


def test_some_come_twice() -> None:
    heard = _numbers(list(Channel(Duplication(0.25, _S, "inger")).over(_packets(2_000))))

    assert set(heard) == set(range(2_000))
    assert len(heard) == pytest.approx(2_500, abs=100)


def test_interference_loses_packets_in_bursts() -> None:
    heard = set(_numbers(list(Channel(Interference(600 * _S, 60 * _S, 1.0, "inger")).over(_packets(50_000)))))
    lost = set(range(50_000)) - heard
    follows = sum(number + 1 in lost for number in lost) / len(lost)

    assert 0.04 < len(lost) / 50_000 < 0.16  # one part in eleven, on average
    assert follows > 0.9


def test_a_flood_brings_strangers_in_its_time_and_lets_ours_through() -> None:
    flood = Flood(_NOON + 10 * _S, _NOON + 20 * _S, 50, "inger")

    heard = list(Channel(flood).over(_packets(60)))
    strangers = [packet for packet in heard if packet.address != _SENSOR]

    assert len(strangers) == pytest.approx(500, abs=1)
    assert all(_NOON + 10 * _S <= packet.at <= _NOON + 21 * _S for packet in strangers)
    assert len({packet.address for packet in strangers}) == len(strangers)
    assert len(heard) - len(strangers) == 60


def test_a_flood_can_speak_in_a_sensors_name() -> None:
    heard = list(Channel(Flood(_NOON, _NOON + 5 * _S, 10, "inger", speaks_as=_SENSOR)).over(_packets(10)))

    assert {packet.address for packet in heard} == {_SENSOR}
    assert len(heard) == pytest.approx(60, abs=1)


def test_a_flood_in_a_long_silence_is_bounded() -> None:
    flood = Flood(_NOON, _NOON + timedelta(days=30), 1_000, "inger")

    assert len(flood.meets(_NOON + timedelta(days=30), _packets(1)[0])) == 10_001


def test_faults_follow_each_other_and_each_copy_has_its_own_fate() -> None:
    chain = Chain([Duplication(1.0, _S, "inger"), Loss(0.5, "inger")])

    heard = [len(chain.meets(packet.at, packet)) for packet in _packets(1_000)]

    assert set(heard) == {0, 1, 2}
    assert sum(heard) == pytest.approx(1_000, abs=100)


def test_a_packet_grows_fainter_with_distance_and_with_every_wall() -> None:
    near, far = Place(1.0), Place(10.0)

    assert path_loss_db(near) == pytest.approx(40.2)
    assert path_loss_db(far) - path_loss_db(near) == pytest.approx(28)
    assert mean_rssi_dbm(Place(5, walls=2)) == pytest.approx(mean_rssi_dbm(Place(5)) - 6.8)
    assert mean_rssi_dbm(Place(5, heavy_walls=1)) < mean_rssi_dbm(Place(5, walls=1))
    assert path_loss_db(Place(0.0)) > 0


def test_a_faint_packet_is_heard_seldom_and_a_strong_one_always() -> None:
    chances = [reception_probability(dbm) for dbm in (-110, -98, -95, -92, -60)]

    assert chances == sorted(chances)
    assert chances[2] == pytest.approx(0.5)
    assert chances[0] < 0.001
    assert chances[-1] > 0.999


def test_reception_says_how_strongly_and_loses_what_is_too_far() -> None:
    def heard(place: Place) -> list[Packet]:
        return list(Channel(Reception({_SENSOR: place}, "inger")).over(_packets(1_000)))

    near, far = heard(Place(3, walls=1)), heard(Place(40, walls=5, heavy_walls=1))
    strengths = [packet.rssi_dbm for packet in near]

    assert len(near) == 1_000
    assert len(far) < 500
    assert abs(sum(strengths) / len(strengths) - mean_rssi_dbm(Place(3, walls=1))) < 13  # the luck of the place
    assert 5 <= max(strengths) - min(strengths) <= 30
    assert list(Channel(Reception({}, "inger")).over(_packets(5))) == _packets(5)


def test_a_sensor_that_is_moved_is_heard_from_its_new_place() -> None:
    reception = Reception({_SENSOR: Place(2)}, "inger")
    before = list(Channel(reception).over(_packets(200)))

    reception.move(_SENSOR, Place(15, walls=2), "inger")
    after = list(Channel(reception).over(_packets(200)))

    assert min(packet.rssi_dbm for packet in before) > max(packet.rssi_dbm for packet in after)
