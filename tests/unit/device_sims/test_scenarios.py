"""Every scenario that comes with the simulators, and the same in code; without gateways and server."""

import hashlib
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from device_sims.life.activities import Doing
from device_sims.life.life import Life
from device_sims.life.noticing import noticed
from device_sims.radio.frames import write_packet
from device_sims.scenarios.home import Performance, performance
from device_sims.scenarios.incidents import Does, Falls, SensorDies, Tells
from device_sims.scenarios.kinds import CLASS_OF
from device_sims.scenarios.scenario import Scenario, Timing, at, staged
from device_sims.scenarios.scenario_file import scenario_named, scenario_names
from device_sims.scoring.truth import read_truth, write_truth
from device_sims.sensors.kit import Thinning
from gateway.contract.observation import SensorKind
from server.alerting.rules import FACTS

_FIRST = Timing(date(2026, 2, 2))
_HOUR = timedelta(hours=1)
_THIN = Thinning(copies=1, beacon_every=timedelta(minutes=10))
_DAY_BEFORE = _FIRST.first - timedelta(days=1)  # its night begins then


def _played(scenario: Scenario, seed: str = "inger", history: timedelta = timedelta(days=1)) -> Performance:
    return performance(scenario, "h1", seed, _FIRST, history, _THIN)


def _short(scenario: Scenario) -> tuple[Life, date]:
    scene = staged(scenario, scenario.home("inger"), _FIRST)
    return scene.life, _FIRST.first + min(scenario.lasts, timedelta(days=3))


@pytest.mark.parametrize("name", scenario_names())
def test_a_scenario_of_ours_can_be_played_and_says_what_should_come_of_it(name: str, tmp_path: Path) -> None:
    scenario = scenario_named(name)
    home = _played(scenario)
    life, last = _short(scenario)

    told = noticed(life, _DAY_BEFORE, last)
    write_truth(tmp_path / "truth.jsonl", home.truth)

    assert read_truth(tmp_path / "truth.jsonl") == home.truth
    assert scenario.title[0].isupper()
    assert scenario.quiet, "it must say what must not be alerted"
    assert home.truth.expected or home.truth.forbidden
    assert all(one.over_at <= home.ends + timedelta(days=1) for one in home.truth.expected)
    assert len(told) > 100
    assert told == noticed(life, _DAY_BEFORE, last)


@pytest.mark.parametrize("name", scenario_names())
def test_a_scenario_of_ours_changes_something(name: str) -> None:
    scenario = scenario_named(name)
    scene = staged(scenario, scenario.home("inger"), _FIRST)

    assert (
        scene.life != scenario.home("inger")
        or scene.told
        or scene.changes
        or scene.ills
        or scene.failing
        or scene.unheated
    )


def test_no_two_scenarios_have_the_same_title() -> None:
    titles = [scenario_named(name).title for name in scenario_names()]

    assert len(set(titles)) == len(titles) >= 23


def test_the_kinds_a_scenario_may_name_are_those_the_service_has_and_more() -> None:
    raised = {kind.value: facts.alert_class.value for kind, facts in FACTS.items()}

    assert raised.items() <= {kind: cls.value for kind, cls in CLASS_OF.items()}.items()


def test_a_scenario_in_code_is_the_one_in_a_file() -> None:
    in_code = (
        Scenario("fall_in_bathroom", "Falls in the bathroom in the morning")
        .with_incident(Falls(at(1, "09:40"), "bathroom", 9 * _HOUR))
        .alerting(("inactivity", "fall", "long_in_bathroom"), at(1, "09:40"), 4 * _HOUR, until=at(1, "18:40"))
        .keeping_quiet("she was up, and she is at home", ("left_at_night", "not_up"))
    )

    assert in_code == scenario_named("fall_in_bathroom")


def test_a_scenario_in_code_names_known_kinds_of_one_class() -> None:
    with pytest.raises(ValueError, match="known kinds of one class"):
        Scenario("x", "X").alerting(("fall", "gateway_silent"), at(1, "09:40"), _HOUR)
    with pytest.raises(ValueError, match="known kinds of one class"):
        Scenario("x", "X").alerting(("storm",), at(1, "09:40"), _HOUR)


