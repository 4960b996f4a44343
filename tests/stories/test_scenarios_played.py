"""Scenarios through the whole chain: real gateways, broker and server, scored against what really happened."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from device_sims.scenarios.home import performance
from device_sims.scenarios.incidents import Fails, SensorDies
from device_sims.scenarios.play import Played, Theatre, play
from device_sims.scenarios.scenario import Scenario, Timing, at
from device_sims.scenarios.scenario_file import scenario_named
from device_sims.scenarios.showing import Showing
from device_sims.scoring.figures import figures
from device_sims.scoring.matching import judge
from device_sims.scoring.truth import Truth
from device_sims.sensors.kit import Thinning

_HOUR = timedelta(hours=1)
_THIN = Thinning(copies=2, beacon_every=timedelta(minutes=20))
# Today's one line of silences takes its time; four hours, as in the file, are for models to come.
_FALL = replace(scenario_named("fall_in_bathroom"), lasts=19 * _HOUR, alerted=()).alerting(
    ("inactivity",), at(1, "09:40"), 8 * _HOUR, until=at(1, "18:40")
)
_HISTORY = {"fall_in_bathroom": timedelta(days=12)}  # nothing else needs a learned routine
_DAY = timedelta(days=1)

# The same as in the files, but over within a day.
_GATEWAY_DEAD = (
    Scenario("gateway_dead", "Somebody pulls the gateway's plug", 7 * _HOUR)
    .with_incident(Fails(at(1, "02:00"), "gateway_power_loss", 4 * _HOUR))
    .alerting(("gateway_silent",), at(1, "02:00"), timedelta(minutes=30), until=at(1, "06:00"))
    .keeping_quiet("nobody knows how she is")
)
_SENSOR_DEAD = (
    Scenario("sensor_dead", "The kitchen's motion sensor dies", 6 * _HOUR)
    .with_incident(SensorDies(at(1, "00:20"), "kitchen_motion"))
    .alerting(("sensor_silent",), at(1, "00:20"), 4 * _HOUR)
    .keeping_quiet("she is well; only the sensor is not")
)


async def _played(scenarios: list[Scenario], folder: Path, sockets: Path) -> tuple[Played, Truth]:
    timing = Timing(date(2026, 2, 2))
    homes = [
        performance(one, f"h{n}", f"story/{n}", timing, _HISTORY.get(one.code, _DAY), _THIN)
        for n, one in enumerate(scenarios)
    ]
    played = await play(homes, Theatre(folder, sockets), Showing(Console(quiet=True), None))
    truths = [home.truth for home in homes]
    return played, Truth(
        tuple(one for truth in truths for one in truth.watched),
        tuple(one for truth in truths for one in truth.expected),
        tuple(one for truth in truths for one in truth.forbidden),
    )


@pytest.mark.timeout(540)
async def test_what_the_service_can_notice_today_it_notices_in_time_and_tells_nothing_that_it_must_not(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    scenarios = [
        scenario_named("button_four_times"),
        scenario_named("smoke"),
        _FALL,
        _GATEWAY_DEAD,
        _SENSOR_DEAD,
    ]

    played, truth = await _played(scenarios, tmp_path, tmp_path_factory.mktemp("s"))

    judged = judge(truth, played.alerts)
    found = figures(truth, judged)
    told = [(one.alert.home, one.alert.kind, str(one.alert.raised_at), one.verdict.value) for one in judged.alerts]
    assert {one.label: one.recall for one in found.by_kind} == {one.title: 1.0 for one in scenarios}, told
    assert (found.forbidden_violated, found.technical_taken_for_human) == (0, 0), told
    pressed = [one for one in judged.alerts if one.alert.kind == "button"]
    assert len(pressed) == 1, "four presses are one alert"
