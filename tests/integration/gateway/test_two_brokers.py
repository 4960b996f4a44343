"""One server at two brokers: wherever the gateway turns, its facts are stored once and its configuration follows it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from builders import BUTTON, MOTION, marks, sensor, stored
from encrypted_broker import Ca, EncryptedBroker
from gateway_world import Air, motion, running
from postgres import NewDatabase
from pydantic import ValidationError
from real_broker import RealBroker

from gateway import app
from gateway.settings import GatewaySettings
from gateway.status import read_status
from server.db.session import Database
from server.live.feed import Feed
from server.liveness.link_tests import renew_count, sensor_at
from server.roles import Roles
from server.settings import Role, ServerSettings

_PATIENCE_S = 60.0


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while not is_so():  # noqa: ASYNC110 - a file and a database give no sign
            await asyncio.sleep(0.05)


@pytest.fixture
def database(new_sqlite: NewDatabase) -> Database:
    return new_sqlite()


def at(database: Database, *brokers: str, ca_file: Path | None = None) -> ServerSettings:
    return ServerSettings(
        database_url=database.url, roles=frozenset({Role.INGEST}), broker=",".join(brokers), broker_ca_file=ca_file
    )


class Street:
    """A gateway in home-a, two brokers, and the real server's ingest at both."""

    def __init__(self, folder: Path, database: Database) -> None:
        for name in ("first", "second"):
            (folder / name).mkdir()
        self.first, self.second = RealBroker(folder / "first"), RealBroker(folder / "second")
        self.data, self.database, self.air = folder / "gateway", database, Air()
        self._number = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        at_both = at(self.database, self.first.url, self.second.url)
        here = GatewaySettings(
            id="gw-a", broker=self.first.url, second_broker=self.second.url, data=self.data, fail_back_s=0.3
        )
        feed = Feed(self.database)
        await self.first.start()
        await self.second.start()
        try:
            async with (
                Roles(self.database, self.air.clock, at_both, feed).running(at_both.brokers),
                running(app.run(here, self.air)),
            ):
                async with asyncio.timeout(_PATIENCE_S):
                    await self.air.listening.wait()
                yield
        finally:
            await self.first.kill()
            await self.second.kill()

    async def hears(self, count: int) -> None:
        """Let somebody move so often, and wait until all that was ever heard is stored."""
        for _ in range(count):
            self._number += 1
            self.air.say(sensor("a", MOTION), motion(self._number))
        await until(lambda: len(stored(self.database)) >= self._number)

    async def gateway_is_at(self, broker: RealBroker) -> None:
        def is_there() -> bool:
            status = read_status(self.data)
            return status is not None and status.broker == f"127.0.0.1:{broker.port}"

        await until(is_there)

    def config_version(self) -> int:
        with suppress(OSError, ValueError):
            return int(json.loads((self.data / "home.json").read_bytes())["version"])
        return 0


async def test_over_to_the_second_broker_and_back_everything_is_stored_once(tmp_path: Path, database: Database) -> None:
    street = Street(tmp_path, database)
    async with street.open():
        await street.gateway_is_at(street.first)
        await street.hears(5)

        await street.first.kill()
        await street.hears(5)
        await street.gateway_is_at(street.second)
        before = street.config_version()
        with database.transaction() as db:
            renew_count(db, sensor_at(db, sensor("a", BUTTON)), "operator", street.air.clock.now())
        await until(lambda: street.config_version() == before + 1)

        await street.first.start()
        await street.gateway_is_at(street.first)
        await street.hears(5)

    assert [row[1] for row in stored(database)] == list(range(1, 16))
    assert list(marks(database).values()) == [(15, 0)]


async def test_a_server_speaks_to_its_broker_encrypted_and_by_its_password(tmp_path: Path, database: Database) -> None:
    ca = Ca(tmp_path)
    broker = EncryptedBroker(tmp_path, {"server": "an@d for/all", "gw-a": "word"})
    address = broker.url.replace("mqtts://", f"mqtts://server:{quote('an@d for/all', safe='')}@")
    settings, air = at(database, address, ca_file=ca.file), Air()
    here = GatewaySettings(
        id="gw-a",
        broker=broker.url,
        broker_user="gw-a",
        broker_password="word",
        ca_file=ca.file,
        data=tmp_path / "gw",
    )
    await broker.start()
    try:
        async with (
            Roles(database, air.clock, settings, Feed(database)).running(settings.brokers),
            running(app.run(here, air)),
        ):
            async with asyncio.timeout(_PATIENCE_S):
                await air.listening.wait()
            air.say(sensor("a", MOTION), motion(1))
            await until(lambda: len(stored(database)) == 1)
    finally:
        await broker.kill()


def test_an_address_that_is_no_brokers_is_refused_in_words() -> None:
    with pytest.raises(ValidationError, match="write mqtt://host:port, or mqtts://"):
        ServerSettings(broker="http://broker.example")
