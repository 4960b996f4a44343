"""Gateway, broker and server are killed again and again while a home's events pass: every event arrives once."""

import csv
import gzip
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from device_sims import tihm
from device_sims.life.homes import home_of
from device_sims.life.noticing import noticed
from gateway.contract.observation import SensorKind

pytestmark = [pytest.mark.faults, pytest.mark.timeout(170)]

_LIVSRYTME = str(Path(sys.executable).with_name("livsrytme"))
_TIHM = Path(os.environ.get("LIVSRYTME_DATA", "../shared/data")) / "tihm"
_LONDON = ZoneInfo("Europe/London")
_LOCATION_OF = {"front_door": "front-door", "fridge": "fridge-door"}
_KILLS_OF_EACH = 4


def _write_home(file: Path) -> None:
    """Write two months of a simulated resident as the real data set writes its homes."""
    life = home_of("faults", "healthy", "care_flat", _LONDON)
    life = replace(life, plan=life.plan.only(SensorKind.MOTION, SensorKind.DOOR))
    told = noticed(life, date(2026, 4, 1), date(2026, 6, 20))
    with gzip.open(file, "wt", encoding="utf-8", newline="") as text:
        rows = csv.writer(text)
        rows.writerow(["home", "ts", "location"])
        for one in told:
            local = one.at.astimezone(_LONDON).replace(tzinfo=None)
            rows.writerow(["sim01", local.isoformat(" "), _LOCATION_OF.get(one.room, one.room)])


def _replay_under_fire(
    command: Iterable[str], data: Path, seed: int
) -> tuple[subprocess.Popen[str], str, Counter[str]]:
    """Run a replay to its end, killing each of its parts several times at moments drawn from `seed`."""
    chance = random.Random(seed)  # noqa: S311 - moments to kill at, not a secret
    process = subprocess.Popen(
        [*command, "--data", str(data)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    killed: Counter[str] = Counter()
    victims = ["gateway", "broker", "server"] * _KILLS_OF_EACH
    chance.shuffle(victims)
    try:
        _wait_for_first_event(process, data)
        for victim in victims:
            if _ended_within(process, chance.uniform(0.4, 1.6)):
                break
            killed[victim] += _kill(data, victim)
        said, _ = process.communicate(timeout=140)
    finally:
        process.kill()
        process.wait()
    return process, said, killed


def _wait_for_first_event(process: subprocess.Popen[str], data: Path) -> None:
    while not _rows(data, "SELECT 1 FROM observation LIMIT 1"):
        assert not _ended_within(process, 0.1), "the replay ended before anything was stored"


def _ended_within(process: subprocess.Popen[str], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _kill(data: Path, victim: str) -> int:
    processes = json.loads((data / "processes.json").read_text(encoding="utf-8"))
    pid = next(pid for name, pid in processes.items() if name.startswith("gw-" if victim == "gateway" else victim))
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return 0
    return 1


def _rows(data: Path, query: str) -> list[tuple[str, int]]:
    file = data / "server" / "livsrytme.db"
    if not file.exists():
        return []
    database = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5)
    try:
        return database.execute(query).fetchall()
    except sqlite3.OperationalError:  # its tables are not made yet
        return []
    finally:
        database.close()


def _stored(data: Path) -> Counter[tuple[str, datetime]]:
    query = "SELECT room, observed_ms FROM observation JOIN sensor ON sensor.sensor_id = observation.sensor_id"
    return Counter((room, datetime.fromtimestamp(ms / 1000, UTC)) for room, ms in _rows(data, query))


def _in_file(rows: list[tihm.Activation]) -> Counter[tuple[str, datetime]]:
    return Counter((row.place.room, row.at()) for row in rows)


def test_every_event_of_a_simulated_home_is_stored_exactly_once_whatever_is_killed(tmp_path: Path) -> None:
    _write_home(tmp_path / "activity.csv.gz")
    rows = tihm.load(tmp_path, "sim01")
    command = [_LIVSRYTME, "sim", "replay", "--tihm", str(tmp_path), "--home", "sim01", "--speed", "450000"]

    process, said, killed = _replay_under_fire(command, tmp_path / "data", seed=1)

    assert process.returncode == 0, said
    assert _stored(tmp_path / "data") == _in_file(rows)
    assert len(rows) > 20_000
    assert min(killed[victim] for victim in ("gateway", "broker", "server")) >= 2, killed


@pytest.mark.skipif(not _TIHM.exists(), reason=f"{_TIHM} is not there; set LIVSRYTME_DATA to the data folder")
def test_every_event_of_a_real_homes_month_is_stored_exactly_once_whatever_is_killed(tmp_path: Path) -> None:
    rows = tihm.part_of(tihm.load(_TIHM, "28710"), date(2019, 5, 20), 30)
    command = [_LIVSRYTME, "sim", "replay", "--tihm", str(_TIHM), "--home", "28710"]
    command += ["--from", "2019-05-20", "--days", "30", "--speed", "160000"]

    process, said, killed = _replay_under_fire(command, tmp_path / "data", seed=2)

    assert process.returncode == 0, said
    assert _stored(tmp_path / "data") == _in_file(rows)
    assert min(killed[victim] for victim in ("gateway", "broker", "server")) >= 2, killed
