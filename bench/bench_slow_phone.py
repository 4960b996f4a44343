"""How soon a nurse can take an alert on a slow phone that has never seen the pages: first paint, working button, bytes.

    python bench/bench_slow_phone.py [loads]

A phone at 1.6 Mbit/s with 150 ms to the server and a quarter of this machine's processor, played by Chromium's
debugger; nothing is in its cache. Twenty alerts are open. The button works when the pages' script has bound it; without
that, or before, it sends the form itself. Asked for: first paint within 0.9 s, the button within 1.0 s, 110 kB.

What else the machine does weighs on the phone's quarter of it. So each load takes turns with one of a bare page: one
style and one script of the same weight, a single button, and nothing to reckon.
"""

import json
import os
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Browser, CDPSession, sync_playwright
from sqlmodel import select
from typing_extensions import override

from device_sims.ports import free_port
from device_sims.provisioning import PASSWORD, UNIT, person
from gateway.contract.clock import SystemClock
from server.alerting.rules import AlertKind
from server.alerting.service import Raised, raise_alert
from server.db.migrate import upgrade
from server.db.session import Database
from server.provisioning import Provisioning, provision
from server.residents.tables import Resident

ALERTS = 20
PAINT_S, BUTTON_S, BYTES_KB = 0.9, 1.0, 110.0
PATIENCE_S = 120.0
_LINE = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
_SLOWER = 4
_LIVSRYTME = str(Path(sys.executable).with_name("livsrytme"))

# Notes in the page's own clock when a button to take an alert is there and bound.
_NOTE_BUTTON = """
  const look = () => {
    const form = document.querySelector("form[action$='/take']");
    if (form?._htmx || form?.hasAttribute("data-htmx-powered")) window.boundAt = performance.now();
    else setTimeout(look, 4);
  };
  look();
"""
_BARE = (
    '<!doctype html><title>Bare</title><link rel="stylesheet" href="/bare.css"><script src="/bare.js" defer></script>'
    '<form action="/take"><button>Bare</button></form><!--FILLING-->'
)
_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


@dataclass(frozen=True, slots=True)
class Load:
    """One cold load, in seconds and kB; `files` holds what each file weighed on the line."""

    paint_s: float
    button_s: float
    files: dict[str, float]

    @property
    def kb(self) -> float:
        """Everything that came over the line."""
        return sum(self.files.values())


def set_up(folder: Path) -> None:
    """Write a unit with a nurse and twenty homes, in each of which somebody has pressed the button."""
    homes = [
        {
            "code": f"home-{number}", "unit": UNIT, "address": f"Fjellveien {number}", "time_zone": "Europe/Oslo",
            "test": True, "resident": {"code": f"res-{number}", "name": f"Beboer {number}", "birth_year": 1940},
            "gateway_id": f"gw-{number}",
            "sensors": [{"sensor_id": f"a4c138{number:06x}", "room": "bathroom", "kinds": ["button"]}],
        }
        for number in range(1, ALERTS + 1)
    ]  # fmt: skip
    wanted = {"units": [{"code": UNIT, "name": "Sone Nord"}], "people": [person("maria", "Maria Nilsen", "nurse")]}
    url, now = f"sqlite:///{folder / 'livsrytme.db'}", SystemClock().now()
    upgrade(url)
    database = Database(url)
    with database.transaction() as db:
        provision(db, Provisioning.model_validate({**wanted, "homes": homes}), test_mode=True)
        db.flush()
        for place, resident in enumerate(db.exec(select(Resident)).all()):
            at = now - timedelta(minutes=place)
            raise_alert(db, resident, Raised(AlertKind.BUTTON, at, at, "bathroom"), at)
    database.close()


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Run the server until the block ends; give its address."""
    port, nowhere = free_port(), f"mqtt://127.0.0.1:{free_port()}"  # no gateway speaks here
    environment = {**os.environ, "LIVSRYTME_SERVER_TEST_MODE": "true"}
    command = [_LIVSRYTME, "server", "run", "--data", str(folder), "--port", str(port), "--broker", nowhere]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    address, until = f"http://127.0.0.1:{port}", time.monotonic() + PATIENCE_S
    try:
        while not _answers(address):
            if time.monotonic() > until:
                raise SystemExit((folder / "server.log").read_text(errors="replace")[-2000:])
            time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait(30)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz").status_code == 200
    except httpx.TransportError:
        return False


def signed_in(browser: Browser, address: str) -> str:
    """Return the browser state of the nurse."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    page.locator("#username").fill("maria")
    page.locator("#password").fill(PASSWORD)
    page.locator("main button").click()
    page.wait_for_selector("html[data-link=online]")
    state = json.dumps(context.storage_state())
    context.close()
    return state


