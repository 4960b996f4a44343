"""Who this gateway is and how it proves it: got once from the server for a one-time code, kept for the owner alone."""

import json
import os
import ssl
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from gateway.contract.codec import ContractError, from_json, to_json
from gateway.contract.home_config import HomeConfig
from gateway.contract.observation import GatewayId
from gateway.errors import EnrolmentError
from gateway.home import Home
from gateway.troubles import Troubles

_FILE: Final = "enrolment.json"
_OWNER_ONLY: Final = 0o600
_PATIENCE_S: Final = 20.0
_LONGEST_ANSWER: Final = 1024 * 1024
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class Enrolment(BaseModel):
    """What the server told this gateway when it took it in."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    gateway_id: GatewayId
    secret: str = Field(min_length=16, repr=False)
    brokers: tuple[str, ...] = Field(default=(), max_length=2)

    def settings(self) -> dict[str, str]:
        """Return what follows for the gateway's settings."""
        named = dict(zip(("broker", "second_broker"), self.brokers, strict=False))
        return {"id": self.gateway_id, "broker_user": self.gateway_id, "broker_password": self.secret, **named}


class _Answer(Enrolment):
    config: HomeConfig


def enrol(code: str, server: str, folder: Path, ca_file: Path | None = None) -> Enrolment:
    """Exchange a code for credentials and configuration, and keep them in the gateway's folder.

    Raises:
        EnrolmentError: the server did not take the code, or cannot be reached safely; the text says what to do.
    """
    url = _safe(server)
    try:
        answer = from_json(_Answer, _ask(f"{url}/api/gateways/enrol", code, ca_file))
    except ContractError:
        raise EnrolmentError(f"{server} does not answer as a Livsrytme server; check the address.") from None
    enrolment = Enrolment(gateway_id=answer.gateway_id, secret=answer.secret, brokers=answer.brokers)
    folder.mkdir(parents=True, exist_ok=True)
    _keep(folder / _FILE, to_json(enrolment))
    Home(folder, answer.gateway_id, Troubles()).take(to_json(answer.config))
    return enrolment


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


def _ask(url: str, code: str, ca_file: Path | None) -> bytes:
    request = urllib.request.Request(  # noqa: S310 - only https, or http to this very machine: see _safe
        url, json.dumps({"code": code}).encode(), {"Content-Type": "application/json"}
    )
    try:
        tls = ssl.create_default_context(cafile=ca_file)
        with urllib.request.urlopen(request, timeout=_PATIENCE_S, context=tls) as answer:  # noqa: S310 - as above
            found: bytes = answer.read(_LONGEST_ANSWER)
            return found
    except urllib.error.HTTPError as refusal:
        with refusal:
            raise EnrolmentError(_REFUSED.get(refusal.code, f"The server answered {refusal.code}.")) from None
    except OSError as fault:
        raise EnrolmentError(f"The server cannot be reached ({getattr(fault, 'reason', fault)}).") from None


_REFUSED: Final = {
    403: "The server does not take this code: it is wrong, was used, or is too old. Ask for a new one.",
    429: "Too many wrong codes came from here. Wait an hour at most, and try again.",
    404: "That is no Livsrytme server, or an old one. Check the address.",
}


def _keep(path: Path, content: bytes) -> None:
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(file, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.replace(path)


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
    told = {name: value for name, value in enrolment.settings().items() if name not in environment}
    if options.get("id", enrolment.gateway_id) != enrolment.gateway_id:
        return options  # another gateway than the one that was enrolled here
    return {**told, **options}
