"""What holds for every page and form there is, new ones too: pages come from the table of addresses, forms from pages.

No form of another site or session does anything, nor one of somebody who may not; what cannot be is refused with a word
about it, and nothing of it is kept; what strangers write is text wherever it comes out again; no name leads to a file
that is not ours; nothing larger than a page's own measure is read.
"""

import io
import re
from collections.abc import Iterator

import pytest

from firmware.control.client import Client
from tests.webui.forms import TYPED, Field, Form, endpoint, walk
from webui.app import ROOT
from webui.guard import LONG_FORM_BYTES
from webui.uploads import TAKES

HOSTILE = '\' OR 1=1; DROP TABLE calls -- "><script>alert(1)</script><img src=x onerror=alert(2)>\'"{{7*7}}'
OUTSIDE = ("../../../../../../etc/passwd", "\0/etc/passwd")
# What stands in the fields that are written in, and what in all others
ODD = {"markup": (HOSTILE, HOSTILE), "upwards": (OUTSIDE[0], "NaN"), "long": ("x" * 5000, "9" * 400)}
# What pages are asked for: every name that is read from an address anywhere
ASKED = sorted(set(re.findall(r'args(?:\.get\(|\[)"(\w+)"', "".join(path.read_text() for path in ROOT.glob("*.py")))))
ENDING = "sign_in.out"  # ends the session that asks
FOUND: list[tuple[str, Form]] = []  # all but what belongs to a session is the same in every box of the tests
OPEN = {"static", "acme.challenge", "sign_in.page", "backups.restored"}  # to strangers, and no other
OWN = {"sign_in.page", ENDING, "account.index", "account.first"}  # what everybody may do, to themselves


def there(path: str, **fields: str) -> Form:
    """Return a form of a page that shows it in another state than the one the tests begin with."""
    return Form(path, "", tuple(Field(name, "hidden" if name == "act" else "text", fields[name]) for name in fields))


# Forms that are on no page yet: where nothing is brought, on trial, spoken or wrong
ELSEWHERE = {
    "account.first": there("/account/first", password="", again=""),
    "alarms.acknowledge": there("/alarms/", name="disk-space", subject="disk", note=""),
    "backups.restore": there("/backups/restore?name=none.backup", act="unpack", passphrase="correct horse"),
    "lines.mail": there("/lines/2/mail", address=""),
    "live.act": there("/live/act", act="not_ready", number="201", reason=""),
    "prompts.draft": there("/prompts/draft?id=1", act="keep", name=""),
    "prompts.play": there("/prompts/play", name="welcome", extension="201"),
    "prompts.remove": there("/prompts/remove", name="ours"),
    "settings.history.revision": there("/settings/history/1", why=""),
    "settings.review.back": there("/settings/review/back", to="/"),
    "settings.review.confirm": there("/settings/review/confirm", to="/"),
    "sign_in.page": there("/sign-in", name="li", password=""),
}
LISTS = re.compile(r"settings\.\w+\.index")  # of these, the lists in which order counts have a form
# Controls that are not read: a name for the keeper of passwords, digits of no number outside, minutes of no trial
UNREAD = re.compile(r"backups\.index username|\S+ .+\.digits|settings\.review\.index minutes")
# Forms that go back to where somebody was, whatever they say: what is not there is removed, what is over is seen
BACK = {"settings.review.back", "settings.review.confirm"}
DONE = BACK | {"prompts.remove", "account.first", "alarms.acknowledge"}


@pytest.fixture
def admin(page, people, door, monkeypatch):
    monkeypatch.setenv("BUSYHOUR_HOME", str(door.door.home))
    with Client(door.door.path) as box:
        box.call("webhook.add", name="crm", url="https://example.com/", events=["call.ended"], reach="public")
        box.call("session.resume", token=people.signed_in("admin"))
        box.call("candidate.set", noun="box", value=box.call("candidate.get")["config"]["box"] | {"name": "Mingde"})
    return page(role="admin")


def rules(client, method: str) -> Iterator[tuple[str, str]]:
    """Yield endpoint and path of every address that takes a method; what stands in a path is a number."""
    for rule in client.application.url_map.iter_rules():
        if method in rule.methods and rule.endpoint != "static":
            yield rule.endpoint, re.sub(r"<[^>]*>", "1", rule.rule)


def pages(client) -> Iterator[tuple[str, str]]:
    """Yield those that end by themselves."""
    return (one for one in rules(client, "GET") if not one[0].endswith("stream"))


@pytest.fixture
def forms(admin) -> list[tuple[str, Form]]:
    """Return every form with its endpoint but the one that ends the session; they are looked for once."""
    if not FOUND:
        FOUND.extend(find(admin))
    return FOUND


def find(client) -> list[tuple[str, Form]]:
    """Look for all forms. Fails where an endpoint has none."""
    found = [(endpoint(client, form.path, "POST"), form) for form in walk(client)]
    shown = {name for name, _ in found}
    for name, path in rules(client, "POST"):
        if name not in shown and (name in ELSEWHERE or LISTS.fullmatch(name)):
            found.append((name, ELSEWHERE.get(name) or there(path, act="", name="")))
    missing = {name for name, _ in rules(client, "POST")} - {name for name, _ in found}
    assert not missing, f"{missing}: no page that the tests reach has these forms; tell of them in ELSEWHERE"
    return [(name, form) for name, form in found if name != ENDING]


