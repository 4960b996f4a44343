"""A town for the browser tests: real server and broker processes, and homes that speak MQTT as gateways do."""

import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, Self
from zoneinfo import ZoneInfo

import httpx
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from gateway.contract.clock import WorldTime
from gateway.contract.codec import to_json
from gateway.contract.doubt import Doubt
from gateway.contract.heartbeat import Heartbeat, StreamHead, Trouble
from gateway.contract.observation import Observation, ObservationBatch, SensorKind, Stream, Vital
from gateway.contract.topics import Upward, upward

OSLO = ZoneInfo("Europe/Oslo")
PASSWORD = "livsrytme-demo"
UNIT = "sone-nord"
START_PATIENCE_S = 60.0
_EPOCH = "5eed0001"
_BATCH = 500

# A motion sensor in each room, and a button; the last two digits of the address tell the kind.
_ROOMS = {"bedroom": "01", "bathroom": "02", "kitchen": "03", "lounge": "04"}
# The home that has a pull cord besides.
_CORD_IN = 8


@dataclass
class TownHome:
    """One home: its gateway's sequences go on from message to message."""

    number: int
    name: str
    address: str
    born: int
    seq: dict[Stream, int] = field(default_factory=lambda: {Stream.URGENT: 0, Stream.ROUTINE: 0})

    @property
    def gateway_id(self) -> str:
        return f"gw-{self.number:02d}"

    @property
    def resident_id(self) -> str:
        return f"res-{self.number:02d}"

    def sensor(self, room: str) -> str:
        return f"a4c138{self.number:04x}{_ROOMS[room]}"

    @property
    def button(self) -> str:
        return f"a4c138{self.number:04x}ff"

    @property
    def cord(self) -> str:
        """In the eighth home alone."""
        return f"a4c138{self.number:04x}fd"

    @property
    def meter(self) -> str:
        """A blood pressure monitor; the scale and the rest are told as its, too."""
        return f"a4c138{self.number:04x}fe"

    def provision(self) -> dict[str, Any]:
        sensors = [{"sensor_id": self.sensor(room), "room": room, "kinds": ["motion"]} for room in _ROOMS]
        return {
            "code": f"home-{self.number:02d}",
            "unit": UNIT,
            "address": self.address,
            "time_zone": "Europe/Oslo",
            "test": True,
            "resident": {
                "code": self.resident_id,
                "name": self.name,
                "birth_year": self.born,
                "phone": "+47 400 00 000",
            },
            "gateway_id": self.gateway_id,
            "sensors": [
                *sensors,
                {"sensor_id": self.button, "room": "bathroom", "kinds": ["button"]},
                *(
                    [{"sensor_id": self.cord, "room": "bathroom", "kinds": ["pull_cord"]}]
                    if self.number == _CORD_IN
                    else []
                ),
                {"sensor_id": self.meter, "room": "bedroom", "kinds": ["systolic", "diastolic"]},
            ],
        }


