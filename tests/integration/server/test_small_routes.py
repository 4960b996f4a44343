"""Routes whose services are tested elsewhere, by what they answer: how I am told, what was agreed, rounds."""

from typing import Any

import pytest
from builders import DAY, HOUR, MINUTE, T0, FakeGateway, rows_of, send
from postgres import NewDatabase
from watching import tell
from web import Browser, client_of

from gateway.contract.clock import WorldTime
from server.access.tables import Person
from server.db.session import Database
from server.escalation.service import escalate_due
from server.notifications.health import note_failed, note_proven
from server.notifications.tables import ChannelRow, NotificationRow, PushSubscriptionRow
from server.rounds.due import see_to_rounds


@pytest.fixture
def database(new_sqlite: NewDatabase) -> Database:
    return new_sqlite()


def set_up(database: Database, *channels: str) -> None:
    with database.transaction() as db:
        db.add_all(ChannelRow(name=name) for name in channels)


def test_each_way_to_people_says_when_it_was_last_proven_and_since_when_it_fails(
    browser: Browser, database: Database
) -> None:
    set_up(database, "push", "sms")
    with database.transaction() as db:
        note_proven(db, "push", T0)
        note_proven(db, "sms", T0 - HOUR)
        for minutes in (0, 5):
            note_failed(db, "sms", "the provider answered 503", T0 + minutes * MINUTE)

    assert browser("siri").get("/api/channels").json() == [
        {"name": "push", "last_proven_at": "2025-01-15T09:00:00Z", "failing_since": None, "failed": None},
        {
            "name": "sms", "last_proven_at": "2025-01-15T08:00:00Z", "failing_since": "2025-01-15T09:00:00Z",
            "failed": "the provider answered 503",
        },
    ]  # fmt: skip
    with database.transaction() as db:
        note_proven(db, "sms", T0 + HOUR)
    [_, sms] = browser("arne").get("/api/channels").json()
    assert (sms["last_proven_at"], sms["failing_since"], sms["failed"]) == ("2025-01-15T10:00:00Z", None, None)
    assert browser("maria").get("/api/channels").status_code == 403


def test_how_i_am_told_is_mine_to_say(browser: Browser, database: Database) -> None:
    set_up(database, "email", "sms")
    maria = browser("maria")

    assert maria.put("/api/me/channels", json={"phone": "900 00 000"}).status_code == 204
    assert maria.put("/api/me/channels", json={"email": "maria@example.org"}).status_code == 204
    assert maria.put("/api/me/channels", json={"choices": {"30": ["sms"]}}).status_code == 204

    told = maria.get("/api/me/channels").json()
    assert (told["phone"], told["email"], told["works"]) == ("+4790000000", "maria@example.org", ["email", "sms"])
    assert told["orders"]["30"] == ["sms"]
    assert browser("ola").get("/api/me/channels").json()["phone"] == ""
    refused = maria.put("/api/me/channels", json={"phone": "nitti"})
    assert refused.status_code == 422
    assert maria.get("/api/me/channels").json()["phone"] == "+4790000000", "what was there stays"


def test_a_test_message_tells_how_far_it_came_and_only_me(
    browser: Browser, database: Database, world: WorldTime
) -> None:
    maria = browser("maria")
    assert maria.post("/api/me/channels/test", json={"channel": "sms"}).status_code == 422, "there is no number"

    begun = maria.post("/api/me/channels/test", json={"channel": "app"})
    where = f"/api/me/channels/test/{begun.json()['id']}"
    again = maria.post("/api/me/channels/test", json={"channel": "app"})

    assert (begun.status_code, again.status_code) == (201, 429)
    [way] = maria.get(where).json()
    assert (way["channel"], way["is_waiting"], way["received_at"]) == ("app", True, None)
    world.set(T0 + MINUTE)
    token = rows_of(database, NotificationRow)[0].token
    nobody = client_of(maria.app, database, None)  # type: ignore[arg-type]
    assert nobody.post(f"/api/notifications/{token}/received").status_code == 204, "a telephone may be signed out"
    assert nobody.post("/api/notifications/made-up/received").status_code == 404
    assert [one["received_at"] for one in maria.get(where).json()] == ["2025-01-15T09:01:00Z"]
    assert browser("ola").get(where).json() == []


