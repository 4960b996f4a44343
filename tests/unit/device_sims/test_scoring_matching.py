"""Which alert is about which truth."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from device_sims.scoring.alerts import Alert
from device_sims.scoring.matching import JudgedAlert, Judgement, Verdict, judge
from device_sims.scoring.truth import AlertClass, Expected, Forbidden, Truth, Watched

T0 = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
WEEK = Watched("a", T0, T0 + timedelta(days=7))


def fall(at: float = 10, within: float = 2, until: float | None = None, home: str = "a") -> Expected:
    ends = None if until is None else T0 + until * HOUR
    return Expected(home, ("fall", "inactivity"), T0 + at * HOUR, within * HOUR, "fall", ends)


def alert(at: float, kind: str = "fall", of: AlertClass = AlertClass.PERSON, home: str = "a") -> Alert:
    return Alert(home, kind, of, T0 + at * HOUR)


def judged(expected: list[Expected], alerts: list[Alert], forbidden: tuple[Forbidden, ...] = ()) -> Judgement:
    return judge(Truth((WEEK,), tuple(expected), forbidden), alerts)


def verdicts(judgement: Judgement) -> list[Verdict]:
    return [one.verdict for one in judgement.alerts]


def only(judgement: Judgement) -> JudgedAlert:
    [one] = judgement.alerts
    return one


def test_an_alert_of_any_right_kind_before_the_limit_is_in_time_and_tells_the_delay() -> None:
    for at in (10, 11.5, 12):
        told = judged([fall(10, 2)], [alert(at, "inactivity")])

        assert verdicts(told) == [Verdict.IN_TIME]
        assert told.truths[0].delay == (at - 10) * HOUR


def test_an_alert_before_it_happened_is_false() -> None:
    assert verdicts(judged([fall(10)], [alert(9.99)])) == [Verdict.FALSE]


def test_an_alert_after_the_limit_is_late_while_it_lasts_and_false_afterwards() -> None:
    assert verdicts(judged([fall(10, 2, until=20)], [alert(15)])) == [Verdict.LATE]
    assert verdicts(judged([fall(10, 2, until=20)], [alert(21)])) == [Verdict.FALSE]


def test_a_second_alert_about_the_same_is_told_again_and_not_false() -> None:
    assert verdicts(judged([fall(10, 2)], [alert(10.5), alert(11)])) == [Verdict.IN_TIME, Verdict.AGAIN]


def test_an_alert_of_another_kind_alone_is_a_wrong_kind_and_no_recall() -> None:
    told = judged([fall(10, 2)], [alert(11, "cold_home")])

    assert verdicts(told) == [Verdict.WRONG_KIND]
    assert told.truths[0].delay is None


def test_an_alert_of_another_kind_beside_a_right_one_is_false() -> None:
    assert verdicts(judged([fall(10, 2)], [alert(10.5, "cold_home"), alert(11)])) == [Verdict.FALSE, Verdict.IN_TIME]


def test_a_technical_alert_is_never_the_wrong_kind_for_a_person() -> None:
    assert verdicts(judged([fall()], [alert(11, "sensor_silent", AlertClass.TECHNICAL)])) == [Verdict.FALSE]


def test_an_alert_in_another_home_is_about_nothing_here() -> None:
    other = Watched("b", WEEK.begins_at, WEEK.ends_at)
    told = judge(Truth((WEEK, other), (fall(),)), [alert(11, home="b")])

    assert verdicts(told) == [Verdict.FALSE]
    assert told.truths[0].verdict is None


def test_what_is_alerted_while_nobody_watches_is_left_out() -> None:
    assert judged([], [alert(-1), alert(7 * 24)]).alerts == ()


def test_an_alert_that_is_in_time_counts_though_the_watch_ended_meanwhile() -> None:
    last = 7 * 24 - 1

    assert verdicts(judged([fall(last, 3)], [alert(last + 2), alert(last + 2.5, "cold_home")])) == [Verdict.IN_TIME]
    assert judged([fall(last, 3)], [alert(last + 2.5, "cold_home")]).left_out == 1


def test_of_two_that_happened_the_first_takes_the_first_alert() -> None:
    told = judged([fall(10, 2), fall(11, 2)], [alert(11.1), alert(11.8)])

    assert [one.delay for one in told.truths] == [1.1 * HOUR, 0.8 * HOUR]


def test_a_kind_that_was_forbidden_is_never_only_the_wrong_kind() -> None:
    quiet = Forbidden("a", T0 + 10 * HOUR, T0 + 15 * HOUR, "fall", "she is at home", ("left_home_at_night",))
    told = judged([fall(10, 2)], [alert(11, "left_home_at_night")], (quiet,))

    assert (only(told).verdict, only(told).violated) == (Verdict.FALSE, quiet)
    assert told.truths[0].verdict is None


def test_a_person_alert_while_a_device_is_at_fault_takes_technical_for_human_and_violates_what_was_forbidden() -> None:
    dead = Expected("a", ("gateway_silent",), T0 + 10 * HOUR, HOUR, "gateway dead", None, AlertClass.TECHNICAL)
    quiet = Forbidden("a", T0 + 10 * HOUR, T0 + 15 * HOUR, "gateway dead", "nobody fell")

    human = only(judged([dead], [alert(10.5, "inactivity")], (quiet,)))
    technical = only(judged([dead], [alert(10.5, "gateway_silent", AlertClass.TECHNICAL)], (quiet,)))

    assert (human.verdict, human.took_technical_for_human, human.violated) == (Verdict.FALSE, True, quiet)
    assert (technical.verdict, technical.took_technical_for_human, technical.violated) == (Verdict.IN_TIME, False, None)


def test_only_the_kinds_that_are_forbidden_violate() -> None:
    quiet = Forbidden("a", T0, T0 + 5 * HOUR, "moved sensor", "nobody fell", ("fall",))

    assert only(judged([], [alert(1, "inactivity")], (quiet,))).violated is None
    assert only(judged([], [alert(1, "fall")], (quiet,))).violated == quiet


def test_an_alert_that_fits_two_is_left_to_the_one_that_has_no_other() -> None:
    needs_a_fall = Expected("a", ("fall",), T0 + 10 * HOUR, 3 * HOUR, "fall sensor")

    assert verdicts(judged([fall(10, 2), needs_a_fall], [alert(10), alert(11, "inactivity")])) == [Verdict.IN_TIME] * 2


def test_a_false_alert_while_a_person_is_in_need_takes_nothing_technical_for_human() -> None:
    told = judged([fall(10, 2)], [alert(10.5, "fall"), alert(11, "cold_home")])

    assert [one.took_technical_for_human for one in told.alerts] == [False, False]


_KINDS = st.sampled_from(["fall", "inactivity", "cold_home"])
_HAPPENED = st.builds(
    lambda kinds, at, within, more: Expected(
        "a", tuple(sorted(kinds)), T0 + at * HOUR, within * HOUR, "x", T0 + (at + within + more) * HOUR
    ),
    st.sets(_KINDS, min_size=1),
    st.integers(0, 4),
    st.integers(1, 4),
    st.integers(0, 3),
)
_TOLD = st.builds(alert, st.integers(0, 11), _KINDS)


@given(st.lists(_HAPPENED, max_size=5), st.lists(_TOLD, max_size=5))
def test_as_many_truths_as_possible_are_met_one_to_one_and_nothing_is_left_unjudged(
    happened: list[Expected], told: list[Alert]
) -> None:
    judgement = judged(happened, told)

    assert len(judgement.alerts) == len(told)
    assert len(judgement.truths) == len(happened)
    for verdict in (Verdict.IN_TIME, Verdict.LATE, Verdict.WRONG_KIND):
        assert verdicts(judgement).count(verdict) == sum(1 for one in judgement.truths if one.verdict is verdict)
    for one in judgement.truths:
        if one.verdict is Verdict.IN_TIME:
            assert one.by is not None
            assert one.by.kind in one.truth.kinds
            assert timedelta(0) <= one.by.raised_at - one.truth.begins_at <= one.truth.within
    assert verdicts(judgement).count(Verdict.IN_TIME) == _most_that_can_be_met(happened, told)


def _most_that_can_be_met(happened: list[Expected], told: list[Alert]) -> int:
    """Try every way; `None` stands for a truth that goes without."""
    seats: list[Alert | None] = [*told, *([None] * len(happened))]
    return max(
        sum(
            1
            for one, by in zip(happened, way, strict=True)
            if by is not None and by.kind in one.kinds and one.begins_at <= by.raised_at <= one.due_at
        )
        for way in set(permutations(range(len(seats)), len(happened)))
        for way in [[seats[place] for place in way]]
    )


@given(st.lists(_HAPPENED, max_size=4), st.lists(_TOLD, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_the_files_changes_no_verdict(happened: list[Expected], told: list[Alert], chance: object) -> None:
    before = judged(happened, told)
    shuffled, again = list(happened), list(told)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    chance.shuffle(again)  # type: ignore[attr-defined]
    after = judged(shuffled, again)

    assert sorted(verdicts(before)) == sorted(verdicts(after))
