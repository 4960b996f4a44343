"""A browser, and two towns: one for what people do, one whose pages are looked at."""

import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from agreed import agree_in
from gallery import Gallery
from missing import lacks
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from town import Town, TownHome, daily_life, measurements, morning, running

from gateway.contract.heartbeat import Trouble
from gateway.contract.observation import SensorKind, Stream
from gateway.contract.topics import Upward, upward

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# The machine may have other work: what must be fast is measured elsewhere.
_PATIENCE_MS = 60_000
expect.set_options(timeout=_PATIENCE_MS)
# Whoever has an alert is asked after ten minutes; the town is looked at three after its morning.
_TAKEN_BEFORE = timedelta(minutes=8)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: "changed_town" in getattr(item, "fixturenames", ()))
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the browser is. Without one these tests are skipped on a desk and fail in CI."""
    found = os.environ.get("LIVSRYTME_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        reason = "there is no Chromium here: install Debian's package `chromium`, or name one in LIVSRYTME_CHROMIUM"
        lacks(reason)
    return found


@pytest.fixture(scope="session")
def flags() -> list[str]:
    """What a browser of the tests is started with."""
    return _FLAGS


@pytest.fixture(scope="session")
def pictures() -> Gallery:
    """Where pages are kept for people to look at."""
    return Gallery()


# Not for the whole session: while Playwright is there, its event loop runs in this thread, and nobody else's can.
@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile of its own, in which every error on a page fails the test."""
    faults: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="nb-NO")
    context.set_default_timeout(_PATIENCE_MS)
    context.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: faults.append(str(error.error)))
    yield context
    context.close()
    expected = (
        "status of 401",
        "status of 403",
        "status of 404",
        "status of 409",
        "status of 422",
        "ERR_",
        "Failed to fetch",
    )
    assert [fault for fault in faults if not any(part in fault for part in expected)] == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture(scope="session")
def live_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A quiet town in which each test has a home of its own to press a button in."""
    homes = [TownHome(number, f"Beboer {number}", f"Fjellveien {number}", 1940) for number in range(1, 25)]
    with running(Town(tmp_path_factory.mktemp("live"), homes, morning())) as town:
        yield town


@pytest.fixture
def home(live_town: Town, request: pytest.FixtureRequest) -> TownHome:
    """A home that no other test has used."""
    used = request.config.stash.setdefault(_USED, [])
    used.append(live_town.homes[len(used)])
    return used[-1]


_USED = pytest.StashKey[list[TownHome]]()


@pytest.fixture(scope="session")
def seen_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town with something of everything: each level, each status, closed alerts, gaps, quarantine."""
    homes = [
        TownHome(1, "Inger Solberg", "Fjellveien 12", 1938),
        TownHome(2, "Olav Bakke", "Storgata 4 B", 1941),
        TownHome(3, "Astrid Haugen", "Bo- og servicesenteret, leilighet 214", 1935),
        TownHome(4, "Kåre Lunde", "Sjøgata 31", 1944),
        TownHome(5, "Bjørg Myhre", "Skolevegen 7", 1939),
        TownHome(6, "Solveig Lie", "Kirkeveien 2", 1942),
        TownHome(7, "Arne Moen", "Tangenvegen 18", 1937),
        TownHome(8, "Gunvor Bjørnstad-Fredriksen", "Nordre Kvamsskogvegen 214 C", 1936),
    ]
    end = morning()
    with running(Town(tmp_path_factory.mktemp("seen"), homes, end - timedelta(minutes=32))) as town:
        _two_weeks(town)
        _half_an_hour(town, end)
        _this_morning(town)
        _plans(town)
        agree_in(town)
        yield town


@pytest.fixture
def changed_town(seen_town: Town) -> Town:
    """The town that is looked at, for tests that change what is to be seen there: they come after all others."""
    return seen_town


def _two_weeks(town: Town) -> None:
    bed_time = town.now - timedelta(hours=11, minutes=30)
    for home in town.homes:
        since = town.now - timedelta(days=7 if home.number == 6 else 15)
        facts = daily_life(home, since, town.now, seed=home.number)
        if home.number == 2:
            facts = [fact for fact in facts if fact[4] < bed_time]
        town.send(home, Stream.ROUTINE, facts)
        town.beat(home)
    town.wait_for("maria", "/api/residents", lambda residents: all(resident["learned_days"] for resident in residents))


