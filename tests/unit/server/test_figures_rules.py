"""A month that was counted by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from server.alerting.rules import FACTS, AlertClass, AlertKind, Outcome
from server.figures.rules import Month, Share, Times, Told, alert_figures, home_weeks, hours_within

OSLO = ZoneInfo("Europe/Oslo")
T = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def told(
    kind: AlertKind = AlertKind.BUTTON,
    *,
    take: float | None = None,
    arrive: float | None = None,
    outcome: Outcome | None = None,
    place: str = "",
    repeats: int = 0,
    day: int = 0,
) -> Told:
    raised = T + timedelta(days=day)
    taken = None if take is None else raised + take * MINUTE
    arrived = None if arrive is None else raised + arrive * MINUTE
    closed = None if outcome is None else raised + HOUR
    cls = AlertClass.TECHNICAL if outcome is Outcome.TECHNICAL else AlertClass.PERSON
    severity = FACTS[kind].severity
    return Told(
        kind, cls, severity, raised, raised, taken, arrived, closed, outcome, repeats, place,
        is_budgeted=kind is AlertKind.INACTIVITY,
    )  # fmt: skip


def sent(after_s: float, one: Told) -> Told:
    return replace(one, sent_at=one.raised_at + timedelta(seconds=after_s))


MONTH = [
    told(take=1, arrive=5, outcome=Outcome.REAL_EVENT, repeats=2),
    told(take=2, arrive=9, outcome=Outcome.FALSE_ALARM, place="home-a/bathroom"),
    told(take=3, outcome=Outcome.FALSE_ALARM, place="home-a/bathroom"),
    told(take=4, outcome=Outcome.WAITING_FOR_VISIT, place="home-a/bathroom", repeats=1),
    told(AlertKind.INACTIVITY, take=10, arrive=20, outcome=Outcome.KNOWN_REASON, day=1),
    told(AlertKind.INACTIVITY, day=1),  # nobody has taken it yet
    told(take=30, outcome=Outcome.TEST),  # a test: counted nowhere
    told(AlertKind.GATEWAY_SILENT, outcome=Outcome.TECHNICAL, day=2),
]


def test_a_small_month_is_as_counted_by_hand() -> None:
    found = alert_figures(MONTH, OSLO)

    assert found.raised == {AlertClass.PERSON: 6, AlertClass.TECHNICAL: 1}
    assert found.waits.to_take == Times(5, 180, 600)  # of 1, 2, 3, 4 and 10 minutes
    assert found.waits.to_arrive == Times(3, 540, 1200)  # of 5, 9 and 20 minutes
    assert found.taken_within == (0, 1, 3, 1, 0, 0)  # under 1, 2, 5, 15 min, an hour, longer; the edge counts above
    assert found.repeats == 3
    assert (found.false, found.waiting_for_visit) == (Share(2, 5), Share(1, 5))
    assert found.false_by_kind == {AlertKind.BUTTON: Share(2, 4), AlertKind.INACTIVITY: Share(0, 1)}
    [place] = found.false_by_place
    assert (place.place, place.false) == ("home-a/bathroom", Share(2, 3))
    assert found.budgeted == 2
    assert found.by_day[date(2026, 3, 3)] == {AlertClass.PERSON: 2}


def test_each_day_tells_how_long_it_took_and_the_quick_chain_is_judged_by_grave_alerts_alone() -> None:
    days = [
        sent(0.05, told(take=1, arrive=5)),
        sent(0.07, told(take=3)),
        sent(7 * 3600, told(AlertKind.BATHROOM_VISITS, take=400)),  # mild: it waited for the morning
        sent(0.2, told(day=1)),
    ]

    found = alert_figures(days, OSLO).waits_by_day

    assert found[date(2026, 3, 2)].to_send == Times(2, 0.05, 0.07)
    assert found[date(2026, 3, 2)].to_take == Times(3, 180, 24_000)
    assert found[date(2026, 3, 2)].to_arrive == Times(1, 300, 300)
    assert found[date(2026, 3, 3)].to_send == Times(1, 0.2, 0.2)
    assert found[date(2026, 3, 3)].to_take == Times(0, None, None)
    assert list(found) == [date(2026, 3, 2), date(2026, 3, 3)]


def test_of_a_month_without_alerts_times_and_shares_are_not_known() -> None:
    found = alert_figures([], OSLO)

    assert (found.waits.to_take.p50_s, found.waits.to_arrive.p95_s, found.false.share) == (None, None, None)
    assert found.taken_within == (0,) * 6


def test_home_weeks_count_from_the_day_on_which_a_home_could_be_told_of() -> None:
    begin, end = Month(2026, 2).span(OSLO)

    assert home_weeks([date(2025, 1, 1), date(2026, 2, 15), date(2026, 3, 1)], begin, end) == 6
    assert home_weeks([], begin, end) is None


def test_hours_are_counted_within_the_month_only() -> None:
    begin, end = T, T + 10 * HOUR

    assert hours_within([(T - HOUR, T + HOUR), (T + 8 * HOUR, None), (T + 2 * HOUR, T + 3 * HOUR)], begin, end) == 4
    assert hours_within([(T - 2 * HOUR, T - HOUR)], begin, end) == 0


def test_a_month_knows_its_neighbours_and_its_length_when_the_clock_changes() -> None:
    begin, end = Month(2026, 3).span(OSLO)

    assert end.astimezone(UTC) - begin.astimezone(UTC) == timedelta(days=31) - HOUR
    assert (str(Month(2025, 12).next), str(Month(2026, 1).before)) == ("2026-01", "2025-12")
    with pytest.raises(ValueError, match="month must be"):
        Month.read("2026-13")
