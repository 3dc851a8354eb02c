"""A certificate that the box makes for itself: secret from listeners, but nobody vouches for it."""

import datetime
import socket
from collections.abc import Iterable
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from drivers.link.address import local_addresses
from firmware.certificate.pair import Pair, alternative

LASTS = timedelta(days=820)  # Apple takes none of more than 825 days
EARLIER = timedelta(days=1)  # for a telephone whose clock is behind


def make(names: Iterable[str], now: datetime.datetime) -> Pair:
    """Return a new key on P-256 and its certificate for host names and addresses (RFC 5280)."""
    key = ec.generate_private_key(ec.SECP256R1())
    given = [alternative(name) for name in dict.fromkeys(names)]
    own = x509.Name([
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Busyhour"),
        x509.NameAttribute(NameOID.COMMON_NAME, (socket.gethostname() or "busyhour")[:64]),
    ])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(own)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now + LASTS)
        .add_extension(x509.SubjectAlternativeName(given), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Pair(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        [certificate],
    )


def own_names() -> list[str]:
    """Return what this machine is called: its host name, that name in the local network, and all its addresses."""
    host = socket.gethostname().lower().removesuffix(".")
    names = [host, f"{host.partition('.')[0]}.local", "localhost"]
    return [name for name in dict.fromkeys(names) if _is_name(name)] + local_addresses(4) + local_addresses(6)


def _is_name(name: str) -> bool:
    try:
        alternative(name)
    except ValueError:
        return False
    return True
