"""Pages of relatives, of what is shared with them, and of follow-up plans: by forms alone, without script."""

import re
from datetime import timedelta

import pytest
from builders import DAY, DOOR, HOUR, MINUTE, MOTION, T0, FakeGateway, alerts, send, viewer
from page_site import Site
from sqlmodel import select

from server.alerting.tables import AlertRow
from server.detection.service import look_at_due
from server.follow_up.following import follow_due
from server.relatives.rules import Wishes
from server.relatives.service import wish
from server.relatives.steps import ask
from server.relatives.telling import tell_of_alerts

_ALL = ["status", "handled", "critical", "trends", "visits", "messages"]
_FORM: dict[str, object] = {
    "category": _ALL, "basis": "consent", "ends_on": "2025-12-31", "delay": "0", "asked_to_step": "true",
}  # fmt: skip


def _number(site: Site, username: str = "anne") -> int:
    return viewer(site.database, username).person_id


def _share(site: Site, **different: object) -> None:
    answer = site.browser("siri").post(f"/residents/res-a/sharing/{_number(site)}", {**_FORM, **different})
    assert answer.status_code == 303, answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/status",
        "/messages",
        "/sharing",
        "/residents/res-a/messages",
        "/residents/res-a/sharing",
        "/residents/res-a/plan",
    ],
)
def test_nobody_sees_anything_without_signing_in(site: Site, path: str) -> None:
    assert site.browser().get(path).headers["location"].startswith("/sign-in")


def test_a_relative_of_whom_nothing_was_agreed_sees_the_status_as_before(site: Site) -> None:
    page = site.browser("anne").get("/status").text

    assert "Inger A" in page
    assert "Vi vet ikke akkurat nå" in page
    assert "/residents/res-a/messages" not in page


def test_staff_note_what_is_shared_and_the_relative_reads_it(site: Site) -> None:
    _share(site, quiet_from="22:00", quiet_until="07:00", delay="30")

    staff = site.browser("siri").get("/residents/res-a/sharing").text
    own = site.browser("anne").get("/sharing").text

    for page in (staff, own):
        assert "Deles: Status, Det som er tatt hånd om, Kritiske varsler" in page
        assert "Til og med onsdag 31. desember." in page
        assert "Beboerens eget samtykke." in page
        assert "Skrevet ned av Siri" in page
    assert 'value="22:00"' in own
    assert "Avtalt: tidligst 30 min." in own


def test_an_agreement_that_cannot_be_is_told_beside_the_field_and_what_was_typed_is_kept(site: Site) -> None:
    different = {"basis": "", "ends_on": "2024-01-01", "quiet_from": "22:00", "category": ["messages"]}
    answer = site.browser("siri").post(f"/residents/res-a/sharing/{_number(site)}", {**_FORM, **different})

    assert answer.status_code == 422
    for words in ("Velg hvem som har bestemt", "Den dagen er over.", "Fyll ut begge tidene"):
        assert words in answer.text
    assert 'value="2024-01-01"' in answer.text
    assert re.findall(r'name="category" value="(\w+)" checked', answer.text) == ["messages"]
    assert "Ingenting er skrevet ned ennå" in site.browser("anne").get("/sharing").text


def test_what_is_withdrawn_is_gone_at_once(site: Site) -> None:
    _share(site)
    site.browser("maria").post(f"/residents/res-a/sharing/{_number(site)}/withdraw", {})

    page = site.browser("anne").get("/status").text

    assert "Deles ikke" in page
    assert "/residents/res-a/messages" not in page
    assert site.browser("anne").get("/residents/res-a/messages").status_code == 403


def test_a_relative_sets_quiet_hours_and_says_yes_to_be_asked(site: Site) -> None:
    _share(site)
    anne = site.browser("anne")

    wrong = anne.post("/residents/res-a/wishes", {"delay": "15", "quiet_from": "22:00"})
    right = anne.post(
        "/residents/res-a/wishes",
        {"delay": "60", "quiet_from": "22.30", "quiet_until": "7:00", "agrees_to_step": "true"},
    )

    assert wrong.status_code == 422
    assert "Fyll ut begge tidene" in wrong.text
    assert right.status_code == 303
    page = anne.get("/sharing").text
    assert 'value="22:30"' in page
    assert '<option value="60" selected>' in page
    assert "Anne har sagt ja" in site.browser("siri").get("/residents/res-a/sharing").text