def test_nobody_moves_in_the_home_of_one_who_has_fallen_until_found() -> None:
    scenario = scenario_named("fall_in_bathroom")
    life, last = _short(scenario)
    falls = _FIRST.of(at(1, "09:40"))

    moved = [one.at for one in noticed(life, _DAY_BEFORE, last) if one.kind is SensorKind.MOTION and one.value]

    assert not [moment for moment in moved if falls <= moment < falls + 9 * _HOUR]
    assert [moment for moment in moved if falls - timedelta(minutes=2) <= moment < falls]


def test_a_visitor_moves_while_the_resident_lies_where_nobody_looks() -> None:
    life, last = _short(scenario_named("visitor_hides_fall"))
    falls = _FIRST.of(at(1, "13:00"))

    moved = [one for one in noticed(life, _DAY_BEFORE, last) if one.kind is SensorKind.MOTION and one.value]

    assert {one.room for one in moved if falls < one.at < falls + _HOUR} & {"lounge", "hallway"}
    assert life.position(falls + _HOUR).doing is Doing.LYING_ON_FLOOR


def test_who_leaves_at_night_opens_the_front_door_and_is_outside() -> None:
    life, last = _short(scenario_named("leaves_at_night"))
    leaves = _FIRST.of(at(1, "03:10"))

    doors = [one.at for one in noticed(life, _DAY_BEFORE, last) if one.room == "front_door" and one.value]

    assert [moment for moment in doors if abs(moment - leaves) < timedelta(minutes=3)]
    assert life.position(leaves + _HOUR).room is None


def test_a_sensor_that_dies_is_not_heard_any_more_and_the_others_are() -> None:
    dies = _FIRST.of(at(1, "10:00"))
    home = _played(Scenario("x", "X").with_incident(SensorDies(at(1, "10:00"), "kitchen_motion")))
    address = home.kit.devices["kitchen_motion"].sensor.address

    packets = list(home.packets())

    assert [one for one in packets if one.address == address and one.at < dies]
    assert not [one for one in packets if one.address == address and one.at > dies]
    assert [one for one in packets if one.address != address and one.at > dies]


def test_what_is_pressed_is_on_the_air_at_its_moment_as_often_as_it_is_pressed() -> None:
    pressed = Scenario("x", "X", lasts=3 * _HOUR).with_incident(
        Tells(at(1, "01:05"), "button", 4, timedelta(seconds=25))
    )
    home = _played(pressed)
    address = home.kit.devices["button"].sensor.address
    first = _FIRST.of(at(1, "01:05"))

    heard = [one.at for one in home.packets() if one.address == address]

    assert sum(first <= moment <= first + timedelta(seconds=80) for moment in heard) >= 4


def test_what_a_home_has_not_is_refused_in_words() -> None:
    with pytest.raises(LookupError, match="pull_cord"):
        _played(Scenario("x", "X").with_incident(Tells(at(1, "01:05"), "pull_cord")))
    with pytest.raises(ValueError, match="no room 'cellar'"):
        _played(Scenario("x", "X").with_incident(Does(at(1, "01:05"), Doing.WASHING, "cellar", _HOUR)))


_HASH = """
import sys
sys.path.insert(0, sys.argv[1])
from test_scenarios import bytes_of
print(bytes_of(sys.argv[2]))
"""


def bytes_of(seed: str) -> str:
    """Return three days of history and a scenario as one hash."""
    digest = hashlib.sha256()
    for number, packet in enumerate(_played(scenario_named("fall_in_bathroom"), seed, timedelta(days=3)).packets()):
        digest.update(write_packet(number, packet))
    return digest.hexdigest()


def test_the_same_seed_puts_the_same_bytes_on_the_air_in_every_process_and_another_seed_does_not() -> None:
    def elsewhere(seed: str, hashes: str) -> str:
        command = [sys.executable, "-c", _HASH, str(Path(__file__).parent), seed]
        environment = {**os.environ, "PYTHONHASHSEED": hashes}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()

    assert elsewhere("inger", "1") == elsewhere("inger", "2") == bytes_of("inger")
    assert bytes_of("olav") != bytes_of("inger")
