"""Secrets at rest: encrypted with a key that lies beside them, and made where somebody left them out.

The key keeps secrets out of backups, support bundles and shown files; it does not keep out who can read the whole disk.
"""

import base64
import hmac
import secrets
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from firmware.config.disk import Disk
from firmware.config.schema import Config
from firmware.errors import KeyLost

LENGTH = 20
# Typed by hand into telephones: nothing that is mistaken for something else (0 O o, 1 l I)
ALPHABET = "23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
SEALED = "sealed:"
WITH_SECRETS = ("extensions", "trunks", "webhooks")  # lists whose entries have a `secret`
SECRETIVE = ("backup", "mail")  # parts that have one themselves


def new_secret() -> str:
    """Return a secret nobody can guess and anybody can type."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def new_signing_secret() -> str:
    """Return a secret that signs what webhooks are told (Standard Webhooks: whsec_ and base64)."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


class Vault:
    """Seals and opens the secrets of a configuration's plain document."""

    def __init__(self, key: bytes) -> None:
        self._fernet, self._key = Fernet(key), key

    @classmethod
    def open(cls, path: Path, disk: Disk, *, new: bool) -> "Vault":
        """Return the vault whose key is at `path`; a `new` one gets a key. Raises KeyLost, NoStorage."""
        try:
            return cls(path.read_bytes().strip())
        except FileNotFoundError:
            if not new:
                raise KeyLost(f"{path} is missing; put it back from a backup of this box") from None
        except OSError as error:
            raise KeyLost(f"{path} cannot be read: {error.strerror}") from error
        except ValueError as error:
            raise KeyLost(f"{path} holds no key ({error}); put it back from a backup of this box") from error
        key = Fernet.generate_key()
        disk.save(path, key + b"\n", 0o600)
        return cls(key)

    def seal(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return a document with its secrets encrypted."""
        return _each_secret(document, lambda secret: SEALED + self._fernet.encrypt(secret.encode()).decode())

    def unseal(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return a document with its secrets in clear; one typed into the file in clear stays. Raises KeyLost."""
        return _each_secret(document, self._clear)

    def digest(self, text: str) -> str:
        """Return a keyed hash: who has the key knows a text again by it, and nobody else."""
        return hmac.new(self._key, b"digest " + text.encode(), "sha256").hexdigest()[:32]

    def _clear(self, secret: str) -> str:
        if not secret.startswith(SEALED):
            return secret
        try:
            return self._fernet.decrypt(secret.removeprefix(SEALED)).decode()
        except InvalidToken:
            raise KeyLost("the configuration's secrets were sealed with another key") from None


def without_secrets(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document whose secrets are left out."""
    return {
        noun: _bare(value) if noun in (*WITH_SECRETS, *SECRETIVE) else value for noun, value in document.items()
    }


def secrets_of(config: Config) -> dict[tuple[str, str], str]:
    """Return all secrets by noun and the number or name of the entry, "" where the noun has it itself."""
    found = {("extensions", one.number): one.secret for one in config.extensions}
    found |= {("trunks", one.name): one.secret for one in config.trunks}
    found |= {("webhooks", one.name): one.secret for one in config.webhooks}
    return found | {(noun, ""): getattr(config, noun).secret for noun in SECRETIVE}


def _bare(value: Any) -> Any:
    if isinstance(value, list):
        return [_bare(entry) for entry in value]
    return {key: one for key, one in value.items() if key != "secret"}


def _each_secret(document: dict[str, Any], change: Any) -> dict[str, Any]:
    changed = dict(document)
    for noun in WITH_SECRETS:
        if isinstance(document.get(noun), list):
            changed[noun] = [_with_secret(entry, change) for entry in document[noun]]
    for noun in SECRETIVE:
        if noun in document:
            changed[noun] = _with_secret(document[noun], change)
    return changed


def _with_secret(entry: Any, change: Any) -> Any:
    if isinstance(entry, dict) and isinstance(entry.get("secret"), str) and entry["secret"]:
        return entry | {"secret": change(entry["secret"])}
    return entry