def state_of(door) -> tuple:
    """Return what a form could have changed."""
    with Client(door.door.path) as box:
        told = [box.call(name) for name in (
            "config.export", "user.list", "token.list", "webhook.list", "alarm.list", "agent.list", "hold.list",
        )]  # fmt: skip
    files = (path for name in ("config", "prompts") for path in (door.door.home / name).rglob("*"))
    return *told, {str(path): path.read_bytes() for path in files if path.is_file()}


def form_of(client) -> str:
    return re.search(r'name="form" value="([0-9a-f]{64})"', client.get("/account/").text)[1]


def send(client, form: Form, own: str, **changed):
    kind = "multipart/form-data" if form.named("file") else None
    return client.post(form.path, data=form.sent() | {"form": own} | changed, content_type=kind)


def test_no_form_of_another_site_or_session_does_anything(admin, page, door):
    other, before = form_of(page(role="supervisor")), state_of(door)
    own, posts = form_of(admin), list(rules(admin, "POST"))
    assert len(posts) > 50
    ways = (
        {"data": {}}, {"data": {"form": ""}}, {"data": {"form": other}}, {"data": {"form": own[:-1]}},
        {"data": {"form": own}, "headers": {"Sec-Fetch-Site": "cross-site"}},
        {"data": {"form": own}, "headers": {"Sec-Fetch-Site": "same-site"}},
        {"data": "form=" + own, "content_type": "text/plain"},
    )  # fmt: skip
    for name, path in posts:
        for way in ways:
            answer = admin.post(path, **way)
            assert answer.status_code in (400, 401), (name, way, answer.status_code)
    assert state_of(door) == before
    assert form_of(admin) == own  # still signed in


def test_who_is_not_signed_in_sees_nothing_but_how_to_sign_in(page):
    stranger = page(role="")
    for method in ("GET", "POST"):
        for name, path in rules(stranger, method):
            if name not in OPEN:
                answer = stranger.open(path, method=method)
                assert answer.status_code in (302, 303, 400, 401), (name, answer.status_code)
                assert answer.headers.get("Location", "/sign-in").startswith("/sign-in"), name


def test_who_may_only_look_changes_nothing(forms, page, door):
    viewer = page(role="viewer")
    own, before = form_of(viewer), state_of(door)
    for name, form in forms:
        if name not in OWN:
            answer = send(viewer, form, own)
            # One that asks the exchange for nothing shows a page, or the way back
            assert answer.status_code in (303, 403) if name in BACK else answer.status_code == 403, (name, form)
    assert state_of(door) == before


def test_a_control_character_is_refused_in_every_field_with_a_word_and_nothing_is_kept(admin, forms, door):
    own, before, tried = form_of(admin), state_of(door), 0
    for name, form in forms:
        for field in form.named(*TYPED):
            if UNREAD.fullmatch(f"{name} {field}"):
                continue
            answer = send(admin, form, own, **{field: form.sent()[field][0] + "a\ab"})
            tried += 1
            if name not in DONE:
                assert 400 <= answer.status_code < 500, (name, field, answer.status_code)
                words = re.search(r'class="(wrong|notice bad)"', answer.text)
                assert words or answer.status_code == 400, (name, field)
        assert state_of(door) == before, name
    assert tried > 150
    assert "\\x07" not in repr(state_of(door))
    assert "\\u0007" not in repr(state_of(door))


@pytest.mark.parametrize("odd", ODD)
def test_what_no_browser_would_send_breaks_nothing_and_is_text_where_it_comes_out(admin, forms, door, odd):
    own, before = form_of(admin), state_of(door)
    for name, form in forms:
        typed, chosen = ODD[odd]
        changed = dict.fromkeys(form.named("number", "select", "checkbox", "radio"), chosen)
        changed |= dict.fromkeys(form.named(*(kind for kind in TYPED if kind != "number")), typed)
        answer = send(admin, form, own, **changed)
        assert answer.status_code < 500, (name, form.path)
        assert "<script>alert" not in answer.text, name
        assert "<img src=x" not in answer.text, name
        assert not answer.headers.get("Location", "/").startswith(("//", "http")), name
        now = state_of(door)
        assert now == before or answer.status_code < 400, name
        before = now


@pytest.mark.parametrize("odd", [HOSTILE, *OUTSIDE], ids=["markup", "upwards", "nul"])
def test_no_address_leads_to_a_file_that_is_not_ours_or_writes_markup(admin, odd):
    for name, path in pages(admin):
        answer = admin.get(path, query_string=dict.fromkeys(ASKED, odd))
        assert answer.status_code < 500, name
        for trace in (b"root:", b"<script>alert", b"<img src=x"):
            assert trace not in answer.data, name


def test_nothing_larger_than_its_measure_is_read_of_any_form(admin):
    own = form_of(admin)
    for name, path in rules(admin, "POST"):
        if name not in TAKES:
            answer = admin.post(path, data={"form": own, "name": "x" * (LONG_FORM_BYTES + 1)})
            assert answer.status_code == 413, name


def test_no_file_is_read_of_whom_may_send_none(page, door, monkeypatch):
    monkeypatch.setenv("BUSYHOUR_HOME", str(door.door.home))
    client = page(role="supervisor")
    own = form_of(client)
    for name, path in rules(client, "POST"):
        if name != ENDING:
            file = (io.BytesIO(bytes(4096)), "../../evil.wav")
            answer = client.post(path, data={"form": own, "file": file}, content_type="multipart/form-data")
            assert answer.status_code < 500, name
            assert answer.status_code == 403 or name not in TAKES, name
    assert list(door.door.home.rglob("*evil*")) == []
