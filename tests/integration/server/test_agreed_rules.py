"""Agreed rules live: judged in the detector's own look, told once a window, and never where nothing is known."""

from datetime import datetime, timedelta

import pytest
from builders import DAY, DOOR, HOUR, MINUTE, PATIENCE, T0, FakeGateway, alerts, rows_of, send, viewer
from hypothesis import given, settings
from hypothesis import strategies as st
from postgres import NewDatabase
from sqlmodel import select
from watching import hear, look, tell

from gateway.contract.observation import Observation
from server.alerting.rules import AlertKind
from server.alerting.tables import AlertLogRow, AlertRow
from server.audit.tables import AuditEntry
from server.db.session import Database
from server.errors import NotAllowedError, NotFoundError, NotRehearsedError, TooLongMutedError, UnfitError
from server.house_rules.drafts import ConditionDraft, Draft
from server.house_rules.tables import HouseRuleChange, HouseRuleFiring, HouseRuleRow
from server.overview import house_rules
from server.sensitivity.tables import KindMuting

EVERY_DAY = tuple("0123456")
# T0 is 10:00 in Oslo.
UP_BY_TWELVE = Draft("10:00", "12:00", EVERY_DAY, "all", (ConditionDraft("first_by"),), "Avtalt")
NOON = T0 + 2 * HOUR
OFTEN_OUT = Draft("10:00", "20:00", EVERY_DAY, "all", (ConditionDraft("too_many", "front_door", "", "2"),), "Uro")


def agree(database: Database, draft: Draft = UP_BY_TWELVE, at: datetime = T0) -> str:
    """Agree on a rule for res-a, try it and switch it on; return its name."""
    siri = viewer(database, "siri")
    with database.transaction() as db:
        code = house_rules.keep_rule(db, siri, "res-a", draft, at)
    house_rules.rehearse_rule(database, siri, "res-a", code, at, PATIENCE)
    with database.transaction() as db:
        house_rules.switch(db, siri, "res-a", code, at, on=True)
    return code


def told(database: Database) -> list[AlertRow]:
    return [alert for alert in alerts(database) if alert.kind is AlertKind.AGREED_RULE]


def firings(database: Database) -> list[HouseRuleFiring]:
    return rows_of(database, HouseRuleFiring)


def test_a_silence_that_was_agreed_on_is_told_at_its_time_and_once(database: Database) -> None:
    gateway = FakeGateway()
    tell(database, gateway, [gateway.motion(T0 - HOUR)], T0)
    agree(database)

    for minutes in range(0, 240, 10):
        hear(database, gateway, T0 + minutes * MINUTE)
        assert len(told(database)) == (minutes >= 120)

    [alert] = told(database)
    assert (alert.observed_at, alert.repeats, alert.national_code) == (NOON, 0, "4.8")
    assert alert.reasons == [{"key": "agreed_first_by", "by": "12:00", "from": "10:00"}]


def test_who_is_up_in_time_is_not_told_of_and_who_comes_later_is_noted_on_the_alert(database: Database) -> None:
    gateway = FakeGateway()
    tell(database, gateway, [gateway.motion(T0 - HOUR)], T0)
    agree(database)
    tell(database, gateway, [gateway.motion(T0 + 90 * MINUTE)], T0 + 90 * MINUTE)
    hear(database, gateway, NOON + MINUTE)
    assert told(database) == []

    hear(database, gateway, T0 + DAY)
    hear(database, gateway, NOON + DAY)
    tell(database, gateway, [gateway.motion(NOON + DAY + HOUR)], NOON + DAY + HOUR)

    [alert] = told(database)
    assert [one.ended_at for one in firings(database)] == [NOON + DAY + HOUR]
    log = [line.event for line in rows_of(database, AlertLogRow) if line.alert_id == alert.alert_id]
    assert log == ["raised", "ceased"]


def test_a_count_is_told_when_it_is_passed(database: Database) -> None:
    gateway = FakeGateway()
    agree(database, OFTEN_OUT)
    for n in range(4):
        at = T0 + (1 + n) * 10 * MINUTE
        tell(database, gateway, [gateway.fact(DOOR, at), gateway.fact(DOOR, at + MINUTE, 0.0)], at + MINUTE)
        assert len(told(database)) == (n >= 2)

    [alert] = told(database)
    assert (alert.observed_at, alert.room, alert.repeats) == (T0 + 30 * MINUTE, "front_door", 0)
    assert alert.reasons[0]["counted"] == 3


