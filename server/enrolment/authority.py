"""The installation's own certificate authority: vouches for gateways and for its brokers, and says whom no more."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from server.errors import AuthorityError, UnsignableError

# Short, so that what was stolen unnoticed ends by itself; a gateway asks for the next one a month before.
GATEWAY_LASTS: Final = timedelta(days=90)
_BROKER_LASTS: Final = timedelta(days=800)
_AUTHORITY_LASTS: Final = timedelta(days=3650)
# A broker refuses everybody once its list is too old, so this is no shorter than a long holiday of who writes it anew.
_LIST_LASTS: Final = timedelta(days=90)
_BEFORE: Final = timedelta(hours=1)  # a broker's clock may be behind
_OWNER_ONLY: Final = 0o600


@dataclass(frozen=True, slots=True)
class Signed:
    """A certificate as it is handed out. `serial` in hexadecimal digits."""

    pem: str
    serial: str
    ends_at: datetime


class Authority:
    """The authority whose certificate and key lie in a folder.

    Raises:
        AuthorityError: they are not there, or cannot be used; the text says what to do.
    """

    def __init__(self, folder: Path) -> None:
        try:
            self._certificate = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
            key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), password=None)
        except (OSError, ValueError, TypeError) as fault:
            raise AuthorityError(
                f"the authority in {folder} cannot be used ({fault}); make one with: livsrytme server make-ca {folder}"
            ) from None
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise AuthorityError(f"the key in {folder} is of another kind than ours (P-256)")
        self._key = key

    @property
    def pem(self) -> str:
        """Its own certificate: who trusts it trusts all it vouches for."""
        return _pem(self._certificate)

    def vouch_for_gateway(self, gateway_id: str, request: str, now: datetime) -> Signed:
        """Sign a gateway's public key. Of the request only the key counts: the name is ours to give.

        Raises:
            UnsignableError: it is no request, or who sent it does not hold the key.
        """
        try:
            asked = x509.load_pem_x509_csr(request.encode())
            key = asked.public_key()
            if not asked.is_signature_valid or not isinstance(key, ec.EllipticCurvePublicKey):
                raise UnsignableError
        except (ValueError, InvalidSignature):
            raise UnsignableError from None
        return self._sign(gateway_id, key, now, GATEWAY_LASTS, ExtendedKeyUsageOID.CLIENT_AUTH)

    def vouch_for_broker(self, host: str, folder: Path, now: datetime) -> None:
        """Write `broker.pem` and `broker.key` for a broker that gateways find under a name or an IP address."""
        key = ec.generate_private_key(ec.SECP256R1())
        signed = self._sign(
            host, key.public_key(), now, _BROKER_LASTS, ExtendedKeyUsageOID.SERVER_AUTH, _found_at(host)
        )
        _write(folder, "broker", signed.pem, key)

    def revoked_list(self, serials: Iterable[str], now: datetime) -> str:
        """Return the list of certificates that no broker should take, for Mosquitto's `crlfile`."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self._certificate.subject)
        builder = builder.last_update(now - _BEFORE).next_update(now + _LIST_LASTS)
        for serial in serials:
            entry = x509.RevokedCertificateBuilder().serial_number(int(serial, 16)).revocation_date(now)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    def _sign(
        self,
        name: str,
        key: ec.EllipticCurvePublicKey,
        now: datetime,
        lasts: timedelta,
        purpose: x509.ObjectIdentifier,
        *more: x509.ExtensionType,
    ) -> Signed:
        ends_at = min(now + lasts, self._certificate.not_valid_after_utc).replace(microsecond=0)
        builder = _builder(self._certificate.subject, _name(name), key, now - _BEFORE, ends_at)
        for extension in (x509.ExtendedKeyUsage([purpose]), *more):
            builder = builder.add_extension(extension, critical=False)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        certificate = builder.add_extension(issuer, critical=False).sign(self._key, hashes.SHA256())
        return Signed(_pem(certificate), f"{certificate.serial_number:x}", ends_at)


def make_authority(folder: Path, now: datetime) -> Authority:
    """Write a new authority: `ca.pem` for everybody, `ca.key` for its owner alone.

    Raises:
        AuthorityError: there is one already: replacing it would lock every gateway out.
    """
    if (folder / "ca.key").exists():
        raise AuthorityError(f"there is an authority in {folder} already; every gateway trusts it")
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Livsrytme")
    builder = _builder(name, name, key.public_key(), now - _BEFORE, now + _AUTHORITY_LASTS)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    may = x509.KeyUsage(False, False, False, False, False, True, True, False, False)  # noqa: FBT003 - certificates and lists
    builder = builder.add_extension(may, critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    _write(folder, "ca", _pem(builder.sign(key, hashes.SHA256())), key)
    return Authority(folder)


def _builder(
    issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePublicKey, begins_at: datetime, ends_at: datetime
) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number(), begins_at, ends_at)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _found_at(host: str) -> x509.SubjectAlternativeName:
    try:
        return x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))])
    except ValueError:
        return x509.SubjectAlternativeName([x509.DNSName(host)])


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _write(folder: Path, name: str, certificate: str, key: ec.EllipticCurvePrivateKey) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = os.open(folder / f"{name}.key", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    with os.fdopen(file, "wb") as stream:
        stream.write(secret)
    (folder / f"{name}.pem").write_text(certificate, encoding="ascii")
