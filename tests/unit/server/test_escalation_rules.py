"""An unanswered alert always has a next step and a time for it."""

from datetime import timedelta

import pytest
from builders import T0
from hypothesis import given
from hypothesis import strategies as st

from server.escalation.rules import DEFAULT_POLICY, Policy, Step, Who, fault_of, next_move

spans = st.timedeltas(timedelta(seconds=1), timedelta(days=1))
nurses = st.lists(st.builds(Step, st.just(Who.ON_DUTY), spans), max_size=4)
everyone = st.lists(st.builds(Step, st.just(Who.EVERYONE), spans), min_size=1, max_size=3)
policies = st.builds(lambda first, then: (*first, *then), nurses, everyone)


@given(policies, st.none() | st.integers(0, 20))
def test_an_unanswered_alert_always_has_a_next_step_and_a_later_time(policy: Policy, last: int | None) -> None:
    move = next_move(policy, last, T0)

    assert 0 <= move.step < len(policy)
    assert move.due_at == T0 + policy[move.step].answer_within
    assert move.due_at > T0


@given(policies)
def test_every_step_has_its_turn_and_the_last_one_repeats(policy: Policy) -> None:
    steps: list[int] = []
    for _ in range(len(policy) + 3):
        steps.append(next_move(policy, steps[-1] if steps else None, T0).step)

    assert steps == [*range(len(policy)), *[len(policy) - 1] * 3]


@given(policies)
def test_a_policy_that_ends_with_everyone_will_do(policy: Policy) -> None:
    assert fault_of(policy) is None


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("policy", "fault"),
    [
        ((), "at least one step"),
        ((Step(Who.ON_DUTY, MINUTE),), "must tell everyone"),
        ((Step(Who.EVERYONE, timedelta(0)),), "some time"),
        ((Step(Who.ON_DUTY, -MINUTE), Step(Who.EVERYONE, MINUTE)), "some time"),
        ((Step(Who.EVERYONE, MINUTE), Step(Who.ON_DUTY, MINUTE), Step(Who.EVERYONE, MINUTE)), "fewer people"),
    ],
)
def test_a_policy_that_could_fall_silent_is_refused(policy: Policy, fault: str) -> None:
    assert fault in (fault_of(policy) or "")


def test_the_policy_of_a_unit_that_has_none_will_do() -> None:
    assert fault_of(DEFAULT_POLICY) is None