def cold_load(browser: Browser, url: str, state: str | None, *, is_live: bool = True) -> Load:
    """Open a page on a phone that has nothing of it. `is_live`: it waits for news from the server."""
    context = browser.new_context(
        storage_state=json.loads(state) if state else None,
        viewport={"width": 390, "height": 844}, has_touch=True, locale="nb-NO",
    )  # fmt: skip
    page = context.new_page()
    phone = context.new_cdp_session(page)
    files = _weighing(phone)
    phone.send("Network.emulateNetworkConditions", _LINE)
    phone.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWER})
    page.add_init_script(_NOTE_BUTTON)
    page.goto(url)
    page.wait_for_function("window.boundAt")
    if is_live:
        page.wait_for_selector("html[data-link=online]")
    page.wait_for_load_state("load")
    page.wait_for_timeout(1_500)  # what comes late counts, too
    load = Load(page.evaluate(_PAINT) / 1000, page.evaluate("window.boundAt") / 1000, dict(files))
    page.locator("form[action$='/take'] button").first.tap(trial=True)
    context.close()
    return load


@contextmanager
def bare_page(like: Load) -> Iterator[str]:
    """Serve a page that weighs as much as another and does nothing; give its address."""
    style = sum(kb for name, kb in like.files.items() if name.endswith(".css"))
    script = sum(kb for name, kb in like.files.items() if name.endswith(".js"))
    html = like.kb - sum(kb for name, kb in like.files.items() if "." in name)
    files = {
        "/": ("text/html", _BARE.replace("FILLING", _filling(html))),
        "/bare.css": ("text/css", f"/*{_filling(style)}*/"),
        "/bare.js": ("text/javascript", f"/*{_filling(script)}*/document.querySelector('form')._htmx = true;"),
    }

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            kind, text = files.get(self.path, ("text/plain", ""))
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        @override
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def _filling(kb: float) -> str:
    return secrets.token_hex(max(0, round((kb - 0.3) * 500)))


def _weighing(phone: CDPSession) -> dict[str, float]:
    names: dict[str, str] = {}
    files: dict[str, float] = {}
    phone.send("Network.enable")
    phone.on("Network.requestWillBeSent", lambda told: names.update({told["requestId"]: told["request"]["url"]}))

    def done(told: dict[str, object]) -> None:
        name = urlsplit(names.get(str(told["requestId"]), "?")).path.rpartition("/")[2] or "page"
        files[name] = files.get(name, 0.0) + float(str(told["encodedDataLength"])) / 1000

    phone.on("Network.loadingFinished", done)
    return files


def told(name: str, value: float, limit: float, unit: str, bare: float) -> str:
    """Return one figure beside its limit, and the bare page's."""
    return f"  {name:14}{value:7.2f} {unit} of {limit:g}{'' if value <= limit else ' OVER'}; bare {bare:.2f} {unit}"


def in_turn(browser: Browser, url: str, state: str, loads: int) -> tuple[list[Load], list[Load]]:
    """Open a page and a bare one in turn."""
    found, bare = [cold_load(browser, url, state)], []
    with bare_page(found[0]) as bare_url:
        for _ in range(loads):
            bare.append(cold_load(browser, bare_url, None, is_live=False))
            found.append(cold_load(browser, url, state))
    return found[1:], bare  # the first one filled the server's own stores


def show(what: str, found: Sequence[Load], bare: Sequence[Load]) -> None:
    """Print the middle of what was found."""
    busy = os.getloadavg()[0]
    print(f"{what}, median of {len(found)} cold loads ({busy:.1f} programs want the {os.cpu_count()} cores)")
    figures: list[tuple[str, float, str, Callable[[Load], float]]] = [
        ("first paint", PAINT_S, "s", lambda load: load.paint_s),
        ("button works", BUTTON_S, "s", lambda load: load.button_s),
        ("bytes", BYTES_KB, "kB", lambda load: load.kb),
    ]
    for name, limit, unit, of in figures:
        value, beside = (statistics.median(of(load) for load in loads) for loads in (found, bare))
        print(told(name, value, limit, unit, beside))
    weights = sorted(found[-1].files.items(), key=lambda file: -file[1])
    print("  " + ", ".join(f"{file} {kb:.1f}" for file, kb in weights))


def main(loads: int) -> None:
    """Measure both pages and print them."""
    chromium = os.environ.get("LIVSRYTME_CHROMIUM") or shutil.which("chromium")
    with tempfile.TemporaryDirectory(prefix="phone") as name, sync_playwright() as playwright:
        folder = Path(name)
        set_up(folder)
        with serving(folder) as address:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            state = signed_in(browser, address)
            alert = httpx.Client(base_url=address)
            alert.post("/api/session", json={"username": "maria", "password": PASSWORD}).raise_for_status()
            one = alert.get("/api/alerts").json()[0]["id"]
            for what, path in (("front page", "/"), ("an alert", f"/alerts/{one}")):
                show(what, *in_turn(browser, address + path, state, loads))
            browser.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
