"""Makes one-time codes, exchanges them for a gateway's secret, and takes a gateway's right to speak away again."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from gateway.contract.home_config import HomeConfig
from server.audit.service import append
from server.db.session import Database
from server.enrolment.authority import Authority, Signed
from server.enrolment.rules import ALPHABET, CODE_LASTS, CODE_LENGTH, plain, wait_after, written
from server.enrolment.tables import EnrolmentCode, EnrolmentFailure, GatewayCertificate
from server.errors import NotFoundError, TooManyAttemptsError, WrongCodeError
from server.residents.service import config_of, gateway_named
from server.residents.tables import Gateway

_SECRET_BYTES = 32
# Mosquitto's own form, so that its password file can be written from here. Source: mosquitto_passwd(1), type 7. The few
# rounds are its default; the secret is 256 random bits, which no number of rounds would make safer.
_ROUNDS = 101
_SALT_BYTES = 12


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a gateway is told once, and never again."""

    gateway_id: str
    secret: str
    config: HomeConfig
    certificate: Signed | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A gateway's public key, as a certificate signing request, and who is to vouch for it."""

    pem: str
    authority: Authority


def new_code(db: Session, gateway_id: str, now: datetime, who: str = "operator") -> str:
    """Return a new one-time code for a gateway; an earlier one no longer holds.

    The gateway's present secret holds until the new code is used.

    Raises:
        NotFoundError: there is no such gateway.
    """
    gateway = _gateway(db, gateway_id)
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    db.merge(EnrolmentCode(gateway_id=gateway.gateway_id or 0, code_hash=_digest(code), ends_at=now + CODE_LASTS))
    append(db, at=now, who=who, what="enrolment code made", about=f"gateway:{gateway.code}")
    return written(code)


def enrol(database: Database, typed: str, address: str, now: datetime, request: Request | None = None) -> Credentials:
    """Exchange a code for a gateway's secret and, where it asks for one, its certificate.

    The code, and the secret and the certificates before, hold no longer. `address`: who asks.

    Raises:
        WrongCodeError: it is no code, was used, or is too old; which of them is not told.
        UnsignableError: what it sent is no request for a certificate; the code still holds.
        TooManyAttemptsError: too many wrong codes came from this address.
    """
    with database.transaction() as db:
        _must_be_free(db, address, now)
        credentials = _exchange(db, plain(typed), request, now)
        if credentials is None:
            _count_failure(db, address, now)
    if credentials is None:
        raise WrongCodeError
    return credentials


def renew(database: Database, gateway_id: str, secret: str, address: str, now: datetime, request: Request) -> Signed:
    """Vouch for a new key of a gateway that knows its secret. What it has holds on until its end. `address`: who asks.

    Raises:
        WrongCodeError: there is no such gateway, it was revoked, or that is not its secret; which is not told.
        UnsignableError: what it sent is no request for a certificate.
        TooManyAttemptsError: too many wrong codes or secrets came from this address.
    """
    with database.transaction() as db:
        _must_be_free(db, address, now)
        gateway = gateway_named(db, gateway_id)
        if gateway is not None and _is_secret_of(gateway, secret):
            append(
                db, at=now, who=f"gateway:{gateway.code}", what="certificate renewed", about=f"gateway:{gateway.code}"
            )
            return _vouch(db, gateway, request, now)
        _count_failure(db, address, now)
    raise WrongCodeError


def revoked_serials(db: Session, now: datetime) -> list[str]:
    """Return the certificates that were revoked and have not ended by themselves."""
    wanted = select(GatewayCertificate.serial).where(
        col(GatewayCertificate.revoked_at).is_not(None), col(GatewayCertificate.ends_at) > now
    )
    return list(db.exec(wanted.order_by(GatewayCertificate.serial)))


def revoke(db: Session, gateway_id: str, now: datetime, who: str = "operator") -> None:
    """Take a gateway's right to speak: what it sends goes to quarantine from now on, until it is enrolled anew.

    Raises:
        NotFoundError: there is no such gateway.
    """
    gateway = _gateway(db, gateway_id)
    gateway.revoked_at, gateway.secret_hash = now, None
    _revoke_certificates(db, gateway, now)
    code = db.get(EnrolmentCode, gateway.gateway_id)
    if code is not None:
        db.delete(code)
    db.add(gateway)
    append(db, at=now, who=who, what="gateway revoked", about=f"gateway:{gateway.code}")


def password_lines(db: Session) -> list[str]:
    """Return the lines of Mosquitto's password file: one for each gateway that may connect."""
    wanted = select(Gateway.code, Gateway.secret_hash).where(col(Gateway.secret_hash).is_not(None))
    return [f"{code}:{secret_hash}" for code, secret_hash in db.exec(wanted.order_by(Gateway.code))]


def _exchange(db: Session, code: str, request: Request | None, now: datetime) -> Credentials | None:
    row = db.exec(select(EnrolmentCode).where(EnrolmentCode.code_hash == _digest(code)).with_for_update()).first()
    if row is None or row.ends_at <= now:
        return None
    gateway = db.get_one(Gateway, row.gateway_id)
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    gateway.secret_hash, gateway.enrolled_at, gateway.revoked_at = _for_mosquitto(secret), now, None
    db.add(gateway)
    db.delete(row)
    append(db, at=now, who=f"gateway:{gateway.code}", what="gateway enrolled", about=f"gateway:{gateway.code}")
    _revoke_certificates(db, gateway, now)
    certificate = None if request is None else _vouch(db, gateway, request, now)
    return Credentials(gateway.code, secret, config_of(db, gateway), certificate)


def _vouch(db: Session, gateway: Gateway, request: Request, now: datetime) -> Signed:
    signed = request.authority.vouch_for_gateway(gateway.code, request.pem, now)
    db.add(GatewayCertificate(serial=signed.serial, gateway_id=gateway.gateway_id or 0, ends_at=signed.ends_at))
    return signed


def _revoke_certificates(db: Session, gateway: Gateway, now: datetime) -> None:
    theirs = select(GatewayCertificate).where(
        GatewayCertificate.gateway_id == gateway.gateway_id, col(GatewayCertificate.revoked_at).is_(None)
    )
    for certificate in db.exec(theirs):
        certificate.revoked_at = now
        db.add(certificate)


def _must_be_free(db: Session, address: str, now: datetime) -> None:
    row = db.get(EnrolmentFailure, address)
    if row is not None and row.free_again_at > now:
        raise TooManyAttemptsError(int((row.free_again_at - now).total_seconds()) + 1)


def _count_failure(db: Session, address: str, now: datetime) -> None:
    row = db.get(EnrolmentFailure, address) or EnrolmentFailure(address=address, free_again_at=now)
    row.failures += 1
    row.free_again_at = now + wait_after(row.failures)
    db.add(row)


def _gateway(db: Session, gateway_id: str) -> Gateway:
    gateway = gateway_named(db, gateway_id)
    if gateway is None:
        raise NotFoundError("gateway")
    return gateway


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _is_secret_of(gateway: Gateway, secret: str) -> bool:
    if gateway.secret_hash is None:
        return False
    salt = base64.b64decode(gateway.secret_hash.split("$")[3])
    return hmac.compare_digest(_for_mosquitto(secret, salt), gateway.secret_hash)


def _for_mosquitto(secret: str, salt: bytes = b"") -> str:
    salt = salt or secrets.token_bytes(_SALT_BYTES)
    digest = hashlib.pbkdf2_hmac("sha512", secret.encode(), salt, _ROUNDS)
    return f"$7${_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"