def people(homes: Sequence[TownHome]) -> list[dict[str, Any]]:
    """Everybody who signs in: all roles, all languages."""

    def person(username: str, name: str, role: str, **more: object) -> dict[str, Any]:
        return {"username": username, "name": name, "role": role, "unit": UNIT, "password": PASSWORD, **more}

    return [
        person("maria", "Maria Nilsen", "nurse"),
        person("jonas", "Jonas Dahl", "nurse", language="nn"),
        person("siri", "Siri Strand", "staff"),
        person("tove", "Tove Tester", "tester"),
        person("arild", "Arild Administrator", "admin"),
        person("kari", "Kari Pårørende", "relative", residents=[home.resident_id for home in homes[:1]]),
        person("inger", "Inger Solberg", "resident", residents=[home.resident_id for home in homes[:1]]),
        person("solveig", "Solveig Lie", "resident", residents=[home.resident_id for home in homes[5:6]]),
        person("nina", "Nina Pårørende", "relative", residents=[home.resident_id for home in homes[4:5]]),
        person("lars", "Lars Pårørende", "relative", residents=[home.resident_id for home in homes[6:7]]),
    ]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Town:
    """The processes, the world's clock, and a connection to the broker."""

    def __init__(self, folder: Path, homes: Sequence[TownHome], now: datetime) -> None:
        self.homes = list(homes)
        self.folder = folder
        self.clock = WorldTime(folder / "clock", now)
        self.now = now
        self.url = f"http://127.0.0.1:{free_port()}"
        self._broker_port = free_port()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._logs: list[IO[bytes]] = []
        self._client = Client(CallbackAPIVersion.VERSION2, client_id="town", protocol=MQTTv5)

    def start(self) -> Self:
        town = {
            "units": [{"code": UNIT, "name": "Sone Nord"}],
            "people": people(self.homes),
            "homes": [home.provision() for home in self.homes],
            "policies": [
                {
                    "unit": UNIT,
                    "steps": [{"who": "on_duty", "answer_within_s": 120}, {"who": "everyone", "answer_within_s": 300}],
                }
            ],
        }
        (self.folder / "town.json").write_text(json.dumps(town), encoding="utf-8")
        self._run("server", "provision", str(self.folder / "town.json"), "--data", str(self.folder)).wait(
            START_PATIENCE_S
        )
        self._run("server", "broker", "--port", str(self._broker_port))
        broker = f"mqtt://127.0.0.1:{self._broker_port}"
        port = self.url.rpartition(":")[2]
        self._run("server", "run", "--data", str(self.folder), "--port", port, "--broker", broker)
        self._wait_until(self._answers)
        self._wait_until(self._connects)
        self._client.loop_start()
        return self

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            process.wait(START_PATIENCE_S)
        for log in self._logs:
            log.close()

    def set_clock(self, now: datetime) -> None:
        self.now = now
        self.clock.set(now)

    def press(self, home: TownHome, times: float = 1.0) -> None:
        """Press the help button: one real urgent message."""
        self.send(home, Stream.URGENT, [(home.button, "bathroom", SensorKind.BUTTON, times, self.now)])

    def send(
        self,
        home: TownHome,
        stream: Stream,
        facts: Sequence[tuple[str, str, SensorKind, float, datetime, *tuple[Vital, ...]]],
    ) -> None:
        for first in range(0, len(facts), _BATCH):
            observations = []
            for sensor_id, room, kind, value, at, *said in facts[first : first + _BATCH]:
                home.seq[stream] += 1
                observations.append(
                    Observation(
                        seq=home.seq[stream],
                        sensor_id=sensor_id,
                        room=room,
                        kind=kind,
                        value=value,
                        observed_at=at,
                        clock_synced=True,
                        vital=said[0] if said else None,
                    )
                )
            batch = ObservationBatch(
                gateway_id=home.gateway_id,
                epoch=_EPOCH,
                stream=stream,
                oldest_seq=observations[0].seq,
                sent_at=self.now,
                observations=tuple(observations),
            )
            self.publish(upward(home.gateway_id, Upward(stream)), to_json(batch))

    def beat(
        self, home: TownHome, *, deaf_since: datetime | None = None, troubles: dict[Trouble, int] | None = None
    ) -> None:
        """Give a sign of life: everything up to now has been sent."""
        beat = Heartbeat(
            gateway_id=home.gateway_id,
            boot_id="b0070001",
            software="0.1.0",
            started_at=self.now - timedelta(days=3),
            sent_at=self.now,
            clock_synced=True,
            epoch=_EPOCH,
            heads=tuple(StreamHead(stream=stream, last_seq=seq, waiting=0) for stream, seq in home.seq.items()),
            deaf_since=deaf_since,
            troubles=troubles or {},
        )
        self.publish(upward(home.gateway_id, Upward.HEARTBEAT), to_json(beat))

    def publish(self, topic: str, payload: bytes) -> None:
        self._client.publish(topic, payload, qos=1).wait_for_publish(START_PATIENCE_S)

    @contextmanager
    def api(self, username: str) -> Iterator[httpx.Client]:
        """Give a signed-in client of the JSON API."""
        with httpx.Client(base_url=self.url) as client:
            client.post("/api/session", json={"username": username, "password": PASSWORD}).raise_for_status()
            yield client

    def wait_for(
        self, username: str, path: str, wanted: Callable[[list[dict[str, Any]]], bool]
    ) -> list[dict[str, Any]]:
        """Ask the API until the answer is as wanted; return it."""
        with self.api(username) as client:
            found: list[list[dict[str, Any]]] = []

            def is_there() -> bool:
                found[:] = [client.get(path).json()]
                return wanted(found[0])

            self._wait_until(is_there)
            return found[0]

    def _run(self, *arguments: str) -> subprocess.Popen[bytes]:
        settings = {
            "LIVSRYTME_SERVER_TEST_MODE": "true",
            "LIVSRYTME_SERVER_CLOCK_FILE": str(self.folder / "clock"),
            "LIVSRYTME_SERVER_JOB_INTERVAL_S": "0.5",
        }
        log = (self.folder / f"{arguments[1]}.log").open("wb")
        command = [sys.executable, "-c", "from gateway.command import main; main()", *arguments]
        self._logs.append(log)
        process = subprocess.Popen(command, env={**os.environ, **settings}, stdout=log, stderr=log)
        self._processes.append(process)
        return process

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz").status_code == 200
        except httpx.TransportError:
            return False

    def _connects(self) -> bool:
        try:
            self._client.connect("127.0.0.1", self._broker_port)
        except OSError:
            return False
        return True

    def _wait_until(self, is_so: Callable[[], bool]) -> None:
        until = time.monotonic() + START_PATIENCE_S
        while not is_so():
            logs = "\n".join(path.read_text(errors="replace")[-2000:] for path in self.folder.glob("*.log"))
            assert time.monotonic() < until, f"the town did not come so far in time:\n{logs}"
            time.sleep(0.1)  # another process's progress can only be asked for


