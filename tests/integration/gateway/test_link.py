"""The link to the broker: encrypted, proved both ways, and by the second address when the first is away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiomqtt
import pytest
from encrypted_broker import KINDS, Ca, EncryptedBroker, EncryptedMosquitto
from gateway_world import BUTTON, GATEWAY, HALL, World, motion, press
from real_broker import PATIENCE_S, RealBroker
from receipt_server import ReceiptServer
from typing_extensions import override

from gateway import link as link_module
from gateway.contract import topics
from gateway.contract.clock import SystemClock
from gateway.contract.codec import from_json
from gateway.contract.heartbeat import Presence, PresenceState
from gateway.contract.topics import Upward
from gateway.identity import NewKey
from gateway.link import client, is_reachable, refusal
from gateway.settings import GatewaySettings

Encrypted = EncryptedBroker | EncryptedMosquitto
Kind = type[EncryptedBroker] | type[EncryptedMosquitto]

of_each_kind = pytest.mark.parametrize("kind", KINDS)
# paho leaves the socket of a refusal.
with_refusals = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@asynccontextmanager
async def started(broker: RealBroker | EncryptedBroker) -> AsyncIterator[None]:
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
async def watched(broker: Encrypted, ca: Ca) -> AsyncIterator[AsyncIterator[Presence]]:
    """Be the server behind an encrypted broker: give what gateways say of their coming and going."""
    proof = str(ca.vouch("server"))
    async with aiomqtt.Client(
        "127.0.0.1",
        broker.port,
        tls_params=aiomqtt.TLSParameters(ca_certs=str(ca.file), certfile=proof, keyfile=proof),
        protocol=aiomqtt.ProtocolVersion.V5,
        clean_start=True,
    ) as server:
        await server.subscribe(topics.upward(GATEWAY, Upward.PRESENCE), qos=1)
        yield (from_json(Presence, bytes(message.payload)) async for message in server.messages)


def settings_with(folder: Path, broker: Encrypted, **proof: object) -> GatewaySettings:
    return HomeOf(folder, broker=broker.url, **proof).settings


async def is_let_in(settings: GatewaySettings) -> bool:
    async with asyncio.timeout(PATIENCE_S):
        return await is_reachable(settings, settings.brokers[0])


@of_each_kind
async def test_a_certificate_proves_the_gateway_to_an_encrypted_broker(tmp_path: Path, kind: Kind) -> None:
    ca = Ca(tmp_path / "ca")
    broker = kind(ca.folder)
    async with started(broker), watched(broker, ca) as presences:
        world = HomeOf(tmp_path, broker=broker.url, ca_file=ca.file, cert_file=ca.vouch(GATEWAY))
        world.knows_its_home()
        async with world.gateway(), asyncio.timeout(PATIENCE_S):
            here = await anext(presences)
        async with asyncio.timeout(PATIENCE_S):
            gone = await anext(presences)

    assert (here.state, gone.state) == (PresenceState.HERE, PresenceState.GONE)


@with_refusals
@of_each_kind
async def test_only_a_broker_we_trust_with_what_proves_us_takes_us_in(tmp_path: Path, kind: Kind) -> None:
    ca, stranger = Ca(tmp_path / "ca"), Ca(tmp_path / "stranger")
    ours, theirs = ca.vouch(GATEWAY), stranger.vouch(GATEWAY)
    broker = kind(ca.folder)
    async with started(broker):
        let_in = await asyncio.gather(
            is_let_in(settings_with(tmp_path, broker, ca_file=ca.file, cert_file=ours)),
            is_let_in(settings_with(tmp_path, broker, ca_file=stranger.file, cert_file=ours)),
            is_let_in(settings_with(tmp_path, broker, ca_file=ca.file, cert_file=theirs)),
            is_let_in(settings_with(tmp_path, broker, ca_file=ca.file)),
        )

    assert let_in == [True, False, False, False]


@with_refusals
@of_each_kind
@pytest.mark.parametrize("refused_for", ["its certificate", "its password"])
async def test_a_refusal_is_noticed_as_soon_as_the_broker_hangs_up(
    tmp_path: Path, kind: Kind, refused_for: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca = Ca(tmp_path / "ca")
    broker = kind(ca.folder, {GATEWAY: "right"} if refused_for == "its password" else None)
    settings = settings_with(tmp_path, broker, ca_file=ca.file, broker_user=GATEWAY, broker_password="wrong")
    unanswered: list[aiomqtt.MqttError] = []
    monkeypatch.setattr(link_module, "_ANSWER_S", 10 * PATIENCE_S)  # only the hanging up can end it before our patience

    async with started(broker):
        try:
            async with asyncio.timeout(PATIENCE_S), client(settings, settings.brokers[0], None):
                pass
        except aiomqtt.MqttError as fault:
            unanswered.append(fault)

    assert len(unanswered) == 1


@with_refusals
@of_each_kind
async def test_a_revoked_or_ended_certificate_is_refused_and_the_gateway_says_which(tmp_path: Path, kind: Kind) -> None:
    ca = Ca(tmp_path / "ca")
    now = SystemClock().now()
    key = NewKey()
    signed = ca.authority.vouch_for_gateway(GATEWAY, key.request, now)
    key.keep(tmp_path, signed.pem, ca.authority.pem)
    revoked, ended = tmp_path / "identity.pem", ca.vouch(GATEWAY, now - timedelta(days=91))
    (tmp_path / "revoked.pem").write_text(ca.authority.revoked_list([signed.serial], now))
    broker = kind(ca.folder, revoked=tmp_path / "revoked.pem")

    async def why(proof: Path | None) -> str | None:
        settings = settings_with(tmp_path, broker, ca_file=ca.file, cert_file=proof)
        return await refusal(settings, settings.brokers[0])

    async with started(broker):
        assert await is_let_in(settings_with(tmp_path, broker, ca_file=ca.file, cert_file=ca.vouch("another")))
        assert "was revoked. Enrol it anew" in str(await why(revoked))
        assert "has ended. Enrol it anew" in str(await why(ended))
        assert "has none. Enrol it anew" in str(await why(None))


@with_refusals
@of_each_kind
async def test_a_password_of_its_own_proves_the_gateway(tmp_path: Path, kind: Kind) -> None:
    ca = Ca(tmp_path / "ca")
    broker = kind(ca.folder, {GATEWAY: "right"})
    async with started(broker):
        login = {"ca_file": ca.file, "broker_user": GATEWAY}
        let_in = await asyncio.gather(
            is_let_in(settings_with(tmp_path, broker, **login, broker_password="right")),
            is_let_in(settings_with(tmp_path, broker, **login, broker_password="wrong")),
            is_let_in(settings_with(tmp_path, broker, ca_file=ca.file)),
        )

    assert let_in == [True, False, False]


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
