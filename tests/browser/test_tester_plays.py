"""A tester plays with the demo: lets somebody fall, sees them lie there, and the alert beside the truth."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from town import free_port

from caregiver_ui.assets import AXE
from device_sims.provisioning import PASSWORD, TESTER

# Starting a world fills in its past first; with two cores shared that has been seen to take a minute.
_STARTS_WITHIN_S = 300.0
# Four hours of the world at the highest speed offered are 48 s, and more than as much again for a shared machine.
_ALERT_WITHIN_MS = 180_000
_WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_SIZES = {"desktop": (1280, 900), "phone": (390, 844), "narrow": (320, 640)}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demo that is being lived in."""
    folder, port = tmp_path_factory.mktemp("demo"), free_port()
    options = ("--headless", "--days", "14", "--port", str(port), "--data", str(folder / "world"))
    command = [str(Path(sys.executable).with_name("livsrytme")), "demo", *options]
    with (folder / "demo.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait_for_homes(f"http://127.0.0.1:{port}", folder / "demo.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


def _wait_for_homes(address: str, log: Path) -> None:
    until = time.monotonic() + _STARTS_WITHIN_S
    with httpx.Client(base_url=address, trust_env=False) as client:
        while True:
            try:
                client.post("/api/session", json={"username": TESTER, "password": PASSWORD})
                if len(client.get("/api/simulations").json()) == 2:
                    return
            except (httpx.HTTPError, ValueError):
                pass
            assert time.monotonic() < until, log.read_text(errors="replace")
            time.sleep(0.5)  # another process's progress can only be asked for


def _sign_in(page: Page, demo: str) -> None:
    page.goto(f"{demo}/sign-in")
    page.locator("#username").fill(TESTER)
    page.locator("#password").fill(PASSWORD)
    page.locator("main button").click()
    page.wait_for_selector("html[data-link=online]")


@pytest.mark.timeout(600)
def test_a_tester_lets_somebody_fall_and_sees_the_alert_beside_the_truth(demo: str, page: Page) -> None:
    _sign_in(page, demo)
    page.get_by_role("link", name="Simulert").first.click()
    page.get_by_role("link", name="Torvald Haugen").click()
    expect(page.locator(".test-band")).to_contain_text("TESTMODUS")
    expect(page.locator("#sim-plan .floor-being")).to_have_count(1)

    page.get_by_role("button", name="Fall på badet").click()

    expect(page.locator("#sim-plan .sim-sentence")).to_have_text(
        "Torvald Haugen ligger på gulvet på badet.", timeout=60_000
    )
    expect(page.locator("#sim-plan .floor-fallen")).to_have_count(1)
    expect(page.locator(".sim-result")).to_contain_text("Fall på badet: gjort")
    fall = page.locator(".sim-truth tbody tr", has_text="Fall på badet")
    expect(fall).to_contain_text("Ventes")

    page.get_by_role("button", name="300 ×").click()
    expect(page.get_by_role("button", name="300 ×")).to_have_attribute("aria-pressed", "true")
    expect(fall).to_contain_text("I tide", timeout=_ALERT_WITHIN_MS)
    expect(fall.get_by_role("link").first).to_contain_text(re.compile("Uvanlig lenge"))

    page.get_by_role("button", name="Noen hjelper").click()
    expect(page.locator("#sim-plan .floor-fallen")).to_have_count(0)


@pytest.mark.timeout(600)
def test_the_world_stops_and_a_network_is_lost_without_script(demo: str, browser: Browser) -> None:
    context = browser.new_context(locale="nb-NO", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{demo}/sign-in")
    page.locator("#username").fill(TESTER)
    page.locator("#password").fill(PASSWORD)
    page.locator("main button").click()
    page.goto(f"{demo}/simulations/home-a")

    page.get_by_role("button", name="Nettet er borte").click()
    _reload_until(page, "button[aria-pressed=true]:has-text('Nettet er borte')")
    page.get_by_role("button", name="Nettet er borte").click()
    _reload_until(page, "button[aria-pressed=false]:has-text('Nettet er borte')")
    page.get_by_role("button", name="Stopp").click()
    _reload_until(page, ".level-tag:has-text('Står stille')")
    page.get_by_role("button", name="Start").click()
    _reload_until(page, ".level-tag:has-text('Kjører')")
    context.close()


def _reload_until(page: Page, selector: str) -> None:
    until = time.monotonic() + 60
    while page.locator(selector).count() == 0:
        assert time.monotonic() < until, f"{selector} did not come: {page.locator('main').inner_text()}"
        page.wait_for_timeout(300)
        page.reload()


@pytest.mark.timeout(600)
def test_the_testers_pages_are_accessible_and_never_scroll_sideways(demo: str, browser: Browser) -> None:
    first = browser.new_context(locale="nb-NO")
    _sign_in(first.new_page(), demo)
    state = first.storage_state()
    first.close()
    for path in ("/simulations", "/simulations/home-a"):
        for name, (width, height) in _SIZES.items():
            for scheme in ("light", "dark"):
                context = browser.new_context(
                    locale="nb-NO",
                    storage_state=state,
                    viewport={"width": width, "height": height},
                    color_scheme=scheme,
                    reduced_motion="reduce",
                )
                page = context.new_page()
                page.goto(demo + path)
                page.wait_for_selector("html[data-link=online]")
                page.evaluate(AXE.read_text(encoding="utf-8"))
                found = page.evaluate(
                    "async (tags) => (await axe.run(document, {runOnly: tags})).violations.map(v => v.id)", _WCAG
                )
                wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                assert (found, wide) == ([], 0), (path, name, scheme)
                context.close()
