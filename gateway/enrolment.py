"""Who this gateway is and how it proves it: got once from the server for a one-time code, kept for the owner alone."""

import json
import ssl
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from gateway.contract.codec import ContractError, from_json, to_json
from gateway.contract.home_config import HomeConfig
from gateway.contract.observation import GatewayId
from gateway.errors import EnrolmentError
from gateway.home import Home
from gateway.identity import NewKey, forget_identity, identity_ends_at, identity_files, keep_private
from gateway.troubles import Troubles

_FILE: Final = "enrolment.json"
_PATIENCE_S: Final = 20.0
_LONGEST_ANSWER: Final = 1024 * 1024
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_REFUSED: Final = {
    403: "The server does not take this code: it is wrong, was used, or is too old. Ask for a new one.",
    429: "Too many wrong codes came from here. Wait an hour at most, and try again.",
    404: "That is no Livsrytme server, or an old one. Check the address.",
}
_NOT_RENEWED: Final = {
    **_REFUSED,
    403: "The server gives this gateway no new certificate: it was revoked, or enrolled anew elsewhere. Enrol it anew.",
    404: "The server has no certificate authority any more. Ask who runs it.",
}


class Enrolment(BaseModel):
    """What the server told this gateway when it took it in."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    gateway_id: GatewayId
    secret: str = Field(min_length=16, repr=False)
    brokers: tuple[str, ...] = Field(default=(), max_length=2)
    server: str | None = None  # where the next certificate is asked for, and who vouches for that place
    server_ca: str | None = None
    has_identity: bool = False  # the server gave a certificate; where the disk did not take it, it is asked for anew

    def settings(self) -> dict[str, str]:
        """Return what follows for the gateway's settings."""
        named = dict(zip(("broker", "second_broker"), self.brokers, strict=False))
        return {"id": self.gateway_id, "broker_user": self.gateway_id, "broker_password": self.secret, **named}


class _Identity(BaseModel):
    certificate: str
    authority: str


class _Answer(Enrolment):
    config: HomeConfig
    identity: _Identity | None = None


def enrol(code: str, server: str, folder: Path, ca_file: Path | None = None) -> Enrolment:
    """Exchange a code for credentials and configuration, and keep them in the gateway's folder.

    Where the server has an authority of its own, a certificate for a key made here is among them.

    Raises:
        EnrolmentError: the server did not take the code, or cannot be reached safely; the text says what to do.
    """
    url = _safe(server)
    with _told_in_words(folder):  # before the code is used up
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    try:
        key = NewKey()
        answer = from_json(_Answer, _ask(f"{url}/api/gateways/enrol", {"code": code, "request": key.request}, ca_file))
    except ContractError:
        raise EnrolmentError(f"{server} does not answer as a Livsrytme server; check the address.") from None
    enrolment = Enrolment(
        gateway_id=answer.gateway_id, secret=answer.secret, brokers=answer.brokers,
        server=url, server_ca=None if ca_file is None else str(ca_file.absolute()),
        has_identity=answer.identity is not None,
    )  # fmt: skip
    with _told_in_words(folder):
        keep_private(folder / _FILE, to_json(enrolment))
        forget_identity(folder)
        Home(folder, answer.gateway_id, Troubles()).take(to_json(answer.config))
        if answer.identity is not None:
            _take(folder, key, answer.identity)
    return enrolment


def renew(folder: Path) -> None:
    """Ask for a certificate for a new key; the one in use holds on until there is another.

    Raises:
        EnrolmentError: there is none to be had; the text says why and what to do.
    """
    enrolment = read_enrolment(folder)
    if enrolment is None or enrolment.server is None:
        raise EnrolmentError("This gateway was never enrolled here. Enrol it: livsrytme gateway enrol")
    key = NewKey()
    asked = {"gateway_id": enrolment.gateway_id, "secret": enrolment.secret, "request": key.request}
    ca_file = None if enrolment.server_ca is None else Path(enrolment.server_ca)
    try:
        answer = _ask(f"{_safe(enrolment.server)}/api/gateways/renew", asked, ca_file, _NOT_RENEWED)
        _take(folder, key, from_json(_Identity, answer))
    except ContractError:
        raise EnrolmentError(f"{enrolment.server} does not answer as a Livsrytme server.") from None


