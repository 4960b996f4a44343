"""How long the server works on each page with many residents: the median of several looks, in ms of its processor.

    python bench/bench_pages.py [residents] [looks]

Five weeks of kept days, a few open alerts and some faults in every home's neighbourhood; no gateways speak meanwhile.
The goal is 25 ms a page with 200 residents on one core of an ordinary machine.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import numpy as np
from fastapi import FastAPI
from sqlmodel import select

from caregiver_ui.app import mount
from gateway.contract.clock import Clock
from models.days.column import Column
from models.days.kept import FIGURES, QUARTERS, DaysKept
from server.alerting.rules import FACTS, AlertKind, AlertStatus, Outcome
from server.alerting.tables import AlertRow
from server.db.migrate import upgrade
from server.db.session import Database
from server.detection.days import keep_days
from server.live.feed import Feed
from server.provisioning import Provisioning, provision
from server.residents.tables import Gateway, Resident, Sensor
from server.settings import ServerSettings

NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)
PASSWORD = "en-lang-setning"  # noqa: S105 - of a made-up town
DAYS = 35
ROOMS = ("bedroom", "bathroom", "kitchen", "lounge")
GOAL_MS = 25.0


class StillClock:
    """The present of the town."""

    def now(self) -> datetime:  # noqa: D102 - as the clock's
        return NOW

    async def sleep(self, span: timedelta) -> None:  # noqa: D102
        await asyncio.sleep(span.total_seconds())


def town(residents: int) -> Provisioning:
    homes = [
        {
            "code": f"home-{number:03d}",
            "unit": "nord",
            "address": f"Bosenteret, leilighet {number:03d}",
            "time_zone": "Europe/Oslo",
            "test": True,
            "resident": {"code": f"res-{number:03d}", "name": f"Beboer {number:03d}", "birth_year": 1938},
            "gateway_id": f"gw-{number:03d}",
            "sensors": [
                *(
                    {"sensor_id": f"a4c138{number:04x}{place:02x}", "room": room, "kinds": ["motion"]}
                    for place, room in enumerate(ROOMS)
                ),
                {"sensor_id": f"a4c138{number:04x}ff", "room": "bathroom", "kinds": ["button"]},
            ],
        }
        for number in range(1, residents + 1)
    ]
    people = [
        {"username": who, "name": who.title(), "role": role, "unit": "nord", "password": PASSWORD}
        for who, role in (("maria", "nurse"), ("siri", "staff"))
    ]
    return Provisioning.model_validate({"units": [{"code": "nord", "name": "Nord"}], "people": people, "homes": homes})


def live(database: Database) -> None:
    """Let everybody have a past, a sensor in fifty a fault, and one home in forty an open alert."""
    chance = random.Random(1)  # noqa: S311 - made up, not a secret
    numbers = np.random.default_rng(1)
    first = (NOW.date() - timedelta(days=DAYS) - date(1970, 1, 1)).days
    with database.transaction() as db:
        for gateway in db.exec(select(Gateway)):
            gateway.last_heard_at = gateway.knows_until = NOW - timedelta(seconds=40)
            figures = np.full((DAYS, FIGURES), np.nan, np.float32)
            for column, middle in ((Column.ACTIVE, 240), (Column.QUIET_IN_BED, 400), (Column.OUTINGS, 2)):
                figures[:, column] = numbers.normal(middle, middle / 5, DAYS).clip(0)
            figures[:, Column.DAY_BATHROOM] = figures[:, Column.NIGHT_BATHROOM] = 3
            figures[:, Column.IN_BED_FROM], figures[:, Column.IN_BED_TO] = 630, 420
            quarters = numbers.integers(0, 12, (DAYS, QUARTERS)).astype(np.uint8)
            keep_days(db, gateway.home_id, DaysKept(first, figures, quarters, np.ones(DAYS, np.bool_)))
        for sensor in db.exec(select(Sensor)):
            sensor.last_heard_at = sensor.last_proven_at = NOW - timedelta(minutes=chance.randrange(60))
            sensor.battery_percent = chance.randrange(20, 100)
            if chance.random() < 0.02:
                sensor.silent_since = NOW - timedelta(days=2)
        for place, resident in enumerate(db.exec(select(Resident)).all()):
            for day in range(28):
                if chance.random() < 0.1 or (day == 0 and place % 40 == 0):
                    db.add(alert(resident, day, is_open=day == 0))


def alert(resident: Resident, day: int, *, is_open: bool) -> AlertRow:
    kind, at = AlertKind.INACTIVITY, NOW - timedelta(days=day, minutes=20)
    return AlertRow(
        code=f"{resident.code}-{day}", resident_id=resident.resident_id, unit_id=resident.unit_id, kind=kind,
        severity=FACTS[kind].severity, alert_class=FACTS[kind].alert_class, room="bathroom", observed_at=at,
        raised_at=at, status=AlertStatus.REPORTED if is_open else AlertStatus.CLOSED,
        taken_at=None if is_open else at + timedelta(minutes=3),
        closed_at=None if is_open else at + timedelta(minutes=30), outcome=None if is_open else Outcome.FALSE_ALARM,
    )  # fmt: skip


PAGES = {
    "front": ("maria", "/"),
    "residents": ("maria", "/parts/residents"),
    "resident": ("maria", "/residents/res-001"),
    "alert": ("maria", "/alerts/res-001-0"),
    "overview": ("siri", "/overview"),
    "development": ("siri", "/residents/res-001/development"),
    "figures": ("siri", "/figures"),
    "devices": ("siri", "/devices"),
    "board": ("maria", "/parts/board"),
}


async def measure(app: FastAPI, looks: int) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {name: [] for name in PAGES}
    transport = httpx.ASGITransport(app)
    clients = {}
    for who in {who for who, _ in PAGES.values()}:
        clients[who] = httpx.AsyncClient(transport=transport, base_url="http://bench")
        await clients[who].post("/sign-in", data={"username": who, "password": PASSWORD})
    for look in range(looks + 1):
        for name, (who, path) in PAGES.items():
            began = time.process_time()
            answer = await clients[who].get(path, headers={"accept-encoding": "gzip"})
            took = (time.process_time() - began) * 1000
            if answer.status_code != 200:
                raise SystemExit(f"{path}: {answer.status_code}")
            if look:  # the first compiles templates and statements
                found[name].append(took)
    for client in clients.values():
        await client.aclose()
    return found


def main() -> None:
    residents = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    looks = int(sys.argv[2]) if len(sys.argv) > 2 else 15
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        upgrade(url)
        database = Database(url)
        with database.transaction() as db:
            provision(db, town(residents), test_mode=True)
        live(database)
        app = FastAPI()
        clock: Clock = StillClock()
        app.state.settings = ServerSettings(test_mode=True)
        app.state.database, app.state.clock, app.state.feed = database, clock, Feed(database)
        mount(app)
        found = asyncio.run(measure(app, looks))
        database.close()
    print(f"{residents} residents, {looks} looks")
    for name, times in found.items():
        middle = statistics.median(times)
        print(f"  {name:12} {middle:7.1f} ms{'' if middle <= GOAL_MS else '   over the goal of 25 ms'}")


if __name__ == "__main__":
    main()
