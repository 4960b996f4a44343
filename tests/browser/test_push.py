"""A push from the server to the real service worker and back, and what a phone shows without contact.

Chromium has no push service here. One on this machine plays it: it checks the signature and decrypts; what it read goes
on to the browser's own worker by the debugger, as a push service would hand it over.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from builders import BUTTON, PASSWORD, REAL, SMOKE, FakeGateway, rows_of, send
from fakes.providers import Act, PushService
from gallery import Gallery
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlmodel import delete
from town import free_port

from caregiver_ui.assets import AXE
from gateway.contract.clock import SystemClock
from server.db.session import Database
from server.notifications.tables import NotificationRow, PushSubscriptionRow

_PATIENCE_S = 240.0

COMMAND = [sys.executable, "-m", "gateway.command", "server"]


class House:
    """A server for real homes, which a test can stop and start."""

    def __init__(self, folder: Path, service: PushService) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self.database = Database(f"sqlite:///{folder / 'livsrytme.db'}")
        self._arguments = ["run", "--data", str(folder), "--port", self.url.rpartition(":")[2]]
        self._environment = {
            **os.environ,
            # What is sent starts here, and needs no broker.
            "LIVSRYTME_SERVER_ROLES": "api,respond",
            "LIVSRYTME_SERVER_CHANNELS": json.dumps({"sms": f"{service.url}/sms", "call": f"{service.url}/call"}),
            "LIVSRYTME_SERVER_PUSH_CONTACT": "mailto:drift@example.org",
            "LIVSRYTME_SERVER_PUSH_SERVICES": service.url,
        }
        self._gateway = FakeGateway()
        self._log = (folder / "server.log").open("wb")
        (folder / "town.json").write_text(json.dumps(REAL), encoding="utf-8")
        self._run("provision", str(folder / "town.json"), "--data", str(folder)).wait(_PATIENCE_S)
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._running = running = self._run(*self._arguments)
        wait_until(lambda: self._answers() or running.poll() is not None)
        assert running.poll() is None, "the server ended: see its log"

    def stop(self) -> None:
        if self._running is not None:
            self._running.terminate()
            self._running.wait(_PATIENCE_S)
            self._running = None

    def close(self) -> None:
        self.stop()
        self.database.close()
        self._log.close()

    def call(self, place: str) -> None:
        """Somebody in home-a calls for help, by the button or the smoke alarm."""
        now = SystemClock().now()
        send(self.database, self._gateway.batch([self._gateway.fact(place, now)]), now)

    def _run(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([*COMMAND, *arguments], env=self._environment, stdout=self._log, stderr=self._log)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz").status_code == 200
        except httpx.TransportError:
            return False


def wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + _PATIENCE_S
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)  # another process's progress can only be asked for


@pytest.fixture(scope="module")
def push_service() -> Iterator[PushService]:
    service = PushService()
    yield service
    service.stop()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, push_service: PushService) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("house"), push_service)
    try:
        house.start()
        yield house
    finally:
        house.close()


@pytest.fixture
def service(push_service: PushService, house: House) -> PushService:
    """The push service, with nobody to push to yet. Alerts of other tests may still be told again."""
    with house.database.transaction() as db:
        db.exec(delete(PushSubscriptionRow))
    push_service.requests.clear()
    push_service.script.clear()
    return push_service


@pytest.fixture
def phone(browser: Browser, house: House, service: PushService) -> Iterator[BrowserContext]:
    """A phone that lets us push to it, by the push service of this test."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="nb-NO")
    context.grant_permissions(["notifications"], origin=house.url)
    said = json.dumps(service.subscription())
    context.add_init_script(
        f"""{{
          const said = {said};
          let subscription = null;
          const unsubscribe = async () => {{ subscription = null; return true; }};
          const made = {{ ...said, toJSON: () => said, unsubscribe }};
          PushManager.prototype.subscribe = async (options) => {{
            window.asked = options;
            return (subscription = made);
          }};
          PushManager.prototype.getSubscription = async () => subscription;
        }}"""
    )
    yield context
    context.close()


