"""Providers on this machine: a web server and a mail relay that do as a script says, and remember what they got."""

import json
import socket
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02
from py_vapid.utils import b64urldecode


@dataclass(frozen=True)
class Act:
    """What a provider does with one request. `hangs`: answers nothing until the test ends; `breaks`: closes midway."""

    status: int = 201
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    breaks: bool = False
    drips: bool = False


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.body)
        return said


class Provider:
    """A web server on a port of its own. It follows its script and then says 201 for ever."""

    def __init__(self) -> None:
        self.script: list[Act] = []
        self.requests: list[Request] = []
        self.over = threading.Event()
        self._turn = threading.Lock()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                provider.answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def answer(self, asked: BaseHTTPRequestHandler) -> None:
        body = asked.rfile.read(int(asked.headers.get("Content-Length", 0)))
        with self._turn:
            act = self.script.pop(0) if self.script else Act()
            self.requests.append(Request(asked.path, {k.lower(): v for k, v in asked.headers.items()}, body))
        if act.hangs:
            self.over.wait(60)
        elif act.breaks:
            asked.wfile.write(b"HTTP/1.1 20")
        elif act.drips:
            while not self.over.wait(0.2):
                asked.wfile.write(b"H")
        else:
            asked.send_response(act.status)
            for name, value in act.headers.items():
                asked.send_header(name, value)
            asked.send_header("Content-Length", "0")
            asked.end_headers()
        asked.close_connection = True

    def stop(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class PushService(Provider):
    """A push service and the browser behind it: one key pair, and what was said once it is opened."""

    def __init__(self) -> None:
        super().__init__()
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._secret = b"0123456789abcdef"

    def subscription(self, name: str = "one") -> dict[str, Any]:
        """What the browser's `PushSubscription.toJSON()` would say."""
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": _text(point), "auth": _text(self._secret)}
        return {"endpoint": f"{self.url}/push/{name}", "keys": keys}

    def opened(self) -> list[dict[str, Any]]:
        """Return what each push says, decrypted."""
        return [
            json.loads(
                http_ece.decrypt(
                    request.body, private_key=self._key, auth_secret=self._secret, version="aes128gcm"
                ).decode()
            )
            for request in self.requests
        ]

    def claims(self) -> list[dict[str, Any]]:
        """Return what each push was signed with, the signature checked by the key it names."""
        return [_claims(request.headers["authorization"]) for request in self.requests]


def _claims(authorization: str) -> dict[str, Any]:
    scheme, _, said = authorization.partition(" ")
    parts = dict(part.strip().split("=", 1) for part in said.split(","))
    assert scheme == "vapid"
    assert Vapid02.verify(authorization)
    claims: dict[str, Any] = json.loads(b64urldecode(parts["t"].split(".")[1].encode()))
    return {**claims, "key": parts["k"]}


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Relay:
    """A mail relay. It follows its script of answers to RCPT and DATA, and then takes everything."""

    script: list[str] = field(default_factory=list)
    letters: list[tuple[list[str], str]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.script and self.script[0].startswith("RCPT "):
            return self.script.pop(0).removeprefix("RCPT ")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        act = self.script.pop(0) if self.script else "250 OK"
        if act == "break":
            assert server.transport is not None
            server.transport.abort()
            return "250 OK"
        if act.startswith("2"):
            content = envelope.content
            assert isinstance(content, bytes)
            self.letters.append((list(envelope.rcpt_tos), content.decode()))
        return act


@contextmanager
def running_relay() -> Iterator[tuple[Relay, str]]:
    """Run a relay; give it and its address."""
    relay = Relay()
    controller = Controller(relay, hostname="127.0.0.1", port=_free_port())
    controller.start()
    try:
        yield relay, f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()


def closed_port() -> int:
    """A port nobody listens at."""
    return _free_port()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
