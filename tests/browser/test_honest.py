"""What is not known is never shown as well, and what somebody did by mistake is undone."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from town import Town, TownHome, daily_life, morning, running
from visitor import sign_in

from gateway.contract.observation import Stream

_STEP = timedelta(minutes=4)
_PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Three homes whose days are known: one will fall silent, and two go on."""
    homes = [TownHome(number, f"Beboer {number}", f"Fjellveien {number}", 1940) for number in range(1, 4)]
    with running(Town(tmp_path_factory.mktemp("honest"), homes, morning())) as town:
        for home in homes:
            town.send(home, Stream.ROUTINE, daily_life(home, town.now - timedelta(days=22), town.now, home.number))
            town.beat(home)
        town.wait_for("maria", "/api/residents", lambda found: {one["status"] for one in found} == {"normal"})
        yield town


def test_an_open_page_turns_from_well_to_we_do_not_know_when_the_home_is_no_longer_heard(
    town: Town, browser: Browser
) -> None:
    silent, *others = town.homes
    pages = [_enter(browser, town, *who) for who in (("kari", "/status"), ("maria", "/residents"), ("siri", "/board"))]
    family, nurse, wall = pages
    expect(family.locator(".status")).to_contain_text("Alt er normalt")
    expect(_card(nurse, silent)).to_contain_text("Alt er normalt")

    for _ in range(6):
        town.set_clock(town.now + _STEP)
        for home in others:
            town.send(home, Stream.ROUTINE, daily_life(home, town.now - _STEP, town.now, home.number))
            town.beat(home)
    town.wait_for(
        "maria",
        "/api/residents",
        lambda found: {one["status"] for one in found if one["id"] == silent.resident_id} != {"normal"},
    )

    for page, place in ((family, family.locator(".status")), (nurse, _card(nurse, silent))):
        expect(place, page.url).not_to_contain_text("Alt er normalt", timeout=_PATIENCE_MS)
        assert place.locator("[data-level=normal]").count() == 0
    expect(family.locator(".status")).to_contain_text("Vi vet ikke akkurat nå")
    expect(wall.locator("[data-level=normal]", has_text="Fjellveien 1")).to_have_count(0)
    nurse.goto(f"{town.url}/devices/homes/home-01")
    expect(nurse.locator("main")).to_contain_text("Vi vet ikke akkurat nå")
    expect(nurse.locator("main [data-level=normal], main [data-color=success]")).to_have_count(0)
    for page in pages:
        page.context.close()


def test_a_slip_of_the_thumb_is_undone_where_it_was_made(town: Town, browser: Browser) -> None:
    """An alert that was taken is put back, and one that was closed is opened again: for everybody, at once."""
    home = town.homes[1]
    nurse = _enter(browser, town, "maria", "/")
    town.press(home)
    nurse.locator(".card.alert", has_text=f"{home.name} ·").get_by_role("button", name="Jeg tar den").click()
    expect(nurse.locator("#alert .state")).to_contain_text("Du tok det")

    nurse.get_by_text("Noen andre må ta det").click()
    nurse.get_by_role("button", name="Legg det tilbake i køen").click()
    expect(nurse.get_by_role("button", name="Jeg tar den")).to_be_visible()

    nurse.get_by_role("button", name="Jeg tar den").click()
    nurse.get_by_role("button", name="Jeg er hos beboeren").click()
    nurse.get_by_label("Falsk alarm").check()
    nurse.locator("form[action$=close] button").click()
    expect(nurse.locator("#alert .state")).to_contain_text("Lukket")
    nurse.get_by_role("button", name="Angre: åpne igjen").click()

    expect(nurse.locator("#alert .state")).to_contain_text("Du tok det")
    with town.api("jonas") as jonas:
        assert [one["status"] for one in jonas.get("/api/alerts?group=taken").json()] == ["taken"]
    nurse.context.close()


def _enter(browser: Browser, town: Town, username: str, path: str) -> Page:
    page = browser.new_context(viewport={"width": 390, "height": 844}, locale="nb-NO").new_page()
    sign_in(page, town, username)
    page.goto(town.url + path)
    page.wait_for_selector("html[data-link=online]")
    return page


def _card(page: Page, home: TownHome) -> Locator:
    return page.locator(f"#resident-{home.resident_id}")
