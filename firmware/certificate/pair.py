"""A certificate with its key and its chain, as one PEM text; and whether it can serve."""

import ipaddress
import re
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from firmware.errors import BadCertificate

LARGEST = 256 * 1024  # bytes of PEM: a key and a chain are some 10 kB
RSA_BITS = 2048  # NIST SP 800-57 part 1: fewer are not accepted by browsers either
_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----\r?\n.*?-----END \1-----[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_LABEL = "[a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"^(\*\.)?({_LABEL}\.)*{_LABEL}\Z", re.IGNORECASE)


class Certificate(msgspec.Struct, frozen=True):
    """What a person wants to know of a certificate. Times are Unix seconds, `fingerprint` is SHA-256 in hex pairs.

    `chain` says how many certificates follow it, `kind` how it came: self-signed, imported or acme.
    """

    names: list[str]
    issuer: str
    not_before_s: float
    not_after_s: float
    fingerprint: str
    key: str
    chain: int
    kind: str


class Pair:
    """A key and the certificates that belong to it, the own one first."""

    def __init__(self, key: bytes, certificates: Sequence[x509.Certificate]) -> None:
        self._key, self._certificates = key, list(certificates)

    @property
    def own(self) -> x509.Certificate:
        """The certificate that names the box."""
        return self._certificates[0]

    @property
    def pem(self) -> bytes:
        """Key, certificate and chain, as haproxy reads them."""
        return self._key + b"".join(one.public_bytes(serialization.Encoding.PEM) for one in self._certificates)

    @property
    def self_signed(self) -> bool:
        """Whether nobody else vouches for it."""
        return self.own.issuer == self.own.subject

    @property
    def names(self) -> list[str]:
        """The host names and addresses it is good for (RFC 6125 §6.4: those of subjectAltName alone)."""
        return names_of(self.own)

    def show(self, kind: str) -> Certificate:
        """Return what is told of it."""
        own = self.own
        return Certificate(
            names=self.names,
            issuer=own.issuer.rfc4514_string(),
            not_before_s=_unix(own.not_valid_before_utc),
            not_after_s=_unix(own.not_valid_after_utc),
            fingerprint=own.fingerprint(hashes.SHA256()).hex(":").upper(),
            key=_kind_of(own),
            chain=len(self._certificates) - 1,
            kind=kind,
        )


def read(certificate: bytes, key: bytes = b"") -> Pair:
    """Return the pair in one PEM text, or two. Raises BadCertificate naming the field, and what would be right.

    The certificates may stand in any order and with others among them: what leads from the key's own one to its
    issuers is taken.
    """
    for name, text in (("certificate", certificate), ("key", key)):
        if len(text) > LARGEST:
            rule = f"{name}: {len(text)} bytes: at most {LARGEST} are right"
            raise BadCertificate(rule, f"{name}-large", most=LARGEST)
    found = [(kind, whole) for text in (certificate, key) for kind, whole in _blocks(text)]
    keys = [whole for kind, whole in found if kind.endswith(b"PRIVATE KEY")]
    if len(keys) != 1:
        rule = f"key: {len(keys)} private keys: exactly one, as PEM (-----BEGIN PRIVATE KEY-----), is right"
        raise BadCertificate(rule, "key-one", found=len(keys))
    private = _private(keys[0])
    public = _public(private)
    try:
        certificates = [x509.load_pem_x509_certificate(whole) for kind, whole in found if kind == b"CERTIFICATE"]
    except ValueError as error:
        rule = f"certificate: it cannot be read ({error}): X.509 as PEM is right"
        raise BadCertificate(rule, "certificate-unreadable") from error
    if not certificates:
        rule = "certificate: there is none: at least one, as PEM (-----BEGIN CERTIFICATE-----), is right"
        raise BadCertificate(rule, "certificate-none")
    own = [one for one in certificates if _public(one) == public]
    if not own:
        subjects = ", ".join(one.subject.rfc4514_string() or "?" for one in certificates)
        rule = f"key: it belongs to none of the certificates: the private key of {subjects} is right"
        raise BadCertificate(rule, "key-other", subjects=subjects)
    plain = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Pair(plain, _chain(own[0], certificates))


def check(pair: Pair, now: datetime) -> None:
    """Raise BadCertificate unless a browser could take it: in its time, with names, with a strong key, for servers."""
    own = pair.own
    if now >= own.not_valid_after_utc:
        day = f"{own.not_valid_after_utc:%Y-%m-%d}"
        rule = f"certificate: its time was over on {day}: one that is not is right"
        raise BadCertificate(rule, "certificate-over", day=day)
    if now < own.not_valid_before_utc:
        day = f"{own.not_valid_before_utc:%Y-%m-%d}"
        rule = f"certificate: it begins on {day}: one that is valid now is right; or the machine's clock is wrong"
        raise BadCertificate(rule, "certificate-early", day=day)
    if not pair.names:
        rule = "certificate: it has no subjectAltName: one that names the box's hosts or addresses is right"
        raise BadCertificate(rule, "certificate-nameless")
    public = own.public_key()
    if isinstance(public, rsa.RSAPublicKey) and public.key_size < RSA_BITS:
        rule = f"key: RSA of {public.key_size} bits: at least {RSA_BITS}, or an elliptic curve, are right"
        raise BadCertificate(rule, "key-weak", bits=public.key_size, least=RSA_BITS)
    try:
        uses = own.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return
    if ExtendedKeyUsageOID.SERVER_AUTH not in uses:
        rule = "certificate: it is not for servers: one whose extended key usage has serverAuth is right"
        raise BadCertificate(rule, "certificate-purpose")


def names_of(certificate: x509.Certificate) -> list[str]:
    """Return the host names, then the addresses, of a certificate."""
    try:
        given = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [*given.get_values_for_type(x509.DNSName), *map(str, given.get_values_for_type(x509.IPAddress))]


def alternative(name: str) -> x509.GeneralName:
    """Return a host name or an address as a certificate has it; ValueError where it is neither."""
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        if not _NAME.match(name) or len(name) > 253:
            raise ValueError(f"{name!r} is no host name") from None
        return x509.DNSName(name.lower())


def _blocks(text: bytes) -> list[tuple[bytes, bytes]]:
    return [(match[1], match[0]) for match in _BLOCK.finditer(text)]


def _private(whole: bytes) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(whole, None)
    except TypeError as error:
        raise BadCertificate("key: it is encrypted: one without a pass phrase is right", "key-encrypted") from error
    except ValueError as error:
        rule = f"key: it cannot be read ({error}): a private key as PEM is right"
        raise BadCertificate(rule, "key-unreadable") from error
    if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        return key
    rule = f"key: {type(key).__name__}: an RSA key or one of an elliptic curve (P-256, P-384) is right"
    raise BadCertificate(rule, "key-kind")


def _public(holder: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | x509.Certificate) -> bytes:
    return holder.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _chain(own: x509.Certificate, others: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """Return the certificate and who vouches for it, each for the one before; roots are left out, as TLS wants it.

    Raises BadCertificate where certificates were given along that vouch for nothing here.
    """
    chain = [own]
    left = [one for one in others if one != own]
    while issuer := next((one for one in left if _vouches(one, chain[-1])), None):
        left.remove(issuer)
        chain.append(issuer)
    if left:
        stray = left[0].subject.rfc4514_string()
        rule = f"certificate: {stray} vouches for nothing here: only what leads to the root is right"
        raise BadCertificate(rule, "certificate-stray", subject=stray)
    return [one for index, one in enumerate(chain) if index == 0 or one.issuer != one.subject]


def _vouches(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):  # other names, another kind of key, another key
        return False
    return True


def _kind_of(certificate: x509.Certificate) -> str:
    public = certificate.public_key()
    match public:
        case ec.EllipticCurvePublicKey():
            return f"ECDSA {public.curve.name}"
        case rsa.RSAPublicKey():
            return f"RSA {public.key_size}"
        case ed25519.Ed25519PublicKey() | ed448.Ed448PublicKey():
            return "EdDSA"
        case _:
            return "?"


def _unix(moment: datetime) -> float:
    return moment.replace(tzinfo=UTC).timestamp()
