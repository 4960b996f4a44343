"""Brokers behind TLS: the real broker with an encrypting door before it, and Mosquitto where it is installed."""

import asyncio
import getpass
import hashlib
import select
import shutil
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from real_broker import PATIENCE_S, RealBroker
from typing_extensions import override

from gateway.contract.clock import SystemClock
from gateway.identity import NewKey
from server.enrolment.authority import make_authority

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin")
_NAP_S = 0.05
_CONFIG = """
listener {port} 127.0.0.1
cafile {folder}/ca.pem
certfile {folder}/broker.pem
keyfile {folder}/broker.key
require_certificate {certificates}
use_identity_as_username {certificates}
allow_anonymous {certificates}
{more}
persistence false
user {user}
"""


class Ca:
    """An authority that vouches for a broker on this machine, and for whom a test likes."""

    def __init__(self, folder: Path) -> None:
        now = SystemClock().now()
        self.folder = folder
        self.authority = make_authority(folder, now)
        self.authority.vouch_for_broker("127.0.0.1", folder, now)
        self.file = folder / "ca.pem"

    def vouch(self, who: str, now: datetime | None = None) -> Path:
        """Return a file with a certificate and its key, given at a moment: now when not told otherwise."""
        key, home = NewKey(), self.folder / who
        home.mkdir(exist_ok=True)
        signed = self.authority.vouch_for_gateway(who, key.request, now or SystemClock().now())
        key.keep(home, signed.pem, self.authority.pem)
        return home / "identity.pem"


class EncryptedBroker(RealBroker):
    """A door that speaks TLS and asks for a certificate, or leaves that to the passwords of the broker behind it.

    It has threads of its own: asyncio's server hangs up on whom it refuses without the alert that says why.
    """

    def __init__(
        self, folder: Path, passwords: Mapping[str, str] | None = None, *, revoked: Path | None = None
    ) -> None:
        super().__init__(folder, passwords)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(folder / "broker.pem", folder / "broker.key")
        if not passwords:
            self._tls.load_verify_locations(folder / "ca.pem")
            self._tls.verify_mode = ssl.CERT_REQUIRED
        if revoked is not None:
            self._tls.load_verify_locations(revoked)
            self._tls.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
        self._inner = self.port
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self.url = f"mqtts://127.0.0.1:{self.port}"

    @override
    async def start(self) -> None:
        self.port, outer = self._inner, self.port
        await super().start()
        self.port = outer
        threading.Thread(target=self._let_in, daemon=True).start()

    @override
    async def kill(self) -> None:
        self._door.close()
        await super().kill()  # which ends every link through the door

    def _let_in(self) -> None:
        with suppress(OSError):  # closed
            while True:
                guest, _ = self._door.accept()
                threading.Thread(target=self._serve, args=(guest,), daemon=True).start()

    def _serve(self, guest: socket.socket) -> None:
        with guest, suppress(OSError):
            guest.settimeout(PATIENCE_S)
            with (
                self._tls.wrap_socket(guest, server_side=True) as outside,
                socket.create_connection(("127.0.0.1", self._inner)) as inside,
            ):
                outside.settimeout(_NAP_S)  # one thread at a time may use it: nobody waits in it for long
                _carry(outside, inside)


def _carry(outside: ssl.SSLSocket, inside: socket.socket) -> None:
    while True:
        readable, _, _ = select.select([outside, inside], [], [], PATIENCE_S * 10)
        if outside in readable or outside.pending():
            with suppress(TimeoutError, ssl.SSLWantReadError):  # the rest of a record is still on its way
                data = outside.recv(65536)
                if not data:
                    return
                inside.sendall(data)
        if inside in readable:
            data = inside.recv(65536)
            if not data:
                return
            outside.settimeout(PATIENCE_S)
            outside.sendall(data)
            outside.settimeout(_NAP_S)


class EncryptedMosquitto(RealBroker):
    """Mosquitto, which asks for a certificate or for a password."""

    def __init__(
        self, folder: Path, passwords: Mapping[str, str] | None = None, *, revoked: Path | None = None
    ) -> None:
        super().__init__(folder)
        self.url = self.url.replace("mqtt://", "mqtts://")
        more = "" if revoked is None else f"crlfile {revoked}"
        if passwords:
            file = folder / "passwords"
            file.write_text("".join(f"{name}:{_as_mosquitto_keeps(word)}\n" for name, word in passwords.items()))
            file.chmod(0o600)
            more = f"password_file {file}"
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            _CONFIG.format(
                port=self.port,
                folder=folder,
                more=more,
                user=getpass.getuser(),
                certificates=str(not passwords).lower(),
            )
        )

    @override
    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            str(MOSQUITTO), "-c", str(self._config), stderr=asyncio.subprocess.DEVNULL
        )
        async with asyncio.timeout(PATIENCE_S):
            while not await self._answers():  # noqa: ASYNC110 - a port gives no sign when it opens
                await asyncio.sleep(0.02)


def _as_mosquitto_keeps(word: str) -> str:
    digest = hashlib.pbkdf2_hmac("sha512", word.encode(), b"salt of some", 101)
    return f"$7$101${b64encode(b'salt of some').decode()}${b64encode(digest).decode()}"


# Mosquitto is what stands in service; where it is not installed the same promises are kept to the door.
KINDS = [EncryptedBroker] if MOSQUITTO is None else [EncryptedBroker, EncryptedMosquitto]