def test_a_home_that_is_not_known_makes_no_alert_about_its_resident(database: Database) -> None:
    gateway = FakeGateway()
    tell(database, gateway, [gateway.motion(T0 - HOUR)], T0)
    agree(database)

    look(database, T0 + 5 * HOUR)
    assert told(database) == []
    # The gateway had no power from 10 until 15, and says so when it begins anew.
    hear(database, gateway, T0 + 5 * HOUR + MINUTE, boot_id="00000002", started_at=T0 + 5 * HOUR)
    hear(database, gateway, T0 + 5 * HOUR + 2 * MINUTE, boot_id="00000002", started_at=T0 + 5 * HOUR)

    assert told(database) == []
    assert firings(database) == []


def test_what_held_in_a_backlog_and_is_over_calls_nobody_and_what_lasts_does(database: Database) -> None:
    over, lasting = FakeGateway(), FakeGateway(epoch="0000000b")
    tell(database, over, [over.motion(T0 - HOUR)], T0)
    agree(database)

    late = NOON + 4 * HOUR
    tell(database, over, [over.motion(NOON + HOUR)], late)
    hear(database, over, late)
    assert [one.ended_at for one in firings(database)] == [NOON + HOUR]
    assert told(database) == []

    hear(database, lasting, NOON + DAY + 2 * HOUR)
    assert len(told(database)) == 1


def test_a_muted_rule_is_judged_and_told_of_when_the_muting_ends_and_it_still_lasts(database: Database) -> None:
    gateway = FakeGateway()
    tell(database, gateway, [gateway.motion(T0 - HOUR)], T0)
    code, maria = agree(database), viewer(database, "maria")
    with database.transaction() as db:
        house_rules.mute(db, maria, "res-a", code, house_rules.Muting(NOON + HOUR, "Sover ut"), T0)

    hear(database, gateway, NOON + MINUTE)
    assert [one.alert_id for one in firings(database)] == [None]
    hear(database, gateway, NOON + 59 * MINUTE)
    assert told(database) == []

    hear(database, gateway, NOON + HOUR)

    assert [alert.observed_at for alert in told(database)] == [NOON]


def test_a_kind_that_is_muted_is_noticed_and_told_of_when_the_muting_ends(database: Database) -> None:
    gateway, maria = FakeGateway(), viewer(database, "maria")
    tell(database, gateway, [gateway.motion(T0)], T0)
    with database.transaction() as db:
        house_rules.mute_a_kind(db, maria, "res-a", AlertKind.INACTIVITY, T0 + 14 * HOUR, "Gjest", T0)

    hear(database, gateway, T0 + 13 * HOUR)
    assert alerts(database) == []
    hear(database, gateway, T0 + 14 * HOUR + 11 * MINUTE)

    assert [alert.kind for alert in alerts(database)] == [AlertKind.INACTIVITY]
    with database.transaction() as db:
        [muting] = house_rules.get_rules(db, maria, "res-a", T0).mutings
        assert (muting.by, muting.why, muting.until) == ("Maria", "Gjest", T0 + 14 * HOUR)
        assert house_rules.get_rules(db, maria, "res-a", T0 + 14 * HOUR).mutings == ()
        house_rules.lift(db, maria, "res-a", muting.id, T0 + HOUR)
        assert house_rules.get_rules(db, maria, "res-a", T0 + HOUR).mutings == ()


def test_nobody_is_told_of_a_rule_that_is_off_nor_of_one_that_was_taken_away(database: Database) -> None:
    gateway, siri = FakeGateway(), viewer(database, "siri")
    tell(database, gateway, [gateway.motion(T0 - HOUR)], T0)
    code = agree(database)
    with database.transaction() as db:
        house_rules.remove(db, siri, "res-a", code, T0)

    hear(database, gateway, NOON + MINUTE)

    assert firings(database) == []
    with database.transaction() as db:
        assert house_rules.get_rules(db, siri, "res-a", T0).rules == ()
    assert [one.what for one in rows_of(database, HouseRuleChange)] == ["set", "on", "removed"]


def test_every_change_has_its_version_its_author_and_an_audit_entry_without_names(database: Database) -> None:
    siri, maria = viewer(database, "siri"), viewer(database, "maria")
    code = agree(database)
    with database.transaction() as db:
        house_rules.keep_rule(db, siri, "res-a", UP_BY_TWELVE, T0, code)
        house_rules.keep_rule(db, siri, "res-a", OFTEN_OUT, T0, code)
        house_rules.switch(db, maria, "res-a", code, T0, on=False)

    with database.transaction() as db:
        [rule] = house_rules.get_rules(db, maria, "res-a", T0).rules
        said = db.exec(select(AuditEntry.what).where(AuditEntry.about == f"rule:{code}")).all()
    assert [(one.what, one.version, one.by) for one in rule.history] == [
        ("set", 2, "Siri"), ("on", 1, "Siri"), ("set", 1, "Siri"),
    ]  # fmt: skip
    assert (rule.is_on, rule.is_rehearsed, rule.owner) == (False, False, "Siri")
    assert list(said) == ["agreed rule set", "agreed rule on", "agreed rule set"]


