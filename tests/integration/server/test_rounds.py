"""Rounds: one is always ahead, what was shown is kept, it is signed once, and nothing is forgotten."""

from datetime import datetime, timedelta

import pytest
from builders import DAY, HOUR, MINUTE, PATIENCE, T0, FakeGateway, alerts, rows_of, send, viewer
from sqlmodel import select
from watching import tell

from server.access.service import Viewer
from server.alerting.rules import AlertKind
from server.audit.tables import AuditEntry
from server.db.session import Database
from server.errors import (
    NotAllowedError,
    NotFoundError,
    NotKnownError,
    PictureChangedError,
    RoundNotOpenError,
    RoundSignedError,
    UnfitError,
    UnmarkedError,
)
from server.overview.service import look_at
from server.rounds.due import see_to_rounds
from server.rounds.figures import RoundsSigned, rounds_signed, visits_saved
from server.rounds.plans import PlanDraft, end_plan, plans_of, set_plan
from server.rounds.rules import Mark, State
from server.rounds.service import RoundDetail, Said, get_round, list_rounds, mark, sign, visited
from server.rounds.tables import RoundRow

ROUND = T0 + HOUR  # 11:00 in Oslo
EVERY_DAY = tuple("0123456")
ELEVEN = PlanDraft("11:00", EVERY_DAY, "2025-01-01", "2025-12-31", "Vedtak 12/2025", replaces_visit=True)


def plan(database: Database, draft: PlanDraft = ELEVEN, who: str = "siri", now: datetime = T0) -> str:
    """Plan looks at res-a."""
    person = viewer(database, who)
    with database.transaction() as db:
        return set_plan(db, person, look_at(db, person, "res-a", now)[0], draft, now)


def the_round(database: Database, who: Viewer, now: datetime = ROUND) -> RoundDetail:
    """Return the last round that there is by then."""
    with database.transaction() as db:
        code = [one.id for one in list_rounds(db, who, now) if one.at <= now + HOUR][-1]
        return get_round(db, who, code, now, PATIENCE)


def say(database: Database, who: Viewer, told: Mark, shown: State = State.UP, now: datetime = ROUND) -> str:
    """Say something of res-a."""
    code = the_round(database, who, now).round.id
    with database.transaction() as db:
        mark(db, who, code, Said("res-a", told, shown), now, PATIENCE)
    return code


def awake(database: Database, now: datetime = ROUND) -> None:
    """Somebody moves in home-a, and it is known."""
    gateway = FakeGateway(epoch=f"{now:%d%H%M}aa")
    tell(database, gateway, [gateway.motion(now - MINUTE)], now)
    send(database, gateway.heartbeat(now), now)


def test_a_round_is_made_signed_once_and_what_was_shown_is_kept(database: Database) -> None:
    maria, ola = viewer(database, "maria"), viewer(database, "ola")
    plan(database)
    awake(database)
    code = say(database, maria, Mark.SEEN)
    with database.transaction() as db:
        sign(db, maria, code, ROUND + MINUTE)
    with database.transaction() as db:
        sign(db, maria, code, ROUND + HOUR)

    with pytest.raises(RoundSignedError, match="Maria"), database.transaction() as db:
        sign(db, ola, code, ROUND + HOUR)
    with pytest.raises(RoundSignedError), database.transaction() as db:
        mark(db, maria, code, Said("res-a", Mark.VISIT, State.UP), ROUND + MINUTE, PATIENCE)

    later = the_round(database, maria, ROUND + 5 * HOUR)
    assert (later.round.signed_by, later.round.signed_at) == ("Maria", ROUND + MINUTE)
    [look] = later.looks
    assert (look.mark, look.marked_by, look.picture.state, look.picture.room) == (
        Mark.SEEN,
        "Maria",
        State.UP,
        "lounge",
    )
    assert (look.picture.since, look.marked_at) == (ROUND - MINUTE, ROUND)
    with database.reading() as db:
        said = db.exec(select(AuditEntry.what).where(AuditEntry.about == f"round:{code}")).all()
    assert said.count("round signed") == 1
    assert "looked at" in said


def test_a_home_that_is_not_known_is_never_seen_and_the_page_says_unknown(database: Database) -> None:
    maria = viewer(database, "maria")
    plan(database)
    awake(database)
    stale = ROUND + 2 * PATIENCE

    [look] = the_round(database, maria, stale).looks

    assert look.picture.state is State.UNKNOWN
    with pytest.raises(PictureChangedError):
        say(database, maria, Mark.SEEN, State.UP, stale)
    with pytest.raises(NotKnownError):
        say(database, maria, Mark.SEEN, State.UNKNOWN, stale)
    say(database, maria, Mark.SPOKEN, State.UNKNOWN, stale)


def test_a_round_is_not_signed_while_somebody_is_left_out_nor_before_its_time(database: Database) -> None:
    maria = viewer(database, "maria")
    plan(database)
    awake(database)
    code = the_round(database, maria).round.id

    with pytest.raises(UnmarkedError), database.transaction() as db:
        sign(db, maria, code, ROUND)
    with pytest.raises(RoundNotOpenError), database.transaction() as db:
        mark(db, maria, code, Said("res-a", Mark.SEEN, State.UP), T0, PATIENCE)


def test_the_next_round_is_there_whatever_became_of_this_one_and_all_that_were_missed_are(database: Database) -> None:
    plan(database)

    while see_to_rounds(database, ROUND + 3 * DAY):
        pass

    rounds: list[RoundRow] = rows_of(database, RoundRow)
    assert [one.at for one in rounds] == [ROUND + days * DAY for days in range(5)]
    assert [one.due_at for one in rounds] == [None, None, None, ROUND + 3 * DAY + HOUR, ROUND + 4 * DAY]