def _half_an_hour(town: Town, end: datetime) -> None:
    """Let time pass in steps in which every home but Kåre's is heard: all silent at once would be an outage."""
    heard = [home for home in town.homes if home.number != 4]
    while town.now < end:
        before = town.now
        town.set_clock(min(before + timedelta(minutes=4), end))
        if town.now == end - _TAKEN_BEFORE:
            _taken_by_maria(town, town.homes[7])
        now = town.now.isoformat().replace("+00:00", "Z")
        for home in heard:
            facts = daily_life(home, before, town.now, seed=home.number + before.minute)
            if home.number != 2 and facts:
                town.send(home, Stream.ROUTINE, facts)
            town.beat(home)
        town.wait_for(
            "maria", "/api/residents", lambda found, now=now: sum(r["known_until"] == now for r in found) == len(heard)
        )


def _taken_by_maria(town: Town, home: TownHome) -> None:
    """Let an alert be taken so early that Maria is asked, when the town is looked at, whether she still has it."""
    town.press(home)
    pressed = town.wait_for("maria", "/api/alerts", lambda found: any(_is_of(alert, home) for alert in found))
    alert = next(alert for alert in pressed if _is_of(alert, home))
    with town.api("maria") as maria:
        maria.post(f"/api/alerts/{alert['id']}/take", json={"version": alert["version"]}).raise_for_status()


def _is_of(alert: dict[str, Any], home: TownHome) -> bool:
    return bool(alert["resident"]) and alert["resident"]["id"] == home.resident_id


def _this_morning(town: Town) -> None:
    inger, olav, astrid, _kare, bjorg, solveig, arne, gunvor = town.homes
    town.send(astrid, Stream.ROUTINE, measurements(astrid, town.now, seed=3))
    town.press(astrid)
    _first_alerts(town, [astrid, bjorg])
    town.press(inger, times=2)
    # Of what Maria has already: one happening.
    town.send(gunvor, Stream.URGENT, [(gunvor.cord, "bathroom", SensorKind.PULL_CORD, 1.0, town.now)])
    town.publish(upward("gw-01", Upward.ROUTINE), b'{"schema_version": 1, "gateway_id": "gw-01"')
    for home in (inger, olav, astrid, bjorg, solveig, gunvor):
        town.beat(home, troubles={Trouble.UNKNOWN_SENSOR: 3, Trouble.WRONG_KEY: 1} if home is bjorg else None)
    town.beat(arne, deaf_since=town.now - timedelta(minutes=9))
    town.wait_for(
        "maria",
        "/api/alerts?group=open",
        lambda alerts: len(alerts) == 4 and all(a["notified_at"] for a in alerts),
    )
    town.wait_for(
        "maria", "/api/residents", lambda residents: {"normal", "unknown"} <= {r["status"] for r in residents}
    )
    town.set_clock(town.now + timedelta(minutes=3))
    town.wait_for("maria", "/api/alerts?group=all", lambda alerts: any(alert["is_asked"] for alert in alerts))


def _plans(town: Town) -> None:
    """Plan visits, let somebody be expected in hospital, and somebody pause for themselves."""
    visits = ((1, 45, "Morgenstell"), (3, 120, "Middag"), (3, 45, "Morgenstell"), (3, 26 * 60, "Fysioterapeut"))
    with town.api("maria") as maria:
        for number, minutes, what in visits:
            begins = town.now + timedelta(minutes=minutes)
            ends = begins + timedelta(minutes=30)
            told = {"begins_at": begins.isoformat(), "ends_at": ends.isoformat(), "what": what}
            maria.post(f"/api/residents/res-{number:02d}/visits", json=told).raise_for_status()
        away = {
            "kind": "hospital",
            "begins_at": (town.now + timedelta(days=2)).isoformat(),
            "note": "Planlagt operasjon",
        }
        away["ends_at"] = (town.now + timedelta(days=9)).isoformat()
        maria.post("/api/residents/res-03/absences", json=away).raise_for_status()
    with town.api("solveig") as solveig:
        solveig.post("/api/me/pause", json={"length": "4h"}).raise_for_status()


def _first_alerts(town: Town, homes: list[TownHome]) -> None:
    """Let one alert be taken, and another one closed."""
    town.press(homes[1])
    both = "/api/alerts?group=open"
    alerts = town.wait_for("maria", both, lambda found: [alert["kind"] for alert in found].count("button") == 2)
    by_resident = {alert["resident"]["id"]: alert for alert in alerts if alert["kind"] == "button"}
    with town.api("jonas") as jonas:
        taken = by_resident[homes[0].resident_id]
        jonas.post(f"/api/alerts/{taken['id']}/take", json={"version": taken["version"]}).raise_for_status()
        closed = by_resident[homes[1].resident_id]
        after = (
            jonas.post(f"/api/alerts/{closed['id']}/take", json={"version": closed["version"]})
            .raise_for_status()
            .json()
        )
        ending = {"version": after["version"], "outcome": "waiting_for_visit", "note": "Ventet på morgenstell."}
        jonas.post(f"/api/alerts/{closed['id']}/close", json=ending).raise_for_status()
