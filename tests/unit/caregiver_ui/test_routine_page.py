"""The learned day as staff see it: what was learned, what another setting would bring, and how alerts are rated."""

import re
from datetime import timedelta

import pytest
from builders import DAY, HOUR, MINUTE, T0, send, viewer
from page_site import Site
from sqlmodel import select

from server.alerting.rules import AlertKind
from server.alerting.service import Raised, Reason, raise_alert, take
from server.detection.learning import fit_due
from server.detection.service import look_at_due
from server.residents.tables import Resident

_PAGE = "/residents/res-a/routine"
_DAYS = 23


def _live(site: Site, days: int = _DAYS) -> None:
    """Let somebody move every quarter of an hour from 7 to 23, but for one long afternoon, and let it be learned."""
    first = T0.replace(hour=6)
    facts = [
        site.gateway.motion(first + day * DAY + quarter * 15 * MINUTE)
        for day in range(days)
        for quarter in range(64)
        if not (day == days - 3 and 16 <= quarter < 52)
    ]
    now = first + days * DAY
    for place in range(0, len(facts), 400):
        send(site.database, site.gateway.batch(facts[place : place + 400]), now)
    send(site.database, site.gateway.heartbeat(now), now)
    while look_at_due(site.database, now, timedelta(minutes=10)):
        pass
    fit_due(site.database)
    site.clock.present = now


def _alert(site: Site, kind: AlertKind = AlertKind.INACTIVITY) -> str:
    """Raise an alert that Maria has taken; return its name."""
    maria, now = viewer(site.database, "maria"), site.clock.present
    with site.database.transaction() as db:
        resident = db.exec(select(Resident).where(Resident.code == "res-a")).one()
        reason = Reason("no_movement_for", {"minutes": 190, "usual_minutes": 55, "learned_days": 9})
        code = raise_alert(db, resident, Raised(kind, now - HOUR, now, reasons=(reason,)), now).code
        take(db, maria, code, 1, now)
        return code


@pytest.mark.parametrize(
    ("username", "status"), [("maria", 200), ("siri", 200), ("arne", 200), ("anne", 403), ("per", 404)]
)
def test_staff_of_the_unit_see_the_learned_day_and_nobody_else(site: Site, username: str, status: int) -> None:
    browser = site.browser(username)

    assert browser.get(_PAGE).status_code == status
    assert browser.get("/parts/residents/res-a/rehearsal?budget=1").status_code == status


def test_a_home_of_which_nothing_is_known_says_so_and_can_rehearse_nothing(site: Site) -> None:
    page = site.browser("maria").get(f"{_PAGE}?budget=0.5").text

    assert "Ingenting er lært om dette hjemmet ennå" in page
    assert "dag 1 av 21" in page
    assert "For lite er kjent om dette hjemmet ennå: det tar to uker." in page
    assert "learned-plot" not in page


def test_a_learned_day_is_a_sentence_a_picture_and_a_table(site: Site) -> None:
    _live(site)

    page = site.browser("maria").get(_PAGE).text

    assert re.search(r"Lært av \d\d dager, sist 07:00\.", page)
    assert re.search(r"Om dagen er stille stunder vanligvis 15 min; en på .+ varsles\.", page)
    assert "learned-plot" in page
    assert page.count('<th scope="row">') == 24
    assert "Som levert: falske alarmer høyst 0,5 i uken i hvert hjem." in page


def test_another_setting_is_tried_before_it_is_saved_and_tells_how_many_would_have_come(site: Site) -> None:
    _live(site)
    siri = site.browser("siri")

    part = siri.get("/parts/residents/res-a/rehearsal?budget=2", headers={"hx-request": "true"}).text

    told = re.search(
        r"Med 2 i uken ville det ha kommet (\d+) vars(?:el|ler) de siste (\d+) dagene, \d+ om natten", part
    )
    assert told is not None
    assert int(told[1]) >= 1
    assert 14 <= int(told[2]) <= 21
    assert "Uvanlig lenge uten bevegelse" in part
    assert "Lagre for dette hjemmet" in part
    assert "Som levert" in siri.get(_PAGE).text


