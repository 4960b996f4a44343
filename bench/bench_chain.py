"""How long a call for help takes from the air of a home to a nurse: to the provider of messages, and to an open page.

    python bench/bench_chain.py [presses] [homes]

The whole chain as it runs: bytes on the virtual radio, the gateway's own program and its outbox on disk, the broker,
the server on SQLite, and the provider of messages, which is a small HTTP server here. Then the nurse has the page of
alerts open, in Chromium, for a third as many presses. Meanwhile as many other homes as asked for live their day at the
same broker and server. The floor is the same three hand-overs with nothing in between: a socket, the broker, an HTTP
request, in the same minutes.
"""

import asyncio
import contextlib
import json
import os
import random
import shutil
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
from home_air import BUTTON, press
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from playwright.async_api import Page, async_playwright
from programs import Program
from sqlmodel import col, select

from device_sims.fleet.fleet import provisioning_of
from device_sims.ports import accepts, free_port
from device_sims.provisioning import PASSWORD, UNIT
from device_sims.radio.frames import Packet
from device_sims.radio.transmitter import Air
from device_sims.sensors import bthome
from gateway.contract.clock import SystemClock
from server.access.tables import Person
from server.db.migrate import upgrade
from server.db.session import Database
from server.notifications.tables import ContactRow
from server.provisioning import Provisioning, provision

GATEWAY = "gw-bench"
NURSE = "nurse.bench"
PATIENCE_S = 90.0
BROWSER_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
SETTLING_S = 15.0
_LIVSRYTME = str(Path(sys.executable).with_name("livsrytme"))


