"""A shift through the API: a test that must arrive, a plan without doubles, a hand-over that both have signed."""

from datetime import datetime

import pytest
from builders import HOUR, MINUTE, T0, FakeGateway, alerts, rows_of, send
from postgres import NewDatabase
from sqlalchemy import text
from sqlmodel import select
from web import Browser

from gateway.contract.clock import WorldTime
from server.access.tables import Person
from server.audit.tables import AuditEntry
from server.db.session import Database
from server.duty.rules import ARRIVES_WITHIN
from server.duty.tables import Shift
from server.handovers.tables import HandoverNote
from server.notifications.service import received
from server.notifications.tables import ChannelRow, ContactRow, NotificationRow, PushSubscriptionRow


@pytest.fixture
def database(new_sqlite: NewDatabase) -> Database:
    return new_sqlite()


def arrive(database: Database, username: str, at: datetime, test: int = -1) -> None:
    """A device of theirs says that a test alert came: the newest one."""
    mine = [one.person_id for one in rows_of(database, Person) if one.username == username]
    sent = [one.token for one in rows_of(database, NotificationRow) if one.person_id in mine]
    with database.transaction() as db:
        received(db, sent[test], at)


def test_duty_is_proven_only_when_the_test_alert_has_arrived_and_others_see_when_it_did_not(
    browser: Browser, database: Database, world: WorldTime
) -> None:
    maria, ola = browser("maria"), browser("ola")

    [mine] = maria.post("/api/duty", json={}).json()
    assert (mine["name"], mine["unit"], mine["proven_at"], mine["has_failed"]) == ("Maria", "nord", None, False)
    world.set(T0 + ARRIVES_WITHIN)
    [seen] = ola.get("/api/duty").json()
    assert (seen["name"], seen["has_failed"], seen["is_mine"]) == ("Maria", True, False)

    arrive(database, "maria", T0 + MINUTE)

    [proven] = ola.get("/api/duty").json()
    assert (proven["proven_at"], proven["by"], proven["has_failed"]) == ("2025-01-15T09:01:00Z", ["app"], False)


def test_a_test_alert_goes_by_push_too_and_never_by_what_costs_or_wakes_others(
    browser: Browser, database: Database
) -> None:
    with database.transaction() as db:
        for name in ("push", "sms"):
            db.add(ChannelRow(name=name))
        maria = db.exec(select(Person.person_id).where(Person.username == "maria")).one() or 0
        db.add(ContactRow(person_id=maria, phone="+4790000000"))
        db.add(PushSubscriptionRow(person_id=maria, endpoint="https://push", p256dh="", auth="", made_at=T0))

    browser("maria").post("/api/duty", json={})

    told = [(row.subject, row.channel) for row in rows_of(database, NotificationRow)]
    assert told == [("duty_test", "app"), ("duty_test", "push")]


def test_an_earlier_test_proves_nothing(browser: Browser, database: Database) -> None:
    maria = browser("maria")
    maria.post("/api/duty", json={})
    maria.post("/api/duty/test")

    arrive(database, "maria", T0, test=0)

    assert [one["proven_at"] for one in maria.get("/api/duty").json()] == [None]
    assert browser("ola").post("/api/duty/test").status_code == 404, "who is not on duty has nothing to try"


def test_the_last_one_is_refused_and_told_what_to_do(browser: Browser) -> None:
    maria = browser("maria")
    maria.post("/api/duty", json={})

    answer = maria.post("/api/duty/end", json={})

    assert answer.status_code == 409
    assert "name who takes over" in answer.json()["detail"]
    assert [one["username"] for one in maria.get("/api/duty/successors").json()] == ["arne", "ola"]
    [waiting] = maria.post("/api/duty/end", json={"successor": "ola"}).json()
    assert waiting["successor"] == "Ola"
    assert [one["name"] for one in browser("ola").post("/api/duty", json={}).json()] == ["Ola"]


def shift(username: str = "ola", hours: tuple[int, int] = (0, 8), unit: str = "nord") -> dict[str, str]:
    return {
        "person": username,
        "unit": unit,
        "from_at": (T0 + hours[0] * HOUR).isoformat(),
        "to_at": (T0 + hours[1] * HOUR).isoformat(),
    }


