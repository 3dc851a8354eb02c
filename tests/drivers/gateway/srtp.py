"""SRTP as RFC 3711 has it, for one party's voice: AES_CM_128_HMAC_SHA1_80, written from the standard alone."""

import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

SUITE = "AES_CM_128_HMAC_SHA1_80"
KEY_BYTES = 30  # master key and salt, as SDES writes them (RFC 4568 §6.1)
TAG_BYTES = 10
HEADER_BYTES = 12


class Srtp:
    """What one party's master key protects; as long as its sequence numbers do not begin anew."""

    def __init__(self, key: bytes) -> None:
        master, self._master_salt = key[:16], int.from_bytes(key[16:], "big")
        self._cipher_key = self._derive(master, 0, 16)
        self._tag_key = self._derive(master, 1, 20)
        self._salt = int.from_bytes(self._derive(master, 2, 14), "big")

    def _derive(self, master: bytes, label: int, size: int) -> bytes:
        """RFC 3711 §4.3.1, with a key derivation rate of zero."""
        return _stream(master, (self._master_salt ^ (label << 48)) << 16, size)

    def _crypt(self, packet: bytes) -> bytes:
        """RFC 3711 §4.1.1; the same in both directions."""
        ssrc, sequence = int.from_bytes(packet[8:12], "big"), int.from_bytes(packet[2:4], "big")
        start = (self._salt << 16) ^ (ssrc << 64) ^ (sequence << 16)
        payload = packet[HEADER_BYTES:]
        stream = _stream(self._cipher_key, start, len(payload))
        return packet[:HEADER_BYTES] + bytes(one ^ other for one, other in zip(payload, stream, strict=True))

    def _tag(self, packet: bytes) -> bytes:
        return hmac.new(self._tag_key, packet + bytes(4), hashlib.sha1).digest()[:TAG_BYTES]

    def protect(self, packet: bytes) -> bytes:
        """Return an RTP packet as it goes over the wire."""
        encrypted = self._crypt(packet)
        return encrypted + self._tag(encrypted)

    def unprotect(self, packet: bytes) -> bytes:
        """Return the RTP packet in one from the wire; raises ValueError where its tag is not that of our key."""
        encrypted, tag = packet[:-TAG_BYTES], packet[-TAG_BYTES:]
        if not hmac.compare_digest(tag, self._tag(encrypted)):
            raise ValueError("the packet's tag is wrong")
        return self._crypt(encrypted)


def _stream(key: bytes, start: int, size: int) -> bytes:
    encryptor = Cipher(algorithms.AES(key), modes.CTR(start.to_bytes(16, "big"))).encryptor()
    return encryptor.update(bytes(size))