def signed_in(context: BrowserContext, house: House, path: str, username: str = "maria") -> Page:
    page = context.new_page()
    page.goto(f"{house.url}/sign-in?next={path}")
    page.locator("#username").fill(username)
    page.locator("#password").fill(PASSWORD)
    page.locator("main button").click()
    page.wait_for_url(f"{house.url}{path}")
    page.wait_for_selector("html[data-link=online]")
    while not page.evaluate("navigator.serviceWorker.controller !== null"):
        page.wait_for_timeout(20)
    return page


class PostMan:
    """Carries what the push service got to the browser's own worker."""

    def __init__(self, page: Page, house: House) -> None:
        self._origin = house.url
        self._debugger = page.context.new_cdp_session(page)
        self._registrations: list[dict[str, Any]] = []
        self._debugger.on(
            "ServiceWorker.workerRegistrationUpdated", lambda told: self._registrations.extend(told["registrations"])
        )
        self._debugger.send("ServiceWorker.enable")
        self._page = page

    def deliver(self, told: dict[str, Any]) -> None:
        while not self._registrations:
            self._page.wait_for_timeout(20)
        order = {
            "origin": self._origin,
            "registrationId": self._registrations[-1]["registrationId"],
            "data": json.dumps(told),
        }
        self._debugger.send("ServiceWorker.deliverPushMessage", order)


def pushed(service: PushService, title: str) -> dict[str, Any]:
    """Wait until something of this title has been pushed; return it as the browser would read it."""
    wait_until(lambda: any(one["title"] == title for one in service.opened()))
    return next(one for one in service.opened() if one["title"] == title)


def receipts(house: House, told: dict[str, Any]) -> int:
    """Return how many receipts there are for what was pushed; other tests' messages stand in the same table."""
    rows = rows_of(house.database, NotificationRow)
    return sum(row.received_at is not None for row in rows if row.token == told["token"])


def shown(page: Page) -> list[dict[str, Any]]:
    """Return the notifications the phone shows."""
    found: list[dict[str, Any]] = page.evaluate(
        """async () => (await (await navigator.serviceWorker.ready).getNotifications()).map((one) => ({
          title: one.title, body: one.body, tag: one.tag, lang: one.lang, stays: one.requireInteraction,
          url: one.data.url,
        }))"""
    )
    return found


def test_a_push_is_turned_on_tried_and_ticked_when_it_really_came(
    house: House, service: PushService, phone: BrowserContext
) -> None:
    page = signed_in(phone, house, "/settings")
    postman = PostMan(page, house)

    page.get_by_role("button", name="Slå på").click()
    expect(page.locator("[data-result=push]")).to_have_text("På. Prøv nå.")
    key = httpx.get(f"{house.url}/api/push/key", cookies={c["name"]: c["value"] for c in phone.cookies()}).json()["key"]
    assert page.evaluate("asked") == {"userVisibleOnly": True, "applicationServerKey": key}

    page.locator("[data-try=push]").click()
    expect(page.locator("[data-result=push]")).to_have_text("På vei …")
    postman.deliver(pushed(service, "Prøvemelding"))

    expect(page.locator("[data-result=push]")).to_have_text("Den kom fram")
    assert {claims["aud"] for claims in service.claims()} == {service.url}
    assert [one["title"] for one in shown(page)] == ["Prøvemelding"]


def test_the_settings_are_for_everybody_on_any_phone(house: House, phone: BrowserContext, pictures: Gallery) -> None:
    page = signed_in(phone, house, "/settings", "anne")
    page.locator("#phone").fill("900 00 000")
    page.get_by_role("button", name="Lagre").click()
    page.get_by_text("Lagret").wait_for()

    faults = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for size, width in (("phone", 390), ("narrow", 320), ("desktop", 1280)):
            page.set_viewport_size({"width": width, "height": 900})
            pictures.keep(page, f"settings-all-{size}-{scheme}")
            page.evaluate(AXE.read_text(encoding="utf-8"))
            faults += page.evaluate("async () => (await axe.run()).violations.map((one) => one.id)")
            assert page.evaluate("document.documentElement.scrollWidth") <= width

    assert faults == []


