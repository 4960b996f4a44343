from dataclasses import replace

import numpy as np
import pytest

from models.evaluation.setting import DAY, HOUR
from models.minutes import TICK_S, TICKS_A_DAY
from models.past import local_ticks
from models.technical.findings import Fault, Faults
from models.technical.fleet import FleetGuard
from models.technical.fleet_evidence import weigh
from models.technical.fleet_replay import fleet_faults
from models.technical.silence_habits import LEAST_DAYS, last_heard, learn_silences
from models.technical.voices import DAYS, voices_of
from models.trace import Trace
from tests.unit.models.technical.homes_of_chance import FIRST, ZONE, alive, home, without

BEGIN, END = FIRST + 11 * DAY + 13 * HOUR, FIRST + 11 * DAY + 18 * HOUR


def town(homes: int = 9, days: int = 14) -> list[Trace]:
    return [home(f"home-{number}", days, seed=number) for number in range(homes)]


def struck(traces: list[Trace], begin: int = BEGIN, end: int = END) -> list[Trace]:
    return [without(trace, begin, end) for trace in traces]


def named(found: dict[str, Faults]) -> set[str]:
    return {name for name, faults in found.items() if faults.technical}


def test_an_outage_of_the_system_is_found_in_every_home_and_ends_with_it() -> None:
    found = fleet_faults(struck(town()), ZONE)
    assert len(named(found)) == 9
    for faults in found.values():
        (fault,) = faults.technical
        assert fault.fault is Fault.FLEET_OUTAGE
        assert BEGIN - HOUR < fault.started_at <= BEGIN < fault.raised_at <= BEGIN + HOUR
        assert fault.ended_at is not None
        assert END <= fault.ended_at < END + HOUR
        (unseen,) = [one for one in faults.unseen if one.is_fault]
        assert unseen.known_at <= fault.raised_at
        assert (unseen.since, unseen.until) == (fault.started_at, fault.ended_at)


def test_an_outage_by_night_is_found_within_two_hours() -> None:
    begin = FIRST + 11 * DAY + 1 * HOUR
    found = fleet_faults(struck(town(16), begin, begin + 6 * HOUR), ZONE)
    assert {begin < faults.technical[0].raised_at <= begin + 2 * HOUR for faults in found.values()} == {True}


def test_homes_that_are_heard_meanwhile_are_not_part_of_it() -> None:
    traces = town(10)
    found = fleet_faults(struck(traces[:8]) + traces[8:], ZONE)
    assert named(found) >= {trace.home for trace in traces[:8]}
    for trace in traces[8:]:
        for fault in found[trace.home].technical:  # quiet by chance at that moment
            assert fault.ended_at is not None
            assert fault.ended_at < BEGIN + 2 * HOUR


def test_an_ordinary_fortnight_has_no_outage() -> None:
    assert not named(fleet_faults(town(), ZONE))


def test_one_home_that_falls_silent_is_no_outage() -> None:
    traces = town()
    assert not named(fleet_faults([*struck(traces[:1]), *traces[1:]], ZONE))


def test_copies_of_one_home_have_one_voice() -> None:
    traces = town(6)
    (silent,) = struck(traces[:1])
    copies = [replace(silent, home=f"copy-{number}") for number in range(20)]
    assert not named(fleet_faults([*copies, *traces[1:]], ZONE))


def test_a_fleet_of_four_is_none() -> None:
    assert fleet_faults(struck(town(4)), ZONE) == {}


def test_gateways_that_give_signs_of_life_are_not_excused_by_others() -> None:
    traces = struck(town())
    living = [alive(trace) for trace in traces[:2]]
    assert named(fleet_faults([*living, *traces[2:]], ZONE)) == {trace.home for trace in traces[2:]}


def test_homes_without_a_routine_have_no_voice() -> None:
    early = FIRST + 2 * DAY + 13 * HOUR
    assert not named(fleet_faults(struck(town(days=5), early, early + 5 * HOUR), ZONE))


def test_an_outage_that_goes_on_has_no_end() -> None:
    cut = [trace.kept(trace.at < END) for trace in struck(town())]
    going = cut[0].kept(cut[0].at < BEGIN)
    last = home("late", 14, seed=99)
    found = fleet_faults([going, *cut[1:], last.kept(last.at < END)], ZONE)
    assert {faults.technical[0].ended_at for faults in found.values() if faults.technical} == {None}


@pytest.mark.parametrize("hour", [2, 13])
def test_tick_by_tick_gives_what_the_look_back_gives(hour: int) -> None:
    begin = FIRST + 11 * DAY + hour * HOUR
    traces = struck(town(), begin, begin + 5 * HOUR)
    assert live(traces) == fleet_faults(traces, ZONE)


def live(traces: list[Trace]) -> dict[str, Faults]:
    """Follow the homes as a server would, knowing at each tick nothing that comes after it."""
    first, end = min(int(one.at[0]) for one in traces) // TICK_S, max(int(one.at[-1]) for one in traces) // TICK_S + 1
    local = local_ticks(first, end, ZONE)
    guard, homes = FleetGuard(), [trace.home for trace in traces]
    rates, voices, today = np.empty(0), np.empty(0), -1
    for tick in range(end - first):
        second = (first + tick + 1) * TICK_S
        known = [trace.at[trace.at < second] for trace in traces]
        if local.day[tick] != today:
            today = int(local.day[tick])
            heard = np.stack([last_heard(at, first, first + tick + 1) for at in known], axis=1)
            so_far = local_ticks(first, first + tick + 1, ZONE)
            habits = [learn_silences(heard[:, number], so_far, first) for number in range(len(traces))]
            rates = np.stack([one.rates[-1] for one in habits])
            learned = np.array([one.learned[-1] >= LEAST_DAYS for one in habits])
            voices = voices_of(heard[max(0, tick - DAYS * TICKS_A_DAY) : tick]) * learned
        last = np.array([[at[-1] if at.size else -1 for at in known]])
        guard.step(second, homes, last[0], voices, weigh(np.array([second]), local.of_day[[tick]], last, rates, voices))
    every = [*guard.over, *guard.standing().items()]
    return {name: Faults.of(faults for other, faults in every if other == name) for name, _ in every}