@contextmanager
def running(town: Town) -> Iterator[Town]:
    """Let a town run until the block ends."""
    try:
        yield town.start()
    finally:
        town.stop()


def daily_life(
    home: TownHome, since: datetime, until: datetime, seed: int
) -> list[tuple[str, str, SensorKind, float, datetime]]:
    """Make up movements: up at about seven, meals, an afternoon rest, to bed at half past ten, a visit at night."""
    chance = random.Random(seed)  # noqa: S311 - a made-up day, not a secret
    facts: list[tuple[str, str, SensorKind, float, datetime]] = []
    at = since
    while at < until:
        local = at.astimezone(OSLO)
        hour = local.hour + local.minute / 60
        busy = _busyness(hour)
        for _ in range(6):
            moment = at + timedelta(seconds=chance.randrange(900))
            if chance.random() < busy and moment < until:
                room = chance.choices(list(_ROOMS), weights=_where(hour))[0]
                facts.append((home.sensor(room), room, SensorKind.MOTION, 1.0, moment))
        at += timedelta(minutes=15)
    return sorted(facts, key=lambda fact: fact[4])


def _busyness(hour: float) -> float:
    if hour < 6.75 or hour >= 22.5:
        return 0.02
    if 13 <= hour < 14.5:
        return 0.12
    return 0.75 if 7 <= hour < 9 or 11 <= hour < 12.5 or 16 <= hour < 18 else 0.4


def _where(hour: float) -> list[float]:
    if hour < 6.75 or hour >= 22.5:
        return [3, 4, 0.2, 0.2]
    return [1, 1, 4, 1] if 7 <= hour < 9 or 11 <= hour < 12.5 or 16 <= hour < 18 else [0.5, 1, 1, 5]


def measurements(
    home: TownHome, until: datetime, seed: int
) -> list[tuple[str, str, SensorKind, float, datetime, Vital]]:
    """Make up what is measured: blood pressure and pulse most days, weight on Mondays, blood sugar now and then."""
    chance = random.Random(seed)  # noqa: S311 - made up, not a secret
    told: list[tuple[SensorKind, float, datetime, Vital]] = []
    for days_ago in range(28, -1, -1):
        at = until - timedelta(days=days_ago, minutes=95 + chance.randrange(20))
        clock = at.astimezone(OSLO).replace(tzinfo=None, microsecond=0)
        said = Vital(device_time=clock, doubts=(Doubt.IRREGULAR_PULSE,) if days_ago < 2 else ())
        upper = 138 - days_ago // 2 + chance.randrange(-6, 7)
        if days_ago % 4 == 3:
            continue
        told += [
            (SensorKind.SYSTOLIC, upper, at, said),
            (SensorKind.DIASTOLIC, upper - 52 + chance.randrange(-3, 4), at, said),
            (SensorKind.MEAN_ARTERIAL, upper - 34, at, said),
            (SensorKind.HEART_RATE, 72 + chance.randrange(-6, 10), at, said),
        ]
        if days_ago % 7 == 1:
            told.append((SensorKind.WEIGHT, 61.4 + days_ago * 0.06, at, Vital(device_time=clock)))
        if days_ago == 5:
            told.append((SensorKind.GLUCOSE, 6.2, at, Vital(device_time=clock, sequence=17, meal="fasting")))
    failed = Vital(missed=SensorKind.SYSTOLIC, doubts=(Doubt.CUFF_LOOSE,))
    told.append((SensorKind.MEASURED_NOTHING, 1.0, until - timedelta(minutes=40), failed))
    return [(home.meter, "bedroom", *one) for one in told]


def morning() -> datetime:
    """Return the moment at which most tests begin: a Tuesday at twelve past ten, Norwegian time."""
    return datetime(2026, 3, 3, 10, 12, tzinfo=OSLO).astimezone(UTC)