def test_a_shift_that_overlaps_another_one_of_the_same_person_is_refused_and_names_it(
    browser: Browser, database: Database
) -> None:
    arne = browser("arne")
    assert arne.post("/api/rota", json=shift()).status_code == 201

    answer = arne.post("/api/rota", json=shift(hours=(7, 12)))

    assert answer.status_code == 422
    assert answer.json()["detail"] == f"overlaps: Sone Nord {T0.isoformat()} to {(T0 + 8 * HOUR).isoformat()}"
    assert arne.post("/api/rota", json=shift(hours=(8, 16))).status_code == 201
    assert arne.post("/api/rota", json=shift("maria", (7, 12))).status_code == 201
    assert len(rows_of(database, Shift)) == 3


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (shift(hours=(8, 0)), "ends_first"),
        (shift(hours=(0, 37)), "too_long"),
        (shift("siri"), "unknown_person"),
        (shift("nobody"), "unknown_person"),
        (shift("per"), "unknown_person"),
        (shift(unit="sor"), "unknown_unit"),
    ],
)
def test_a_shift_that_cannot_be_kept_is_refused(browser: Browser, wanted: dict[str, str], why: str) -> None:
    answer = browser("arne").post("/api/rota", json=wanted)

    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(why)


FILE = """person;unit;from;to
maria;nord;15.01.2025 07:00;15.01.2025 15:00
ola;nord;2025-01-15 15:00;2025-01-15 23:00
"""


def test_a_file_of_shifts_is_planned_whole_and_a_second_time_changes_nothing(browser: Browser) -> None:
    arne = browser("arne")

    assert arne.post("/api/rota/import", content=FILE.encode("utf-8-sig")).json() == {"planned": 2}
    assert arne.post("/api/rota/import", content=FILE.replace(";", ",").encode()).json() == {"planned": 0}

    found = arne.get("/api/rota", params={"from_at": (T0 - 12 * HOUR).isoformat()}).json()
    assert [(one["person"], one["from_at"]) for one in found] == [
        ("Maria", "2025-01-15T06:00:00Z"),
        ("Ola", "2025-01-15T14:00:00Z"),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (FILE + "maria;nord;2025-01-15 14:00;2025-01-15 16:00\nx;nord;2025-01-15 14:00;2025-01-15 16:00",
         ["line 4: overlaps: Sone Nord 2025-01-15T06:00:00+00:00", "line 5: unknown_person: x"]),
        (FILE + "maria;nord;in the morning;2025-01-15 16:00", ["line 4: no_time: in the morning"]),
        (FILE + "maria;nord", ["line 4: too_few_columns"]),
        ("name,hours\nmaria,8", ["columns_missing: person, unit, from, to"]),
        ("", ["columns_missing"]),
        ("person,unit,from,to\n", ["no_shifts"]),
        ("\x00\x01", ["no_text"]),
    ],
)  # fmt: skip
def test_a_file_with_a_fault_plans_nothing_and_every_fault_is_named(
    browser: Browser, database: Database, content: str, said: list[str]
) -> None:
    answer = browser("arne").post("/api/rota/import", content=content.encode())

    assert answer.status_code == 422
    assert all(part in answer.json()["detail"] for part in said)
    assert rows_of(database, Shift) == []


def test_a_hand_over_is_signed_by_both_and_then_never_changes(browser: Browser, database: Database) -> None:
    maria, ola = browser("maria"), browser("ola")
    gateway = FakeGateway()
    send(database, gateway.batch([gateway.press(T0)]), T0)
    note = maria.post("/api/handovers/notes", json={"unit": "nord", "text": "Lampen i 12 er byttet"}).json()["code"]
    slip = maria.post("/api/handovers/notes", json={"unit": "nord", "text": "feil"}).json()["code"]
    assert ola.delete(f"/api/handovers/notes/{slip}").status_code == 404
    assert maria.delete(f"/api/handovers/notes/{slip}").status_code == 204

    code = maria.post("/api/handovers", json={"unit": "nord"}).json()["code"]

    assert maria.delete(f"/api/handovers/notes/{note}").status_code == 409
    assert maria.post(f"/api/handovers/{code}/coming").status_code == 409, "who leaves cannot sign for who comes"
    assert ola.post(f"/api/handovers/{code}/coming").status_code == 204
    assert ola.post(f"/api/handovers/{code}/coming").status_code == 204, "a second tap is harmless"
    assert browser("arne").post(f"/api/handovers/{code}/coming").status_code == 409
    assert browser("per").post(f"/api/handovers/{code}/coming").status_code == 404
    [seen] = ola.get("/api/handovers").json()
    assert [one["text"] for one in seen["notes"]] == ["Lampen i 12 er byttet"]
    assert [one["alert"] for one in seen["listed"]["alerts"]] == [alerts(database)[0].code]
    assert (seen["left_by"], seen["taken_by"]) == ("Maria", "Ola")
    assert len(rows_of(database, HandoverNote)) == 1


def test_a_note_after_the_signature_begins_the_next_hand_over(browser: Browser) -> None:
    maria = browser("maria")
    maria.post("/api/handovers", json={"unit": "nord"})

    maria.post("/api/handovers/notes", json={"unit": "nord", "text": "til neste vakt"})

    newest, signed = maria.get("/api/handovers").json()
    assert ([len(newest["notes"]), newest["left_by"]], [len(signed["notes"]), signed["left_by"]]) == (
        [1, None],
        [0, "Maria"],
    )