def test_my_device_sounds_while_a_critical_alert_i_was_told_of_is_in_nobodys_hands(
    browser: Browser, database: Database
) -> None:
    maria, gateway = browser("maria"), FakeGateway()
    assert maria.get("/api/me/ringing").json() == {"ringing": False}
    send(database, gateway.batch([gateway.press(T0)]), T0)
    escalate_due(database, T0)
    assert maria.get("/api/me/ringing").json() == {"ringing": True}
    assert browser("per").get("/api/me/ringing").json() == {"ringing": False}

    [alert] = maria.get("/api/alerts").json()
    maria.post(f"/api/alerts/{alert['id']}/take", json={"version": 1})

    assert maria.get("/api/me/ringing").json() == {"ringing": False}


def test_a_browser_is_pushed_to_from_when_it_says_so_until_it_says_no(browser: Browser, database: Database) -> None:
    maria = browser("maria")
    endpoint = "https://updates.push.services.mozilla.com/wpush/v2/abc"
    keys = {
        "p256dh": "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM",
        "auth": "tBHItJI5svbpez7KI4CCXg",
    }

    assert len(maria.get("/api/push/key").json()["key"]) > 80
    assert maria.post("/api/push/subscriptions", json={"endpoint": endpoint, "keys": keys}).status_code == 204
    assert [row.endpoint for row in rows_of(database, PushSubscriptionRow)] == [endpoint]
    elsewhere = {"endpoint": "https://evil.example.org/", "keys": keys}
    assert maria.post("/api/push/subscriptions", json=elsewhere).status_code == 422
    taken = browser("ola").request("DELETE", "/api/push/subscriptions", json={"endpoint": endpoint})
    assert (taken.status_code, len(rows_of(database, PushSubscriptionRow))) == (204, 1), "it is not Ola's to end"
    maria.request("DELETE", "/api/push/subscriptions", json={"endpoint": endpoint})
    assert rows_of(database, PushSubscriptionRow) == []


UP_BY = {
    "begins": "10:00", "ends": "12:00", "days": list(range(7)), "match": "all",
    "conditions": [{"kind": "first_by"}], "reason": "Avtalt",
}  # fmt: skip


def test_an_agreed_rule_goes_from_a_draft_to_on_muted_changed_and_away(browser: Browser, database: Database) -> None:
    siri, where = browser("siri"), "/api/residents/res-a"
    gateway = FakeGateway()
    tell(database, gateway, [gateway.motion(T0 - DAY), gateway.motion(T0)], T0)
    code = siri.post(f"{where}/rules", json=UP_BY).json()["id"]

    def rule() -> dict[str, Any]:
        return next(iter(siri.get(f"{where}/rules").json()["rules"]), {})

    assert siri.put(f"{where}/rules/{code}/switch", json={"on": True}).status_code == 422, "nobody has tried it"
    siri.post(f"{where}/rules/{code}/rehearsal").raise_for_status()
    assert siri.put(f"{where}/rules/{code}/switch", json={"on": True}).status_code == 204
    muting = {"until": (T0 + DAY).isoformat(), "why": "Gjester"}
    assert siri.put(f"{where}/rules/{code}/muting", json=muting).status_code == 204
    assert (rule()["is_on"], rule()["muted_until"], rule()["muted_why"]) == (True, "2025-01-16T09:00:00Z", "Gjester")
    too_long = {**muting, "until": (T0 + 15 * DAY).isoformat()}
    assert siri.put(f"{where}/rules/{code}/muting", json=too_long).status_code == 422
    assert siri.delete(f"{where}/rules/{code}/muting").status_code == 204
    assert rule()["muted_until"] is None
    assert siri.put(f"{where}/rules/{code}", json={**UP_BY, "ends": "11:30"}).status_code == 204
    assert (rule()["version"], rule()["is_on"]) == (2, False), "another version is off until it is tried"
    assert siri.put(f"{where}/rules/{code}", json={**UP_BY, "ends": "10:00", "reason": ""}).status_code == 422
    assert siri.delete(f"{where}/rules/{code}").status_code == 204
    assert rule() == {}
    assert siri.delete(f"{where}/rules/{code}").status_code == 404


