"""A certificate authority of the tests: a root, one below it, and whatever they are asked to vouch for."""

import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from firmware.certificate.pair import alternative

PEM = serialization.Encoding.PEM


def key_pem(key: Any, phrase: bytes = b"") -> bytes:
    """Return a private key as PEM, encrypted if there is a phrase."""
    secret = serialization.BestAvailableEncryption(phrase) if phrase else serialization.NoEncryption()
    return bytes(key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, secret))


class Authority:
    """`root` vouches for `middle`, `middle` for what `issue` returns."""

    def __init__(self) -> None:
        self._root_key, self._middle_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        self.root = self._sign("root", self._root_key.public_key(), "root", self._root_key, authority=True)
        self.middle = self._sign("middle", self._middle_key.public_key(), "root", self._root_key, authority=True)

    def issue(
        self, *names: str, key: Any = None, days: tuple[float, float] = (-1, 90), server: bool = True
    ) -> tuple[bytes, bytes]:
        """Return a certificate for names, valid from and until so many days from now, and its key, each as PEM."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        own = self._sign("box", key.public_key(), "middle", self._middle_key, names, days, server=server)
        return own.public_bytes(PEM), key_pem(key)

    def certify(self, path: Path, name: str, days: int = 90) -> Path:
        """Write a host's certificate with its chain and key to a file, as servers take it; below 0 days it is over."""
        own, key = self.issue(name, days=(-100, days))
        path.write_bytes(key + own + self.chain)
        return path

    @property
    def chain(self) -> bytes:
        """The certificate between what was issued and the root, as PEM."""
        return self.middle.public_bytes(PEM)

    @property
    def trust(self) -> bytes:
        """The root, as PEM."""
        return self.root.public_bytes(PEM)

    def _sign(
        self, subject: str, public: Any, issuer: str, by: Any, names: tuple[str, ...] = (),
        days: tuple[float, float] = (-1, 3650), *, authority: bool = False, server: bool = True,
    ) -> x509.Certificate:  # fmt: skip
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=days[0]))
            .not_valid_after(now + timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if names:
            given = x509.SubjectAlternativeName([alternative(name) for name in names])
            builder = builder.add_extension(given, critical=False)
        if not authority:
            use = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
            builder = builder.add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        return builder.sign(by, hashes.SHA256())
