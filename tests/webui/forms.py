"""Every form that somebody can reach: found by following the pages' own links, as a crawler does."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import parse_qsl, urljoin, urlsplit

from flask.testing import FlaskClient

TYPED = ("text", "search", "tel", "email", "url", "number", "password", "date", "time", "textarea")


class Field(NamedTuple):
    """A control of a form: its kind (of `<input type>`, else `select`, `textarea`), and what it would send."""

    name: str
    kind: str
    value: str


class Form(NamedTuple):
    """A form that posts: where to, on which page it was, and its controls in their order."""

    path: str
    page: str
    fields: tuple[Field, ...]

    def sent(self) -> dict[str, list[str]]:
        """Return what a browser sends when nothing is changed; a choice of several is one of them."""
        found: dict[str, list[str]] = {}
        for one in self.fields:
            if one.kind != "file":
                found.setdefault(one.name, []).append(one.value)
        return found

    def named(self, *kinds: str) -> list[str]:
        """Return the names of the controls of some kinds."""
        return list(dict.fromkeys(one.name for one in self.fields if one.kind in kinds and one.name))


def endpoint(client: FlaskClient, path: str, method: str) -> str:
    """Return the endpoint that an address leads to. Raises werkzeug's NotFound, MethodNotAllowed."""
    found, _ = client.application.url_map.bind("localhost").match(urlsplit(path).path, method)
    return str(found)


def walk(client: FlaskClient) -> Iterator[Form]:
    """Yield the forms of all pages, each once by its address and the names in it.

    Of pages that differ only in the values of what is asked for, one is read: of all extensions, one.
    """
    todo, seen, known = ["/"], set(), set()
    while todo:
        address = todo.pop(0)
        asked = frozenset(name for name, _ in parse_qsl(urlsplit(address).query) if name != "lang")
        kind = (endpoint(client, address, "GET"), asked)
        if kind in seen or kind[0] == "static" or kind[0].endswith("stream"):
            continue
        seen.add(kind)
        answer = client.get(address)
        if not answer.content_type.startswith("text/html"):
            answer.close()
            continue
        reading = _Reading(address)
        reading.feed(answer.text)
        todo += [link for link in reading.links if link.startswith("/") and not link.startswith("/api/v1")]
        for form in reading.forms:
            what = (endpoint(client, form.path, "POST"), urlsplit(form.path).query == "", form.named(*TYPED, "hidden"))
            if repr(what) not in known:
                known.add(repr(what))
                yield form


class _Reading(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._address, self._open = address, False
        self._path, self._fields = "", []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "a" and "href" in given:
            self.links.append(urljoin(self._address, given["href"]).partition("#")[0])
        elif tag == "form":
            self._open = given.get("method", "").lower() == "post"
            self._path, self._fields = urljoin(self._address, given.get("action", "")), []
        elif not self._open:
            return
        elif tag in ("input", "button") and name:
            kind = given.get("type", "text" if tag == "input" else "submit")
            if kind not in ("checkbox", "radio") or "checked" in given:
                self._fields.append(Field(name, kind, given.get("value", "on" if kind == "checkbox" else "")))
        elif tag == "textarea":
            self._fields.append(Field(name, "textarea", ""))
        elif tag == "select":
            self._select = name
            self._fields.append(Field(name, "select", ""))
        elif tag == "option" and self._select and ("selected" in given or not self._fields[-1].value):
            self._fields[-1] = Field(self._select, "select", given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._open and self._fields and self._fields[-1].kind == "textarea" and self.lasttag == "textarea":
            self._fields[-1] = self._fields[-1]._replace(value=data.removeprefix("\n"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "form" and self._open:
            self._open = False
            self.forms.append(Form(self._path, self._address, tuple(self._fields)))
        elif tag == "textarea":
            self.lasttag = ""
