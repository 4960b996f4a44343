"""From a code on paper to a broker that takes no one without a certificate, the next certificate, and the end of it."""

import logging
import stat
from asyncio import create_task, sleep, timeout, to_thread
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
import uvicorn
from builders import TEST
from click.testing import CliRunner
from cryptography import x509
from encrypted_broker import Ca, EncryptedBroker
from real_broker import PATIENCE_S
from typing_extensions import override

from gateway.cli import gateway as commands
from gateway.contract.clock import SystemClock
from gateway.contract.heartbeat import Trouble
from gateway.enrolment import EnrolmentError, renew
from gateway.identity import identity_ends_at
from gateway.link import is_reachable, refusal
from gateway.renewal import RENEW_BEFORE, keep_certificate
from gateway.setting_up import settings_from
from gateway.troubles import Troubles
from server.db.migrate import upgrade
from server.db.session import Database
from server.enrolment.service import new_code, revoke, revoked_serials
from server.main import create_app
from server.provisioning import Provisioning, provision
from server.settings import Role, ServerSettings

_ONCE = {Trouble.CERTIFICATE_ENDS: 1}


class Service:
    """A service with an authority of its own, on a free port."""

    def __init__(self, folder: Path) -> None:
        self.ca = Ca(folder / "ca")
        self.settings = ServerSettings(
            data=folder, ca=self.ca.folder, roles=frozenset({Role.API}), test_mode=True, port=0, gateway_brokers=()
        )
        upgrade(self.settings.url)
        self.database = Database(self.settings.url)
        with self.database.transaction() as db:
            provision(db, Provisioning.model_validate(TEST), test_mode=True)
        self.url = ""

    def code(self) -> str:
        with self.database.transaction() as db:
            return new_code(db, "gw-t", SystemClock().now())

    def revoke(self) -> None:
        with self.database.transaction() as db:
            revoke(db, "gw-t", SystemClock().now())

    def revoked_list(self) -> str:
        now = SystemClock().now()
        with self.database.reading() as db:
            return self.ca.authority.revoked_list(revoked_serials(db, now), now)


@pytest_asyncio.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    made = Service(tmp_path / "server")
    config = uvicorn.Config(create_app(made.settings), port=0, log_level="warning")
    server = uvicorn.Server(config)
    running = create_task(server.serve())
    async with timeout(PATIENCE_S):
        while not server.started:  # noqa: ASYNC110 - it gives no other sign
            await sleep(0.02)
    made.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield made
    server.should_exit = True
    await running
    made.database.close()


async def enrolled(service: Service, home: Path) -> None:
    asked = ["enrol", service.code(), "--server", service.url, "--data", str(home)]
    said = await to_thread(CliRunner().invoke, commands, asked)
    assert said.exit_code == 0, said.output


async def until(is_so: Callable[[], bool]) -> None:
    async with timeout(PATIENCE_S):
        while not is_so():  # noqa: ASYNC110 - a file gives no sign
            await sleep(0.02)


@contextmanager
def logs_of(name: str) -> Iterator[list[logging.LogRecord]]:
    """Collect what is logged: the last thing said of a failed renewal."""
    said: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = said.append  # type: ignore[method-assign]
    logging.getLogger(name).addHandler(handler)
    yield said
    logging.getLogger(name).removeHandler(handler)


