"""What each role lives through when somebody falls: from the sensor on the wall to the page of each of them."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import httpx
import pytest
from lived_house import RESIDENT, LivedHouse, lived_house
from playwright.sync_api import Browser, BrowserContext, Page, expect
from visitor import sign_in

from gateway.contract.clock import SystemClock
from gateway.contract.observation import SensorKind

# What is asked for is a second; the machine may have other work, and every program of the chain runs on it.
_PROMPT = timedelta(seconds=8)
_PATIENCE_MS = 60_000

# Notes by the page's own clock when the alert came into view.
_NOTE_BANNER = """
  new MutationObserver(() => {
    if (!window.cameAt && document.querySelector("#news .banner")) window.cameAt = Date.now();
  }).observe(document, { childList: true, subtree: true });
"""


class Enter(Protocol):
    """Lets somebody in: with a phone of their own, signed in, on a page."""

    def __call__(self, username: str, path: str, *, scripted: bool = True) -> Page: ...


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivedHouse]:
    with lived_house(tmp_path_factory.mktemp("house")) as house:
        with house.api("maria") as maria:
            about = f"/api/residents/{RESIDENT}/agreements"
            [kari] = maria.get(about).json()
            ends_on = (SystemClock().now() + timedelta(days=100)).date().isoformat()
            told = {"categories": ["status", "handled"], "basis": "consent", "ends_on": ends_on}
            told["delay"] = kari["least_delay"]
            maria.put(f"{about}/{kari['relative']}", json=told).raise_for_status()
        yield house


@pytest.fixture(scope="module")
def seen_to(house: LivedHouse) -> dict[str, Any]:
    """A cord that Inger pulled, and that Jonas went to: what the others find afterwards."""
    house.notice(SensorKind.PULL_CORD)
    with house.api("jonas") as jonas:
        alert = _wait_for_alert(jonas, "pull_cord")
        for step in ("take", "on-the-way", "arrived", "close"):
            told = {"version": alert["version"], "outcome": "real_event"}
            alert = jonas.post(f"/api/alerts/{alert['id']}/{step}", json=told).raise_for_status().json()
        assert jonas.get(f"/api/residents/{RESIDENT}").status_code == 200
    return alert


@pytest.fixture
def visit(browser: Browser, house: LivedHouse) -> Iterator[Enter]:
    """Let people in: each with a phone of their own."""
    contexts: list[BrowserContext] = []

    def enter(username: str, path: str, *, scripted: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": 390, "height": 844}, locale="nb-NO", java_script_enabled=scripted
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(_PATIENCE_MS)
        sign_in(page, house, username)
        page.add_init_script(_NOTE_BANNER)
        page.goto(house.url + path)
        return page

    yield enter
    for context in contexts:
        context.close()


def test_a_fall_is_seen_taken_gone_to_and_closed_and_the_family_sees_that_it_is_handled(
    house: LivedHouse, visit: Enter
) -> None:
    nurse = visit("maria", "/duty")
    nurse.get_by_role("button", name="Start vakt").click()
    expect(nurse.locator(".ticks")).to_contain_text("Prøvevarselet kom")
    nurse.goto(house.url)
    nurse.wait_for_selector("html[data-link=online]")
    late = visit("jonas", "/", scripted=False)
    family = visit("kari", "/status")
    family.wait_for_selector("html[data-link=online]")

    fell_at = house.notice(SensorKind.FALL)

    nurse.wait_for_function("() => window.cameAt")
    came_at = datetime.fromtimestamp(nurse.evaluate("window.cameAt") / 1000, UTC)
    assert came_at - fell_at < _PROMPT
    expect(family.locator("#status")).to_contain_text("Hjemmetjenesten følger opp")

    late.reload()
    # The banner goes when the card has come into view.
    nurse.locator(".card.alert", has_text="Fall").get_by_role("button", name="Jeg tar den").click()
    nurse.wait_for_url(re.compile("/alerts/"))
    expect(nurse.locator("#alert .state")).to_contain_text("Du tok det")
    late.locator(".card.alert", has_text="Fall").get_by_role("button", name="Jeg tar den").click()
    expect(late.locator(".message")).to_contain_text("Tatt av Maria Nilsen")
    expect(late.get_by_role("button", name="Jeg tar den")).to_have_count(0)

    nurse.get_by_role("button", name="Jeg er på vei").click()
    expect(nurse.locator("#alert .state")).to_have_text("Du er på vei")
    nurse.get_by_role("button", name="Jeg er hos beboeren").click()
    expect(nurse.locator("#alert .state")).to_have_text("Du er hos beboeren")
    nurse.get_by_label("Reell hendelse").check()
    nurse.get_by_label("Merknad").fill("Hjalp med å komme opp.")
    nurse.locator("form[action$=close] button").click()
    expect(nurse.locator("#alert .state")).to_contain_text("Lukket")

    expect(family.locator("#status")).not_to_contain_text("Hjemmetjenesten følger opp")
    expect(family.locator("#status")).to_contain_text("Det er tatt hånd om")


def test_staff_find_it_in_the_figures_and_in_the_residents_development(seen_to: dict[str, Any], visit: Enter) -> None:
    page = visit("siri", "/figures")
    expect(page.locator(".shares")).to_contain_text("Snortrekk")

    page.goto(page.url.replace("/figures", f"/residents/{RESIDENT}/development"))

    row = page.locator(".rows li", has=page.locator(f"a[href='/alerts/{seen_to['id']}']"))
    expect(row).to_contain_text("Snortrekk")
    expect(row).to_contain_text("Reell hendelse")


def test_an_administrator_finds_who_did_what_in_an_audit_whose_chain_holds(
    seen_to: dict[str, Any], visit: Enter
) -> None:
    page = visit("arild", f"/admin/audit?resident={RESIDENT}")

    expect(page.locator(".ticks")).to_contain_text("Loggen er hel")
    lines = page.locator(".looks li", has_text="Jonas Berg")
    assert lines.count() >= 4, page.locator(".looks").inner_text()


def test_the_resident_sees_who_has_looked(seen_to: dict[str, Any], visit: Enter) -> None:
    page = visit("inger", "/me")
    page.goto(page.url.replace("/me", "/me/access"))

    looks = page.locator(".looks li", has_text="Jonas Berg")
    for what in ("Tok et varsel", "Var hos beboeren", "Avsluttet et varsel", "Så på"):
        expect(looks.filter(has_text=re.compile(what)).first).to_be_visible()


def _wait_for_alert(client: httpx.Client, kind: str) -> dict[str, Any]:
    until = time.monotonic() + _PATIENCE_MS / 1000
    while True:
        for alert in client.get("/api/alerts").json():
            if alert["kind"] == kind:
                return dict(alert)
        assert time.monotonic() < until, f"no alert of kind {kind} came"
        time.sleep(0.1)  # another process's progress can only be asked for