def test_a_browser_without_script_gets_the_rehearsal_in_the_page(site: Site) -> None:
    _live(site)

    page = site.browser("maria").get(f"{_PAGE}?budget=2.0").text

    assert "Med 2 i uken ville" in page
    assert '<option value="2.0" selected>' in page
    assert "Lagre for dette hjemmet" not in page


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        ("home", "Satt for dette hjemmet: falske alarmer høyst 0,25 i uken."),
        ("unit", "Satt for enheten: falske alarmer høyst 0,25"),
    ],
)
def test_a_setting_is_saved_for_the_home_or_the_unit(site: Site, scope: str, told: str) -> None:
    siri = site.browser("siri")

    answer = siri.post("/residents/res-a/sensitivity", data={"scope": scope, "budget": "0.25"})

    assert (answer.status_code, answer.headers["location"]) == (303, _PAGE)
    assert told in siri.get(_PAGE).text


def test_a_home_goes_back_to_its_units_setting(site: Site) -> None:
    siri = site.browser("siri")
    siri.post("/residents/res-a/sensitivity", data={"scope": "home", "budget": "0.25"})

    siri.post("/residents/res-a/sensitivity", data={"scope": "as_unit"})

    assert "Som levert" in siri.get(_PAGE).text


@pytest.mark.parametrize(
    ("username", "budget", "status"), [("maria", "1", 403), ("anne", "1", 403), ("siri", "9", 400)]
)
def test_a_setting_is_refused_to_who_may_not_and_out_of_bounds(
    site: Site, username: str, budget: str, status: int
) -> None:
    answer = site.browser(username).post("/residents/res-a/sensitivity", data={"scope": "home", "budget": budget})

    assert answer.status_code == status


def test_one_tap_rates_an_alert_shows_what_comes_of_it_and_can_be_withdrawn(site: Site) -> None:
    alert, maria = _alert(site), site.browser("maria")
    before = maria.get(f"/alerts/{alert}").text

    rated = maria.post(f"/alerts/{alert}/rating", data={"rating": "not_relevant"}, headers={"hx-request": "true"}).text
    routine = maria.get(_PAGE).text
    withdrawn = maria.post(f"/alerts/{alert}/rating", data={"rating": ""}, headers={"hx-request": "true"}).text

    assert "Var det riktig å varsle om dette?" in before
    assert "Trekk tilbake" not in before
    assert "Vurdert: Ikke relevant." in rated
    assert "etter 1 vurdering varsles det noe sjeldnere" in rated
    assert "Trekk tilbake" in rated
    assert f'href="/alerts/{alert}"' in routine
    assert "Ikke relevant: 1" in routine
    assert "Trukket tilbake: dette varselet teller ikke." in withdrawn
    assert "Ikke relevant: 1" not in maria.get(_PAGE).text


def test_a_call_for_help_is_not_to_be_rated(site: Site) -> None:
    alert, maria = _alert(site, AlertKind.BUTTON), site.browser("maria")

    assert "Var det riktig å varsle" not in maria.get(f"/alerts/{alert}").text
    assert maria.post(f"/alerts/{alert}/rating", data={"rating": "not_relevant"}).status_code == 422


def test_an_alert_says_why_then_how_sure_it_is_and_what_ends_it(site: Site) -> None:
    page = site.browser("maria").get(f"/alerts/{_alert(site)}").text

    lines = re.findall(r"<li>([^<]+)</li>", page.partition('<ul class="why">')[2].partition("</ul>")[0])
    assert lines == [
        "Ingen bevegelse på 3 t 10 min. Vanlig på denne tiden er under 55 min.",
        "Lært av 9 dager i dette hjemmet.",
        "Det er over når det merkes bevegelse.",
    ]


def test_staff_see_where_the_resident_is_and_a_relative_does_not(site: Site) -> None:
    _live(site, days=1)

    assert re.search(
        r"Hjemme i stua siden i går \d\d:\d\d|Hjemme i stua siden \d\d:\d\d", site.browser("maria").get("/").text
    )
    relative = site.browser("anne").get("/status").text
    assert not re.search(r"stua|senga|sengen|badet|siden \d\d:\d\d", relative)
