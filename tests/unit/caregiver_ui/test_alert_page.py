"""The alert's page and the list, for whatever an alert is about and whoever has it."""

import pytest
from builders import MINUTE, T0, UNITS, FakeGateway, alerts, home, rows_of, send
from page_site import Site

from server.access.tables import Person
from server.alerting.rules import AlertKind
from server.alerting.service import Raised, raise_in_home
from server.escalation.service import ask_holders
from server.provisioning import Provisioning, provision


@pytest.mark.parametrize("path", ["/", "/alerts/{alert}", "/parts/alerts/{alert}", "/parts/news"])
def test_what_happens_in_a_corridor_is_shown_with_its_place_and_no_resident(site: Site, path: str) -> None:
    corridor = {**home("k", "nord", test=True), "address": "Korridor 2. etasje", "resident": None}
    with site.database.transaction() as db:
        provision(db, Provisioning.model_validate({"units": UNITS, "homes": [corridor]}), test_mode=True)
    gateway = FakeGateway("k")
    send(site.database, gateway.batch([gateway.press(T0)]), T0)
    [alert] = alerts(site.database)

    page = site.browser("maria").get(path.format(alert=alert.code))

    assert page.status_code == 200
    assert "Korridor 2. etasje" in page.text


def act(site: Site, username: str, deed: str, **form: str) -> str:
    """Post a form of the first alert's page as somebody without script; return the page that follows."""
    [alert, *_] = alerts(site.database)
    browser = site.browser(username)
    answer = browser.post(f"/alerts/{alert.code}/{deed}", data={"version": str(alert.version), **form})
    if answer.status_code == 303:
        answer = browser.get(answer.headers["location"])
    return answer.text


def test_an_alert_is_closed_with_cause_and_measure_and_the_close_is_undone(site: Site) -> None:
    site.press()
    act(site, "maria", "take")

    page = act(site, "maria", "close", outcome="real_event", cause="fall", measure="helped_there", note="Falt")
    assert "Fall · Hjalp på stedet" in page
    assert "Årsak: Fall" in page
    assert "Angre: åpne igjen" in page

    again = act(site, "maria", "reopen")
    assert "Du tok det" in again
    assert "Åpnet igjen av Maria" in again


def test_what_was_chosen_stays_when_the_form_is_not_whole(site: Site) -> None:
    site.press()
    act(site, "maria", "take")

    page = act(site, "maria", "close", cause="toilet", measure="doctor")

    assert "Velg hvordan det endte." in page
    assert '<option value="toilet" selected>' in page
    assert '<option value="doctor" selected>' in page


def test_an_alert_is_forwarded_and_the_colleague_sees_it_is_theirs_to_take(site: Site) -> None:
    site.press()
    act(site, "maria", "take")
    ola = next(one.person_id for one in rows_of(site.database, Person) if one.username == "ola")

    assert "Velg hvem som skal få varselet." in act(site, "maria", "forward", to="")
    assert "Maria sendte det videre til Ola" in act(site, "maria", "forward", to=str(ola))

    assert "Sendt videre til deg" in site.browser("ola").get("/").text
    assert "Sendt videre til Ola" in site.browser("maria").get("/").text


def test_whoever_is_asked_sees_the_question_on_every_page_and_answers_with_one_tap(site: Site) -> None:
    site.press()
    act(site, "maria", "take")
    site.clock.present = T0 + 11 * MINUTE
    ask_holders(site.database, T0 + 11 * MINUTE)

    assert "Har du det fortsatt?" in site.browser("maria").get("/parts/news").text
    assert "Har du det fortsatt?" not in site.browser("ola").get("/parts/news").text
    assert "Ja, jeg har det fortsatt" in site.browser("maria").get(f"/alerts/{alerts(site.database)[0].code}").text
    assert "Ja, jeg har det fortsatt" not in act(site, "maria", "still-on-it")


def test_a_repeated_press_asks_for_a_visit_and_a_colleague_can_agree_that_none_is_needed(site: Site) -> None:
    site.press()
    site.press()
    act(site, "maria", "take")

    refused = act(site, "maria", "close", outcome="false_alarm", note="Sa at alt var bra")
    assert "ingen har vært der" in refused
    assert "Sa at alt var bra" in refused
    assert "Enig: det trengs ikke besøk" not in refused

    assert "Ola er enig i at det ikke trengs besøk" in act(site, "ola", "confirm-no-visit")
    act(site, "maria", "close", outcome="false_alarm")
    assert alerts(site.database)[0].closed_at == T0


def test_alerts_of_one_happening_are_one_card_and_end_together(site: Site) -> None:
    site.press()
    with site.database.transaction() as db:
        raise_in_home(db, 1, Raised(AlertKind.INACTIVITY, T0, T0), T0)
    other = alerts(site.database)[-1]

    front = site.browser("maria").get("/").text
    assert front.count('id="alert-') == 2, "the list and one card"
    assert other.code in front
    page = act(site, "maria", "take")
    assert f'value="{other.code}:{other.version + 1}" checked' in page

    act(site, "maria", "close", outcome="real_event", also=f"{other.code}:{other.version + 1}")

    assert [one.closed_at for one in alerts(site.database)] == [T0, T0]


def test_the_one_who_comes_second_is_told_who_has_it(site: Site) -> None:
    site.press()
    act(site, "maria", "take")

    assert "Tatt av Maria 10:00. Du har ikke dette varselet." in act(site, "ola", "take")
    assert "Tatt av Maria 10:00. Du har ikke dette varselet." in act(site, "ola", "leave")