class Provider:
    """The provider of messages: it notes when each request was handed to it, and takes it."""

    def __init__(self) -> None:
        self.taken_at: list[float] = []
        self._came = threading.Condition()
        provider = self

        class Desk(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                provider.take(time.perf_counter())
                self.rfile.read(int(self.headers.get("content-length") or 0))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/send"

    @contextmanager
    def running(self) -> Iterator["Provider"]:
        """Answer until the block ends."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            self._server.shutdown()

    def take(self, at: float) -> None:
        """Note a message that was handed over at that moment."""
        with self._came:
            self.taken_at.append(at)
            self._came.notify_all()

    def wait_for(self, count: int, patience_s: float = PATIENCE_S) -> bool:
        """Wait until it has taken so many."""
        with self._came:
            return self._came.wait_for(lambda: len(self.taken_at) >= count, patience_s)


def set_up(folder: Path, homes: int) -> None:
    """Write the homes, the one that is measured and its nurse with a phone into the server's database."""
    wanted = provisioning_of(homes)
    wanted["people"] = [*wanted["people"], {
        "username": NURSE, "name": "Nurse", "role": "nurse", "unit": UNIT, "password": PASSWORD,
    }]  # fmt: skip
    wanted["homes"] = [*wanted["homes"], {
        "code": "bench", "unit": UNIT, "address": "", "time_zone": "Europe/Oslo", "test": True,
        "resident": {"code": "res-bench", "name": "Bench", "birth_year": 1940}, "gateway_id": GATEWAY,
        "sensors": [{"sensor_id": BUTTON, "room": "bedroom", "kinds": ["button"]}],
    }]  # fmt: skip
    (folder / "homes.json").write_text(json.dumps(wanted))
    url = f"sqlite:///{folder / 'livsrytme.db'}"
    upgrade(url)
    database = Database(url)
    with database.transaction() as db:
        provision(db, Provisioning.model_validate(wanted), test_mode=True)
        db.flush()
        nurse = db.exec(select(Person).where(col(Person.username) == NURSE)).one()
        db.add(ContactRow(person_id=nurse.person_id or 0, phone="+4790000000"))
    database.close()


@asynccontextmanager
async def running(folder: Path, name: str, *command: str, **environment: str) -> AsyncIterator[Program]:
    """Run one of the service's programs until the block ends; its log stays in the folder."""
    with (folder / f"{name}.log").open("wb") as log:
        child = await asyncio.create_subprocess_exec(
            _LIVSRYTME, *command, stdout=log, stderr=log, env={**os.environ, **environment}
        )
        try:
            yield Program(child.pid)
        finally:
            with contextlib.suppress(ProcessLookupError):
                child.terminate()
            try:
                async with asyncio.timeout(15):
                    await child.wait()
            except TimeoutError:
                child.kill()
                await child.wait()


async def answers(port: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await accepts(port):  # noqa: ASYNC110 - a port wakes nobody
            await asyncio.sleep(0.2)


class OpenPage:
    """The page of alerts as it stands open on the nurse's screen; it notes by the machine's clock when one comes."""

    _NOTE = """
      const look = () => {
        const noted = document.documentElement.dataset;
        if (!noted.cameAt && document.querySelector("#news .banner, .card.alert")) noted.cameAt = Date.now();
      };
      new MutationObserver(look).observe(document, { childList: true, subtree: true });
    """

    def __init__(self, page: Page) -> None:
        self._page = page

    @classmethod
    @asynccontextmanager
    async def shown(cls, url: str) -> AsyncIterator["OpenPage"]:
        """Sign the nurse in and show the page until the block ends."""
        chromium = os.environ.get("LIVSRYTME_CHROMIUM") or shutil.which("chromium")
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, args=BROWSER_FLAGS)
            page = await browser.new_page()
            page.set_default_timeout(PATIENCE_S * 1000)
            await page.goto(f"{url}/sign-in")
            await page.locator("#username").fill(NURSE)
            await page.locator("#password").fill(PASSWORD)
            await page.locator("main button").click()
            await page.wait_for_url(f"{url}/")
            await page.add_init_script(cls._NOTE)
            yield cls(page)
            await browser.close()

    async def renew(self) -> None:
        """Show it anew, with nothing on it."""
        await self._page.reload()
        await self._page.wait_for_selector("html[data-link=online]")

    async def came_at(self) -> float:
        """Wait until an alert is on the page; return when it came, in seconds of the machine's clock."""
        await self._page.wait_for_selector("html[data-came-at]")
        return float(await self._page.evaluate("document.documentElement.dataset.cameAt")) / 1000


async def one_press(air: Air, provider: Provider, number: int) -> float:
    """Press the button; return how long it took until the provider had the message, in seconds."""
    before, clock = len(provider.taken_at), SystemClock()
    packet = Packet(clock.now(), bytes.fromhex(BUTTON), -60, bthome.SERVICE_UUID16, press(number))
    began = time.perf_counter()
    await air.send(packet)
    if not await asyncio.to_thread(provider.wait_for, before + 1):
        raise SystemExit("a press came to nobody: look at the logs")
    return provider.taken_at[before] - began


def close_alerts(folder: Path) -> None:
    """Let nothing be open, so that the next press is news and not a repeat."""
    with contextlib.closing(sqlite3.connect(folder / "livsrytme.db", timeout=20)) as file:
        file.execute("UPDATE alert SET status = 'closed', closed_at = raised_at WHERE closed_at IS NULL")
        file.commit()


class Floor:
    """The same hand-overs with nothing in between: a socket, the broker, an HTTP request."""

    def __init__(self, broker_port: int, provider: Provider) -> None:
        self._provider, self._back = provider, threading.Event()
        self._http = httpx.Client()
        self._mqtt = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
        self._mqtt.on_message = lambda *_: self._back.set()
        self._mqtt.connect("127.0.0.1", broker_port)
        self._mqtt.subscribe("bench/floor", qos=1)
        self._mqtt.loop_start()

    def once(self) -> float:
        """Make the hand-overs; return how long they took, in seconds."""
        began = time.perf_counter()
        self._back.clear()
        self._mqtt.publish("bench/floor", b"x" * 200, qos=1)
        self._back.wait(PATIENCE_S)
        self._http.post(self._provider.url, content=b"x" * 200)
        return time.perf_counter() - began

    def close(self) -> None:
        """Hang up."""
        self._mqtt.loop_stop()
        self._http.close()


@dataclass
class Measured:
    """Seconds until the provider had each press, until it was on the page, and of the bare hand-overs.

    `share`: of a processor, which the server took.
    """

    waits: list[float] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    share: float = 0.0


async def measure(folder: Path, presses: int, homes: int) -> Measured:
    """Press, and measure."""
    port, broker_port, clock, chance = free_port(), free_port(), SystemClock(), random.Random(1)  # noqa: S311 - moments, not a secret
    broker = f"mqtt://127.0.0.1:{broker_port}"
    found = Measured()
    async with AsyncExitStack() as stack:
        provider = stack.enter_context(Provider().running())
        air = Air(folder / "air", SystemClock().now())
        await air.open()
        stack.push_async_callback(air.close)
        await stack.enter_async_context(running(folder, "broker", "server", "broker", "--port", str(broker_port)))
        await answers(broker_port)
        # In earnest, with test homes and their nurse: in test mode nothing would leave the house.
        settings = {"LIVSRYTME_SERVER_CHANNELS": json.dumps({"sms": provider.url})}
        run = ("server", "run", "--data", str(folder), "--port", str(port), "--broker", broker)
        server = await stack.enter_async_context(running(folder, "server", *run, **settings))
        await answers(port)
        if homes:
            fleet = ("sim", "fleet", "--homes", str(homes), "--minutes", "30", "--urgent", "0", "--broker", broker)
            fleet = (*fleet, "--server", f"http://127.0.0.1:{port}")
            await stack.enter_async_context(running(folder, "fleet", *fleet))
        own = ("gateway", "run", "--id", GATEWAY, "--broker", broker, "--data", str(folder / "gateway"))
        await stack.enter_async_context(running(folder, "gateway", *own, "--radio", f"virtual:{air.path}"))
        async with asyncio.timeout(PATIENCE_S):
            await air.listened_to()
        await asyncio.sleep(SETTLING_S)
        await one_press(air, provider, 0)
        floor = Floor(broker_port, provider)
        stack.callback(floor.close)
        began, cpu_s = time.monotonic(), server.cpu_s()
        for number in range(1, presses + 1):
            close_alerts(folder)
            await asyncio.sleep(chance.uniform(0.3, 1.0))
            found.waits.append(await one_press(air, provider, number % 250))
            found.bare.append(await asyncio.to_thread(floor.once))
        found.share = (server.cpu_s() - cpu_s) / (time.monotonic() - began)
        page = await stack.enter_async_context(OpenPage.shown(f"http://127.0.0.1:{port}"))
        for number in range(presses + 1, presses + presses // 3 + 1):
            close_alerts(folder)
            await page.renew()
            await asyncio.sleep(chance.uniform(2, 4))
            pressed_at = clock.now().timestamp()
            await one_press(air, provider, number % 250)
            found.shown.append(await page.came_at() - pressed_at)
    return found


def line(name: str, seconds: list[float]) -> str:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    p50, p95, p99, most = (1000 * one for one in (cuts[49], cuts[94], cuts[98], max(seconds)))
    return f"{name:<34} p50 {p50:6.1f}  p95 {p95:6.1f}  p99 {p99:6.1f}  longest {most:6.1f} ms"


def main(presses: int, homes: int) -> None:
    with tempfile.TemporaryDirectory(prefix="chain") as name:
        folder = Path(name)
        set_up(folder, homes)
        found = asyncio.run(measure(folder, presses, homes))
    print(f"{presses} presses, {homes:,} other homes live, server at {found.share:.0%} of a processor")
    print(line("press to provider", found.waits))
    print(line("press to the open page", found.shown))
    print(line("bare broker and HTTP request", found.bare))
    print(f"ratio of medians {statistics.median(found.waits) / statistics.median(found.bare):.1f}")


if __name__ == "__main__":
    main(*(int(given) for given in (sys.argv[1:] + ["100", "1000"][len(sys.argv) - 1 :])))
