"""A round on a phone at night: next resident first, never green when unknown, and signed when everybody is seen."""

from datetime import timedelta

import pytest
from builders import HOUR, MINUTE, PATIENCE, T0, FakeGateway, send, viewer
from page_site import Site
from watching import tell

from server.overview.service import look_at
from server.rounds.plans import PlanDraft, set_plan

ROUND = T0 + HOUR


@pytest.fixture
def round_page(site: Site) -> str:
    """A round at 11:00 of res-a, who moved a minute before; return its path."""
    siri = viewer(site.database, "siri")
    plan = PlanDraft("11:00", tuple("0123456"), "2025-01-01", "2025-12-31", "Vedtak", replaces_visit=True)
    with site.database.transaction() as db:
        set_plan(db, siri, look_at(db, siri, "res-a", T0)[0], plan, T0)
    site.clock.present = ROUND
    gateway = FakeGateway()
    tell(site.database, gateway, [gateway.motion(ROUND - MINUTE)], ROUND)
    send(site.database, gateway.heartbeat(ROUND), ROUND)
    return site.browser("maria").get("/rounds").headers["location"]


def test_a_round_is_made_with_two_presses_and_then_read_by_others(site: Site, round_page: str) -> None:
    maria = site.browser("maria")
    page = maria.get(round_page).text
    assert "Oppe i stua" in page
    assert "1 beboer gjenstår." in page

    answer = maria.post(f"{round_page}/looks", {"resident": "res-a", "said": "seen", "shown": "up"})
    assert answer.headers["location"] == round_page
    assert "Sett 11:00, Maria" in maria.get(round_page).text
    assert maria.post(f"{round_page}/signature", {}).status_code == 303

    read = site.browser("siri").get(round_page).text
    assert "Signert 11:00 av Maria." in read
    assert '<form class="sign-round"' not in read
    assert site.browser("ola").post(f"{round_page}/signature", {}).status_code == 409


def test_of_a_home_that_is_not_known_nobody_is_seen(site: Site, round_page: str) -> None:
    site.clock.present = ROUND + 2 * PATIENCE
    maria = site.browser("maria")

    page = maria.get(round_page).text

    assert "Vi vet ikke akkurat nå" in page
    assert 'value="seen"' not in page
    assert 'value="spoken"' in page
    answer = maria.post(f"{round_page}/looks", {"resident": "res-a", "said": "seen", "shown": "unknown"})
    assert answer.status_code == 422
    assert "Ring, eller dra dit." in answer.text


def test_what_changed_since_the_page_was_drawn_is_told_at_the_resident_and_nothing_is_noted(
    site: Site, round_page: str
) -> None:
    answer = site.browser("maria").post(f"{round_page}/looks", {"resident": "res-a", "said": "seen", "shown": "in_bed"})

    assert answer.status_code == 409
    assert "Vi vet noe annet nå. Se på nytt." in answer.text
    assert "1 beboer gjenstår." in answer.text


def test_a_round_cannot_be_signed_while_somebody_is_left(site: Site, round_page: str) -> None:
    answer = site.browser("maria").post(f"{round_page}/signature", {})

    assert answer.status_code == 422
    assert "Noen gjenstår." in answer.text


def test_a_visit_that_is_needed_stays_until_somebody_has_been_there(site: Site, round_page: str) -> None:
    maria = site.browser("maria")
    maria.post(f"{round_page}/looks", {"resident": "res-a", "said": "visit", "shown": "in_bed"})
    maria.post(f"{round_page}/signature", {})
    assert "1 besøk gjenstår." in maria.get(round_page).text

    site.clock.present += timedelta(minutes=9)
    maria.post(f"{round_page}/visits", {"resident": "res-a"})

    assert "Besøkt 11:09, Maria" in maria.get(round_page).text


def test_the_list_is_there_when_it_is_asked_for_and_when_no_round_is_open(site: Site, round_page: str) -> None:
    maria = site.browser("maria")

    assert "Åpne runden" in maria.get("/rounds?show=all").text
    site.clock.present = T0
    assert "1 beboer. Ikke åpen ennå." in maria.get("/rounds").text
    assert site.browser("per").get("/rounds").status_code == 200
    assert "Ingen tilsyn er planlagt." in site.browser("per").get("/rounds").text


def test_rounds_are_not_for_relatives_nor_for_other_units(site: Site, round_page: str) -> None:
    assert site.browser("anne").get("/rounds").status_code == 403
    assert site.browser("per").get(round_page).status_code == 404
    assert site.browser("per").post(f"{round_page}/signature", {}).status_code == 404
    assert site.browser("siri").post(f"{round_page}/signature", {}).status_code == 403