def test_a_visit_that_is_needed_and_not_made_becomes_an_alert_and_one_that_is_made_does_not(database: Database) -> None:
    maria = viewer(database, "maria")
    plan(database)
    awake(database)
    say(database, maria, Mark.VISIT)
    see_to_rounds(database, ROUND + 29 * MINUTE)
    assert alerts(database) == []

    for _ in range(2):
        see_to_rounds(database, ROUND + 30 * MINUTE)

    assert [(alert.kind, alert.repeats) for alert in alerts(database)] == [(AlertKind.VISIT_OVERDUE, 0)]
    awake(database, ROUND + DAY)
    code = say(database, maria, Mark.VISIT, now=ROUND + DAY)
    for who in ("maria", "ola"):
        person = viewer(database, who)
        with database.transaction() as db:
            visited(db, person, code, "res-a", ROUND + DAY + MINUTE)
    see_to_rounds(database, ROUND + DAY + HOUR / 2)
    [look] = the_round(database, maria, ROUND + DAY + 2 * MINUTE).looks
    assert (look.visited_by, look.visited_at) == ("Maria", ROUND + DAY + MINUTE)
    assert [alert.repeats for alert in alerts(database) if alert.kind is AlertKind.VISIT_OVERDUE] == [0]


def test_figures_count_rounds_whose_time_came_and_visits_that_were_saved(database: Database) -> None:
    maria = viewer(database, "maria")
    plan(database)
    for day, told, after in (
        (0, Mark.SEEN, MINUTE),
        (1, Mark.VISIT, MINUTE),
        (2, Mark.SEEN, 2 * HOUR),
        (3, None, None),
    ):
        at = ROUND + day * DAY
        while see_to_rounds(database, at):
            pass
        if told is not None:
            awake(database, at)
            code = say(database, maria, told, now=at)
            with database.transaction() as db:
                sign(db, maria, code, at + after)

    with database.reading() as db:
        assert rounds_signed(db, maria.units, T0, ROUND + 4 * DAY - MINUTE) == RoundsSigned(4, 3, 2)
        assert visits_saved(db, maria.units, T0, T0 + 9 * DAY) == 2
        assert rounds_signed(db, [], T0, T0 + 9 * DAY) == RoundsSigned(0, 0, 0)


def test_a_plan_that_ends_takes_its_coming_round_away_and_keeps_what_was_seen(database: Database) -> None:
    siri, maria = viewer(database, "siri"), viewer(database, "maria")
    code = plan(database)
    awake(database)
    say(database, maria, Mark.SEEN)
    see_to_rounds(database, ROUND)
    assert len(rows_of(database, RoundRow)) == 2

    with database.transaction() as db:
        resident = look_at(db, siri, "res-a", ROUND)[0]
        end_plan(db, siri, resident, code, ROUND + MINUTE)
        assert plans_of(db, resident, ROUND) == []

    assert [one.at for one in rows_of(database, RoundRow)] == [ROUND]
    assert len(the_round(database, maria).looks) == 1


def test_what_cannot_be_planned_is_said_by_field_and_nothing_is_kept(database: Database) -> None:
    with pytest.raises(UnfitError) as raised:
        plan(database, PlanDraft("11:07 25:00", (), "i går", "2024-01-01", " "))

    assert raised.value.faults == {
        "times": "not_a_time",
        "days": "no_days",
        "from_date": "not_a_date",
        "basis": "no_basis",
    }
    assert rows_of(database, RoundRow) == []


def test_other_units_and_relatives_know_nothing_of_a_round(database: Database) -> None:
    plan(database)
    code = the_round(database, viewer(database, "maria")).round.id
    per, anne, siri = (viewer(database, who) for who in ("per", "anne", "siri"))

    with database.transaction() as db:
        assert list_rounds(db, per, ROUND) == []
        with pytest.raises(NotFoundError):
            get_round(db, per, code, ROUND, PATIENCE)
        with pytest.raises(NotAllowedError):
            list_rounds(db, anne, ROUND)
        with pytest.raises(NotAllowedError):
            sign(db, siri, code, ROUND)
    with pytest.raises(NotAllowedError):
        plan(database, who="maria")


def test_a_look_planned_twice_at_one_time_is_one(database: Database) -> None:
    plan(database)
    plan(database, PlanDraft("11:00, 23:00", EVERY_DAY, "2025-01-01", "2025-12-31", "Samtykke"))

    found = the_round(database, viewer(database, "maria"))

    assert [(look.resident_id, look.replaces_visit) for look in found.looks] == [("res-a", True)]
    assert timedelta(0) < found.round.at - T0 <= HOUR


def test_a_round_that_nobody_signs_in_time_becomes_one_alert_of_the_unit_until_it_is_signed(database: Database) -> None:
    maria = viewer(database, "maria")
    plan(database)
    awake(database)
    for _ in range(2):
        see_to_rounds(database, ROUND)
    assert [one for one in alerts(database) if one.kind is AlertKind.ROUND_OVERDUE] == []

    for _ in range(2):
        see_to_rounds(database, ROUND + HOUR)

    [alert] = [one for one in alerts(database) if one.kind is AlertKind.ROUND_OVERDUE]
    assert (alert.resident_id, alert.repeats, alert.closed_at) == (None, 0, None)
    awake(database, ROUND + HOUR)
    code = say(database, maria, Mark.SEEN, now=ROUND + HOUR)
    with database.transaction() as db:
        sign(db, maria, code, ROUND + 2 * HOUR)
    [alert] = [one for one in alerts(database) if one.kind is AlertKind.ROUND_OVERDUE]
    assert alert.closed_at == ROUND + 2 * HOUR
