"""What a chart shows is also said in words and figures; and a page printed in the night is still black on white."""

from collections.abc import Iterator

import pytest
from gallery import Gallery
from playwright.sync_api import Browser, Page
from town import Town
from visitor import sign_in

_HOME = "/residents/res-03"
CHARTS = [
    _HOME, f"{_HOME}/routine?budget=2.0", f"{_HOME}/development", f"{_HOME}/development?rows=noon", "/overview",
    "/figures", "/residents", "/",
]  # fmt: skip
PAPER = [_HOME, f"{_HOME}/development", "/figures", f"{_HOME}/access", f"{_HOME}/routine"]

# A drawing says what it is itself, or words stand beside it in its list, or a table in its part of the page; or a
# sentence there, and the table elsewhere on the page.
_UNTOLD = """
  () => [...document.querySelectorAll("main svg")]
    .filter((one) => !one.matches(".icon, .icon *, .key, .key *") && !one.parentElement.closest("svg"))
    .filter((one) => {
      if (one.getAttribute("role") === "img" && one.getAttribute("aria-label")) return false;
      if (one.getAttribute("aria-hidden") !== "true") return true;
      const beside = one.closest("dd, li");
      if (beside && beside.innerText.trim()) return false;
      const part = one.closest("section, article");
      if (!part) return true;
      if (part.querySelector("table, [role=img][aria-label]")) return false;
      return !(part.querySelector("p") && document.querySelector("main table"));
    })
    .map((one) => one.getAttribute("class"))
"""

# Text is what is printed: grounds are not, unless somebody asks for them.
_PALE = """
  () => {
    const words = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    const pale = [];
    while (words.nextNode()) {
      const holder = words.currentNode.parentElement;
      if (!words.currentNode.data.trim() || !holder.checkVisibility() || holder.closest(".ds-sr-only")) continue;
      const style = getComputedStyle(holder);
      const [red, green, blue] = (holder.closest("svg") ? style.fill : style.color).match(/[\\d.]+/g).map(Number);
      if (0.2126 * red + 0.7152 * green + 0.0722 * blue > 130) pale.push(words.currentNode.data.trim());
    }
    return pale;
  }
"""


@pytest.fixture(scope="module")
def staff(browser: Browser, seen_town: Town) -> Iterator[Page]:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="nb-NO").new_page()
    sign_in(page, seen_town, "siri")
    yield page
    page.context.close()


@pytest.mark.parametrize("path", CHARTS)
def test_no_chart_stands_without_words_or_figures(staff: Page, seen_town: Town, path: str) -> None:
    staff.goto(seen_town.url + path)

    assert staff.locator("main svg:not(.icon)").count() > 0
    assert staff.evaluate(_UNTOLD) == []


@pytest.mark.parametrize("path", PAPER)
def test_what_is_printed_in_the_night_is_black_on_white_and_has_no_buttons(
    staff: Page, seen_town: Town, pictures: Gallery, path: str
) -> None:
    staff.context.add_cookies([{"name": "livsrytme-scheme", "value": "dark", "url": seen_town.url}])
    staff.goto(seen_town.url + path)
    assert staff.evaluate(_PALE) != []

    staff.emulate_media(media="print")

    assert staff.evaluate(_PALE) == []
    assert staff.locator("header.top, nav.bottom, .ds-button, button").locator("visible=true").count() == 0
    assert staff.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    assert staff.pdf().startswith(b"%PDF")
    pictures.keep(staff, f"paper-{path.strip('/').replace('/', '-')}")
    staff.emulate_media(media="screen")
    staff.context.clear_cookies(name="livsrytme-scheme")
