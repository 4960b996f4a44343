"""By keyboard alone: to the content, through the menu, an alert taken and closed; the focus is seen and not lost."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from town import Town, TownHome
from visitor import sign_in

# Whether the focus is seen: a ring round it, or round what stands for it; and no bar over it (WCAG 2.4.7, 2.4.11).
_SEEN = """() => {
  const it = document.activeElement;
  const ringed = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const isRinged = [null, "::after"].some((part) => ringed(getComputedStyle(it, part)));
  const box = it.getBoundingClientRect();
  const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1);
  const ys = [0.1, 0.5, 0.9].map((part) => box.top + box.height * part).filter((y) => y > 0 && y < innerHeight);
  const belongs = (top) => it.contains(top) || top.contains(it) || top.closest("label, li")?.contains(it);
  const isOpen = (y) => document.elementFromPoint(x, y) !== null && belongs(document.elementFromPoint(x, y));
  const name = `${it.tagName.toLowerCase()} ${(it.innerText || it.id || it.name || "").trim().slice(0, 40)}`;
  return { name, isRinged, isOpen: ys.some(isOpen) };
}"""
_MOST_STOPS = 60
_MOST_LOOKS = 400


def _stops(page: Page) -> Iterator[dict[str, object]]:
    """Go through the page by Tab, once round."""
    for _ in range(_MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            return
        yield page.evaluate(_SEEN)


def _look(page: Page) -> dict[str, object]:
    page.wait_for_timeout(50)
    return dict(page.evaluate(_SEEN))


def _tab_to(page: Page, name: str) -> None:
    for _ in range(_MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("(document.activeElement.innerText || '').trim()").startswith(name):
            return
    pytest.fail(f"no Tab leads to {name}")


@pytest.mark.parametrize("path", ["/", "/residents/res-03", "/duty", "/settings", "/devices"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_focus_is_seen_wherever_it_goes(seen_town: Town, page: Page, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    sign_in(page, seen_town, "maria")
    page.goto(seen_town.url + path)
    page.wait_for_selector("html[data-link=online]")

    stops = list(_stops(page))

    assert len(stops) > 5
    assert [stop["name"] for stop in stops if not stop["isRinged"]] == []
    assert [stop["name"] for stop in stops if not stop["isOpen"]] == []


def test_the_first_tab_leads_past_the_menu_to_the_content(seen_town: Town, page: Page) -> None:
    sign_in(page, seen_town, "maria")
    page.goto(seen_town.url)

    page.keyboard.press("Tab")
    expect(page.locator(".ds-skip-link")).to_be_focused()
    expect(page.locator(".ds-skip-link")).to_be_in_viewport()
    page.keyboard.press("Enter")

    expect(page.locator("#main")).to_be_focused()


def test_the_menu_opens_leads_on_and_gives_the_focus_back(seen_town: Town, page: Page) -> None:
    sign_in(page, seen_town, "maria")
    page.goto(seen_town.url)

    _tab_to(page, "Meny")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#menu a").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#menu")).to_be_hidden()
    expect(page.locator(".menu-button")).to_be_focused()


@pytest.mark.parametrize("comes_first", ["the focus", "the news"])
def test_news_of_an_alert_does_not_lie_over_the_focus(
    live_town: Town, page: Page, home: TownHome, comes_first: str
) -> None:
    sign_in(page, live_town, "maria")
    page.goto(f"{live_town.url}/residents/res-12")
    page.wait_for_selector("html[data-link=online]")
    page.mouse.move(640, 600)
    page.mouse.move(700, 640)
    news = page.locator("#news a", has_text=home.name)

    if comes_first == "the focus":
        _tab_to(page, "Alle beboere")
        live_town.press(home)
        expect(news).to_be_visible(timeout=20_000)
    else:
        live_town.press(home)
        expect(news).to_be_visible(timeout=20_000)
        _tab_to(page, "Alle beboere")

    # The page steps aside in a moment.
    seen = next(seen for _ in range(_MOST_LOOKS) if (seen := _look(page))["isOpen"])
    assert seen["name"] == "a Alle beboere"


def test_an_alert_is_taken_and_closed_and_the_focus_is_never_lost(live_town: Town, page: Page, home: TownHome) -> None:
    live_town.press(home)
    live_town.wait_for(
        "maria", "/api/alerts", lambda found: any(a["resident"]["id"] == home.resident_id for a in found)
    )
    sign_in(page, live_town, "maria")
    page.goto(live_town.url)
    page.wait_for_selector("html[data-link=online]")
    card = page.locator(".card.alert", has_text=f"{home.name} ·")

    card.get_by_role("button", name="Jeg tar den").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/alerts/*")
    page.wait_for_selector("html[data-link=online]")
    _tab_to(page, "Jeg er på vei")
    page.keyboard.press("Enter")
    expect(page.locator("#alert .state[tabindex]")).to_be_focused()
    _tab_to(page, "Jeg er hos beboeren")
    page.keyboard.press("Enter")
    expect(page.locator("#alert .state[tabindex]")).to_be_focused()

    # Without an outcome the fault is where the focus is.
    page.locator("form[action$=close] button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("form[action$=close] input[type=radio]").first).to_be_focused()
    page.keyboard.press("Space")
    page.locator("form[action$=close] button").focus()
    page.keyboard.press("Enter")

    expect(page.locator("#alert .state[tabindex]")).to_contain_text("Lukket")
    expect(page.locator("#alert .state[tabindex]")).to_be_focused()