@pytest.mark.parametrize(
    ("username", "path", "status"),
    [
        ("anne", "/residents/res-a/sharing", 403),
        ("per", "/residents/res-a/sharing", 404),
        ("per", "/residents/res-a/messages", 404),
        ("per", "/residents/res-a/plan", 404),
        ("anne", "/residents/res-a/plan", 403),
        ("anne", "/residents/res-b/messages", 404),
        ("maria", "/sharing", 403),
        ("maria", "/status", 403),
        ("maria", "/messages", 403),
    ],
)
def test_each_page_is_for_whom_it_is_for(site: Site, username: str, path: str, status: int) -> None:
    assert site.browser(username).get(path).status_code == status


def test_staff_see_exactly_what_the_relative_sees(site: Site) -> None:
    _share(site)
    site.browser("maria").post("/residents/res-a/messages", {"text": "Hun spiste godt."})
    path = f"/residents/res-a/sharing/{_number(site)}"

    seen, own = site.browser("siri").get(path).text, site.browser("anne").get("/status").text

    card = r'(?s)<article class="card status".*?</article>'
    assert re.search(card, seen)[0] == re.search(card, own)[0]  # type: ignore[index]
    assert "Hun spiste godt." in seen
    assert site.browser("anne").get(path).status_code == 200
    assert "1 ny" in site.browser("anne").get("/status").text


def test_relatives_and_the_team_write_and_each_sees_what_is_new(site: Site) -> None:
    _share(site)
    anne, maria = site.browser("anne"), site.browser("maria")

    sent = anne.post("/residents/res-a/messages", {"text": "Sov hun godt?", "once": "00000000000000aa"})
    anne.post("/residents/res-a/messages", {"text": "Sov hun godt?", "once": "00000000000000aa"})

    assert sent.status_code == 303
    assert "(1 ny)" in maria.get("/residents/res-a").text
    assert "Ny</span>" in maria.get("/parts/residents/res-a/thread").text
    page = maria.get("/residents/res-a/messages").text
    assert page.count("Sov hun godt?") == 1
    assert "(1 ny)" not in maria.get("/residents/res-a").text
    assert anne.get("/messages").headers["location"] == "/residents/res-a/messages"


def test_an_empty_message_and_a_task_without_words_are_told_beside_the_field(site: Site) -> None:
    maria = site.browser("maria")

    message = maria.post("/residents/res-a/messages", {"text": "  "})
    task = maria.post("/residents/res-a/tasks", {"title": "", "until": "2025-01-01"})

    assert (message.status_code, task.status_code) == (422, 422)
    assert "Skriv noe først." in message.text
    assert "Skriv hva som skal gjøres." in task.text
    assert "Velg i dag eller en senere dag" in task.text


def test_a_task_is_made_and_done(site: Site) -> None:
    _share(site)
    anne, maria = site.browser("anne"), site.browser("maria")
    task = {"title": "Ta med briller", "until": "2025-01-17", "who": str(_number(site))}
    assert maria.post("/residents/res-a/tasks", task).status_code == 303

    page = anne.get("/residents/res-a/messages").text
    task_id = re.search(r"/tasks/(\w{16})", page)[1]  # type: ignore[index]
    anne.post(f"/residents/res-a/tasks/{task_id}", {"is_done": "true"})

    assert "Du · innen fre. 17. jan." in page
    assert "Gjort av Anne, 10:00" in maria.get("/residents/res-a/messages").text


def test_a_relative_who_is_there_is_seen_at_the_resident_and_at_alerts(site: Site) -> None:
    anne, maria = site.browser("anne"), site.browser("maria")
    alert = site.press()

    assert anne.post("/residents/res-a/company", {"until": ""}).status_code == 422
    assert anne.post("/residents/res-a/company", {"until": "20:00"}).status_code == 303

    for path in ("/residents/res-a", f"/alerts/{alert}"):
        assert "Anne er der til 20:00." in maria.get(path).text
    page = anne.get("/status").text
    assert "Du er der til 20:00." in page
    company = re.search(r"/company/(\w{16})/leave", page)[1]  # type: ignore[index]
    assert anne.post(f"/company/{company}/leave", {}).status_code == 303
    assert "Anne er der" not in maria.get("/residents/res-a").text


def test_a_relative_who_agreed_is_asked_to_go_and_the_answer_is_in_the_log(site: Site) -> None:
    _share(site)
    anne = viewer(site.database, "anne")
    with site.database.transaction() as db:
        wish(db, anne, "res-a", Wishes(agrees_to_step=True), T0)
    alert = site.press()
    with site.database.transaction() as db:
        ask(db, db.exec(select(AlertRow)).one(), 1, T0)

    browser, maria = site.browser("anne"), site.browser("maria")
    assert "Kan du dra til Inger?" in browser.get("/status").text
    assert browser.post(f"/asked/{alert}", {"goes": "true"}).status_code == 303

    assert "Du svarte at du drar." in browser.get("/parts/status").text
    page = maria.get(f"/alerts/{alert}").text
    assert "Anne, pårørende, drar dit" in page
    assert "Jeg tar den" in page


