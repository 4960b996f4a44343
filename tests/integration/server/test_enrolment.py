"""A gateway comes to its secret by a code that works once, and loses its right to speak when it is revoked."""

import getpass
import json
import shutil
import socket
import stat
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import paho.mqtt.client as paho
import pytest
from builders import DAY, MINUTE, T0, TEST, FakeGateway, alerts, reasons, rows_of, send
from click.testing import CliRunner

from gateway.cli import gateway as gateway_commands
from gateway.setting_up import settings_from
from server.audit.tables import AuditEntry
from server.db.session import Database
from server.enrolment.service import Credentials, enrol, new_code, password_lines, revoke
from server.errors import NotFoundError, TooManyAttemptsError, WrongCodeError
from server.residents.tables import Gateway

_HERE = "192.0.2.1"
_LIVSRYTME = shutil.which("livsrytme", path=sysconfig.get_path("scripts")) or "livsrytme"
_MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin")


def code_for(database: Database, gateway_id: str = "gw-a") -> str:
    with database.transaction() as db:
        return new_code(db, gateway_id, T0)


def enrolled(database: Database) -> Credentials:
    return enrol(database, code_for(database), _HERE, T0)


def test_a_code_gives_name_secret_and_configuration_once(database: Database) -> None:
    code = code_for(database)

    credentials = enrol(database, code.lower().replace("-", " "), _HERE, T0 + MINUTE)

    assert credentials.gateway_id == credentials.config.gateway_id == "gw-a"
    assert len(credentials.config.sensors) == 5
    with pytest.raises(WrongCodeError):
        enrol(database, code, _HERE, T0 + MINUTE)


def test_neither_code_nor_secret_lies_readable_in_the_database(database: Database) -> None:
    code = code_for(database)
    before = repr([row.model_dump() for row in rows_of(database, Gateway)])
    credentials = enrol(database, code, _HERE, T0)
    after = repr([row.model_dump() for row in rows_of(database, Gateway)])
    audit = repr([row.model_dump() for row in rows_of(database, AuditEntry)])

    assert code.replace("-", "") not in before + audit
    assert credentials.secret not in after + audit
    assert [row.what for row in rows_of(database, AuditEntry)][-2:] == ["enrolment code made", "gateway enrolled"]


def test_a_code_is_of_no_use_after_three_days(database: Database) -> None:
    code = code_for(database)

    with pytest.raises(WrongCodeError):
        enrol(database, code, _HERE, T0 + 3 * DAY)


def test_a_second_code_ends_the_first_and_a_new_secret_the_old_one(database: Database) -> None:
    first_code = code_for(database)
    old = enrol(database, code_for(database), _HERE, T0)
    old_lines = _lines(database)
    with pytest.raises(WrongCodeError):
        enrol(database, first_code, _HERE, T0)
    new = enrolled(database)

    assert new.secret != old.secret
    assert _lines(database) != old_lines
    assert len(_lines(database)) == 1


def _lines(database: Database) -> list[str]:
    with database.reading() as db:
        return password_lines(db)


def test_who_guesses_waits_longer_and_longer_and_nobody_else_does(database: Database) -> None:
    for _ in range(5):
        with pytest.raises(WrongCodeError):
            enrol(database, "WRONG", _HERE, T0)

    with pytest.raises(TooManyAttemptsError) as refusal:
        enrol(database, code_for(database), _HERE, T0)
    assert refusal.value.wait_s >= 2
    assert enrol(database, code_for(database), "192.0.2.2", T0).gateway_id == "gw-a"
    assert enrol(database, code_for(database), _HERE, T0 + MINUTE).gateway_id == "gw-a"


def test_there_is_no_code_for_a_gateway_nobody_set_up(database: Database) -> None:
    with pytest.raises(NotFoundError):
        code_for(database, "gw-nowhere")


def test_what_a_revoked_gateway_sends_is_quarantined_until_it_is_enrolled_anew(database: Database) -> None:
    gateway = FakeGateway()
    enrolled(database)
    press = gateway.batch([gateway.press(T0)])
    with database.transaction() as db:
        revoke(db, "gw-a", T0)

    assert send(database, press, T0).receipt is None
    assert reasons(database) == ["its enrolment was withdrawn"]
    assert alerts(database) == []
    assert _lines(database) == []
    enrolled(database)
    assert send(database, press, T0).receipt is not None
    assert len(alerts(database)) == 1


