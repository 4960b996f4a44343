"""What is left out of simulated sensors' packets to save time costs the service no event and no change of state."""

from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from pathlib import Path

from device_sims.life.homes import OSLO, home_of
from device_sims.life.noticing import Happening, noticed, tells
from device_sims.radio.frames import Packet, Part
from device_sims.sensors.kit import AS_THEY_ARE, Kit, Thinning
from gateway.ble.advertisement import Advertisement
from gateway.contract.codec import to_json
from gateway.contract.home_config import HomeConfig, SensorConfig
from gateway.contract.observation import SensorKind
from gateway.hearing import Hearing
from gateway.home import Home
from gateway.observe import Fact
from gateway.outbox import Outbox
from gateway.recorder import Recorder
from gateway.sensors.library import uuid
from gateway.troubles import Troubles

_DAYS = 3
_BEGINS = datetime(2026, 2, 2, tzinfo=OSLO)
_ENDS = _BEGINS + timedelta(days=_DAYS)
_SPARSE = Thinning(copies=1, beacon_every=timedelta(minutes=30))
_LIFE = home_of("inger", "frail", "house")
# What is measured all the time and told by beacons: thinned, it is told more seldom.
_MEASURED = {SensorKind.TEMPERATURE, SensorKind.HUMIDITY, SensorKind.LIGHT, SensorKind.POWER}
_STATES = {
    SensorKind.MOTION,
    SensorKind.DOOR,
    SensorKind.BED,
    SensorKind.CHAIR,
    SensorKind.SMOKE,
    SensorKind.WATER_LEAK,
}


def happenings() -> list[Happening]:
    first = _BEGINS.date()
    lived = noticed(_LIFE, first - timedelta(days=1), date(first.year, first.month, first.day + _DAYS))
    button = next(one.name for one in _LIFE.plan.sensors if SensorKind.BUTTON in one.kinds)
    presses = [tells(_LIFE.plan, button, _BEGINS + timedelta(hours=hours)) for hours in (9, 9.01, 30)]
    return sorted((one for one in (*lived, *presses) if _BEGINS <= one.at < _ENDS), key=lambda one: one.at)


def heard(packet: Packet) -> Advertisement:
    assert packet.part is Part.SERVICE_DATA
    return Advertisement(
        packet.address.hex(":").upper(), None, {uuid(packet.number): packet.data}, {}, packet.rssi_dbm, packet.at
    )


async def told(folder: Path, thinning: Thinning) -> tuple[int, list[Fact]]:
    """Return how many packets were sent on a channel that loses nothing, and the facts the gateway made of them."""
    kit = Kit.hung("inger", _LIFE.plan.sensors, _BEGINS, thinning=thinning)
    config = HomeConfig(
        version=1,
        gateway_id="gw-a",
        sensors=tuple(
            SensorConfig(sensor_id=one.sensor_id, room=one.room, bind_key=one.bind_key, reads_as=one.reads_as)
            for one in kit.sensors
        ),
    )
    facts: list[Fact] = []
    with Outbox(folder, Troubles()) as outbox:
        home = Home(folder, "gw-a", Troubles())
        home.take(to_json(config))
        recorder = Recorder(outbox, Troubles())
        hearing = Hearing(home, recorder, Troubles(), lambda: True)
        hearing.on_facts = facts.extend
        packets = list(kit.over(happenings(), _ENDS))
        for packet in packets:
            hearing.hear(heard(packet))
        recorder.flush()
    return len(packets), facts


def changes(facts: list[Fact]) -> set[tuple[str, SensorKind, float, datetime]]:
    """Return every event, and when a state became another; all rest at first, whoever tells it and when."""
    state: dict[tuple[str, SensorKind], float] = {}
    found = []
    for one in facts:
        was = state.get((one.sensor_id, one.kind), 0.0)
        if one.kind in _STATES:
            state[one.sensor_id, one.kind] = one.value
        if one.kind not in _MEASURED and not (one.kind in _STATES and one.value == was):
            found.append((one.sensor_id, one.kind, one.value, one.observed_at))
    return set(found)


async def test_every_event_and_change_of_state_is_told_at_the_same_moment_by_thinned_sensors(tmp_path: Path) -> None:
    packets, facts = await told(tmp_path / "whole", AS_THEY_ARE)
    fewer, thinned = await told(tmp_path / "thinned", _SPARSE)

    assert fewer < packets / 4
    whole = changes(facts)
    assert len(whole) > 300 * _DAYS
    assert {kind for _, kind, _, _ in whole} >= {SensorKind.MOTION, SensorKind.DOOR, SensorKind.BUTTON}
    assert changes(thinned) == whole


async def test_what_is_measured_is_told_by_thinned_sensors_at_least_as_often_as_they_beacon(tmp_path: Path) -> None:
    _, facts = await told(tmp_path, _SPARSE)

    warmth = [one for one in facts if one.kind is SensorKind.TEMPERATURE]
    for _, of_one in groupby(sorted(warmth, key=lambda one: one.sensor_id), key=lambda one: one.sensor_id):
        moments = [one.observed_at for one in of_one]
        gaps = [later - earlier for earlier, later in pairwise(moments)]
        assert gaps
        assert max(gaps) < _SPARSE.beacon_every + timedelta(seconds=1)