def certificate_in(home: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((home / "identity.pem").read_bytes())


async def test_a_code_becomes_a_certificate_that_a_broker_asks_for(service: Service, tmp_path: Path) -> None:
    home = tmp_path / "home"
    await enrolled(service, home)

    kept = home / "identity.pem"
    certificate = certificate_in(home)
    assert certificate.subject.rfc4514_string() == "CN=gw-t"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert b"PRIVATE KEY" not in b"".join(path.read_bytes() for path in (tmp_path / "server").glob("livsrytme.db*"))
    broker = EncryptedBroker(service.ca.folder)
    await broker.start()
    settings = settings_from({"data": str(home), "broker": broker.url})
    assert await is_reachable(settings, settings.brokers[0])
    await broker.kill()


async def test_the_next_certificate_comes_before_this_one_ends(service: Service, tmp_path: Path) -> None:
    home = tmp_path / "home"
    await enrolled(service, home)
    first = (home / "identity.pem").read_bytes()

    class Later(SystemClock):
        @override
        def now(self) -> datetime:
            return super().now() + timedelta(days=61)

    keeping = create_task(keep_certificate(home, Later(), Troubles()))
    async with timeout(PATIENCE_S):
        while (home / "identity.pem").read_bytes() == first:  # noqa: ASYNC110 - a file gives no sign
            await sleep(0.02)
    keeping.cancel()

    ends_at = identity_ends_at(home)
    assert ends_at is not None
    assert ends_at.astimezone(UTC) - SystemClock().now() > RENEW_BEFORE
    assert service.revoked_list().count("\n") > 1  # nobody was revoked: both hold until their end
    certificate = certificate_in(home)
    assert certificate.subject.rfc4514_string() == "CN=gw-t"


@pytest.mark.parametrize(("days_on", "told"), [(61, {}), (80, _ONCE), (91, _ONCE)])
async def test_a_certificate_that_ends_soon_and_gets_no_successor_is_a_trouble(
    service: Service, tmp_path: Path, days_on: int, told: dict[Trouble, int]
) -> None:
    home, troubles = tmp_path / "home", Troubles()
    await enrolled(service, home)
    service.revoke()  # or the service is away: there is no certificate to be had

    class Later(SystemClock):
        @override
        def now(self) -> datetime:
            return super().now() + timedelta(days=days_on)

    with logs_of("gateway.renewal") as said:
        keeping = create_task(keep_certificate(home, Later(), troubles))
        await until(lambda: bool(said))
        keeping.cancel()

    assert troubles.so_far() == told


async def test_a_certificate_that_the_disk_did_not_take_is_fetched_by_the_gateway_itself(
    service: Service, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    (home / "identity.new").mkdir(parents=True)  # the disk takes everything but this
    said = await to_thread(
        CliRunner().invoke, commands, ["enrol", service.code(), "--server", service.url, "--data", str(home)]
    )
    assert (said.exit_code, "cannot be written" in said.output) == (1, True)
    (home / "identity.new").rmdir()

    settings = settings_from({"data": str(home), "broker": "mqtts://127.0.0.1"})  # as it is started next
    keeping = create_task(keep_certificate(home, SystemClock(), Troubles()))
    await until(lambda: identity_ends_at(home) is not None)
    keeping.cancel()

    assert settings.cert_file == home / "identity.pem"


async def test_a_folder_that_cannot_be_written_does_not_use_up_the_code(service: Service, tmp_path: Path) -> None:
    code = service.code()
    (tmp_path / "home").write_text("no folder")
    asked = ["enrol", code, "--server", service.url, "--data"]

    refused = await to_thread(CliRunner().invoke, commands, [*asked, str(tmp_path / "home")])
    taken = await to_thread(CliRunner().invoke, commands, [*asked, str(tmp_path / "other")])

    assert (refused.exit_code, "cannot be written" in refused.output) == (1, True)
    assert taken.exit_code == 0


async def test_a_revoked_gateway_gets_no_certificate_and_no_link_and_is_told_why(
    service: Service, tmp_path: Path
) -> None:
    home, revoked = tmp_path / "home", tmp_path / "revoked.pem"
    await enrolled(service, home)
    service.revoke()

    with pytest.raises(EnrolmentError, match="it was revoked"):
        await to_thread(renew, home)
    revoked.write_text(service.revoked_list())
    broker = EncryptedBroker(service.ca.folder, revoked=revoked)
    await broker.start()
    settings = settings_from({"data": str(home), "broker": broker.url})
    assert await refusal(settings, settings.brokers[0]) == "the certificate of this gateway was revoked. Enrol it anew"
    await broker.kill()


async def test_enrolling_anew_ends_the_certificates_before(service: Service, tmp_path: Path) -> None:
    await enrolled(service, tmp_path / "old")
    await enrolled(service, tmp_path / "new")

    listed = x509.load_pem_x509_crl(service.revoked_list().encode())
    old, new = (
        x509.load_pem_x509_certificate((tmp_path / home / "identity.pem").read_bytes()) for home in ("old", "new")
    )
    assert listed.get_revoked_certificate_by_serial_number(old.serial_number) is not None
    assert listed.get_revoked_certificate_by_serial_number(new.serial_number) is None
    with pytest.raises(EnrolmentError, match="enrolled anew elsewhere"):
        await to_thread(renew, tmp_path / "old")
