"""When a radio hears nothing: what is due, and when nothing is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ble.ladder import AdapterState, Known, Patience, Step, Taken, is_silent, next_step
from gateway.ble.rhythm import Rhythm

P = Patience()


def listening(**changes: object) -> Known:
    """A radio with a sensor that speaks every second, last heard at 0."""
    facts = {
        "adapter": AdapterState.READY,
        "cut_at": None,
        "heard_at": 0.0,
        "canary_gap_s": 1.0,
        "canary_heard_at": 0.0,
    }
    return Known(**{**facts, **changes})  # type: ignore[arg-type]


RESTARTED = Taken(restart_at=15.0)
CYCLED = Taken(restart_at=15.0, power_cycle_at=60.0)


@pytest.mark.parametrize(
    ("now", "taken", "step"),
    [
        (14.9, Taken(), Step.WAIT),
        (15.0, Taken(), Step.RESTART),
        (16.0, RESTARTED, Step.WAIT),
        (59.9, RESTARTED, Step.WAIT),
        (60.0, RESTARTED, Step.POWER_CYCLE),
        (61.0, CYCLED, Step.WAIT),
        (179.9, CYCLED, Step.WAIT),
        (180.0, CYCLED, Step.GIVE_UP),
    ],
)
def test_the_steps_come_one_after_the_other(now: float, taken: Taken, step: Step) -> None:
    assert next_step(listening(taken=taken), P, now) is step


def test_a_slower_canary_is_borne_longer_in_proportion() -> None:
    slow = listening(canary_gap_s=15.0)  # four pauses of it are a minute

    assert next_step(slow, P, 59.0) is Step.WAIT
    assert next_step(slow, P, 60.0) is Step.RESTART
    cycled = listening(canary_gap_s=15.0, taken=Taken(restart_at=60.0, power_cycle_at=240.0))
    assert next_step(cycled, P, 719.0) is Step.WAIT
    assert next_step(cycled, P, 720.0) is Step.GIVE_UP


@given(st.floats(0, 1e7))
def test_where_nobody_speaks_often_silence_means_nothing(now: float) -> None:
    quiet = listening(canary_gap_s=None, canary_heard_at=None)

    assert next_step(quiet, P, now) is Step.WAIT
    assert not is_silent(quiet, P, now)


def test_one_mute_sensor_among_others_costs_one_restart_and_no_more() -> None:
    others_heard = listening(heard_at=1000.0)

    assert next_step(others_heard, P, 1001.0) is Step.RESTART
    assert next_step(listening(heard_at=1000.0, taken=RESTARTED), P, 1001.0) is Step.WAIT
    assert not is_silent(others_heard, P, 1001.0)


@given(st.floats(0, 1e6))
def test_an_adapter_that_is_gone_is_waited_for_and_never_ends_the_program(now: float) -> None:
    assert next_step(listening(adapter=AdapterState.GONE, cut_at=0.0), P, now) is Step.WAIT


def test_an_adapter_that_is_off_is_switched_on_every_ten_seconds() -> None:
    def off(taken: Taken) -> Known:
        return listening(adapter=AdapterState.OFF, cut_at=0.0, taken=taken)

    assert next_step(off(Taken()), P, 5.0) is Step.POWER_ON
    assert next_step(off(Taken(power_on_at=5.0)), P, 14.0) is Step.WAIT
    assert next_step(off(Taken(power_on_at=5.0)), P, 15.0) is Step.POWER_ON


@pytest.mark.parametrize(("now", "step"), [(1.0, Step.RESTART), (60.0, Step.POWER_CYCLE), (180.0, Step.GIVE_UP)])
def test_a_scan_that_cannot_be_started_climbs_from_when_it_ended(now: float, step: Step) -> None:
    quiet = listening(canary_gap_s=None, canary_heard_at=None, heard_at=-5000.0, cut_at=0.0)

    assert next_step(quiet, P, now) is step


def test_each_end_in_vain_is_waited_for_twice_as_long_and_the_cheaper_steps_are_not() -> None:
    waits = [P.after(surrenders).give_up_s for surrenders in (0, 1, 2, 5, 1000)]

    assert waits == [180, 360, 720, 3600, 3600]
    assert (P.after(9).restart_s, P.after(9).power_cycle_s) == (P.restart_s, P.power_cycle_s)


@pytest.mark.parametrize(
    ("now", "taken", "step"),
    [
        (15.0, Taken(), Step.RESTART),
        (60.0, RESTARTED, Step.POWER_CYCLE),
        (359.0, CYCLED, Step.WAIT),
        (360.0, CYCLED, Step.GIVE_UP),
    ],
)
def test_a_radio_the_program_was_ended_for_is_deaf_until_it_hears(now: float, taken: Taken, step: Step) -> None:
    doubted = listening(canary_gap_s=None, canary_heard_at=None, taken=taken, is_doubted=True)

    assert is_silent(doubted, P, now)
    assert next_step(doubted, P.after(1), now) is step


def test_one_of_several_radios_never_ends_the_program() -> None:
    assert next_step(listening(taken=CYCLED, is_alone=False), P, 500.0) is Step.WAIT
    assert next_step(listening(taken=CYCLED, is_alone=False), P, 660.0) is Step.POWER_CYCLE


def test_a_radio_without_an_adapter_is_only_started_again() -> None:
    assert next_step(listening(can_be_cycled=False), P, 1000.0) is Step.RESTART
    assert next_step(listening(can_be_cycled=False, cut_at=0.0), P, 1000.0) is Step.RESTART


def chatter(rhythm: Rhythm, sensor: str, start: float, every_s: float, hours: float) -> float:
    """Let a sensor speak regularly. Return when it was last heard."""
    at = start
    for number in range(int(hours * 3600 / every_s) + 1):
        at = start + number * every_s
        rhythm.note(sensor, at)
    return at


def test_a_beacon_that_has_spoken_for_an_hour_is_the_canary() -> None:
    rhythm = Rhythm()
    chatter(rhythm, "beacon", 0, 10, hours=0.9)
    assert rhythm.canary() is None

    last = chatter(rhythm, "beacon", 3250, 10, hours=0.2)
    canary = rhythm.canary()

    assert canary is not None
    assert (canary.usual_gap_s, canary.heard_at) == (10, last)


def test_the_chattiest_of_several_is_the_canary() -> None:
    rhythm = Rhythm()
    chatter(rhythm, "slow", 0, 50, hours=2)
    chatter(rhythm, "quick", 0, 5, hours=2)
    canary = rhythm.canary()

    assert canary is not None
    assert canary.usual_gap_s == 5


def test_a_motion_sensor_with_a_busy_evening_is_none() -> None:
    rhythm = Rhythm()
    chatter(rhythm, "motion", 0, 30, hours=0.5)
    rhythm.note("motion", 9 * 3600)  # the night
    chatter(rhythm, "motion", 9 * 3600, 20, hours=12)

    assert rhythm.canary() is None


def test_a_canary_that_died_is_replaced_once_others_have_outlived_it() -> None:
    rhythm = Rhythm()
    chatter(rhythm, "quick", 0, 5, hours=2)
    chatter(rhythm, "slow", 0, 50, hours=3.1)
    canary = rhythm.canary()

    assert canary is not None
    assert canary.usual_gap_s == 50
