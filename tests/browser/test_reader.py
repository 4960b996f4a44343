"""The reader's side: language, light, keyboard, and pages that work without script."""

import re

from playwright.sync_api import Browser, Page, expect
from town import PASSWORD, Town, TownHome
from visitor import sign_in


def test_the_language_is_switched_on_any_page_and_follows_the_person(seen_town: Town, page: Page) -> None:
    sign_in(page, seen_town, "siri")
    page.goto(f"{seen_town.url}/residents/res-05")

    page.get_by_role("button", name="Meny").click()
    page.get_by_role("button", name="Nynorsk").click()

    expect(page.locator("html")).to_have_attribute("lang", "nn")
    expect(page).to_have_url(f"{seen_town.url}/residents/res-05")
    expect(page.locator("h2").last).to_have_text("Døgnrytme, siste sju dagar")
    page.get_by_role("button", name="Meny").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("h2").last).to_have_text("Daily rhythm, last seven days")
    with seen_town.api("siri") as siri:
        assert siri.get("/api/me").json()["language"] == "en"
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Bokmål").click()


def test_the_light_is_switched_and_kept(seen_town: Town, page: Page) -> None:
    page.goto(f"{seen_town.url}/sign-in")
    page.get_by_role("button", name="Meny").click()

    page.get_by_role("button", name="Natt").click()

    expect(page.locator("html")).to_have_attribute("data-color-scheme", "dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert sum(int(part) for part in re.findall(r"\d+", dark)[:3]) < 150
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-color-scheme", "dark")


def test_everything_can_be_done_without_script(live_town: Town, browser: Browser, home: TownHome) -> None:
    live_town.press(home)
    live_town.wait_for(
        "maria", "/api/alerts", lambda found: any(a["resident"]["id"] == home.resident_id for a in found)
    )
    context = browser.new_context(java_script_enabled=False, locale="nb-NO")
    page = context.new_page()
    sign_in(page, live_town, "maria")
    page.goto(live_town.url)

    page.locator(".card.alert", has_text=f"{home.name} ·").get_by_role("button", name="Jeg tar den").click()
    page.get_by_role("button", name="Jeg er hos beboeren").click()
    page.get_by_label("Falsk alarm").check()
    page.locator("form[action$=close] button").click()

    expect(page.locator("#alert .state")).to_contain_text("Lukket 10:12: Falsk alarm")
    context.close()


def test_a_wrong_password_is_told_beside_the_field_and_the_name_stays(seen_town: Town, page: Page) -> None:
    page.goto(f"{seen_town.url}/sign-in")
    page.locator("#username").fill("maria")
    page.locator("#password").fill("feil")
    page.locator("main button").click()

    expect(page.locator("#fault")).to_have_text("Brukernavnet eller passordet er feil.")
    expect(page.locator("#username")).to_have_value("maria")
    expect(page.locator("#password")).to_be_focused()


def test_a_nurse_can_take_an_alert_by_keyboard_alone(live_town: Town, home: TownHome, page: Page) -> None:
    page.goto(f"{live_town.url}/sign-in")
    page.keyboard.type("maria")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("html[data-link=online]")
    live_town.press(home)
    page.locator("#news .banner", has_text=f"{home.name} ·").wait_for()

    page.locator("#news .banner", has_text=f"{home.name} ·").focus()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/alerts/"))
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Jeg tar den":
            break
    page.keyboard.press("Enter")

    assert outline == "solid"
    expect(page.locator("#alert .state")).to_contain_text("Du tok det")


def test_a_relative_sees_one_status_and_no_times_of_movement(seen_town: Town, page: Page) -> None:
    sign_in(page, seen_town, "kari")

    expect(page).to_have_url(f"{seen_town.url}/status")
    expect(page.locator("h1")).to_have_text("Hjemmetjenesten følger opp")
    assert re.findall(r"\d\d:\d\d", page.locator("main").inner_text()) == ["10:15"]
    answer = page.goto(f"{seen_town.url}/residents/res-01")
    assert answer is not None
    assert answer.status == 403


def test_big_text_leaves_room_for_the_page(seen_town: Town, browser: Browser) -> None:
    """At 200 % on a phone the top and the bottom are not stuck in front of the page."""
    context = browser.new_context(viewport={"width": 320, "height": 400}, locale="nb-NO")
    page = context.new_page()
    sign_in(page, seen_town, "maria")
    page.goto(seen_town.url)

    page.evaluate("window.scrollTo(0, 600)")

    assert page.evaluate("document.querySelector('.top').getBoundingClientRect().bottom") < 0
    context.close()


def test_forced_colours_keep_what_is_chosen_visible(seen_town: Town, browser: Browser) -> None:
    context = browser.new_context(forced_colors="active", locale="nb-NO")
    page = context.new_page()
    sign_in(page, seen_town, "maria")
    page.goto(seen_town.url)

    assert page.locator(".tabs [aria-current]").evaluate("tab => getComputedStyle(tab).borderTopWidth") == "3px"
    assert page.locator(".level-tag").first.evaluate("tag => getComputedStyle(tag).borderTopStyle") == "solid"
    context.close()


def test_the_first_load_on_a_phone_is_light(seen_town: Town, browser: Browser) -> None:
    """Page, style, script, font and icons together: under 110 kB over the air."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="nb-NO")
    page = context.new_page()
    sign_in(page, seen_town, "maria")
    sent: dict[str, int] = {}
    cold = browser.new_context(locale="nb-NO", storage_state=context.storage_state()).new_page()
    cold.on("requestfinished", lambda request: sent.update({request.url: request.sizes()["responseBodySize"]}))

    cold.goto(seen_town.url)
    cold.wait_for_selector("html[data-link=online]")
    while len(sent) < 7:  # the font and the icons may come after the stream is open
        cold.wait_for_timeout(20)

    assert sum(sent.values()) < 110_000, sent
    context.close()