def test_an_alert_is_pushed_shown_and_acknowledged_and_names_nobody(
    house: House, service: PushService, phone: BrowserContext
) -> None:
    page = signed_in(phone, house, "/settings")
    postman = PostMan(page, house)
    page.get_by_role("button", name="Slå på").click()
    expect(page.locator("[data-result=push]")).to_have_text("På. Prøv nå.")

    house.call(BUTTON)
    told = pushed(service, "Nytt kritisk varsel")
    postman.deliver(told)
    wait_until(lambda: receipts(house, told) == 1)

    code = told["tag"]
    assert shown(page) == [
        {
            "title": "Nytt kritisk varsel", "body": "Åpne appen.", "tag": code, "stays": True,
            "url": f"/alerts/{code}", "lang": "nb",
        }
    ]  # fmt: skip
    assert page.locator("html[data-ringing]").count() == 1

    page.goto(f"{house.url}/alerts/{code}")
    page.get_by_role("button", name="Jeg tar den").click()
    expect(page.locator("html[data-ringing]")).to_have_count(0)


def test_a_phone_that_has_withdrawn_is_forgotten(house: House, service: PushService, phone: BrowserContext) -> None:
    page = signed_in(phone, house, "/settings", "ola")
    page.get_by_role("button", name="Slå på").click()
    expect(page.locator("[data-result=push]")).to_have_text("På. Prøv nå.")
    service.script = [Act(410)] * 9

    page.locator("[data-try=push]").click()

    expect(page.locator("[data-result=push]")).to_have_text("Den kunne ikke sendes")
    assert rows_of(house.database, PushSubscriptionRow) == []


def test_without_contact_the_last_seen_page_stands_with_its_time_and_dead_buttons(
    house: House, phone: BrowserContext
) -> None:
    page = signed_in(phone, house, "/")
    house.call(SMOKE)
    page.get_by_role("button", name="Jeg tar den").first.wait_for()
    page.reload()
    page.wait_for_selector("html[data-link=online]")
    house.stop()

    page.reload()

    expect(page.locator("html")).to_have_attribute("data-link", "offline")
    expect(page.locator(".offline-note")).to_be_visible()
    expect(page.locator(".offline-note")).to_contain_text("Frakoblet. Siden viser det som var kjent")
    expect(page.get_by_role("button", name="Jeg tar den").first).to_be_disabled()
    page.goto(f"{house.url}/residents/res-b")
    expect(page.locator("h1")).to_have_text("Ingen kontakt")

    page.goto(house.url)
    house.start()

    page.wait_for_selector("html[data-link=online]:not([data-saved])")
    expect(page.get_by_role("button", name="Jeg tar den").first).to_be_enabled()


def test_signing_out_leaves_nothing_on_the_phone(house: House, phone: BrowserContext) -> None:
    page = signed_in(phone, house, "/")
    page.reload()
    assert page.evaluate("caches.has('pages')")

    page.locator(".menu-button").click()
    page.get_by_role("button", name="Logg ut").click()
    page.wait_for_url("**/sign-in")

    assert not page.evaluate("caches.has('pages')")
    house.stop()
    page.goto(house.url)
    expect(page.locator("h1")).to_have_text("Ingen kontakt")
    house.start()


def test_the_app_can_be_put_on_a_home_screen(house: House, phone: BrowserContext) -> None:
    page = signed_in(phone, house, "/")
    debugger = phone.new_cdp_session(page)

    manifest = debugger.send("Page.getAppManifest")
    faults = debugger.send("Page.getInstallabilityErrors")

    assert manifest["errors"] == []
    # A window without a profile of its own cannot install anything.
    assert [fault["errorId"] for fault in faults["installabilityErrors"]] in ([], ["in-incognito"])
    icons = [icon for icon in json.loads(manifest["data"])["icons"] if icon["type"] == "image/png"]
    for icon in icons:
        width = int(icon["sizes"].partition("x")[0])
        assert (
            page.evaluate(
                "async (src) => { const i = new Image(); i.src = src; await i.decode(); return i.naturalWidth; }",
                icon["src"],
            )
            == width
        )
