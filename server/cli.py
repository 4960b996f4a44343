"""`livsrytme server`: run the service, its broker, and set up homes and people."""

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import click
import uvicorn
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from gateway.contract.codec import first_fault
from server.broker import Engine, refuse_taken_port, run_here
from server.db.migrate import upgrade
from server.db.session import Database
from server.enrolment.authority import Authority, make_authority
from server.enrolment.service import new_code, password_lines, revoke, revoked_serials
from server.errors import AuthorityError, NotFoundError, ServerError
from server.liveness.link_tests import OPERATOR, renew_count, sensor_at, start_test
from server.liveness.views import unproven_sensors
from server.main import create_app
from server.provisioning import naming_lines, provision, read_file
from server.settings import ServerSettings

# A thread that reckons (a look, a routine) keeps the interpreter so long at most from one that has an answer of the
# database: by Python's own 5 ms each statement of a commit would wait, and a call for help through some thirty of them.
_SWITCH_S = 0.0005
# Open pages keep a stream; they are closed at once and need no longer than this to notice.
_GRACE_S = 3


@click.group()
def server() -> None:
    """The service: receives, looks, alerts, notifies."""


@server.command()
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the SQLite file.")
@click.option("--host", help="Address to listen on (default 127.0.0.1).")
@click.option("--port", type=int, help="Port of the pages and the API (default 8080).")
@click.option("--broker", help="mqtt://host:port, several with commas, or 'embedded' to start one here (default).")
@click.option("--role", "roles", help="What this process does: api,ingest,detect,respond,jobs (default all).")
def run(**options: object) -> None:
    """Run the service."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # Alembic tells of each migration at every start; httpx and the like are no business of an operator.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    settings = _settings(options)
    try:
        refuse_taken_port(settings.host, settings.port, "the service", "--port")
        _refuse_missing_parts(settings)
        if settings.ca is not None:
            Authority(settings.ca)  # better now than at the first gateway
        app = create_app(settings)
    except ServerError as error:
        raise click.ClickException(str(error)) from None
    config = uvicorn.Config(
        app, host=settings.host, port=settings.port, log_level="warning", timeout_graceful_shutdown=_GRACE_S
    )
    _serve(uvicorn.Server(config), app.state)


def _refuse_missing_parts(settings: ServerSettings) -> None:
    try:
        settings.open_clock()
    except FileNotFoundError:
        raise click.ClickException(f"the simulated world's clock {settings.clock_file} is not there") from None
    try:
        upgrade(settings.url)
    except OperationalError as error:
        raise click.ClickException(f"the database cannot be used: {str(error.orig).splitlines()[0]}") from None


def _serve(service: uvicorn.Server, state: object) -> None:
    """Serve until told to stop; open streams are closed first, or the service would wait for them."""
    stop = service.handle_exit
    sys.setswitchinterval(_SWITCH_S)

    def close_streams_and_stop(number: int, frame: object) -> None:
        feed = getattr(state, "feed", None)
        if feed is not None:
            feed.close()
        stop(number, frame)  # type: ignore[arg-type]

    service.handle_exit = close_streams_and_stop  # type: ignore[method-assign,assignment]
    asyncio.run(service.serve())
    if not service.started:
        sys.exit(1)


@server.command()
@click.option("--port", type=int, required=True, help="Port to listen on, on 127.0.0.1.")
@click.option(
    "--engine", type=click.Choice([*Engine]), default=Engine.AUTO, help="Default: Mosquitto where it is installed."
)
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input closes.")
def broker(*, port: int, engine: str, with_parent: bool) -> None:
    """Run the broker of one machine in this process."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if with_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
        engine = Engine.RUMQTTD  # another program would not notice that its parent is gone
    try:
        run_here(port, Engine(engine))
    except ServerError as error:
        raise click.ClickException(str(error)) from None


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


@server.command("provision")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the SQLite file.")
def provision_command(*, file: Path, data: Path | None) -> None:
    """Set up units, people and homes from FILE. Doing it again changes only what the file changed."""
    settings = _settings({"data": data})
    try:
        wanted = read_file(file)
        upgrade(settings.url)
        database = Database(settings.url)
        with naming_lines(file), database.transaction() as db:
            provision(db, wanted, test_mode=settings.test_mode)
        database.close()
    except ServerError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{len(wanted.units)} units, {len(wanted.people)} people, {len(wanted.homes)} homes are set up.")


@server.command("enrol-code")
@click.argument("gateway_id")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the SQLite file.")
def enrol_code(*, gateway_id: str, data: Path | None) -> None:
    """Make a one-time code with which GATEWAY_ID comes to its secret. It holds for three days and is shown once."""
    with _written_to(data) as (db, now):
        code = new_code(db, gateway_id, now)
    click.echo(code)


