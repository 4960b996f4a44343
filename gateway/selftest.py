"""Proves every part of a gateway one by one, and says in plain words what is wrong and what to do."""

import asyncio
import math
import os
import secrets
import shlex
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import aiomqtt

from gateway.ble.duty import what_is_amiss
from gateway.ble.radio import BluezRadio, Radio
from gateway.ble.scanner import Scanner
from gateway.ble.wake import wake_patterns
from gateway.connected.profile import ADVERTISED
from gateway.contract import topics
from gateway.contract.clock import SystemClock
from gateway.contract.codec import to_json
from gateway.contract.heartbeat import Presence, PresenceState
from gateway.contract.topics import Downward, Upward
from gateway.errors import GatewayError, OutboxInUseError
from gateway.home import Home
from gateway.home_assistant.link import home_assistant_client
from gateway.identity import ends_at_of
from gateway.link import client, refusal
from gateway.outbox import Outbox
from gateway.sensors.registry import WAKING_COMPANIES, WAKING_SERVICES
from gateway.settings import BrokerAddress, GatewaySettings
from gateway.timekeeping import synced_by
from gateway.troubles import Troubles

_MB: Final = 1_000_000
_PATIENCE_S: Final = 10.0
_MAIN_CONF: Final = Path("/etc/bluetooth/main.conf")
_SETTLE_S: Final = 0.5  # what the broker had kept for us has come by then


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was tried, and how it went."""

    part: str
    is_well: bool
    words: str


async def prove(settings: GatewaySettings, radios: Sequence[Radio]) -> AsyncIterator[Verdict]:
    """Try one part after another. Nothing is stored at the server, and a gateway that runs is not disturbed."""
    yield _folder(settings)
    yield _disk(settings)
    yield _outbox(settings)
    yield _home(settings)
    yield _clock(radios)
    if settings.cert_file is not None:
        yield _certificate(settings.cert_file, SystemClock().now())
    if any(isinstance(radio, BluezRadio) for radio in radios):
        yield _bluez(_MAIN_CONF)
    for radio in radios:
        yield await _radio(radio)
    if settings.fallback_command:
        yield _fallback(settings.fallback_command)
    for address in settings.brokers:
        yield await _broker(settings, address)
    if settings.home_assistant_address is not None:
        yield await _home_assistant(settings, settings.home_assistant_address)


def _folder(settings: GatewaySettings) -> Verdict:
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.data) as file:
            file.write(b"livsrytme")
            file.flush()
            os.fsync(file.fileno())
    except OSError as fault:
        words = f"{settings.data} cannot be written ({fault.strerror}). Check its owner, and that the disk is not full."
        return Verdict("data folder", is_well=False, words=words)
    return Verdict("data folder", is_well=True, words=f"{settings.data} can be written")


def _disk(settings: GatewaySettings) -> Verdict:
    try:
        free_mb = shutil.disk_usage(settings.data).free // _MB
    except OSError as fault:
        return Verdict("disk", is_well=False, words=f"its free space is not known ({fault.strerror})")
    if free_mb < settings.disk_floor_mb:
        words = f"only {free_mb} MB free, less than {settings.disk_floor_mb:.0f} MB. Make room on this machine."
        return Verdict("disk", is_well=False, words=words)
    return Verdict("disk", is_well=True, words=f"{free_mb} MB free")


def _outbox(settings: GatewaySettings) -> Verdict:
    troubles = Troubles()
    try:
        with Outbox(settings.data, troubles) as outbox:
            waiting = sum(head.waiting for head in outbox.heads())
    except OutboxInUseError:
        return Verdict("outbox", is_well=True, words="in use by the running gateway")
    except (OSError, sqlite3.Error) as fault:
        return Verdict("outbox", is_well=False, words=f"it cannot be opened ({fault}). Is the disk full?")
    if troubles.so_far():
        return Verdict("outbox", is_well=False, words="the file was damaged; it is kept beside and a new one was begun")
    return Verdict("outbox", is_well=True, words=f"sound; {waiting} observations wait for the server")


def _home(settings: GatewaySettings) -> Verdict:
    home = Home(settings.data, settings.id, Troubles())
    if home.version == 0:
        words = "this gateway does not know its home yet. It hears nothing before the server has told it."
        return Verdict("configuration", is_well=False, words=words)
    return Verdict("configuration", is_well=True, words=f"version {home.version}")


def _clock(radios: Sequence[Radio]) -> Verdict:
    if all(synced_by(radio.clock)() for radio in radios):
        return Verdict("clock", is_well=True, words="set by a time server")
    words = "no time server has set it. Check the network, and that a time service such as systemd-timesyncd runs."
    return Verdict("clock", is_well=False, words=words)


def _certificate(file: Path, now: datetime) -> Verdict:
    ends_at = ends_at_of(file)
    if ends_at is None:
        words = f"{file} is missing or damaged. The gateway asks the server for a new one by itself while it runs."
    elif ends_at <= now:
        words = f"it ended on {ends_at:%Y-%m-%d}. If the gateway runs and gets no other, enrol it anew."
    else:
        return Verdict(
            "certificate", is_well=True, words=f"it holds until {ends_at:%Y-%m-%d}, and is renewed by itself"
        )
    return Verdict("certificate", is_well=False, words=words)


def _bluez(file: Path) -> Verdict:
    try:
        amiss = what_is_amiss(file.read_text(encoding="utf-8", errors="replace"))
    except OSError as fault:
        amiss = f"it cannot be read ({fault.strerror})"
    if amiss is None:
        return Verdict("bluetooth", is_well=True, words="it listens passively, and all of the time")
    words = (
        f"{file}: {amiss}. Copy the lines of /usr/share/doc/livsrytme*/bluetooth-main.conf into it, "
        "then: sudo systemctl restart bluetooth"
    )
    return Verdict("bluetooth", is_well=False, words=words)


async def _radio(radio: Radio) -> Verdict:
    heard = asyncio.Event()
    monitors = wake_patterns(WAKING_SERVICES, WAKING_COMPANIES, ADVERTISED)
    scanner = Scanner([radio], lambda _: heard.set(), monitors)
    listening = asyncio.create_task(scanner.run())
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await heard.wait()
    except TimeoutError:
        if scanner.deaf_since is not None:
            words = "it does not listen. Is the adapter plugged in, and does the service bluetooth run?"
        else:
            words = f"it listens, and nothing was heard in {_PATIENCE_S:.0f} s. Press a sensor near it and try again."
        return Verdict(f"radio {radio.name}", is_well=False, words=words)
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError, GatewayError):
            await listening
    return Verdict(f"radio {radio.name}", is_well=True, words="it hears sensors")


def _fallback(command: str) -> Verdict:
    program, *_ = shlex.split(command)
    if shutil.which(program) is None:
        words = f"{program} is not there, or this user may not run it. No siren would sound. See FALLBACK_COMMAND."
        return Verdict("fallback", is_well=False, words=words)
    return Verdict("fallback", is_well=True, words=f"{program} can be run; hear it once by pulling the network cable")


async def _broker(settings: GatewaySettings, address: BrokerAddress) -> Verdict:
    part = f"broker {address}"
    try:
        async with asyncio.timeout(2 * _PATIENCE_S), client(settings, address, None, "-selftest") as link:
            if await _server_answers(settings, link):
                return Verdict(part, is_well=True, words="it takes us in, and the server behind it answers")
    except (aiomqtt.MqttError, OSError) as fault:
        why = await refusal(settings, address) or f"{fault}. Check address, network and secret"
        return Verdict(part, is_well=False, words=f"it does not take us in: {why}.")
    words = "it takes us in, but no server answers behind it. Facts are kept until one does."
    return Verdict(part, is_well=False, words=words)


async def _home_assistant(settings: GatewaySettings, address: BrokerAddress) -> Verdict:
    part = f"home assistant {address}"
    try:
        async with asyncio.timeout(_PATIENCE_S), home_assistant_client(settings, address, None, "-home-selftest"):
            return Verdict(part, is_well=True, words="its broker takes us in")
    except (aiomqtt.MqttError, OSError) as fault:
        words = f"its broker does not take us in ({fault}). Check address and password; nothing else suffers from it."
        return Verdict(part, is_well=False, words=words)


async def _server_answers(settings: GatewaySettings, link: aiomqtt.Client) -> bool:
    """Say that we are here: a server answers by sending our configuration. What the broker had kept is no answer."""
    await link.subscribe(topics.everything_downward(settings.id), qos=1, timeout=math.inf)
    with suppress(TimeoutError):
        async with asyncio.timeout(_SETTLE_S):
            async for _ in link.messages:
                pass
    here = Presence(gateway_id=settings.id, boot_id=secrets.token_hex(4), state=PresenceState.HERE)
    await link.publish(topics.upward(settings.id, Upward.PRESENCE), to_json(here), qos=1, timeout=math.inf)
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_S):
            async for message in link.messages:
                if topics.read_downward(str(message.topic)) is Downward.CONFIG:
                    return True
    return False