def test_who_may_agree_who_may_mute_and_who_sees_nothing(database: Database) -> None:
    code = agree(database)
    maria, anne, per, siri = (viewer(database, who) for who in ("maria", "anne", "per", "siri"))
    with database.transaction() as db:
        with pytest.raises(NotAllowedError):
            house_rules.keep_rule(db, maria, "res-a", UP_BY_TWELVE, T0)
        with pytest.raises(NotAllowedError):
            house_rules.get_rules(db, anne, "res-a", T0)
        with pytest.raises(NotFoundError):
            house_rules.get_rules(db, per, "res-a", T0)
        with pytest.raises(TooLongMutedError):
            house_rules.mute(db, maria, "res-a", code, house_rules.Muting(T0 + 15 * DAY, "Ferie"), T0)
        with pytest.raises(TooLongMutedError):
            house_rules.mute_a_kind(db, maria, "res-a", AlertKind.FALL, T0 + HOUR, "x", T0)
    with pytest.raises(UnfitError), database.transaction() as db:
        house_rules.keep_rule(db, siri, "res-a", Draft("10:00", "10:00"), T0)
    with database.transaction() as db:
        untried = house_rules.keep_rule(db, siri, "res-a", OFTEN_OUT, T0)
        with pytest.raises(NotRehearsedError):
            house_rules.switch(db, siri, "res-a", untried, T0, on=True)
    assert rows_of(database, KindMuting) == []


def test_a_rehearsal_brings_what_the_rule_then_brings_live(new_database: NewDatabase) -> None:
    past, live = new_database(), new_database()
    gateway = FakeGateway()
    facts = [gateway.motion(T0 + days * DAY + hours * HOUR) for days in range(8) for hours in (0, 1, 5, 9) if days % 3]
    end = T0 + 8 * DAY
    agree(live)
    for fact in facts:
        tell(live, gateway, [fact], fact.observed_at)
    for hours in range(0, 8 * 24, 2):
        hear(live, gateway, T0 + hours * HOUR)
    send(past, gateway.batch(facts), end)
    send(past, gateway.heartbeat(end), end)
    look(past, end)
    siri = viewer(past, "siri")
    with past.transaction() as db:
        code = house_rules.keep_rule(db, siri, "res-a", UP_BY_TWELVE, end)

    found = house_rules.rehearse_rule(past, siri, "res-a", code, end, PATIENCE)

    first = min(fact.observed_at for fact in facts)
    assert [one.firing.at for one in found.windows if one.firing] == [
        one.at for one in firings(live) if one.window_begin >= first
    ]
    assert (found.fired, found.days, found.at_night) == (2, 7, 0)


_MOMENT = st.integers(0, 3 * 24 * 12).map(lambda fives: T0 + fives * 5 * MINUTE)


@settings(max_examples=12)
@given(
    st.lists(_MOMENT, min_size=1, max_size=14, unique=True),
    st.lists(_MOMENT, max_size=8),
    st.sampled_from(
        [
            UP_BY_TWELVE,
            OFTEN_OUT,
            Draft("09:00", "23:00", EVERY_DAY, "all", (ConditionDraft("none_for", "", "240"),), "x"),
        ]
    ),
)
def test_looked_at_step_by_step_a_home_has_the_firings_of_one_look_at_the_whole(
    new_sqlite: NewDatabase, heard: list[datetime], steps: list[datetime], draft: Draft
) -> None:
    """Each step sends all that was heard until then, the last of it twice, and a heartbeat."""
    end = T0 + 3 * DAY + HOUR
    found = []
    for moments in ([], sorted({*steps})):
        database, gateway = new_sqlite(), FakeGateway()
        agree(database, draft)
        waiting = sorted(heard)
        sent: list[Observation] = []
        for until in [*moments, end]:
            now_on = [at for at in waiting if at <= until]
            waiting = waiting[len(now_on) :]
            sent = [gateway.fact(DOOR, at) for at in now_on] or sent
            for _ in range(2):
                if sent:
                    send(database, gateway.batch(sent), until)
            hear(database, gateway, until)
        found.append([(one.window_begin, one.at) for one in firings(database)])

    assert sorted(found[0]) == sorted(found[1])


def test_a_rule_is_asked_for_in_one_row_and_wakes_the_home_for_its_own_time(database: Database) -> None:
    gateway = FakeGateway()
    tell(database, gateway, [gateway.motion(T0 - HOUR)], T0)
    agree(database)
    hear(database, gateway, T0 + MINUTE)

    [row] = rows_of(database, HouseRuleRow)

    assert row.wakes_at == NOON
    assert row.judged_until >= T0
    assert timedelta(0) < row.wakes_at - row.judged_until