def test_a_muted_kind_is_told_of_again_when_somebody_says_so(browser: Browser) -> None:
    maria, where = browser("maria"), "/api/residents/res-a"
    wanted = {"kind": "wandering", "until": (T0 + DAY).isoformat(), "why": "Gjester"}
    assert maria.post(f"{where}/mutings", json=wanted).status_code == 204
    [muting] = maria.get(f"{where}/rules").json()["mutings"]

    assert maria.post(f"{where}/mutings", json={**wanted, "kind": "button"}).status_code == 422, "a call is never muted"
    assert browser("per").delete(f"{where}/mutings/{muting['id']}").status_code == 404
    assert maria.delete(f"{where}/mutings/{muting['id']}").status_code == 204

    assert maria.get(f"{where}/rules").json()["mutings"] == []


def test_a_round_is_marked_visited_and_signed_once_and_a_plan_ends(
    browser: Browser, database: Database, world: WorldTime
) -> None:
    siri, maria = browser("siri"), browser("maria")
    wanted = {
        "times": ["11:00"], "days": list(range(7)), "from_date": "2025-01-01", "until_date": "2025-12-31",
        "basis": "Vedtak 12/2025", "replaces_visit": True,
    }  # fmt: skip
    code = siri.post("/api/residents/res-a/looks", json=wanted).json()["id"]
    world.set(T0 + HOUR)
    see_to_rounds(database, T0 + HOUR)
    [ahead] = [one for one in maria.get("/api/rounds").json() if one["at"] == "2025-01-15T10:00:00Z"]
    where = f"/api/rounds/{ahead['id']}"

    assert maria.post(f"{where}/signature").status_code == 422, "nobody was looked at"
    shown = maria.get(where).json()["looks"][0]["picture"]["state"]
    said = {"mark": "visit", "shown": shown}
    assert maria.put(f"{where}/residents/res-a", json=said).status_code == 204
    assert maria.post(f"{where}/residents/res-a/visit").status_code == 204
    assert maria.post(f"{where}/signature").status_code == 204
    assert maria.post(f"{where}/signature").status_code == 204, "a second tap is harmless"
    assert browser("ola").post(f"{where}/signature").status_code == 409
    assert siri.delete(f"/api/residents/res-a/looks/{code}").status_code == 204
    assert siri.get("/api/residents/res-a/looks").json() == []


def test_the_service_sees_exactly_what_a_relative_sees(browser: Browser, database: Database) -> None:
    anne = next(one.person_id for one in rows_of(database, Person) if one.username == "anne")
    where = f"/api/residents/res-a/agreements/{anne}/view"

    seen = browser("siri").get(where)

    assert seen.status_code == 200
    assert browser("anne").get(where).json() == seen.json()
    assert browser("per").get(where).status_code == 404


def test_the_health_of_the_service_is_told_to_programs(browser: Browser) -> None:
    told = browser("arne").get("/api/admin/health").json()

    assert {"at", "latency"} <= told.keys()
    assert browser("maria").get("/api/admin/health").status_code == 403


def test_who_takes_a_closed_alert_is_told_that_it_is_closed_and_nothing_is_lost(
    browser: Browser, database: Database
) -> None:
    maria, gateway = browser("maria"), FakeGateway()
    send(database, gateway.batch([gateway.press(T0)]), T0)
    [alert] = maria.get("/api/alerts").json()
    where = f"/api/alerts/{alert['id']}"
    maria.post(f"{where}/take", json={"version": 1})
    ended = {"version": 2, "outcome": "real_event", "note": "Falt ved senga"}
    assert maria.post(f"{where}/close", json=ended).status_code == 200

    for way in ("take", "on-the-way", "arrived"):
        refused = browser("ola").post(f"{where}/{way}", json={"version": 3})
        assert refused.status_code == 409
        assert "closed" in refused.json()["detail"]

    kept = maria.get(where).json()
    assert (kept["status"], kept["outcome"], kept["note"]) == ("closed", "real_event", "Falt ved senga")


def test_everybody_chooses_the_language_they_read_and_another_one_is_not_spoken(browser: Browser) -> None:
    maria = browser("maria")

    assert maria.put("/api/me/language", json={"language": "nn"}).status_code == 204

    assert maria.get("/api/me").json()["language"] == "nn"
    assert maria.put("/api/me/language", json={"language": "sv"}).status_code == 422
    assert maria.get("/api/me").json()["language"] == "nn"
