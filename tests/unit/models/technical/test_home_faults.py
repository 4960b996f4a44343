import numpy as np

from models.evaluation.setting import DAY, HOUR, MINUTE
from models.technical.findings import Fault, Technical
from models.technical.home_faults import home_faults
from models.trace import Trace
from tests.unit.models.technical.homes_of_chance import (
    BEDROOM,
    CHANNELS,
    FIRST,
    FRIDGE,
    KITCHEN,
    LIVING,
    ZONE,
    alive,
    home,
    without,
)

DAYS = 30
BEGIN = FIRST + 20 * DAY + 9 * HOUR
END = FIRST + 24 * DAY


def faults_of(trace: Trace, kind: Fault) -> list[Technical]:
    return [one for one in home_faults(trace, ZONE).technical if one.fault is kind]


def with_events(trace: Trace, at: np.ndarray, channel: int) -> Trace:
    numbers = np.append(trace.channel, np.full(at.size, channel))
    return Trace.of(trace.home, np.append(trace.at, at), numbers, np.ones(numbers.size), CHANNELS)


def flapping(trace: Trace, channel: int) -> Trace:
    return with_events(trace, BEGIN + np.cumsum(np.random.default_rng(1).integers(3, 60, 400)), channel)


def test_an_ordinary_month_has_no_faults() -> None:
    assert home_faults(home("a", DAYS, seed=1), ZONE).technical == ()


def test_a_sensor_that_says_nothing_while_the_home_goes_on_is_silent() -> None:
    (fault,) = home_faults(without(home("a", DAYS, seed=1), BEGIN, END, (LIVING,)), ZONE).technical
    assert (fault.fault, fault.channel) == (Fault.SENSOR_SILENT, LIVING)
    assert BEGIN < fault.raised_at <= BEGIN + DAY
    assert fault.ended_at is not None
    assert END <= fault.ended_at <= END + 12 * HOUR


def test_a_dead_kitchen_sensor_shows_by_the_fridge() -> None:
    (fault,) = faults_of(without(home("a", DAYS, seed=1), BEGIN, END, (KITCHEN,)), Fault.SENSOR_SILENT)
    assert fault.channel == KITCHEN
    assert fault.raised_at <= BEGIN + DAY


def test_neither_kitchen_nor_fridge_for_a_day_is_a_matter_of_the_person() -> None:
    assert home_faults(without(home("a", DAYS, seed=1), BEGIN, BEGIN + DAY, (KITCHEN, FRIDGE)), ZONE).technical == ()


def test_a_home_that_is_silent_has_no_silent_sensor() -> None:
    found = home_faults(without(home("a", DAYS, seed=1), BEGIN, END), ZONE)
    assert found.technical == ()
    assert [one for one in found.unseen if BEGIN < one.known_at < END] == []


def test_a_sensor_that_fires_by_itself_is_flapping_within_the_hour() -> None:
    found = home_faults(flapping(home("a", DAYS, seed=1), BEDROOM), ZONE)
    (fault,) = found.technical
    assert (fault.fault, fault.channel) == (Fault.SENSOR_FLAPPING, BEDROOM)
    assert BEGIN < fault.raised_at <= BEGIN + HOUR
    assert fault.ended_at is not None
    assert [one.channel for one in found.unseen if one.is_fault] == [BEDROOM]


def test_a_door_that_flaps_is_found_although_doors_may_fire_quickly() -> None:
    (fault,) = faults_of(flapping(home("a", DAYS, seed=1), FRIDGE), Fault.SENSOR_FLAPPING)
    assert fault.channel == FRIDGE
    assert fault.raised_at <= BEGIN + HOUR


def test_a_week_told_twice_with_two_clocks_is_no_fault() -> None:
    trace = home("a", DAYS, seed=1)
    part = trace.between(BEGIN, BEGIN + 7 * DAY)
    at = trace.at[part] + np.random.default_rng(2).integers(0, 3, trace.at[part].size)
    doubled = trace
    for number in range(len(CHANNELS)):
        doubled = with_events(doubled, at[trace.channel[part] == number], number)
    assert home_faults(doubled, ZONE).technical == ()