def test_the_audit_names_no_words_and_its_seal_tells_that_a_signed_note_was_changed(
    browser: Browser, database: Database, world: WorldTime
) -> None:
    maria = browser("maria")
    maria.post("/api/handovers/notes", json={"unit": "nord", "text": "Inger sov dårlig"})
    world.set(T0 + MINUTE)
    maria.post("/api/handovers", json={"unit": "nord"})

    entries = [entry for entry in rows_of(database, AuditEntry) if entry.about.startswith("handover:")]

    assert [entry.what for entry in entries] == ["note written", "hand-over signed by the leaving"]
    assert all(entry.why.startswith("content:") for entry in entries)
    assert not any("Inger" in f"{entry}" for entry in entries)
    assert maria.get("/api/handovers").json()[0]["is_whole"]
    with database.transaction() as db:
        db.connection().execute(text("UPDATE handover_note SET text = 'Inger sov godt'"))
    assert not maria.get("/api/handovers").json()[0]["is_whole"]


def test_a_hand_over_tells_how_things_stand_for_who_comes_and_is_frozen_with_the_signature(
    browser: Browser, database: Database, world: WorldTime
) -> None:
    maria, arne = browser("maria"), browser("arne")
    planned = arne.post("/api/rota", json=shift("maria")).json()["code"]
    gateway = FakeGateway()
    send(database, gateway.batch([gateway.press(T0)]), T0)
    call = alerts(database)[0].code
    maria.post(f"/api/alerts/{call}/take", json={"version": 1})
    ended = {"version": 2, "outcome": "waiting_for_visit", "note": ""}
    assert maria.post(f"/api/alerts/{call}/close", json=ended).is_success
    visit = {"begins_at": (T0 + 2 * HOUR).isoformat(), "ends_at": (T0 + 3 * HOUR).isoformat(), "what": "Morgenstell"}
    maria.post("/api/residents/res-a/visits", json=visit)
    muting = {"kind": "wandering", "until": (T0 + 5 * HOUR).isoformat(), "why": "gjester"}
    assert arne.post("/api/residents/res-a/mutings", json=muting).is_success
    away = {"kind": "hospital", "ends_at": (T0 + 30 * HOUR).isoformat()}
    assert maria.post("/api/residents/res-a/absences", json=away).is_success

    code = maria.post("/api/handovers", json={"unit": "nord"}).json()["code"]

    [signed] = maria.get("/api/handovers").json()
    listed = signed["listed"]
    assert signed["code"] == code
    assert listed["shift"] == {
        "code": planned, "from_at": "2025-01-15T09:00:00Z", "to_at": "2025-01-15T17:00:00Z",
    }  # fmt: skip
    assert listed["alerts"] == []
    assert [(one["alert"], one["resident"], one["visit"]) for one in listed["promised"]] == [
        (call, "res-a", "2025-01-15T11:00:00Z")
    ]
    assert [(one["kind"], one["resident"], one["until"]) for one in listed["muted"]] == [
        ("wandering", "res-a", "2025-01-15T14:00:00Z")
    ]
    assert listed["away"] == [{"resident": "res-a", "kind": "hospital", "until": "2025-01-16T15:00:00Z"}]
    at_risk = {one["home"]: one["risks"] for one in listed["at_risk"]}
    assert at_risk["home-a"] == ["nobody_listens", "cannot_call", "not_seen"]
    assert "home-b" not in at_risk, "another unit's"

    world.set(T0 + 31 * HOUR)
    assert maria.get("/api/handovers").json()[0]["listed"] == listed, "what was signed does not go on changing"
    maria.post("/api/handovers/notes", json={"unit": "nord", "text": "ny"})
    now = maria.get("/api/handovers").json()[0]["listed"]
    assert (now["promised"], now["muted"], now["away"], now["shift"]) == ([], [], [], None)


def test_who_was_told_to_wait_is_handed_over_until_somebody_was_there(
    browser: Browser, database: Database, world: WorldTime
) -> None:
    maria = browser("maria")
    gateway = FakeGateway()
    send(database, gateway.batch([gateway.press(T0)]), T0)
    call = alerts(database)[0].code
    maria.post(f"/api/alerts/{call}/take", json={"version": 1})
    maria.post(f"/api/alerts/{call}/close", json={"version": 2, "outcome": "waiting_for_visit", "note": ""})
    maria.post("/api/handovers/notes", json={"unit": "nord", "text": "husk"})
    world.set(T0 + 9 * HOUR)
    [promise] = maria.get("/api/handovers").json()[0]["listed"]["promised"]
    assert promise["visit"] is None, "nobody has planned one"

    maria.put("/api/residents/res-a/presence")

    assert maria.get("/api/handovers").json()[0]["listed"]["promised"] == []
