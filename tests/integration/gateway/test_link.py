"""The link to the broker: encrypted, proved both ways, and by the second address when the first is away."""

import asyncio
import getpass
import ipaddress
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiomqtt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from gateway_world import BUTTON, GATEWAY, HALL, World, motion, press
from real_broker import PATIENCE_S, RealBroker
from receipt_server import ReceiptServer
from typing_extensions import override

from gateway.contract import topics
from gateway.contract.codec import from_json
from gateway.contract.heartbeat import Presence, PresenceState
from gateway.contract.topics import Upward
from gateway.link import is_reachable
from gateway.settings import GatewaySettings

_MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin")
_CONFIG = """
listener {port} 127.0.0.1
cafile {folder}/ca.pem
certfile {folder}/broker.pem
keyfile {folder}/broker.key
require_certificate {certificates}
use_identity_as_username {certificates}
allow_anonymous {certificates}
{passwords}
persistence false
user {user}
"""

needs_mosquitto = pytest.mark.skipif(_MOSQUITTO is None, reason="install mosquitto to try an encrypted link")


class SmallCa:
    """Vouches for a broker and for gateways, in files of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Livsrytme test CA")])
        builder = self._certificate(self._name, self._key).add_extension(x509.BasicConstraints(True, None), True)  # noqa: FBT003
        self.file = folder / "ca.pem"
        self.file.write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        self.vouch("broker")

    def vouch(self, who: str) -> tuple[Path, Path]:
        """Write and return certificate and key."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, who)])
        here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        certificate = self._certificate(name, key).add_extension(here, critical=False)
        paths = self.folder / f"{who}.pem", self.folder / f"{who}.key"
        paths[0].write_bytes(certificate.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        paths[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return paths

    def _certificate(self, name: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.fromtimestamp(self.folder.stat().st_mtime, UTC)
        return x509.CertificateBuilder(
            self._name, name, key.public_key(), x509.random_serial_number(),
            now - timedelta(days=1), now + timedelta(days=2),
        )  # fmt: skip


class EncryptedBroker(RealBroker):
    """Mosquitto behind TLS. It asks for a certificate, or for a password."""

    def __init__(self, ca: SmallCa, passwords: dict[str, str] | None = None) -> None:
        super().__init__(ca.folder)
        self.url = self.url.replace("mqtt://", "mqtts://")
        self._passwords = passwords or {}
        self._ca = ca

    @override
    async def start(self) -> None:
        lines = ""
        if self._passwords:
            file = self._ca.folder / "passwords"
            file.write_text("")
            file.chmod(0o600)
            for name, password in self._passwords.items():
                program = shutil.which("mosquitto_passwd") or "mosquitto_passwd"
                made = await asyncio.create_subprocess_exec(program, "-b", str(file), name, password)
                await made.wait()
            lines = f"password_file {file}"
        config = self._ca.folder / "mosquitto.conf"
        config.write_text(
            _CONFIG.format(
                port=self.port, folder=self._ca.folder, passwords=lines, user=getpass.getuser(),
                certificates=str(not self._passwords).lower(),
            )
        )  # fmt: skip
        self._process = await asyncio.create_subprocess_exec(
            str(_MOSQUITTO), "-c", str(config), stderr=asyncio.subprocess.DEVNULL
        )
        async with asyncio.timeout(PATIENCE_S):
            while not await self._answers():  # noqa: ASYNC110 - a port gives no sign when it opens
                await asyncio.sleep(0.02)


@asynccontextmanager
async def started(broker: RealBroker) -> AsyncIterator[None]:
    await broker.start()
    try:
        yield
    finally:
        await broker.kill()


class HomeOf(World):
    """A home whose gateway is set up otherwise."""

    def __init__(self, folder: Path, **different: object) -> None:
        super().__init__(folder)
        self._different = different

    @property
    @override
    def settings(self) -> GatewaySettings:
        return GatewaySettings(**{"id": GATEWAY, "broker": self.broker.url, "data": self.data, **self._different})  # type: ignore[arg-type]


@asynccontextmanager
async def watched(broker: EncryptedBroker, ca: SmallCa, **login: str) -> AsyncIterator[AsyncIterator[Presence]]:
    """Be the server behind an encrypted broker: give what gateways say of their coming and going."""
    certificate, key = ca.vouch("server")
    tls = aiomqtt.TLSParameters(ca_certs=str(ca.file), certfile=str(certificate), keyfile=str(key))
    async with aiomqtt.Client(
        "127.0.0.1",
        broker.port,
        tls_params=tls,
        protocol=aiomqtt.ProtocolVersion.V5,
        clean_start=True,
        **login,  # type: ignore[arg-type]
    ) as server:
        await server.subscribe(topics.upward(GATEWAY, Upward.PRESENCE), qos=1)
        yield (from_json(Presence, bytes(message.payload)) async for message in server.messages)


@needs_mosquitto
async def test_a_certificate_proves_the_gateway_to_an_encrypted_broker(tmp_path: Path) -> None:
    ca = SmallCa(tmp_path / "ca")
    broker = EncryptedBroker(ca)
    certificate, key = ca.vouch(GATEWAY)
    world = HomeOf(tmp_path, broker=broker.url, ca_file=ca.file, cert_file=certificate, key_file=key)
    world.knows_its_home()

    async with started(broker), watched(broker, ca) as presences:
        async with world.gateway(), asyncio.timeout(PATIENCE_S):
            here = await anext(presences)
        async with asyncio.timeout(PATIENCE_S):
            gone = await anext(presences)

    assert (here.state, gone.state) == (PresenceState.HERE, PresenceState.GONE)


@needs_mosquitto
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # paho leaves the socket of a refusal
async def test_only_a_broker_we_trust_with_what_proves_us_takes_us_in(tmp_path: Path) -> None:
    ca, stranger = SmallCa(tmp_path / "ca"), SmallCa(tmp_path / "stranger")
    broker = EncryptedBroker(ca)
    ours, theirs = ca.vouch(GATEWAY), stranger.vouch(GATEWAY)

    async def is_let_in(ca_file: Path, proof: tuple[Path, Path] | None) -> bool:
        cert_file, key_file = proof or (None, None)
        settings = HomeOf(tmp_path, broker=broker.url, ca_file=ca_file, cert_file=cert_file, key_file=key_file).settings
        async with asyncio.timeout(PATIENCE_S):
            return await is_reachable(settings, settings.brokers[0])

    async with started(broker):
        assert await is_let_in(ca.file, ours)
        assert not await is_let_in(stranger.file, ours)
        assert not await is_let_in(ca.file, theirs)
        assert not await is_let_in(ca.file, None)


@needs_mosquitto
async def test_a_password_of_its_own_proves_the_gateway(tmp_path: Path) -> None:
    ca = SmallCa(tmp_path / "ca")
    broker = EncryptedBroker(ca, passwords={GATEWAY: "right"})

    async def is_let_in(password: str) -> bool:
        settings = HomeOf(
            tmp_path, broker=broker.url, ca_file=ca.file, broker_user=GATEWAY, broker_password=password
        ).settings
        async with asyncio.timeout(PATIENCE_S):
            return await is_reachable(settings, settings.brokers[0])

    async with started(broker):
        assert await is_let_in("right")
        assert not await is_let_in("wrong")


@asynccontextmanager
async def two_brokers(folder: Path, **different: object) -> AsyncIterator[tuple[HomeOf, RealBroker, ReceiptServer]]:
    """A home whose gateway knows two brokers, behind each of which the server listens."""
    (folder / "second").mkdir()
    second = RealBroker(folder / "second")
    world = HomeOf(folder, second_broker=second.url, fail_back_s=0.5, **different)
    world.knows_its_home()
    server = ReceiptServer(second, world.config)
    async with world.server.running(), server.running():
        yield world, second, server
    await world.broker.kill()
    await second.kill()


async def test_the_second_broker_serves_while_the_first_is_away_and_no_longer(tmp_path: Path) -> None:
    async with two_brokers(tmp_path) as (world, second, server):
        await second.start()
        async with world.gateway() as air:
            air.say(HALL, motion(1))
            await server.until(lambda: bool(server.arrived))
            await world.broker.start()
            await world.server.until(lambda: bool(world.server.presences))
            air.say(HALL, motion(2))
            await world.server.until(lambda: bool(world.server.arrived))
            await world.broker.kill()
            air.say(HALL, motion(3))
            await server.until(lambda: len(server.arrived) > 1)

    assert [one.seq for one in world.server.arrived] == [2]
    assert {one.seq for one in server.arrived} >= {1, 3}  # and 2, where the receipt for it died with the broker


async def test_a_broker_that_brings_no_receipts_is_left_for_the_other(tmp_path: Path) -> None:
    async with two_brokers(tmp_path, fallback_after_s=0.5) as (world, second, server):
        world.server.gives_receipts = False
        await second.start()
        await world.opens()
        async with world.gateway() as air:
            await world.server.until(lambda: bool(world.server.heartbeats))
            air.say(BUTTON, press(1))
            await server.until(lambda: bool(server.arrived))

    assert [one.seq for one in server.arrived] == [1]
