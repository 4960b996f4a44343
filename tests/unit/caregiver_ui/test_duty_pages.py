"""The nurse at 22:55: one button, big ticks, and words that say what to do."""

from datetime import timedelta

from builders import T0, rows_of
from page_site import Site

from server.duty.rules import ARRIVES_WITHIN
from server.duty.tables import DutyPeriod, Shift
from server.handovers.tables import HandoverNote
from server.notifications.service import received
from server.notifications.tables import NotificationRow


def arrive(site: Site) -> None:
    """The device says that the newest message came."""
    token = rows_of(site.database, NotificationRow)[-1].token
    with site.database.transaction() as db:
        received(db, token, site.clock.present)


def test_one_button_starts_duty_and_the_page_says_so_only_when_the_test_alert_has_arrived(site: Site) -> None:
    maria = site.browser("maria")
    assert "Du er ikke på vakt" in maria.get("/duty").text

    assert maria.post("/duty/start", data={}).headers["location"] == "/duty"

    assert "Venter på prøvevarselet" in maria.get("/duty").text
    arrive(site)
    page = maria.get("/parts/duty").text
    assert "Prøvevarselet kom fram 10:00:00 (denne appen)" in page
    assert "data-unproven" not in page


def test_a_test_alert_that_does_not_arrive_is_said_with_what_to_do_and_the_others_see_it(site: Site) -> None:
    maria = site.browser("maria")
    maria.post("/duty/start", data={})
    site.clock.present = T0 + ARRIVES_WITHIN + timedelta(seconds=1)

    assert "Prøvevarselet er ikke kommet fram" in maria.get("/duty").text
    assert "bruk en annen telefon" in maria.get("/duty").text.lower()
    assert "Varsler kommer kanskje ikke fram" in site.browser("ola").get("/duty").text


def test_the_last_one_is_asked_beside_the_field_who_takes_over(site: Site) -> None:
    maria = site.browser("maria")
    maria.post("/duty/start", data={})

    answer = maria.post("/duty/end", data={"successor": ""})

    assert answer.status_code == 409
    assert "Du er den siste på vakt. Velg hvem som tar over" in answer.text
    maria.post("/duty/end", data={"successor": "ola"})
    assert "Ola tar over" in maria.get("/duty").text
    site.browser("ola").post("/duty/start", data={})
    assert [row.to_at for row in rows_of(site.database, DutyPeriod)] == [T0, None]
    assert "Du er ikke på vakt" in maria.get("/duty").text


def test_who_may_take_over_is_somebody_on_the_list(site: Site) -> None:
    maria = site.browser("maria")
    maria.post("/duty/start", data={})

    assert "De kan ikke ta over denne vakten" in maria.post("/duty/end", data={"successor": "per"}).text


def test_a_hand_over_goes_from_notes_by_two_signatures_to_the_signed_ones(site: Site) -> None:
    maria, ola = site.browser("maria"), site.browser("ola")
    alert = site.press()
    maria.post("/duty/handover/notes", data={"unit": "nord", "text": "Nøkkelen ligger i skapet"})
    page = maria.get("/duty/handover").text
    assert "Nøkkelen ligger i skapet" in page
    assert f"/alerts/{alert}" in page

    maria.post("/duty/handover/leaving", data={"unit": "nord"})

    assert "Du signerte da du gikk av" in maria.get("/duty/handover").text
    page = ola.get("/duty/handover").text
    assert "Jeg har lest det: signer" in page
    code = page.partition("/duty/handover/")[2].partition("/coming")[0]
    ola.post(f"/duty/handover/{code}/coming", data={})
    assert "Kommer på: Ola, 10:00" in ola.get("/duty/handover").text


def test_a_hand_over_says_in_words_who_is_away_and_that_the_rest_is_nothing_and_links_to_its_shift(site: Site) -> None:
    maria = site.browser("maria")
    told = {"person": "maria", "unit": "nord", "day": "2025-01-15", "start": "07:00", "end": "15:00"}
    site.browser("arne").post("/duty/rota", data=told)
    [shift] = rows_of(site.database, Shift)
    maria.post("/residents/res-a/absences", data={"kind": "hospital", "ends": "2025-01-17T12:00"})

    page = maria.get("/duty/handover").text

    assert f'href="/duty/rota?week=2025-01-15#shift-{shift.code}">Vakt ons. 15. jan. 07:00–15:00' in page
    assert "Inger A: På sykehus til fre. 17. jan. 12:00" in page
    assert "Ingen åpne varsler, ingen som skal vente på besøk, ingenting dempet." in page
    assert "Inger A, Fjellveien 12: Ingenting høres fra boligen<" in page


def test_a_note_without_words_is_said_beside_the_field_and_one_too_long_keeps_what_was_typed(site: Site) -> None:
    maria = site.browser("maria")

    empty = maria.post("/duty/handover/notes", data={"unit": "nord", "text": " "})
    long = maria.post("/duty/handover/notes", data={"unit": "nord", "text": "å" * 2001})

    assert (empty.status_code, long.status_code) == (422, 422)
    assert "Skriv det neste vakt skal vite." in empty.text
    assert "Høyst 2000 tegn" in long.text
    assert "å" * 2001 in long.text
    assert rows_of(site.database, HandoverNote) == []


def plan(site: Site, start: str, end: str) -> str:
    told = {"person": "ola", "unit": "nord", "day": "2025-01-15", "start": start, "end": end}
    answer = site.browser("arne").post("/duty/rota", data=told)
    return "" if answer.status_code == 303 else answer.text


def test_a_night_shift_ends_on_the_next_day_and_stands_in_the_week(site: Site) -> None:
    assert plan(site, "22:45", "07:15") == ""

    [shift] = rows_of(site.database, Shift)
    assert shift.to_at - shift.from_at == timedelta(hours=8, minutes=30)
    page = site.browser("siri").get("/duty/rota?week=2025-01-13").text
    assert "22:45–07:15" in page
    assert "Uke 3" in page


def test_an_overlapping_shift_is_refused_in_words_that_name_the_other_and_what_was_typed_stays(site: Site) -> None:
    plan(site, "22:45", "07:15")

    again = plan(site, "23:00", "06:00")

    assert "Ola har allerede en vakt i Sone Nord fra ons. 15. jan. 22:45 til tor. 16. jan. 07:15." in again
    assert 'value="23:00"' in again
    assert len(rows_of(site.database, Shift)) == 1


def test_a_form_without_times_says_what_is_missing(site: Site) -> None:
    assert "Velg dag, og klokkeslett fra og til." in plan(site, "", "07:00")


def test_a_relative_finds_no_duty_at_all(site: Site) -> None:
    anne = site.browser("anne")

    assert [anne.get(path).status_code for path in ("/duty", "/duty/handover", "/duty/rota")] == [403, 403, 403]
