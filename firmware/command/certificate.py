"""`busyhour certificate`: by what the box proves that it is itself."""

import argparse
from pathlib import Path
from typing import Any

from firmware.command.job import ended
from firmware.command.terminal import Terminal

LARGEST = 256 * 1024


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Add `certificate` and its commands."""
    certificate = subparsers.add_parser("certificate", help="the certificate for HTTPS and SIP over TLS")
    commands = certificate.add_subparsers(dest="certificate_command", required=True, metavar="COMMAND")
    commands.add_parser("show", help="whom it names, who vouches for it, until when").set_defaults(run=_show)
    imported = commands.add_parser("import", help="take one that somebody else vouches for; connections go on")
    imported.add_argument("file", type=Path, metavar="FILE", help="certificate and chain as PEM, perhaps with the key")
    imported.add_argument("key", type=Path, nargs="?", metavar="KEY", help="the private key as PEM")
    imported.set_defaults(run=_import)
    acme = commands.add_parser("acme", help="get one of an authority whose terms you accept; port 80 must lead here")
    acme.add_argument("names", nargs="+", metavar="NAME", help="a host name in the internet")
    acme.add_argument("--directory", metavar="URL", help="the authority's ACME directory (default: Let's Encrypt)")
    acme.add_argument("--contact", metavar="ADDRESS", help="where the authority may write to if need be")
    acme.set_defaults(run=_acme)
    own = commands.add_parser("self-signed", help="make a new one that nobody vouches for; connections go on")
    own.add_argument("names", nargs="*", metavar="NAME", help="a name or address beside those this machine has")
    own.set_defaults(run=_self_signed)


def _show(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    shown = terminal.exchange().call("certificate.show")
    return terminal.show(shown, lambda: _lines(terminal, shown))


def _import(args: argparse.Namespace) -> int:
    given = {"certificate": _text(args.file)} | ({"key": _text(args.key)} if args.key else {})
    return _told(args.terminal, args.terminal.exchange().call("certificate.import", **given))


def _acme(args: argparse.Namespace) -> int:
    terminal: Terminal = args.terminal
    exchange = terminal.exchange()
    given = {name: value for name in ("directory", "contact") if (value := getattr(args, name))}
    job = ended(
        exchange.call("certificate.acme", names=args.names, **given), lambda: exchange.call("certificate.job")
    )
    return _told(terminal, {"certificate": exchange.call("certificate.show"), "served": job["served"]})


def _self_signed(args: argparse.Namespace) -> int:
    return _told(args.terminal, args.terminal.exchange().call("certificate.self_signed", names=args.names))


def _told(terminal: Terminal, given: dict[str, Any]) -> int:
    if not given["served"]:
        terminal.complain(terminal.word("the proxy does not run now; it serves by this certificate when it does"))
    return terminal.show(given, lambda: _lines(terminal, given["certificate"]))


def _lines(terminal: Terminal, shown: dict[str, Any]) -> list[str]:
    rows = [
        (terminal.word("names"), ", ".join(shown["names"])),
        (terminal.word("kind"), terminal.word(shown["kind"])),
        (terminal.word("issuer"), shown["issuer"]),
        (terminal.word("valid from"), terminal.moment(shown["not_before_s"])),
        (terminal.word("valid until"), terminal.moment(shown["not_after_s"])),
        (terminal.word("key"), shown["key"]),
        ("SHA-256", shown["fingerprint"]),
    ]
    return terminal.table(("certificate", ""), rows)


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(LARGEST + 1).decode("utf-8", "replace")