@contextmanager
def service(data: Path) -> Iterator[str]:
    """Run the API on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [_LIVSRYTME, "server", "run", "--data", str(data), "--port", str(port), "--role", "api"],
        env={"PATH": "/usr/bin:/bin", "LIVSRYTME_SERVER_GATEWAY_BROKERS": "mqtts://one.example,mqtts://two.example"},
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        ends = time.monotonic() + 20
        while time.monotonic() < ends:
            try:
                urlopen(f"{url}/healthz", timeout=1).close()  # noqa: S310 - our own
                break
            except URLError:
                time.sleep(0.05)  # a port gives no sign when it opens
        else:
            pytest.fail("the server did not answer within 20 s")
        yield url
    finally:
        process.terminate()
        process.wait()


def server_command(data: Path, *arguments: str) -> str:
    done = subprocess.run(
        [_LIVSRYTME, "server", *arguments, "--data", str(data)],
        env={"PATH": "/usr/bin:/bin", "LIVSRYTME_SERVER_TEST_MODE": "true"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def test_from_the_code_on_paper_to_a_broker_that_knows_the_gateway(tmp_path: Path) -> None:
    data, home = tmp_path / "server", tmp_path / "gateway"
    file = tmp_path / "homes.json"
    file.write_text(json.dumps(TEST))
    server_command(data, "provision", str(file))
    code = server_command(data, "enrol-code", "gw-t")
    run = CliRunner().invoke
    with service(data) as url:
        said = run(gateway_commands, ["enrol", code, "--server", url, "--data", str(home)])
        again = run(gateway_commands, ["enrol", code, "--server", url, "--data", str(home)])

    assert "This gateway is gw-t" in said.output
    assert (again.exit_code, "was used" in again.output) == (1, True)
    assert stat.S_IMODE((home / "enrolment.json").stat().st_mode) == 0o600
    settings = settings_from({"data": str(home)})
    assert (settings.id, settings.broker_user, [str(one) for one in settings.brokers]) == (
        "gw-t", "gw-t", ["one.example:8883", "two.example:8883"],
    )  # fmt: skip
    assert str(settings.password) not in repr(settings)
    assert settings_from({"data": str(home), "broker": "mqtt://other"}).broker == "mqtt://other"
    if _MOSQUITTO is not None:
        lines = server_command(data, "broker-passwords")
        assert _takes_in(tmp_path, lines, "gw-t", str(settings.password))
        assert not _takes_in(tmp_path, lines, "gw-t", "another")


def _takes_in(folder: Path, lines: str, user: str, password: str) -> bool:
    passwords, config = folder / "passwords", folder / "mosquitto.conf"
    passwords.write_text(f"{lines}\n")
    passwords.chmod(0o600)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\nuser {getpass.getuser()}\n"
    )
    broker = subprocess.Popen([str(_MOSQUITTO), "-c", str(config)], stderr=subprocess.DEVNULL)
    answers: list[bool] = []
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.username_pw_set(user, password)
    client.on_connect = lambda *told: answers.append(not told[3].is_failure)
    try:
        ends = time.monotonic() + 10
        while not answers and time.monotonic() < ends:
            if not client.is_connected() and client.socket() is None:
                try:
                    client.connect("127.0.0.1", port)
                except OSError:
                    time.sleep(0.05)  # a port gives no sign when it opens
                    continue
            client.loop(0.1)
    finally:
        client.disconnect()
        broker.terminate()
        broker.wait()
    return bool(answers and answers[0])


def test_a_secret_is_not_asked_for_where_others_can_read_it(tmp_path: Path) -> None:
    said = CliRunner().invoke(
        gateway_commands, ["enrol", "CODE", "--server", "http://example.org", "--data", str(tmp_path)]
    )

    assert said.exit_code == 1
    assert "Write the server as https://name" in said.output


def test_a_server_that_is_not_there_is_told_in_words(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    said = CliRunner().invoke(
        gateway_commands, ["enrol", "CODE", "--server", f"http://127.0.0.1:{port}", "--data", str(tmp_path)]
    )

    assert said.exit_code == 1
    assert "The server cannot be reached" in said.output
