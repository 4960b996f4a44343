"""Pages of visits, absences and pauses: a resident's own, staff's, and who has looked."""

from datetime import timedelta

import pytest
from builders import HOUR, T0, give_account
from page_site import Reader, Site

CALENDAR = (
    b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:20250115T093000Z\r\nDURATION:PT20M\r\nSUMMARY:Middag\r\n"
    b"END:VEVENT\r\nBEGIN:VEVENT\r\nUID:b\r\nSUMMARY:Uten tid\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture
def inger(site: Site) -> Reader:
    give_account(site.database)
    return site.browser("inger")


def test_a_residents_front_page_is_their_own_and_says_who_sees_what(inger: Reader) -> None:
    assert inger.get("/").headers["location"] == "/me"

    text = inger.get("/me").text
    for part in ("Hei, Inger", "Vi vet ikke akkurat nå", "Ta en pause", "4 timer", "Anne", "hvordan dagen går"):
        assert part in text
    assert "Sone Nord" in text
    assert "Solberg" not in text


def test_a_pause_is_begun_shown_as_a_pause_to_everybody_and_ended(site: Site, inger: Reader) -> None:
    maria, anne = site.browser("maria"), site.browser("anne")

    assert inger.post("/me/pause", {"length": "4h"}).headers["location"] == "/me"

    own, staff, relative = inger.get("/me").text, maria.get("/residents/res-a").text, anne.get("/status").text
    assert "Pause til 14:00" in own
    assert "Hjelpeknappen virker hele tiden" in own
    for text in (staff, relative):
        assert "Pause til 14:00, etter beboerens eget ønske" in text
    assert "Følges ikke akkurat nå" in staff
    for text in (own, staff, relative):
        assert "Alt er normalt" not in text
        assert "svarer ikke som det skal" not in text

    absence = own.partition('name="absence" value="')[2].partition('"')[0]
    assert inger.post("/me/back", {"absence": absence}).status_code == 303
    assert "Pause til" not in inger.get("/me").text


def test_a_pause_has_an_end_the_resident_alone_cannot_put_off_for_ever(site: Site) -> None:
    give_account(site.database)
    for hours in (0, 20, 40):
        site.clock.present = T0 + timedelta(hours=hours)
        answer = site.browser("inger").post("/me/pause", {"length": "tomorrow"})

    assert answer.status_code == 422
    assert "Du har hatt pause i 2 dager" in answer.text


def test_an_absence_is_set_and_what_lacks_is_said_beside_the_field_with_what_was_typed(site: Site) -> None:
    maria, path = site.browser("maria"), "/residents/res-a/absences"
    typed: dict[str, object] = {"kind": "hospital", "begin": "", "ends": "", "note": "Brudd i hoften"}

    lacking = maria.post(path, typed)
    kindless = maria.post(path, {**typed, "kind": "", "ends": "2025-01-20T12:00"})
    endless = maria.post(path, {**typed, "ends": "2026-01-20T12:00"})
    done = maria.post(path, {**typed, "ends": "2025-01-20T12:00"})
    twice = maria.post(path, {**typed, "ends": "2025-01-21T12:00"})

    assert [one.status_code for one in (lacking, kindless, endless, done, twice)] == [422, 422, 422, 303, 422]
    assert "Si til når" in lacking.text
    assert "Brudd i hoften" in lacking.text
    assert "Velg hva det er" in kindless.text
    assert "høyst 92 dager" in endless.text
    assert "Endre slutten på det" in twice.text
    page = maria.get("/residents/res-a/plans").text
    assert "På sykehus til man. 20. jan. 12:00" in page
    assert "Lagt inn av Maria" in page


def test_a_visit_is_entered_by_the_residents_clock_and_can_be_cancelled(site: Site) -> None:
    maria, path = site.browser("maria"), "/residents/res-a/visits"

    wrong = maria.post(path, {"begin": "klokka ti", "what": "Morgenstell"})
    past = maria.post(path, {"begin": "2025-01-14T08:00", "what": "Morgenstell"})
    done = maria.post(path, {"begin": "2025-01-15T11:30", "minutes": 30, "what": "Morgenstell"})
    page = maria.get("/residents/res-a/plans").text

    assert [one.status_code for one in (wrong, past, done)] == [422, 422, 303]
    assert "Morgenstell" in wrong.text
    assert "11:30–12:00" in page
    assert "Neste besøk 11:30: Morgenstell" in maria.get("/residents/res-a").text
    visit = page.partition("/residents/res-a/visits/")[2].partition("/cancel")[0]
    assert maria.post(f"/residents/res-a/visits/{visit}/cancel", {}).status_code == 303
    assert "11:30–12:00" not in maria.get("/residents/res-a/plans").text


def test_a_calendar_is_imported_and_says_what_was_left_out_and_in_which_line(site: Site) -> None:
    maria, path = site.browser("maria"), "/residents/res-a/calendar"

    taken, none = maria.upload(path, CALENDAR), maria.upload(path, b"%PDF-1.7")

    assert taken.status_code == 200
    assert "1 nye, 0 endrede, 0 avlyste besøk." in taken.text
    assert "Linje 8: Hendelsen sier ikke når den begynner." in taken.text
    assert none.status_code == 422
    assert "Linje 1: Dette er ikke en kalenderfil." in none.text
    assert maria.post(path, {}).status_code == 422


def test_a_units_calendar_is_imported_and_each_fault_is_told_with_its_line(site: Site) -> None:
    maria = site.browser("maria")
    whom = CALENDAR.replace(b"SUMMARY:Middag", b"SUMMARY:Middag\r\nX-LIVSRYTME-RESIDENT:res-a")
    foreign = whom.replace(b"res-a", b"res-b")

    form, taken, left_out = maria.get("/calendar"), maria.upload("/calendar", whom), maria.upload("/calendar", foreign)
    none, empty = maria.upload("/calendar", b"%PDF-1.7"), maria.post("/calendar", {})

    assert [one.status_code for one in (form, taken, left_out, none, empty)] == [200, 200, 200, 422, 422]
    assert "1 nye, 0 endrede, 0 avlyste besøk." in taken.text
    assert "0 nye" in left_out.text
    assert "Linje 2: Hendelsen sier ikke hvem i enheten den gjelder." in left_out.text
    assert 'aria-describedby="calendar-fault"' in none.text
    assert "Linje 1: Dette er ikke en kalenderfil." in none.text
    assert site.browser("anne").get("/calendar").status_code == 403


def test_a_press_shortly_before_a_visit_may_be_about_it(site: Site) -> None:
    maria = site.browser("maria")
    maria.upload("/residents/res-a/calendar", CALENDAR)
    alert = site.press()
    maria.post(f"/alerts/{alert}/take", {"version": 1})

    text = maria.get(f"/alerts/{alert}").text

    assert "Neste besøk 10:30: Middag" in text
    assert "Ventet på besøk <strong" in text


def test_who_is_there_says_so_and_leaves(site: Site) -> None:
    maria, path = site.browser("maria"), "/residents/res-a/presence"

    maria.post(path, {"now": "here"})
    assert "til senest 12:00" in maria.get("/residents/res-a/plans").text
    maria.post(path, {"now": "left"})

    assert "Jeg er her nå" in maria.get("/residents/res-a/plans").text


def test_the_log_names_who_looked_with_role_unit_and_purpose_once_an_hour(site: Site, inger: Reader) -> None:
    maria, siri = site.browser("maria"), site.browser("siri")
    for _ in range(3):
        maria.get("/residents/res-a")
    site.clock.present = T0 + HOUR
    maria.post("/residents/res-a/presence", {"now": "here"})

    for text in (siri.get("/residents/res-a/access").text, inger.get("/me/access").text):
        assert "Maria · helsepersonell · Sone Nord" in text
        assert "Så på opplysningene · oppfølging · 3 ganger" in text
        assert "Sa fra: er hos beboeren" in text
    assert maria.get("/residents/res-a/access").status_code == 403


def test_another_units_resident_is_not_there(site: Site) -> None:
    maria = site.browser("maria")

    answers = [
        maria.get("/residents/res-b/plans"),
        maria.post("/residents/res-b/absences", {"kind": "away", "ends": "2025-01-20T12:00"}),
        maria.post("/residents/res-b/presence", {"now": "here"}),
        maria.upload("/residents/res-b/calendar", CALENDAR),
        site.browser("siri").get("/residents/res-b/access"),
    ]

    assert {one.status_code for one in answers} == {404}