@server.command("revoke-gateway")
@click.argument("gateway_id")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the SQLite file.")
def revoke_gateway(*, gateway_id: str, data: Path | None) -> None:
    """Refuse everything GATEWAY_ID sends from now on, until it is enrolled anew."""
    with _written_to(data) as (db, now):
        revoke(db, gateway_id, now)
    click.echo(
        f"{gateway_id} is revoked. Write the broker's password file and revoked list anew to close its link as well."
    )


@server.command("broker-passwords")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the SQLite file.")
def broker_passwords(*, data: Path | None) -> None:
    """Write the lines of Mosquitto's password file: one for each gateway that may connect."""
    with _written_to(data) as (db, _):
        lines = password_lines(db)
    for line in lines:
        click.echo(line)


@server.command("test-sensor")
@click.argument("sensor_id")
@click.option("--minutes", type=click.IntRange(1, 60), default=10, help="How long it is tried.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the SQLite file.")
def test_sensor(*, sensor_id: str, minutes: int, data: Path | None) -> None:
    """Take the next press or movement of SENSOR_ID for a test: it proves the way to the server and wakes nobody."""
    with _written_to(data) as (db, now):
        start_test(db, sensor_at(db, sensor_id), OPERATOR, timedelta(minutes=minutes), now)
    click.echo(f"{sensor_id} is tried for {minutes} min. Press it once, or walk past it. Pressed twice it is a call.")


@server.command("new-battery")
@click.argument("sensor_id")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the SQLite file.")
def new_battery(*, sensor_id: str, data: Path | None) -> None:
    """Let the encryption counter of SENSOR_ID begin anew with its next packet: its battery was changed."""
    with _written_to(data) as (db, now):
        renew_count(db, sensor_at(db, sensor_id), OPERATOR, now)
    click.echo(f"The next packet of {sensor_id} sets its counter. Press it once, so that it is the right one.")


@server.command("unproven")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the SQLite file.")
def unproven(*, data: Path | None) -> None:
    """List the sensors whose way to the server was never proven, or not for thirty days. Ends with 1 where any is."""
    with _written_to(data) as (db, now):
        lines = [f"{sensor.address}  {sensor.room}  {home}" for sensor, home in unproven_sensors(db, now)]
    for line in lines:
        click.echo(line)
    if lines:
        sys.exit(1)


@server.command("make-ca")
@click.argument("folder", type=click.Path(path_type=Path))
def make_ca(*, folder: Path) -> None:
    """Make the installation's own certificate authority in FOLDER. Keep a copy of it where the service is not."""
    with _in_words():
        make_authority(folder, _settings({}).open_clock().now())
    click.echo(f"Set LIVSRYTME_SERVER_CA={folder}: gateways that enrol from now on get a certificate.")


@server.command("broker-certificate")
@click.argument("host")
@click.argument("folder", type=click.Path(path_type=Path))
def broker_certificate(*, host: str, folder: Path) -> None:
    """Write broker.pem and broker.key into FOLDER, for a broker that gateways find at HOST."""
    settings = _settings({})
    with _in_words():
        _authority(settings).vouch_for_broker(host, folder, settings.open_clock().now())


@server.command("revoked-certificates")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the SQLite file.")
def revoked_certificates(*, data: Path | None) -> None:
    """Write the list of revoked certificates, Mosquitto's crlfile. Write it anew each day: it is too old after 90."""
    with _in_words(), _written_to(data) as (db, now):
        click.echo(_authority(_settings({})).revoked_list(revoked_serials(db, now), now), nl=False)


def _authority(settings: ServerSettings) -> Authority:
    if settings.ca is None:
        raise AuthorityError(
            "no authority is set: make one with livsrytme server make-ca, and name it: LIVSRYTME_SERVER_CA"
        )
    return Authority(settings.ca)


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except ServerError as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def _written_to(data: Path | None) -> Iterator[tuple[Session, datetime]]:
    settings = _settings({"data": data})
    upgrade(settings.url)
    database = Database(settings.url)
    try:
        with database.transaction() as db:
            yield db, settings.open_clock().now()
    except NotFoundError as error:
        raise click.ClickException(f"There is no such {error}.") from None
    finally:
        database.close()


def _settings(options: dict[str, object]) -> ServerSettings:
    try:
        return ServerSettings(**{name: value for name, value in options.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        raise click.ClickException(f"a setting cannot be used: {first_fault(error)}") from None