@contextmanager
def _told_in_words(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise EnrolmentError(
            f"The folder {folder} cannot be written ({fault.strerror}). Is the disk full, or are you another user than "
            "the service's? On a gateway: sudo livsrytme gateway ..."
        ) from None


def _take(folder: Path, key: NewKey, identity: _Identity) -> None:
    try:
        with _told_in_words(folder):
            key.keep(folder, identity.certificate, identity.authority)
    except ValueError as fault:
        raise EnrolmentError(f"The server's certificate cannot be used: {fault}. Tell who runs it.") from None


def is_without_identity(folder: Path) -> bool:
    """Tell whether the server gave this gateway a certificate that never reached the disk, or was lost there."""
    try:
        enrolment = read_enrolment(folder)
    except EnrolmentError:
        return False
    return enrolment is not None and enrolment.has_identity and identity_ends_at(folder) is None


def read_enrolment(folder: Path) -> Enrolment | None:
    """Return what an enrolment left in the folder, None when there was none.

    Raises:
        EnrolmentError: the file is there and cannot be used.
    """
    try:
        return from_json(Enrolment, (folder / _FILE).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ContractError) as fault:
        raise EnrolmentError(f"{folder / _FILE} cannot be used ({fault}). Enrol this gateway anew.") from None


def _safe(server: str) -> str:
    parts = urlsplit(server)
    if parts.scheme == "https" and parts.hostname:
        return server.rstrip("/")
    if parts.scheme == "http" and parts.hostname in _LOOPBACK:
        return server.rstrip("/")
    raise EnrolmentError("Write the server as https://name: a secret must not travel where others can read it.")


def _ask(url: str, asked: dict[str, str], ca_file: Path | None, refusals: Mapping[int, str] = _REFUSED) -> bytes:
    request = urllib.request.Request(  # noqa: S310 - only https, or http to this very machine: see _safe
        url, json.dumps(asked).encode(), {"Content-Type": "application/json"}
    )
    try:
        tls = ssl.create_default_context(cafile=ca_file)
    except OSError as fault:
        trouble = fault.strerror or "there is no certificate in it"
        raise EnrolmentError(f"{ca_file}, which vouches for the server, cannot be used ({trouble}).") from None
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE_S, context=tls) as answer:  # noqa: S310 - as above
            found: bytes = answer.read(_LONGEST_ANSWER)
            return found
    except urllib.error.HTTPError as refusal:
        with refusal:
            raise EnrolmentError(refusals.get(refusal.code, f"The server answered {refusal.code}.")) from None
    except OSError as fault:
        why = getattr(fault, "reason", fault)
        if isinstance(why, ssl.SSLCertVerificationError):
            raise EnrolmentError(
                f"The server's certificate is not to be trusted: {why.verify_message}. Check the address; who vouches "
                "for a server of your own is named with --ca-file."
            ) from None
        words = getattr(why, "strerror", None) or why
        raise EnrolmentError(f"The server cannot be reached ({words}). Check the address and the network.") from None


def with_enrolment(options: dict[str, Any], environment: set[str]) -> dict[str, Any]:
    """Return options completed by the enrolment of their folder, where neither they nor the environment say otherwise.

    Args:
        options: by the settings' names; `data` names the folder.
        environment: the settings' names that the environment gives.

    Raises:
        EnrolmentError: the file is there and cannot be used.
    """
    enrolment = read_enrolment(Path(options["data"])) if "data" in options else None
    if enrolment is None:
        return options
    follows = {**enrolment.settings(), **identity_files(Path(options["data"]), is_due=enrolment.has_identity)}
    told = {name: value for name, value in follows.items() if name not in environment}
    if options.get("id", enrolment.gateway_id) != enrolment.gateway_id:
        return options  # another gateway than the one that was enrolled here
    return {**told, **options}
