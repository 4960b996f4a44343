"""What a nurse lives by: a press comes to the open page, one takes it, and nothing moves under a thumb."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from town import Town, TownHome
from visitor import sign_in


def _open_page(page: Page, town: Town, username: str, path: str = "/") -> None:
    sign_in(page, town, username)
    page.goto(town.url + path)
    page.wait_for_selector("html[data-link=online]")


def test_a_press_comes_to_the_open_page_and_can_be_taken_and_closed(
    live_town: Town, home: TownHome, page: Page
) -> None:
    _open_page(page, live_town, "maria")

    live_town.press(home)
    page.locator("#news .banner", has_text=f"{home.name} ·").wait_for()

    page.locator(".card.alert", has_text=f"{home.name} ·").get_by_role("button", name="Jeg tar den").click()
    page.wait_for_url(re.compile("/alerts/"))
    expect(page.locator("#alert .state")).to_contain_text("Du tok det")
    page.get_by_role("button", name="Jeg er på vei").click()
    expect(page.locator("#alert .state")).to_have_text("Du er på vei")
    page.get_by_role("button", name="Jeg er hos beboeren").click()
    expect(page.locator("#alert .state")).to_have_text("Du er hos beboeren")
    page.get_by_label("Reell hendelse").check()
    page.get_by_label("Merknad").fill("Hjalp med å komme opp.")
    page.locator("form[action$=close] button").click()
    expect(page.locator("#alert .state")).to_contain_text("Lukket")
    expect(page.locator("#alert .note")).to_have_text("Hjalp med å komme opp.")
    # Whether a phone said that it came depends on how soon the page was left.
    expect(page.locator(".times tbody tr.ahead").filter(has_not_text="Kommet fram")).to_have_count(0)


def test_a_second_taker_is_told_who_has_it(live_town: Town, home: TownHome, browser: Browser) -> None:
    first, second = browser.new_context(locale="nb-NO"), browser.new_context(locale="nb-NO", java_script_enabled=False)
    live_town.press(home)
    live_town.wait_for(
        "maria", "/api/alerts", lambda found: any(a["resident"]["id"] == home.resident_id for a in found)
    )
    fast, slow = first.new_page(), second.new_page()
    for page, username in ((fast, "maria"), (slow, "tove")):
        sign_in(page, live_town, username)
        page.goto(live_town.url)

    fast.locator(".card.alert", has_text=f"{home.name} ·").get_by_role("button", name="Jeg tar den").click()
    fast.wait_for_url(re.compile("/alerts/"))
    slow.locator(".card.alert", has_text=f"{home.name} ·").get_by_role("button", name="Jeg tar den").click()

    expect(slow.locator(".message")).to_contain_text("Tatt av Maria Nilsen 10:12")
    expect(slow.get_by_role("button", name="Jeg tar den")).to_have_count(0)
    first.close()
    second.close()


def test_an_open_page_says_at_once_that_somebody_else_took_it(
    live_town: Town, home: TownHome, browser: Browser
) -> None:
    live_town.press(home)
    alerts = live_town.wait_for(
        "maria", "/api/alerts", lambda found: any(a["resident"]["id"] == home.resident_id for a in found)
    )
    alert = next(a for a in alerts if a["resident"]["id"] == home.resident_id)
    context = browser.new_context(locale="nb-NO")
    page = context.new_page()
    _open_page(page, live_town, "maria")
    card = page.locator(".card.alert", has_text=f"{home.name} ·")
    before = card.bounding_box()

    with live_town.api("tove") as tove:
        tove.post(f"/api/alerts/{alert['id']}/take", json={"version": alert["version"]}).raise_for_status()
    expect(card.locator(".state")).to_contain_text("Tatt av Tove Tester")

    after = card.bounding_box()
    assert before is not None
    assert after is not None
    assert after["y"] == pytest.approx(before["y"], abs=1)
    context.close()


def test_a_new_alert_does_not_move_the_button_under_a_thumb(
    live_town: Town, browser: Browser, request: pytest.FixtureRequest
) -> None:
    old, new = request.getfixturevalue("home"), live_town.homes[-1]
    live_town.press(old)
    live_town.wait_for("maria", "/api/alerts", lambda found: any(a["resident"]["id"] == old.resident_id for a in found))
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, locale="nb-NO")
    page = context.new_page()
    _open_page(page, live_town, "maria")
    button = page.locator(".card.alert", has_text=f"{old.name} ·").get_by_role("button", name="Jeg tar den")
    button.scroll_into_view_if_needed()
    page.locator("h1").tap()
    before = button.bounding_box()

    live_town.press(new)
    page.locator("#news .banner", has_text=f"{new.name} ·").wait_for()

    # While the banner is up and for as long as the page is touched, the card's button stands still.
    for step in range(6):
        page.mouse.move(5 + step, 5)
        assert button.bounding_box() == before
        page.wait_for_timeout(400)
    expect(page.locator(".card.alert", has_text=f"{new.name} ·")).to_have_count(1)
    assert page.locator("#news").bounding_box() is not None
    context.close()


def test_a_page_left_alone_shows_the_new_card_in_the_list(live_town: Town, home: TownHome, page: Page) -> None:
    _open_page(page, live_town, "maria")

    live_town.press(home)

    card = page.locator(".card.alert", has_text=f"{home.name} ·")
    expect(card).to_have_count(1)
    # Other tests' alerts may stand above it. Once it has come into view, the banner has done its work.
    card.scroll_into_view_if_needed()
    expect(page.locator("#news .banner", has_text=f"{home.name} ·")).to_have_count(0)


def test_a_critical_alert_is_told_of_on_every_page(live_town: Town, home: TownHome, page: Page) -> None:
    _open_page(page, live_town, "tove", "/devices")

    live_town.press(home)
    banner = page.locator("#news .banner", has_text=f"{home.name} ·")
    banner.wait_for()
    banner.click()

    expect(page.locator("h1")).to_have_text("Hjelpeknapp · Bad")
    expect(page.locator("#news .banner", has_text=f"{home.name} ·")).to_have_count(0)


def test_closing_without_an_outcome_tells_so_beside_the_field_and_keeps_the_note(
    live_town: Town, home: TownHome, page: Page
) -> None:
    _open_page(page, live_town, "maria")
    live_town.press(home)
    page.locator("#news .banner", has_text=f"{home.name} ·").click()
    page.get_by_role("button", name="Jeg tar den").click()
    page.get_by_text("Avslutt varselet").first.click()
    page.get_by_label("Merknad").fill("Sov i stolen.")

    page.locator("form[action$=close] button").click()

    expect(page.locator("#close-fault")).to_have_text("Velg hvordan det endte.")
    expect(page.get_by_label("Merknad")).to_have_value("Sov i stolen.")


def test_a_silent_stream_says_disconnected_and_stops_the_buttons(
    live_town: Town, home: TownHome, context: BrowserContext
) -> None:
    page = context.new_page()
    page.clock.install()
    live_town.press(home)
    live_town.wait_for(
        "maria", "/api/alerts", lambda found: any(a["resident"]["id"] == home.resident_id for a in found)
    )
    _open_page(page, live_town, "maria")
    expect(page.get_by_text("Tilkoblet", exact=True)).to_be_visible()

    context.set_offline(True)
    page.clock.run_for(22_000)

    expect(page.get_by_text("Frakoblet", exact=True)).to_be_visible()
    expect(page.locator("button[data-needs-link]").first).to_be_disabled()
    expect(page.locator(".offline-note")).to_contain_text("Siden viser det som var kjent kl. 10:12")
    context.set_offline(False)
    page.clock.run_for(6_000)
    expect(page.get_by_text("Tilkoblet", exact=True)).to_be_visible()
    expect(page.locator("button[data-needs-link]").first).to_be_enabled()


def test_what_takes_longer_than_a_second_says_so_on_the_button_that_was_pressed(
    live_town: Town, home: TownHome, page: Page
) -> None:
    _open_page(page, live_town, "maria")
    live_town.press(home)
    card = page.locator(".card.alert", has_text=f"{home.name} ·")
    card.wait_for()
    held: list[Route] = []
    page.route("**/take", lambda route: held.append(route))  # noqa: PLW0108 - a builtin cannot be marked
    sign = "getComputedStyle(document.querySelector('form.htmx-request button'), '::after').opacity"

    card.get_by_role("button", name="Jeg tar den").click()

    page.wait_for_function(f"() => document.querySelector('form.htmx-request') && {sign} === '1'")
    expect(card.locator("form.htmx-request button")).to_be_disabled()
    held[0].continue_()
    page.wait_for_url(re.compile("/alerts/"))