def test_order_and_repeats_of_events_change_nothing() -> None:
    trace = flapping(without(home("a", DAYS, seed=1), BEGIN, END, (LIVING,)), BEDROOM)
    order = np.random.default_rng(3).permutation(np.tile(np.arange(trace.at.size), 2))
    again = Trace.of("a", trace.at[order], trace.channel[order], trace.value[order], CHANNELS)
    assert home_faults(again, ZONE) == home_faults(trace, ZONE)
    assert len(home_faults(trace, ZONE).technical) == 2


def test_what_was_said_does_not_change_by_what_comes_later() -> None:
    whole = flapping(without(home("a", DAYS, seed=1), BEGIN, END, (LIVING,)), BEDROOM)
    whole = alive(whole, (END + DAY, END + DAY + 6 * HOUR))
    by_end = home_faults(whole, ZONE).technical
    for now in range(BEGIN, END + 2 * DAY, 5 * HOUR):
        assert whole.heartbeats is not None
        cut = whole.kept(whole.at < now)
        cut = Trace(cut.home, cut.at, cut.channel, cut.value, CHANNELS, whole.heartbeats[whole.heartbeats < now])
        # The last tick is not over yet.
        until = int(cut.at[-1]) - 5 * MINUTE
        said = [(one.raised_at, one.fault, one.channel) for one in home_faults(cut, ZONE, now).technical]
        assert {one for one in said if one[0] <= until} == {
            (one.raised_at, one.fault, one.channel) for one in by_end if one.raised_at <= until
        }


def test_a_gateway_without_signs_of_life_is_silent_and_its_home_unknown_since_the_last() -> None:
    begin, end = BEGIN, BEGIN + 12 * HOUR
    found = home_faults(alive(without(home("a", DAYS, seed=1), begin, end), (begin, end)), ZONE)
    (fault,) = found.technical
    assert fault.fault is Fault.GATEWAY_SILENT
    assert begin - 5 * MINUTE <= fault.started_at < begin
    assert fault.raised_at <= fault.started_at + 35 * MINUTE
    assert fault.ended_at is not None
    assert end <= fault.ended_at <= end + 5 * MINUTE
    assert [(one.since, one.until) for one in found.unseen if one.is_fault] == [(fault.started_at, fault.ended_at)]


def test_a_silent_home_whose_gateway_lives_has_no_fault() -> None:
    trace = alive(without(home("a", DAYS, seed=1), BEGIN, BEGIN + 12 * HOUR))
    assert home_faults(trace, ZONE).technical == ()


def test_a_gateway_that_has_been_silent_until_now_is_known_by_the_clock() -> None:
    trace = home("a", DAYS, seed=1)
    trace = alive(trace.kept(trace.at < BEGIN), (BEGIN, END))
    assert home_faults(trace, ZONE, now=int(trace.at[-1]) + 5 * MINUTE).technical == ()
    (fault,) = home_faults(trace, ZONE, now=int(trace.at[-1]) + HOUR).technical
    assert (fault.fault, fault.ended_at) == (Fault.GATEWAY_SILENT, None)


def test_an_empty_trace_has_no_faults() -> None:
    trace = home("a", 1, seed=1)
    assert home_faults(trace.kept(trace.at < 0), ZONE).technical == ()


def test_a_sensor_quicker_than_it_can_be_is_doubted_before_it_is_certain() -> None:
    found = home_faults(flapping(home("a", DAYS, seed=1), BEDROOM), ZONE)
    (doubt,) = (one for one in found.unseen if one.is_doubt_of_babble and BEGIN < one.known_at < BEGIN + HOUR)

    assert doubt.until == found.technical[0].raised_at


def test_a_doubt_that_comes_to_nothing_is_no_fault() -> None:
    thrice = home_faults(with_events(home("a", DAYS, seed=1), BEGIN + np.arange(5) * 10, BEDROOM), ZONE)

    assert thrice.technical == ()
    doubts = [one for one in thrice.unseen if one.channel == BEDROOM and BEGIN < one.known_at <= BEGIN + HOUR]
    assert [one.is_doubt_of_babble for one in doubts] == [True]
