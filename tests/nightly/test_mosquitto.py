"""The broker as it is deployed: Debian's Mosquitto with our configuration, certificates and lists of topics."""

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from getpass import getuser
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from debian_packages import NoPackagesError, unpacked

from gateway.contract.clock import SystemClock
from gateway.contract.observation import Stream
from gateway.contract.topics import upward
from gateway.identity import NewKey
from server.enrolment.authority import Authority, make_authority

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 20.0

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(300)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What `mosquitto.conf` names, with gw-a and gw-b enrolled and gw-lost revoked."""
    now = SystemClock().now()
    authority = make_authority(tmp_path, now)
    authority.vouch_for_broker("127.0.0.1", tmp_path, now)
    for who in ("gw-a", "gw-b"):
        identity(authority, tmp_path / who, who)
    (tmp_path / "revoked.pem").write_text(
        authority.revoked_list([identity(authority, tmp_path / "gw-lost", "gw-lost")], now)
    )
    shutil.copy(ROOT / "deploy" / "broker" / "gateways.acl", tmp_path)
    return tmp_path


def identity(authority: Authority, home: Path, who: str) -> str:
    key = NewKey()
    home.mkdir()
    signed = authority.vouch_for_gateway(who, key.request, SystemClock().now())
    key.keep(home, signed.pem, authority.pem)
    return signed.serial


@pytest.fixture
def ports(folder: Path) -> Iterator[tuple[int, int]]:
    """Mosquitto as deployed, on other ports: the gateways' and the server's."""
    try:
        packages = unpacked(["mosquitto"], ROOT / "build" / "nightly" / "mosquitto")
    except NoPackagesError as missing:
        pytest.skip(f"no Mosquitto here: {missing}")
    free = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    gateways, server = (one.getsockname()[1] for one in free)
    for one in free:
        one.close()
    config = (ROOT / "deploy" / "broker" / "mosquitto.conf").read_text(encoding="utf-8")
    config = config.replace("/etc/mosquitto/livsrytme", str(folder)).replace(
        "listener 8883", f"listener {gateways} 127.0.0.1"
    )
    file = folder / "mosquitto.conf"
    file.write_text(f"user {getuser()}\n" + config.replace("listener 1883", f"listener {server}"), encoding="utf-8")
    libraries = next((packages / "usr/lib").glob("*-linux-gnu*"))
    broker = subprocess.Popen(
        [packages / "usr/sbin/mosquitto", "-c", file], env={**os.environ, "LD_LIBRARY_PATH": str(libraries)}
    )
    yield gateways, server
    broker.kill()
    broker.wait()


def connected(port: int, home: Path | None, heard: list[str]) -> paho.Client:
    client = paho.Client(paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
    if home is not None:
        tls = ssl.create_default_context(cafile=home / "authority.pem")
        tls.load_cert_chain(home / "identity.pem")
        client.tls_set_context(tls)
    client.on_message = lambda *told: heard.append(told[2].topic)
    ends = time.monotonic() + PATIENCE_S
    while True:
        try:
            client.connect("127.0.0.1", port)
            break
        except ConnectionRefusedError:
            assert time.monotonic() < ends
            time.sleep(0.05)  # a port gives no sign when it opens
    client.loop_start()
    return client


def until(what: list[str], count: int) -> None:
    ends = time.monotonic() + PATIENCE_S
    while len(what) < count and time.monotonic() < ends:
        time.sleep(0.02)


def test_a_gateway_cannot_speak_for_another_and_a_revoked_one_not_at_all(ports: tuple[int, int], folder: Path) -> None:
    heard: list[str] = []
    server = connected(ports[1], None, heard)
    server.subscribe("livsrytme/#", qos=1)
    lost, honest = (connected(ports[0], folder / who, []) for who in ("gw-lost", "gw-a"))
    for speaker, who in ((lost, "gw-lost"), (honest, "gw-b"), (honest, "gw-a")):
        speaker.publish(upward(who, Stream.URGENT), b"{}", qos=1)
    until(heard, 1)

    assert heard == [upward("gw-a", Stream.URGENT)]
    assert not lost.is_connected()
    for client in (server, lost, honest):
        client.loop_stop()
