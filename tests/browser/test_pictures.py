"""Every page in every variant: accessible, without sideways scroll, and where wanted kept as a picture to look at."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from every_page import EVERY_PAGE, NO_PAGES, NOBODY, SEEN_ELSEWHERE
from fastapi.routing import APIRoute
from gallery import Gallery
from playwright.sync_api import Browser, Page
from town import Town
from visitor import sign_in

from caregiver_ui.assets import AXE
from server.main import create_app
from server.settings import Role, ServerSettings

_WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Longer pages are cut: a picture is for looking at.
_TALLEST = 6000
# The machine may have other work.
_PATIENCE_MS = 120_000
_DESKTOP, _PHONE, _NARROW = (1280, 900), (390, 844), (320, 640)


@dataclass(frozen=True, slots=True)
class Variant:
    """One way of looking. `is_big`: the reader's own text size is double."""

    size: tuple[int, int]
    scheme: Literal["light", "dark"] = "light"
    forced: Literal["active", "none"] = "none"
    is_big: bool = False
    by_axe: bool = True


# Axe need not see a page twice in the same colours and the same layout.
VARIANTS = {
    "desktop-light": Variant(_DESKTOP),
    "desktop-dark": Variant(_DESKTOP, "dark", by_axe=False),
    "phone-dark": Variant(_PHONE, "dark"),
    "phone-light": Variant(_PHONE, by_axe=False),
    "narrow": Variant(_NARROW),
    "forced-colours": Variant(_PHONE, "dark", "active"),
    "big-text": Variant(_PHONE, is_big=True),
}

# Notes each breach of the content policy: by a page of ours it is a fault, by anybody else's text an attack.
_NOTE_BREACHES = """
  window.breaches = [];
  addEventListener("securitypolicyviolation", (told) => {
    window.breaches.push(`${told.effectiveDirective}: ${told.blockedURI} ${told.sourceFile}:${told.lineNumber}`);
  });
"""


@pytest.fixture(scope="module")
def big_browser(browser: Browser, chromium: str, flags: list[str]) -> Iterator[Browser]:
    """A browser of somebody who has set the text to 200 %."""
    bigger = browser.browser_type.launch(
        executable_path=chromium, headless=True, args=[*flags, "--blink-settings=defaultFontSize=32"]
    )
    yield bigger
    bigger.close()


@pytest.fixture(scope="session")
def names(seen_town: Town) -> dict[str, str]:
    """What to fill in: the codes of alerts, and of a relative."""
    with seen_town.api("maria") as maria:
        everything = maria.get("/api/alerts?group=all").json()
        relatives = maria.get("/api/residents/res-01/agreements").json()
        rounds = maria.get("/api/rounds").json()
    return {
        "critical": next(a["id"] for a in everything if a["kind"] == "button" and a["status"] == "reported"),
        "inactivity": next(a["id"] for a in everything if a["kind"] == "inactivity"),
        "taken": next(a["id"] for a in everything if a["status"] == "taken" and not a["is_asked"]),
        "asked": next(a["id"] for a in everything if a["is_asked"]),
        "happening": next(a["id"] for a in everything if a["together"] and a["status"] == "reported"),
        "closed": next(a["id"] for a in everything if a["status"] == "closed"),
        "kari": str(relatives[0]["relative"]),
        "round": next(one["id"] for one in rounds if one["is_open"]),
    }


@pytest.fixture(scope="module")
def storage(browser: Browser, seen_town: Town) -> dict[str, str]:
    """A signed-in browser state for each person, so that each picture need not sign in again."""
    states = {}
    for username in {seen.who for seen in EVERY_PAGE.values() if seen.who}:
        context = browser.new_context(locale="nb-NO")
        sign_in(context.new_page(), seen_town, username)
        states[username] = json.dumps(context.storage_state())
        context.close()
    return states


def test_every_page_is_in_the_list(tmp_path: Path) -> None:
    settings = ServerSettings(database_url=f"sqlite:///{tmp_path}/none.db", roles=frozenset({Role.API}), test_mode=True)
    there = {
        path for path in _gets(create_app(settings).routes) if not path.startswith(("/api/", "/parts/", "/openapi"))
    }

    assert there == {seen.route for seen in EVERY_PAGE.values()} | SEEN_ELSEWHERE | NO_PAGES


def _gets(routes: list[object]) -> Iterator[str]:
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _gets(inner.routes)
        elif isinstance(route, APIRoute) and "GET" in route.methods:
            yield route.path_format


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_axe_finds_nothing_nothing_scrolls_sideways_and_the_content_policy_holds(
    browser: Browser,
    big_browser: Browser,
    seen_town: Town,
    storage: dict[str, str],
    names: dict[str, str],
    pictures: Gallery,
    name: str,
) -> None:
    seen = EVERY_PAGE[name]
    faults: list[str] = []
    for of in (browser, big_browser):
        context = of.new_context(
            locale="nb-NO",
            reduced_motion="reduce",
            viewport={"width": _PHONE[0], "height": _PHONE[1]},
            storage_state=json.loads(storage[seen.who]) if seen.who else None,
        )
        page = context.new_page()
        page.set_default_timeout(_PATIENCE_MS)
        page.add_init_script(_NOTE_BREACHES)
        page.goto(seen_town.url + seen.address.format(**names))
        if seen.who != NOBODY:
            page.wait_for_selector("html[data-link=online]")
        faults += [f"the content policy is broken: {breach}" for breach in page.evaluate("window.breaches")]
        # Evaluated by the debugger, not put into the page: the content policy would rightly refuse it there.
        page.evaluate(AXE.read_text(encoding="utf-8"))
        for which, variant in VARIANTS.items():
            if variant.is_big == (of is big_browser):
                faults += [f"{which}: {fault}" for fault in _faults(page, variant)]
                pictures.keep(page, f"{name}-{which}", whole=False)
        context.close()

    assert faults == []


def _faults(page: Page, variant: Variant) -> list[str]:
    width, height = variant.size
    page.emulate_media(color_scheme=variant.scheme, forced_colors=variant.forced)
    page.set_viewport_size({"width": width, "height": height})
    # In a window as tall as the page a bar at the bottom covers nothing, and stands at the bottom of the picture.
    tall = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": max(height, min(tall, _TALLEST))})
    faults = _violations(page) if variant.by_axe else []
    if page.evaluate("document.documentElement.scrollWidth") > width:
        faults.append("the page scrolls sideways")
    return faults


def _violations(page: Page) -> list[str]:
    found = page.evaluate("(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}})", _WCAG)
    return [f"{v['id']}: {node['target']} {node['failureSummary']}" for v in found["violations"] for node in v["nodes"]]
