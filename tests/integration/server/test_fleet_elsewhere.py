"""A fleet and a score against a broker and a server that somebody else started."""

import json
import os
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result
from real_broker import RealBroker

from device_sims.cli import sim
from device_sims.scoring.truth import Expected, Truth, Watched, write_truth
from device_sims.supervisor import livsrytme
from gateway.contract.clock import SystemClock

HOMES = 3
HOUR = timedelta(hours=1)
_PATIENCE_S = 120.0

pytestmark = pytest.mark.timeout(300)


@dataclass(frozen=True)
class Elsewhere:
    broker: str
    server: str


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elsewhere]:
    """A broker and a server in real time, given the homes of a fleet as an operator would."""
    folder = tmp_path_factory.mktemp("elsewhere")
    written = sim_("fleet", "--homes", str(HOMES), "--write-homes", str(folder / "homes.json"))
    assert written.exit_code == 0, written.output
    broker_port, port = free_port(), free_port()
    found = Elsewhere(f"mqtt://127.0.0.1:{broker_port}", f"http://127.0.0.1:{port}")
    env = {**os.environ, "LIVSRYTME_SERVER_TEST_MODE": "true"}
    data = ("--data", str(folder / "server"))
    subprocess.run(livsrytme("server", "provision", str(folder / "homes.json"), *data), env=env, check=True)
    commands = [
        livsrytme("server", "broker", "--port", str(broker_port)),
        livsrytme("server", "run", *data, "--port", str(port), "--broker", found.broker),
    ]
    with (folder / "log").open("wb") as log:
        processes = [subprocess.Popen(command, env=env, stdout=log, stderr=log) for command in commands]
        try:
            wait_until_up(found, folder / "log")
            yield found
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(_PATIENCE_S)


def wait_until_up(found: Elsewhere, log: Path) -> None:
    ends = time.monotonic() + _PATIENCE_S
    while not is_up(found.server):
        assert time.monotonic() < ends, log.read_text(errors="replace")[-2000:]
        time.sleep(0.1)  # another process's progress can only be asked for


def is_up(server: str) -> bool:
    try:
        return httpx.get(f"{server}/healthz", trust_env=False).is_success
    except httpx.TransportError:
        return False


def sim_(*arguments: str) -> Result:
    return CliRunner().invoke(sim, arguments, terminal_width=200)


def said(ended: Result) -> str:
    return " ".join(ended.output.replace("│", "").split())


def fleet(elsewhere: Elsewhere, *more: str) -> Result:
    where = ("--broker", elsewhere.broker, "--server", elsewhere.server)
    return sim_("fleet", "--homes", str(HOMES), "--minutes", "0.15", "--heartbeat", "2", *where, *more)


def truth_of(path: Path, homes: list[str], since: datetime) -> str:
    """Watch these homes from `since` on; in the first a button is pressed."""
    watched = tuple(Watched(home, since - HOUR, since + HOUR) for home in homes)
    write_truth(path, Truth(watched, (Expected(homes[0], ("button",), since, HOUR, "pressed"),)))
    return str(path)


def test_every_fact_reaches_a_server_that_was_started_apart_and_its_alerts_are_scored(
    elsewhere: Elsewhere, tmp_path: Path
) -> None:
    since = SystemClock().now()
    counts, score = tmp_path / "counts.json", tmp_path / "score.json"

    driven = fleet(elsewhere, "--events", "1000000", "--urgent", "0.5", "--json", str(counts))

    assert driven.exit_code == 0, driven.output
    found = json.loads(counts.read_text())
    assert found["stored"] == found["receipted"] == found["heard"] > 0
    assert found["lost"] == 0
    assert found["heartbeats"] >= HOMES
    assert found["alerts"] == HOMES, "each press of a home joins its open alert"
    homes = [f"fleet-{number:05d}" for number in range(HOMES)]
    truth = truth_of(tmp_path / "truth.jsonl", homes, since)
    scored = sim_("score", "--truth", truth, "--server", elsewhere.server, "--json", str(score))
    assert scored.exit_code == 0, scored.output
    assert "1 of 1 that should be alerted were alerted in time." in said(scored)
    assert json.loads(score.read_text())["figures"]["false_all"]["count"] == HOMES - 1
    with httpx.Client(base_url=elsewhere.server, trust_env=False) as client:
        client.post("/api/session", json={"username": "tor", "password": "livsrytme-demo"}).raise_for_status()
        sensors = [sensor for gateway in client.get("/api/gateways").json() for sensor in gateway["sensors"]]
        assert any(sensor["rssi_dbm"] is not None for sensor in sensors), "no heartbeat told how sensors are heard"

    again = fleet(elsewhere, "--events", "1000000", "--urgent", "0", "--json", str(counts))

    assert again.exit_code == 0, again.output
    second = json.loads(counts.read_text())
    assert (second["lost"], second["alerts"]) == (0, 0), "what an earlier run left is not counted again"


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--homes", "5"), "the server does not know 2 of the 5 homes (gw-fleet-00003 is the first)"),
        (("--password", "wrong"), "does not let tor in: user name or password is wrong"),
        (("--username", "nobody"), "does not let nobody in: user name or password is wrong"),
        (("--server", "http://127.0.0.1:1"), "no server answers at http://127.0.0.1:1"),
        (("--broker", "mqtt://127.0.0.1:1"), "no broker answers at 127.0.0.1:1"),
    ],
)
def test_a_fleet_that_cannot_reach_a_part_says_which_one_and_why(
    elsewhere: Elsewhere, more: tuple[str, str], told: str
) -> None:
    ended = fleet(elsewhere, *more)

    assert ended.exit_code == 1
    assert told in said(ended)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--password", "wrong"), "does not let tor in: user name or password is wrong"),
        (("--server", "http://127.0.0.1:1"), "no server answers at http://127.0.0.1:1"),
    ],
)
def test_a_score_that_cannot_have_the_alerts_says_why(
    elsewhere: Elsewhere, tmp_path: Path, more: tuple[str, str], told: str
) -> None:
    truth = truth_of(tmp_path / "truth.jsonl", ["fleet-00000"], SystemClock().now())

    ended = sim_("score", "--truth", truth, "--server", elsewhere.server, *more)

    assert ended.exit_code == 1
    assert told in said(ended)


def test_a_truth_about_homes_that_the_server_does_not_know_is_not_scored(elsewhere: Elsewhere, tmp_path: Path) -> None:
    truth = truth_of(tmp_path / "truth.jsonl", ["anna", "fleet-00000"], SystemClock().now())

    ended = sim_("score", "--truth", truth, "--server", elsewhere.server)

    assert ended.exit_code == 1
    assert "the server does not know 1 of the 2 homes that the truth watches (anna)" in said(ended)


@pytest.fixture
async def locked_broker(tmp_path: Path) -> AsyncIterator[str]:
    """A broker that lets only `fleet` in, with the password `right`."""
    broker = RealBroker(tmp_path, {"fleet": "right"})
    await broker.start()
    yield f"127.0.0.1:{broker.port}"
    await broker.kill()


def test_a_broker_that_refuses_the_log_in_is_told_so(elsewhere: Elsewhere, locked_broker: str) -> None:
    ended = fleet(elsewhere, "--broker", f"mqtt://fleet:wrong@{locked_broker}")

    assert ended.exit_code == 1
    assert locked_broker in said(ended)
    assert "wrong" not in said(ended), "the password is told"