def test_a_relative_sees_that_it_is_handled(site: Site) -> None:
    _share(site)
    alert, maria, anne = site.press(), site.browser("maria"), site.browser("anne")
    tell_of_alerts(site.database, T0)
    assert "Hjemmetjenesten følger opp" in anne.get("/status").text
    maria.post(f"/alerts/{alert}/take", {"version": 1})
    closed = maria.post(
        f"/alerts/{alert}/close", {"version": alerts(site.database)[0].version, "outcome": "real_event"}
    )
    assert closed.status_code == 303
    tell_of_alerts(site.database, T0)

    page = anne.get("/status").text

    assert "10:00: hjemmetjenesten fulgte opp noe. Det er tatt hånd om." in page
    assert "Hjelpeknapp" not in page


def _live(site: Site, days: int) -> None:
    gateway, facts = FakeGateway(epoch="0000000b"), []
    for day in range(-8, days):
        begin = T0.replace(hour=0) - HOUR + day * DAY
        facts += [gateway.fact(MOTION, begin + 8 * HOUR + quarter * 15 * MINUTE) for quarter in range(12)]
        facts += [gateway.fact(DOOR, begin + 13 * HOUR), gateway.fact(DOOR, begin + 14 * HOUR)]
        facts += [gateway.fact(MOTION, begin + 14 * HOUR + quarter * 15 * MINUTE) for quarter in range(1, 30)]
    now = T0 + days * DAY
    for place in range(0, len(facts), 400):
        send(site.database, gateway.batch(facts[place : place + 400]), now)
    send(site.database, gateway.heartbeat(now), now)
    while look_at_due(site.database, now, timedelta(minutes=10)):
        pass
    site.clock.present = now


_PLAN: dict[str, object] = {
    "occasion": "hospital", "starts_on": "2025-01-15", "ends_on": "2025-02-25", "goal": ["up_by", "outings"],
    "up_by": "08:30", "outings": "3",
}  # fmt: skip


def test_a_plan_is_made_followed_and_seen_by_staff_and_a_relative_who_agreed(site: Site) -> None:
    _share(site)
    siri = site.browser("siri")
    assert "En ny plan" in siri.get("/residents/res-a/plan").text
    assert siri.post("/residents/res-a/plan", _PLAN).status_code == 303
    assert "Ingenting er kjent ennå." in siri.get("/residents/res-a/plan").text
    _live(site, 9)
    while follow_due(site.database, site.clock.present):
        pass
    siri = site.browser("siri")
    entered = {"kind": "outing", "day": "2025-01-24", "with_whom": "Frivilligsentralen"}
    assert siri.post("/residents/res-a/activities", entered).status_code == 303

    for page in (siri.get("/residents/res-a/plan").text, site.browser("anne").get("/residents/res-a/plan").text):
        assert "Uke 2 av 6." in page
        assert "Oppe innen 08:30: 7 av 7 dager." in page
        assert "Nådd 9 av 9 dager så langt." in page
        assert "Før planen: 08:00." in page
        assert page.count('<circle class="met"') == 9 + 1  # and one in the legend
        assert "Frivilligsentralen" in page
        assert "<td>7 ganger</td><td>Nådd</td>" in page


def test_a_plan_that_cannot_be_is_told_beside_the_fields_and_keeps_what_was_typed(site: Site) -> None:
    wrong = {**_PLAN, "ends_on": "2024-12-01", "up_by": "99:99", "outings": "tre"}

    answer = site.browser("siri").post("/residents/res-a/plan", wrong)

    assert answer.status_code == 422
    assert "Den siste dagen kan ikke være over" in answer.text
    assert answer.text.count("Det er ikke et tall dette målet kan ha.") == 2
    assert 'value="tre"' in answer.text


def test_an_activity_of_tomorrow_is_refused_and_one_can_be_taken_back(site: Site) -> None:
    siri = site.browser("siri")
    siri.post("/residents/res-a/plan", _PLAN)

    ahead = siri.post("/residents/res-a/activities", {"kind": "visit", "day": "2025-01-16"})
    siri.post("/residents/res-a/activities", {"kind": "visit", "day": "2025-01-15"})
    page = siri.get("/residents/res-a/plan").text
    activity = re.search(r"/activities/(\w{16})/back", page)[1]  # type: ignore[index]
    siri.post(f"/residents/res-a/activities/{activity}/back", {})

    assert ahead.status_code == 422
    assert "Velg i dag eller en dag i de siste to månedene." in ahead.text
    assert "/back" not in siri.get("/residents/res-a/plan").text
    assert siri.post("/residents/res-a/plan/end", {}).status_code == 303
    assert "En ny plan" in siri.get("/residents/res-a/plan").text
