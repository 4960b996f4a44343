"""An alert's life, whoever presses what and in whichever order."""

from datetime import timedelta

import pytest
from builders import T0
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gateway.contract.observation import SensorKind, Stream, stream_of
from server.alerting import rules
from server.alerting.rules import FACTS, URGENT_ALERT, AlertClass, AlertKind, AlertStatus, Standing, is_late
from server.errors import AlertNotOpenError, AlertTakenError, StaleVersionError

NURSES = {1: "Maria", 2: "Ola", 3: "Per"}
REFUSALS = (AlertNotOpenError, AlertTakenError, StaleVersionError)


class AlertLife(RuleBasedStateMachine):
    """Three nurses act on one alert with whatever version their page shows, while repeats come in."""

    @initialize()
    def is_raised(self) -> None:
        self.standing = Standing(AlertStatus.REPORTED, version=1)
        self.winners: set[int] = set()
        self.path = [AlertStatus.REPORTED]

    def become(self, after: Standing) -> None:
        """The version rises with every change, and only then."""
        assert (after.version > self.standing.version) == (after != self.standing)
        assert self.standing.status is not AlertStatus.CLOSED
        if after.taken_by is not None and after.taken_at is None:
            after = Standing(after.status, after.version, after.taken_by, NURSES[after.taken_by], T0)
        if after.status is not self.standing.status:
            self.path.append(after.status)
        self.standing = after

    def version(self, behind: int) -> int:
        return max(1, self.standing.version - behind)

    @rule(by=st.sampled_from(list(NURSES)), behind=st.integers(-1, 2))
    def take(self, by: int, behind: int) -> None:
        before = self.standing
        seen = self.version(behind)
        taken_by_another = before.taken_by not in {None, by}
        if before.status is AlertStatus.CLOSED or taken_by_another or (before.taken_by is None and behind < 0):
            with pytest.raises(REFUSALS):
                rules.take(before, by=by, seen_version=seen)
            return
        self.become(rules.take(before, by=by, seen_version=seen))
        self.winners.add(by)

    @rule(
        by=st.sampled_from(list(NURSES)),
        to=st.sampled_from([AlertStatus.ON_THE_WAY, AlertStatus.WITH_RESIDENT]),
        behind=st.integers(-1, 2),
    )
    def advance(self, by: int, to: AlertStatus, behind: int) -> None:
        before = self.standing
        try:
            self.become(rules.advance(before, to, by=by, seen_version=self.version(behind)))
        except REFUSALS:
            assert before.taken_by != by or before.status is not AlertStatus.TAKEN or behind < 0
        else:
            assert before.taken_by == by

    @rule()
    def is_repeated(self) -> None:
        if self.standing.status is not AlertStatus.CLOSED:
            self.standing = Standing(
                self.standing.status, self.standing.version + 1, self.standing.taken_by,
                self.standing.taken_by_name, self.standing.taken_at,
            )  # fmt: skip

    @rule(behind=st.sampled_from([-1, 0, 0, 1]))
    def close(self, behind: int) -> None:
        before = self.standing
        seen = self.version(behind)
        try:
            self.become(rules.close(before, seen_version=seen))
        except REFUSALS:
            assert before.status is AlertStatus.CLOSED or seen != before.version

    @invariant()
    def one_person_has_it(self) -> None:
        assert len(self.winners) <= 1

    @invariant()
    def it_never_goes_back(self) -> None:
        order = list(AlertStatus)
        places = [order.index(status) for status in self.path]
        assert places == sorted(set(places))


TestAlertLife = AlertLife.TestCase


def test_closed_stays_closed() -> None:
    closed = Standing(AlertStatus.CLOSED, 5, 1, "Maria", T0)

    for act in (
        lambda: rules.take(closed, by=1, seen_version=5),
        lambda: rules.advance(closed, AlertStatus.ON_THE_WAY, by=1, seen_version=5),
        lambda: rules.close(closed, seen_version=5),
    ):
        with pytest.raises(AlertNotOpenError):
            act()


def test_the_one_who_comes_second_is_told_who_was_first() -> None:
    taken = Standing(AlertStatus.TAKEN, 2, 1, "Maria", T0)

    with pytest.raises(AlertTakenError) as told:
        rules.take(taken, by=2, seen_version=1)

    assert (told.value.by, told.value.at) == ("Maria", T0)


def test_a_repeat_since_the_page_was_drawn_does_not_hinder_taking_but_hinders_closing() -> None:
    repeated = Standing(AlertStatus.REPORTED, 3)

    assert rules.take(repeated, by=1, seen_version=1).taken_by == 1
    with pytest.raises(StaleVersionError):
        rules.close(repeated, seen_version=2)


@pytest.mark.parametrize(("minutes", "late"), [(0, False), (2, False), (2.01, True), (600, True), (-5, False)])
def test_what_is_older_than_two_minutes_is_late(minutes: float, *, late: bool) -> None:
    assert is_late(T0, T0 + timedelta(minutes=minutes)) is late


def test_every_kind_of_alert_has_its_facts_and_persons_have_a_national_code() -> None:
    assert set(FACTS) == set(AlertKind)
    assert all((facts.national_code is None) == (facts.alert_class is AlertClass.TECHNICAL) for facts in FACTS.values())


def test_every_urgent_kind_of_sensor_calls_somebody() -> None:
    assert set(URGENT_ALERT) == {kind for kind in SensorKind if stream_of(kind, 1.0) is Stream.URGENT}
