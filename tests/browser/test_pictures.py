"""Every page in every variant: accessible, without sideways scroll, and kept as a picture for people to look at."""

import json
import os
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from town import Town
from visitor import sign_in

from caregiver_ui.assets import AXE

_WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_SIZES = {"desktop": (1280, 900), "phone": (390, 844), "narrow": (320, 640)}

# Name of the picture, who looks, and where. `{critical}` and the like are filled in with an alert's name.
_PAGES = {
    "relative-sharing": ("kari", "/sharing"),
    "sharing": ("siri", "/residents/res-01/sharing"),
    "thread": ("maria", "/residents/res-01/messages"),
    "plan-new": ("siri", "/residents/res-01/plan"),
    "sign-in": (None, "/sign-in"),
    "showcase": (None, "/showcase"),
    "accessibility": (None, "/accessibility"),
    "settings": ("maria", "/settings"),
    "front": ("maria", "/"),
    "taken": ("maria", "/?group=taken"),
    "closed": ("maria", "/?group=closed"),
    "alert": ("maria", "/alerts/{critical}"),
    "alert-inactivity": ("maria", "/alerts/{inactivity}"),
    "alert-mine": ("jonas", "/alerts/{taken}"),
    "alert-closed": ("siri", "/alerts/{closed}"),
    "resident": ("maria", "/residents/res-03"),
    "routine": ("siri", "/residents/res-03/routine"),
    "routine-tried": ("siri", "/residents/res-03/routine?budget=2.0#setting"),
    "routine-young": ("maria", "/residents/res-06/routine"),
    "status-normal": ("nina", "/status"),
    "status-unknown": ("lars", "/status"),
    "status-followed": ("kari", "/status"),
    "policies": ("arild", "/admin/policies"),
    "policies-technical": ("arild", "/admin/policies?about=technical"),
    "policies-change": ("arild", "/admin/policies?change=true#change"),
    "devices": ("tove", "/devices"),
    "devices-home": ("maria", "/devices/homes/home-07"),
    "overview": ("siri", "/overview"),
    "development": ("siri", "/residents/res-03/development"),
    "development-nights": ("siri", "/residents/res-03/development?rows=noon#days"),
    "figures": ("siri", "/figures"),
    "screens": ("siri", "/board/screens"),
    "board-open": (None, "/board"),
    "duty": ("maria", "/duty"),
    "handover": ("maria", "/duty/handover"),
    "rota": ("maria", "/duty/rota"),
    "me": ("inger", "/me"),
    "me-paused": ("solveig", "/me"),
    "own-access": ("inger", "/me/access"),
    "access": ("siri", "/residents/res-03/access"),
    "plans": ("maria", "/residents/res-03/plans"),
    "resident-paused": ("maria", "/residents/res-06"),
    "board": ("maria", "/board"),
    "missing": ("maria", "/residents/nobody"),
}


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kept = os.environ.get("LIVSRYTME_PICTURES")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def alert_names(seen_town: Town) -> dict[str, str]:
    with seen_town.api("maria") as maria:
        everything = maria.get("/api/alerts?group=all").json()
    return {
        "critical": next(a["id"] for a in everything if a["kind"] == "button" and a["status"] == "reported"),
        "inactivity": next(a["id"] for a in everything if a["kind"] == "inactivity"),
        "taken": next(a["id"] for a in everything if a["status"] == "taken"),
        "closed": next(a["id"] for a in everything if a["status"] == "closed"),
    }


@pytest.fixture(scope="module")
def storage(browser: Browser, seen_town: Town) -> dict[str, str]:
    """A signed-in browser state for each person, so that each picture need not sign in again."""
    states = {}
    for username in {who for who, _ in _PAGES.values() if who is not None}:
        context = browser.new_context(locale="nb-NO")
        sign_in(context.new_page(), seen_town, username)
        states[username] = json.dumps(context.storage_state())
        context.close()
    return states


@pytest.mark.parametrize("name", _PAGES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    browser: Browser, seen_town: Town, storage: dict[str, str], alert_names: dict[str, str], pictures: Path, name: str
) -> None:
    who, path = _PAGES[name]
    context = browser.new_context(
        locale="nb-NO", reduced_motion="reduce", storage_state=json.loads(storage[who]) if who else None
    )
    page = context.new_page()
    page.goto(seen_town.url + path.format(**alert_names))
    if who:
        page.wait_for_selector("html[data-link=online]")

    faults = []
    for (size, (width, height)), scheme in product(_SIZES.items(), ("light", "dark")):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=pictures / f"{name}-{size}-{scheme}.png")
        faults += [f"{size} {scheme}: {fault}" for fault in _violations(page)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            faults.append(f"{size} {scheme}: the page scrolls sideways")

    assert faults == []
    context.close()


def _violations(page: Page) -> list[str]:
    # Evaluated by the debugger, not put into the page: the content policy would rightly refuse it there.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}})", _WCAG)
    return [f"{v['id']}: {node['target']} {node['failureSummary']}" for v in found["violations"] for node in v["nodes"]]
