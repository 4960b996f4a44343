"""Two servers share one PostgreSQL and are killed in the middle of transactions: each step still tells each once."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from functools import partial
from itertools import cycle
from pathlib import Path

import psycopg
import pytest
from builders import T0, home
from postgres import NewDatabase
from sqlmodel import col, func, select

from gateway.contract.clock import WorldTime
from server.access.tables import Person
from server.alerting.rules import AlertKind
from server.alerting.service import Raised, raise_alert
from server.db.session import Database
from server.escalation.tables import EscalationRow
from server.live.tables import ChangeRow
from server.notifications.tables import NotificationRow
from server.provisioning import Provisioning, provision
from server.residents.tables import Home, Resident

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]

_LIVSRYTME = str(Path(sys.executable).with_name("livsrytme"))
_HOMES = 25
# The built-in chain: those on duty, after two minutes everyone, and everyone again after five.
_STEPS = (timedelta(0), timedelta(minutes=2), timedelta(minutes=7))
_LEASE = timedelta(seconds=31)  # of what the app shows; three times that is before the next step
_LEASES = 3
_PATIENCE_S = 180.0
_NURSES, _EVERYONE = {"nina"}, {"nina", "tess"}


class Server:
    """A server process that only responds: it runs steps and hands over messages. It can be killed and comes back."""

    def __init__(self, name: str, url: str, folder: Path) -> None:
        self._name, self._admin = name, psycopg.connect(url, autocommit=True)
        self._environment = {
            **os.environ,
            "LIVSRYTME_SERVER_DATABASE_URL": f"{url}&application_name={name}",
            "LIVSRYTME_SERVER_ROLES": "respond",
            "LIVSRYTME_SERVER_TEST_MODE": "true",
            "LIVSRYTME_SERVER_CLOCK_FILE": str(folder / "clock"),
            "LIVSRYTME_SERVER_DATA": str(folder / name),
        }
        self._log = (folder / f"{name}.log").open("ab")
        self.kills = 0
        self._process = self._start()

    def kill_while(self, work: str) -> None:
        """Kill it in the middle of a transaction whose last statement was about a table, and start it again."""
        open_one = (
            "SELECT 1 FROM pg_stat_activity WHERE application_name = %s AND xact_start IS NOT NULL AND query ~ %s"
        )
        deadline = time.monotonic() + 1.5
        while time.monotonic() < deadline:
            if self._admin.execute(open_one, (self._name, work)).fetchone():
                self._process.kill()
                self._process.wait()
                self.kills += 1
                self._process = self._start()
                return

    def stop(self) -> None:
        """End it for good."""
        self._process.kill()
        self._process.wait()
        self._admin.close()
        self._log.close()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [_LIVSRYTME, "server", "run", "--port", "0"]
        return subprocess.Popen(command, env=self._environment, stdout=self._log, stderr=self._log)


@contextmanager
def two_servers(database: Database, folder: Path) -> Iterator[list[Server]]:
    with ExitStack() as stack:
        servers = [Server(name, database.url, folder) for name in ("one", "two")]
        for server in servers:
            stack.callback(server.stop)
        yield servers


def raise_alerts(database: Database) -> None:
    homes = [home(chr(ord("A") + number), "nord", test=True) for number in range(_HOMES)]
    for one in homes:  # capitals, whose sensors are no others'
        one |= {"code": f"{one['code'].lower()}-k", "gateway_id": f"{one['gateway_id'].lower()}-k"}
        one["resident"] |= {"code": f"{one['resident']['code'].lower()}-k"}
    wanted = {"units": [{"code": "nord", "name": "Nord"}], "homes": homes}
    with database.transaction() as db:
        provision(db, Provisioning.model_validate(wanted), test_mode=True)
    with database.transaction() as db:
        tested = select(Resident).join(Home, col(Home.home_id) == Resident.home_id).where(Home.is_test)
        for resident in db.exec(tested):
            raise_alert(db, resident, Raised(AlertKind.BUTTON, T0, T0), T0)


def until(
    done: Callable[[], bool], servers: Iterator[tuple[Server, str]], kills: int, patience_s: float = _PATIENCE_S
) -> bool:
    """Let the servers work until it is done, killing them on the way; return whether it was done in time."""
    deadline = time.monotonic() + patience_s
    while not done():
        if time.monotonic() > deadline:
            return False
        if kills:
            server, work = next(servers)
            before = server.kills
            server.kill_while(work)
            kills -= server.kills - before
        else:
            time.sleep(0.05)  # another process's progress can only be asked for
    return True


def test_two_servers_that_are_killed_in_transactions_tell_each_person_of_each_step_once(
    new_postgres: NewDatabase, tmp_path: Path
) -> None:
    database = new_postgres()
    raise_alerts(database)
    alerts = _HOMES + 1  # home-t of the town
    clock = WorldTime(tmp_path / "clock", T0)

    with two_servers(database, tmp_path) as servers:
        victims = cycle((server, work) for work in ("escalation", "notification", "change") for server in servers)
        for number, span in enumerate(_STEPS, start=1):
            now = T0 + span
            clock.set(now)
            has_run = partial(_has_run, database, number, now, alerts)
            assert until(has_run, victims, kills=3), f"step {number} was not run: {_left(database)}"
            # What a dead server had taken on is another's when its time is up; and so on, if that one dies as well.
            for leases in range(1, _LEASES + 1):
                clock.set(now + leases * _LEASE)
                if until(partial(_has_been_sent, database), victims, leases == 1, _PATIENCE_S / _LEASES):
                    break
            assert _has_been_sent(database), f"what step {number} queued was not sent: {_left(database)}"
        kills = sum(server.kills for server in servers)

    messages, shown, people = _told(database)
    assert kills >= 6
    assert messages == Counter(
        (alert, round_, people[name])
        for alert in range(1, alerts + 1)
        for round_ in range(1, len(_STEPS) + 1)
        for name in (_NURSES if round_ == 1 else _EVERYONE)
    )
    assert set(shown.values()) == {1}
    assert sum(shown.values()) == sum(messages.values())
    assert not any("stood still" in (tmp_path / f"{name}.log").read_text() for name in ("one", "two"))


def _has_run(database: Database, round_: int, now: datetime, alerts: int) -> bool:
    with database.reading() as db:
        # The presses, which were first; not what the servers may find to say of themselves.
        ours = col(EscalationRow.alert_id) <= alerts
        moved = select(func.count()).where(ours, EscalationRow.rounds == round_, col(EscalationRow.due_at) > now)
        return db.exec(moved).one() == alerts


def _has_been_sent(database: Database) -> bool:
    with database.reading() as db:
        return db.exec(select(func.count()).where(col(NotificationRow.due_at).is_not(None))).one() == 0


def _left(database: Database) -> list[str]:
    """Return what is still to be done, for whoever reads why this failed."""
    with database.reading() as db:
        steps = db.exec(select(EscalationRow.alert_id, EscalationRow.rounds, EscalationRow.due_at)).all()
        sends = db.exec(select(NotificationRow).where(col(NotificationRow.due_at).is_not(None))).all()
    return [str(one) for one in (*steps, *sends)]


def _told(database: Database) -> tuple[Counter[tuple[int | None, int, int]], Counter[str], dict[str, int]]:
    with database.reading() as db:
        rows = db.exec(select(NotificationRow)).all()
        shown = db.exec(select(ChangeRow.name).where(ChangeRow.what == "notification")).all()
        people = {person.username: person.person_id or 0 for person in db.exec(select(Person))}
    return Counter((row.alert_id, row.round_, row.person_id) for row in rows), Counter(shown), people
