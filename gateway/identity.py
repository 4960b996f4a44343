"""This gateway's own key, and the certificate by which brokers know it: one file, for its owner alone."""

import os
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_FILE: Final = "identity.pem"
_AUTHORITY: Final = "authority.pem"
_OWNER_ONLY: Final = 0o600


class NewKey:
    """A new private key. It is never sent: what a server signs is the request."""

    def __init__(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        self._pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        # The server gives the name: what stands here does not count.
        nobody = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gateway")])
        signed = x509.CertificateSigningRequestBuilder().subject_name(nobody).sign(key, hashes.SHA256())
        self.request = signed.public_bytes(serialization.Encoding.PEM).decode()

    def keep(self, folder: Path, certificate: str, authority: str) -> None:
        """Take the certificate into use from the next connection on. A power cut leaves the old one or the new one.

        Raises:
            ValueError: that is no certificate for this key.
        """
        found = x509.load_pem_x509_certificate(certificate.encode())
        key = serialization.load_pem_private_key(self._pem, password=None)
        if found.public_key() != key.public_key():
            raise ValueError("the certificate is for another key")
        keep_private(folder / _AUTHORITY, authority.encode())
        keep_private(folder / _FILE, self._pem + certificate.encode())


def identity_files(folder: Path, *, is_due: bool) -> dict[str, str]:
    """Return the settings that follow from a folder's certificate; nothing where there is none and none is due."""
    if not (is_due or (folder / _FILE).exists()):
        return {}
    return {"cert_file": str(folder / _FILE), "ca_file": str(folder / _AUTHORITY)}


def identity_ends_at(folder: Path) -> datetime | None:
    """Return when the certificate of a folder ends; None where there is none, or none that can be read."""
    return ends_at_of(folder / _FILE)


def ends_at_of(file: Path) -> datetime | None:
    """Return when the certificate in a file ends; None where there is none, or none that can be read."""
    try:
        return x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc
    except (OSError, ValueError):
        return None


def forget_identity(folder: Path) -> None:
    """Let go of a certificate that holds no longer. Harmless where there is none."""
    (folder / _FILE).unlink(missing_ok=True)


def keep_private(path: Path, content: bytes) -> None:
    """Write a file for its owner alone; a power cut leaves the old one or the new one."""
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(file, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.replace(path)
