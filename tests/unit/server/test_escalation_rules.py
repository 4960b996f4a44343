"""An unanswered alert always has a next step and a time for it."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from builders import T0
from hypothesis import given
from hypothesis import strategies as st

from server.alerting.rules import FACTS, URGENT_ALERT, AlertClass, AlertKind, Severity
from server.escalation.faults import FaultKind, Surroundings, fault_among, fault_of
from server.escalation.rules import (
    DEFAULT_POLICY,
    DEFAULT_TECHNICAL,
    NIGHT,
    AtNight,
    Case,
    Policy,
    QuietHours,
    Step,
    Who,
    after_nobody,
    default_policy,
    leads_back,
    leaves_unwatched,
    may_wait,
    next_move,
)

OSLO = ZoneInfo("Europe/Oslo")
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

spans = st.timedeltas(timedelta(seconds=15), DAY)
severities = st.sampled_from(Severity)
early = st.lists(
    st.builds(
        Step, st.sampled_from([who for who in Who if who is not Who.EVERYONE]), spans, st.integers(1, 9), severities,
        st.sampled_from(AtNight),
    ),
    max_size=4,
)  # fmt: skip
last_ones = st.lists(
    st.builds(Step, st.just(Who.EVERYONE), spans, at_night=st.sampled_from(AtNight)), min_size=1, max_size=3
)
minutes = st.builds(time, st.integers(0, 23), st.integers(0, 59))
quiet_hours = st.builds(QuietHours, minutes, minutes)
policies = st.builds(lambda first, then, quiet: Policy((*first, *then), quiet), early, last_ones, quiet_hours)
zones = st.sampled_from([OSLO, UTC, ZoneInfo("America/St_Johns"), ZoneInfo("Australia/Lord_Howe")])
cases = st.builds(Case, severities, st.booleans(), zones)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
AROUND = Surroundings(
    frozenset(range(1, 10)),
    {**dict.fromkeys(range(1, 10)), 20: FaultKind.IN_A_CIRCLE, 21: FaultKind.NOBODY_THERE},
    2,
)


@given(policies, st.none() | st.integers(0, 20), cases, moments)
def test_an_unanswered_alert_always_has_a_next_step_and_a_later_time(
    policy: Policy, last: int | None, case: Case, now: datetime
) -> None:
    move = next_move(policy, last, case, now)

    assert move.due_at > now
    assert move.step is None or 0 <= move.step < len(policy.steps)


@given(policies, cases, moments)
def test_what_may_not_wait_is_told_at_any_hour_and_never_softly(policy: Policy, case: Case, now: datetime) -> None:
    move = next_move(policy, None, Case(case.severity, may_wait=False, zone=case.zone), now)

    assert move.step is not None
    assert not move.softly
    assert move.due_at == now + policy.steps[move.step].answer_within


@given(policies, st.none() | st.integers(0, 6), cases, moments)
def test_whoever_waits_for_the_morning_is_told_in_the_morning(
    policy: Policy, last: int | None, case: Case, now: datetime
) -> None:
    move = next_move(policy, last, case, now)
    if move.step is not None:
        return

    assert move.due_at - now <= timedelta(hours=26)
    assert next_move(policy, last, case, move.due_at).step is not None


@given(policies, cases, moments)
def test_every_step_for_its_severity_has_its_turn_and_the_last_one_repeats(
    policy: Policy, case: Case, now: datetime
) -> None:
    awake = Case(case.severity, may_wait=False)
    steps: list[int] = []
    for _ in range(len(policy.steps) + 3):
        steps.append(next_move(policy, steps[-1] if steps else None, awake, now).step or 0)

    last = len(policy.steps) - 1
    meant = [n for n in range(last) if policy.steps[n].from_severity <= case.severity]
    assert steps == [*meant, *[last] * (len(steps) - len(meant))]


@given(policies, cases, moments)
def test_a_step_that_finds_nobody_is_not_waited_for(policy: Policy, case: Case, now: datetime) -> None:
    last, passed = None, 0
    while True:
        move = next_move(policy, last, Case(case.severity, may_wait=False), now)
        due_at = after_nobody(policy, move, now)
        if due_at > now:
            break
        last, passed = move.step, passed + 1

    assert passed < len(policy.steps)
    assert due_at - now <= MINUTE


@given(st.builds(Policy, st.builds(lambda first, then: (*first, *then), early, last_ones), st.just(NIGHT)))
def test_a_policy_whose_last_step_is_for_everyone_will_do(policy: Policy) -> None:
    assert fault_of(policy) is None
    assert fault_among(policy, AROUND) is None


NURSES = Step(Who.ON_DUTY, MINUTE)
ALL = Step(Who.EVERYONE, MINUTE)


@pytest.mark.parametrize(
    ("policy", "fault", "step"),
    [
        (Policy(()), FaultKind.NO_STEPS, None),
        (Policy((NURSES,)), FaultKind.ENDS_ON_FEW, 0),
        (Policy((ALL, Step(Who.PERSON, MINUTE, 3))), FaultKind.ENDS_ON_FEW, 1),
        (Policy((NURSES, Step(Who.EVERYONE, MINUTE, None, Severity.CRITICAL))), FaultKind.ENDS_FOR_SOME, 1),
        (Policy((Step(Who.EVERYONE, timedelta(0)),)), FaultKind.TOO_SHORT, 0),
        (Policy((Step(Who.ON_DUTY, -MINUTE), ALL)), FaultKind.TOO_SHORT, 0),
        (Policy((NURSES, Step(Who.EVERYONE, 2 * DAY))), FaultKind.TOO_LONG, 1),
        (Policy((ALL, NURSES, ALL)), FaultKind.FEWER_AFTER_ALL, 1),
        (Policy((Step(Who.PERSON, MINUTE), ALL)), FaultKind.NO_NAME, 0),
        (Policy((Step(Who.BACKUP, MINUTE), ALL)), FaultKind.NO_NAME, 0),
        (Policy((NURSES,) * 12 + (ALL,)), FaultKind.TOO_MANY_STEPS, None),
        (Policy((Step(Who.EVERYONE, MINUTE, at_night=AtNight.WAIT),)), FaultKind.NO_QUIET_HOURS, 0),
        (Policy((ALL,), QuietHours(time(22), time(22))), FaultKind.QUIET_HOURS, None),
        (Policy((ALL,), QuietHours(time(7), time(6))), FaultKind.QUIET_HOURS, None),
    ],
)
def test_a_policy_that_could_fall_silent_is_refused(policy: Policy, fault: FaultKind, step: int | None) -> None:
    found = fault_of(policy)

    assert found is not None
    assert (found.kind, found.step) == (fault, step)
    assert (f"step {step + 1}: " in found.words) if step is not None else found.words


@pytest.mark.parametrize(
    ("first", "reached", "fault", "step"),
    [
        (Step(Who.PERSON, MINUTE, 99), 2, FaultKind.UNKNOWN_PERSON, 0),
        (Step(Who.RESPONDER_CENTRE, MINUTE, 99), 2, FaultKind.UNKNOWN_PERSON, 0),
        (Step(Who.BACKUP, MINUTE, 99), 2, FaultKind.UNKNOWN_UNIT, 0),
        (Step(Who.BACKUP, MINUTE, 20), 2, FaultKind.IN_A_CIRCLE, 0),
        (Step(Who.BACKUP, MINUTE, 21), 2, FaultKind.NOBODY_THERE, 0),
        (NURSES, 1, FaultKind.REACHES_ONE, 1),
        (NURSES, 0, FaultKind.REACHES_NOBODY, 1),
    ],
)
def test_a_policy_that_ends_on_one_phone_where_it_is_to_hold_is_refused(
    first: Step, reached: int, fault: FaultKind, step: int
) -> None:
    found = fault_among(Policy((first, ALL)), Surroundings(AROUND.people, AROUND.units, reached))

    assert found is not None
    assert (found.kind, found.step) == (fault, step)


@pytest.mark.parametrize("alert_class", [AlertClass.PERSON, AlertClass.TECHNICAL])
def test_the_policy_of_a_unit_that_has_none_will_do(alert_class: AlertClass) -> None:
    assert fault_of(default_policy(alert_class)) is None


@pytest.mark.parametrize(
    ("local", "over"),
    [
        ("2025-01-15T21:59", None),
        ("2025-01-15T22:00", "2025-01-16T07:00"),
        ("2025-01-16T06:59", "2025-01-16T07:00"),
        ("2025-01-16T07:00", None),
        ("2025-03-30T01:30", "2025-03-30T07:00"),  # the night an hour shorter
        ("2025-10-25T23:00", "2025-10-26T07:00"),  # the night an hour longer
    ],
)
def test_quiet_hours_go_by_the_clock_on_the_wall(local: str, over: str | None) -> None:
    now = datetime.fromisoformat(local).replace(tzinfo=OSLO)

    found = NIGHT.over_at(now, OSLO)

    assert found == (None if over is None else datetime.fromisoformat(over).replace(tzinfo=OSLO))


@given(quiet_hours, moments, zones)
def test_quiet_hours_are_always_over_later_than_now(quiet: QuietHours, now: datetime, zone: ZoneInfo) -> None:
    over_at = quiet.over_at(now, zone)

    assert over_at is None or over_at > now


@pytest.mark.parametrize("kind", [kind for kind in AlertKind if FACTS[kind].severity >= Severity.SERIOUS])
def test_what_is_serious_or_critical_never_waits(kind: AlertKind) -> None:
    facts = FACTS[kind]

    assert not may_wait(facts.alert_class, facts.severity, is_unwatched=False)


def test_a_fault_waits_for_the_day_unless_it_leaves_somebody_unwatched() -> None:
    urgent = list(URGENT_ALERT)
    unwatched = [
        leaves_unwatched(AlertKind.GATEWAY_SILENT, (), (), urgent),
        leaves_unwatched(AlertKind.SENSOR_SILENT, ("home_unseen", "sensor_silent"), ("motion",), urgent),
        leaves_unwatched(AlertKind.SENSOR_SILENT, ("sensor_silent",), ("motion", "button"), urgent),
        leaves_unwatched(AlertKind.SENSOR_SILENT, ("sensor_silent",), ("motion",), urgent),
        leaves_unwatched(AlertKind.BATTERY_LOW, ("battery_low",), ("motion",), urgent),
    ]
    night = T0.replace(hour=2)

    moves = [
        next_move(
            DEFAULT_TECHNICAL,
            None,
            Case(20, may_wait(AlertClass.TECHNICAL, Severity.MODERATE, is_unwatched=one), OSLO),
            night,
        )
        for one in unwatched
    ]

    assert [move.step for move in moves] == [0, 0, 0, None, None]
    assert moves[-1].due_at == T0.replace(hour=6)  # seven in Oslo


def test_a_unit_without_policies_tells_its_nurses_and_then_everyone() -> None:
    case = Case(Severity.CRITICAL, may_wait=False)
    moves = [next_move(DEFAULT_POLICY, last, case, T0) for last in (None, 0, 1)]

    assert [DEFAULT_POLICY.steps[move.step or 0].who for move in moves] == [Who.ON_DUTY, Who.EVERYONE, Who.EVERYONE]


def test_a_step_that_is_soft_at_night_is_told_as_always_by_day() -> None:
    policy = Policy((Step(Who.EVERYONE, MINUTE, at_night=AtNight.SOFTLY),), NIGHT)
    case = Case(Severity.NORMAL, may_wait=True, zone=OSLO)

    assert [next_move(policy, None, case, T0.replace(hour=hour)).softly for hour in (2, 12)] == [True, False]


@pytest.mark.parametrize(
    ("to", "backups", "is_circle"),
    [
        (2, {}, False),
        (2, {2: {3}, 3: {4}}, False),
        (2, {2: {1}}, True),
        (2, {2: {3}, 3: {10}}, True),
        (2, {2: {3}, 3: {2}}, False),
        (2, {4: {1}}, False),
    ],
)
def test_units_never_wait_for_each_other(to: int, backups: dict[int, set[int]], *, is_circle: bool) -> None:
    home = {1, 10}  # the unit, and one below it

    assert leads_back(to, home, backups) == is_circle
