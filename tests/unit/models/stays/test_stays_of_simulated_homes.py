"""What befalls simulated residents is found in time from what their sensors tell; ordinary weeks tell nothing."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from device_sims.life.noticing import Circumstances as Befallen
from device_sims.life.noticing import noticed
from device_sims.scenarios.scenario import Timing, staged
from device_sims.scenarios.scenario_file import scenario_named
from gateway.contract.observation import SensorKind
from models.finding import Finding, FindingKind
from models.presence import Fact, Presence, Where
from models.presence import look as look_at_presence
from models.presence import step as step_presence
from models.stays.learning import learn_stays
from models.stays.live import advance
from models.stays.state import StayState
from models.trace import Channel, Trace

_OSLO = ZoneInfo("Europe/Oslo")
_BEGINS = datetime(2026, 2, 2, tzinfo=_OSLO)
_LEARNED_FROM = 21
_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@dataclass(frozen=True)
class Told:
    """What one home's sensors told, before and in a scenario."""

    facts: tuple[Fact, ...]
    found: tuple[Finding, ...]


@cache
def played(name: str) -> Told:
    scenario = scenario_named(name)
    timing = Timing(_BEGINS.date())
    scene = staged(scenario, scenario.home("inger"), timing)
    first = _BEGINS.date() - timedelta(days=_LEARNED_FROM + 14)
    befallen = Befallen(tuple(scene.changes), tuple(scene.unheated))
    told = noticed(scene.life, first, (_BEGINS + scenario.lasts).date(), befallen)
    facts = sorted(Fact(one.at.astimezone(UTC), one.room, one.kind, one.value) for one in told)
    return Told(tuple(facts), found_in(facts, first))


def found_in(facts: list[Fact], first: date) -> tuple[Finding, ...]:
    """Learn from three weeks and follow what comes after."""
    channels = sorted({Channel(one.kind, one.room) for one in facts})
    number = {channel: place for place, channel in enumerate(channels)}
    places = [number[Channel(one.kind, one.room)] for one in facts]
    trace = Trace.of("h1", [int(one.at.timestamp()) for one in facts], places, [one.value for one in facts], channels)
    days = range(first.toordinal() + 1, first.toordinal() + _LEARNED_FROM)
    limits = learn_stays(trace, _OSLO, days).limits()
    since = _BEGINS - 14 * _DAY
    return advance(
        StayState(), limits, _OSLO, [one for one in facts if one.at >= since], facts[-1].at + 2 * _HOUR
    ).opened


@pytest.mark.parametrize(
    ("name", "kind", "befalls", "within"),
    [
        ("fall_in_bathroom", FindingKind.LONG_IN_BATHROOM, timedelta(hours=9, minutes=40), _HOUR),
        ("fall_at_night", FindingKind.OUT_OF_BED, timedelta(hours=2, minutes=25), 2 * _HOUR),
        ("cold_home", FindingKind.COLD_HOME, timedelta(hours=6), 12 * _HOUR),
        ("hospital_stay", FindingKind.NOT_RETURNED, timedelta(hours=11), 20 * _HOUR),
    ],
)
def test_what_befalls_somebody_is_found_in_time_and_nothing_in_the_two_weeks_before(
    name: str, kind: FindingKind, befalls: timedelta, within: timedelta
) -> None:
    found = played(name).found
    moment = _BEGINS + befalls

    assert [one for one in found if one.noticed_at < _BEGINS] == []
    assert [one.kind for one in found if moment <= one.noticed_at <= moment + within] == [kind]


def test_a_door_that_stays_open_in_an_ordinary_week_is_found() -> None:
    facts = [one for one in played("fall_in_bathroom").facts if one.at < _BEGINS]
    opened = next(
        one for one in facts
        if one.at > _BEGINS - 5 * _DAY and one.kind is SensorKind.DOOR and one.room == "front_door" and one.value
    )  # fmt: skip
    left = [
        one for one in facts
        if not (one.kind is SensorKind.DOOR and one.room == "front_door" and opened.at < one.at < opened.at + _DAY)
    ]  # fmt: skip

    found = found_in(left, _BEGINS.date() - timedelta(days=_LEARNED_FROM + 14))

    (one,) = [each for each in found if each.kind is FindingKind.DOOR_OPEN]
    assert (one.subject, one.started_at) == ("front_door", opened.at)
    assert one.noticed_at - one.started_at < _HOUR


def test_where_the_resident_is_said_to_be_is_where_she_is() -> None:
    scene = staged(scenario_named("fall_in_bathroom"), scenario_named("fall_in_bathroom").home("inger"),
                   Timing(_BEGINS.date()))  # fmt: skip
    facts = [one for one in played("fall_in_bathroom").facts if _BEGINS - 3 * _DAY <= one.at < _BEGINS]
    presence, told, right = step_presence(Presence(), facts[0]), 0, 0
    waiting = iter(facts[1:])
    coming = next(waiting)
    moment = _BEGINS - 2 * _DAY
    while moment < _BEGINS:
        while coming.at <= moment and (following := next(waiting, None)) is not None:
            presence, coming = step_presence(presence, coming), following
        where = look_at_presence(presence, _OSLO, moment).where
        truth = scene.life.position(moment).room
        told += 1
        right += (truth is None) == (where is Where.OUT) and (truth == "bathroom") == (where is Where.IN_BATHROOM)
        moment += 10 * _MINUTE
    assert right / told > 0.9
