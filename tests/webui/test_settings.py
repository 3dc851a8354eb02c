"""The pages of the settings: what is typed, where it is kept, and how it is told in both languages."""

import html
import re
from datetime import datetime

import pytest

from firmware.config import factory
from firmware.config.outline import outline
from tests.webui.test_live import text_of
from tests.webui.test_sign_in import form_of
from webui import fields
from webui.sections import BY_NOUN, SECTIONS
from webui.settings import Pages
from webui.wordbook import known


@pytest.fixture
def admin(page):
    return page(role="admin")


def inputs(client, path):
    """Return what a browser would send of the page's first form with fields, as it stands."""
    text = client.get(path).text
    form = next(one for one in re.findall(r"<form.*?</form>", text, re.DOTALL) if 'class="entry"' in one)
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if attributes.get("type") == "checkbox" and not re.search(r"\schecked", tag):
            continue
        found.setdefault(attributes["name"], []).append(html.unescape(attributes.get("value", "on")))
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        (chosen,) = re.findall(r'<option value="([^"]*)" selected', body) or [""]
        found.setdefault(name, []).append(html.unescape(chosen))
    for name, body in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        found.setdefault(name, []).append(html.unescape(body))
    return found


def send(client, path, **changed):
    return client.post(path, data=inputs(client, path) | changed)


def post(client, path, **data):
    return client.post(path, data={"form": form_of(client, "/account/"), **data})


def beside(answer, name):
    (found,) = re.findall(rf'<small id="{re.escape(name)}-wrong" class="wrong">([^<]*)</small>', answer.text)
    return html.unescape(found)


def changes(client, language="en"):
    text = client.get(f"/settings/review/?lang={language}").text
    client.get("/settings/review/?lang=en")
    found = re.search(r'yours-head.*?<ul class="changes">(.*?)</ul>', text, re.DOTALL)
    return [text_of(one).strip() for one in re.findall(r"<li>(.*?)</li>", found[1], re.DOTALL)] if found else []


def keys(node, section):
    """Yield the keys of an object; of a part that no field holds as a whole, those within it."""
    for key, one in node.keys.items():
        parts = one.kind == "object" and section.field(key) is None
        yield from [f"{key}.{part}" for part in one.keys] if parts else [key]


def test_every_key_of_the_configuration_is_on_a_page_and_has_words():
    shape = outline().keys
    hidden = {("extensions", "secret")}  # which the box makes, and a page of its own shows
    assert set(shape) == set(BY_NOUN)
    for noun, section in BY_NOUN.items():
        node = shape[noun].item if section.identity else shape[noun]
        for key in keys(node, section) if node.kind == "object" else [""]:
            if (noun, key) not in hidden:
                assert section.field(key), (noun, key)
                assert known(f"f.{noun}.{key}"), (noun, key)
        assert section.page or known(f"settings.{noun}")
        assert section.page or known(f"settings.{noun}.about")
        assert section.identity == shape[noun].identity


FORMS = [section for section in SECTIONS if not section.page]


@pytest.mark.parametrize("section", FORMS, ids=[section.noun for section in FORMS])
def test_a_form_sent_as_it_stands_changes_nothing(admin, section):
    document = admin.get(f"/settings/{section.noun}/")
    assert document.status_code == 200
    paths = [f"/settings/{section.noun}/"]
    if section.identity:
        entries = getattr(factory.build(), section.noun)
        paths = [f"/settings/{section.noun}/entry?name={getattr(one, section.identity)}" for one in entries]
    for path in paths:
        answer = send(admin, path)
        assert answer.status_code == 303, text_of(answer.text)
    assert changes(admin) == []


@pytest.mark.parametrize("role", ["viewer", "agent"])
def test_who_may_not_see_the_settings_is_told_so(page, role):
    client = page(role=role)
    assert "/settings/" not in client.get("/").text
    for path in ("/settings/", "/settings/queues/", "/settings/history/", "/settings/review/", "/settings/emergency/"):
        assert client.get(path).status_code == 403


def test_what_is_known_of_the_country_is_shown_beside_the_choice_and_at_a_line_with_its_sources(admin):
    for path in ("/settings/box/", "/settings/lines/entry?name=1"):
        seen = text_of(admin.get(path).text)
        for said in ("What is known of lines in CN", "FSK (Bell 202), keys (D number C) Beijing", "Nortel 553"):
            assert said in seen
    assert "来电显示方式 FSK（Bell 202）" in text_of(admin.get("/settings/box/?lang=zh").text)
    admin.get("/settings/box/?lang=en")
    send(admin, "/settings/box/", country="LV")
    seen = text_of(admin.get("/settings/lines/entry?name=1").text)
    for said in ("What is known of lines in LV", "Nothing is known of this country", "not known: nothing is expected"):
        assert said in seen
    wrong = send(admin, "/settings/box/", country="x<b>")
    assert (wrong.status_code, "What is known of lines" in wrong.text) == (422, False)


def test_a_supervisor_sees_the_settings_and_changes_nothing(page):
    client = page(role="supervisor")
    text = client.get("/settings/queues/entry?name=service").text
    assert "Only an admin may change these" in text
    assert "Keep in draft" not in text
    groups = re.findall(r'<fieldset class="(?!inner)[a-z-]*"( disabled)?>', text)
    assert groups == [" disabled"] * 3, "each group of fields is for reading only"
    for path in (
        "/settings/queues/entry?name=service",
        "/settings/routes/",
        "/settings/review/",
        "/settings/history/1",
    ):
        for act in ("", "remove", "up", "commit", "discard", "rollback", "take"):
            assert post(client, path, act=act, name="lines").status_code == 403
    assert post(client, "/settings/review/confirm").status_code == 403
    assert post(client, "/settings/extensions/entry?name=201", act="reveal").status_code == 403


def test_a_change_is_kept_as_a_draft_told_in_words_and_put_in_force_with_its_reason(admin, people):
    answer = send(
        admin,
        "/settings/queues/entry?name=service",
        acw_s="25",
        overflow="number",
        **{"overflow.digits": "010 8888-1234"},
    )
    assert answer.headers["Location"] == "/settings/queues/?kept=1"
    seen = text_of(admin.get("/settings/queues/?kept=1").text)
    assert "Kept in the draft; not in force yet" in seen
    assert "Your draft has 2 changes" in seen
    assert changes(admin) == [
        "Queue “service”: After-call work was 10 s, becomes 25 s",
        "Queue “service”: Then, or when full, go to was hang up, becomes number outside 01088881234",
    ]
    assert changes(admin, "zh") == [
        "队列“service”：话后整理原为 10 秒，改为 25 秒",
        "队列“service”：等候太久或人满时转到原为 挂断，改为 外部号码 01088881234",
    ]
    with people.exchange() as client:
        assert client.call("config.get")["config"]["queues"][0]["acw_s"] == 10
    answer = post(admin, "/settings/review/", act="commit", why="time for notes")
    assert answer.headers["Location"] == "/settings/?done=2"
    assert "Revision 2 is in force." in admin.get("/settings/?done=2").text
    assert changes(admin) == []
    assert "Your draft" not in admin.get("/settings/").text
    with people.exchange() as client:
        assert client.call("config.get")["config"]["queues"][0]["acw_s"] == 25
    seen = text_of(admin.get("/settings/history/").text)
    assert "Revision 2 in force" in seen
    assert "a-admin time for notes" in seen


@pytest.mark.parametrize(
    ("path", "typed", "name", "english", "chinese"),
    [
        ("queues/entry?name=service", {"acw_s": "soon"}, "acw_s", "0 to 86400 seconds", "应为秒数，0 到 86400"),
        ("queues/entry?name=service", {"name": "Ser vice"}, "name", "a small letter", "以小写字母开头"),
        ("queues/entry?name=service", {"agents": ["201", "999"]}, "agents", "there is no agent 999", "没有坐席 999"),
        ("hours/entry?name=open", {"week.tue": "9-17"}, "week.tue", "“9-17”: HH:MM-HH:MM", "“9-17”: 应为 HH:MM"),
        ("hours/entry?name=open", {"closed": "1.10.2026"}, "closed", "a date YYYY-MM-DD", "应为日期"),
        ("flows/entry?name=main", {"keys.*.to": "number", "keys.*.to.digits": "1"}, "keys.*.to", "none fits", "没有外"),
        ("routes/entry?name=lines", {"to": "queue:gone"}, "to", "there is no queue gone", "没有队列 gone"),
        ("outgoing/entry?name=short", {"via": ["", ""]}, "via", "a list of at least 1", "应为列表"),
        ("extensions/entry?name=201", {"number": "202"}, "number", "There is one of that name", "已有同名或同号的"),
        ("limits/", {"box.calls": "many"}, "box.calls", "a whole number from 0", "应为整数，0 到"),
        (
            "trunks/entry", {"name": "ims", "host": "192.0.2.1", "domain": "ims example"}, "domain", "a domain name",
            "应为域名",
        ),
        (
            "trunks/entry", {"name": "ims", "host": "192.0.2.1", "auth_name": "a b"}, "auth_name", "without spaces",
            "不含空格",
        ),
        ("box/", {"country": "cn"}, "country", "two capital letters", "两个大写字母"),
        ("sip/", {"media_addresses": "10.0.0.0/8"}, "media_addresses", "an IP address is right", "应为对方能到达的"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_beside_its_field_in_both_languages_and_what_was_typed_stays(
    admin, path, typed, name, english, chinese
):
    for language, said in (("zh", chinese), ("en", english)):
        admin.get(f"/settings/{path}{'&' if '?' in path else '?'}lang={language}")
        answer = send(admin, f"/settings/{path}", **typed)
        assert answer.status_code == 422
        assert said in beside(answer, name)
        for value in typed.values():
            for one in value if isinstance(value, list) else [value]:
                assert html.escape(one) in answer.text
    assert changes(admin) == []


def test_a_new_entry_begins_with_what_holds_by_default_and_a_list_without_any_says_what_to_do(admin):
    seen = text_of(admin.get("/settings/trunks/").text)
    assert "If your carrier gave you a SIP address and an account, add it here." in seen
    new = inputs(admin, "/settings/trunks/entry")
    assert (new["port"], new["channels"], new["transport"], new["srtp"]) == ([""], ["30"], [""], ["off"])
    answer = send(
        admin,
        "/settings/trunks/entry",
        name="carrier",
        host="sip.example.net",
        domain="ims.example",
        auth_name="+861088880000@ims.example",
        numbers="01088880000\n 01088880001 \n\n",
    )
    assert answer.status_code == 303
    assert changes(admin) == ["Trunk “carrier” is new"]
    assert "01088880000, 01088880001" in text_of(admin.get("/settings/trunks/").text)
    assert "an account, add it here" not in admin.get("/settings/trunks/").text


def test_two_windows_do_not_undo_each_other_unseen(admin):
    path = "/settings/queues/entry?name=service"
    first, second = inputs(admin, path), inputs(admin, path)
    assert admin.post(path, data=first | {"acw_s": "25"}).status_code == 303
    answer = admin.post(path, data=second | {"title": "Help"})
    assert answer.status_code == 422
    assert "This was changed in another window just now." in text_of(answer.text)
    assert 'value="Help"' in answer.text
    assert changes(admin) == ["Queue “service”: After-call work was 10 s, becomes 25 s"]
    again = second | {"title": "Help", "was": re.findall(r'name="was" value="([^"]+)"', answer.text)}
    assert admin.post(path, data=again).status_code == 303
    assert changes(admin) == ["Queue “service”: Title was 客户服务 Service, becomes Help"]


def test_what_others_put_in_force_meanwhile_is_shown_and_carried_over(admin, people):
    send(admin, "/settings/queues/entry?name=service", acw_s="25")
    with people.exchange() as client:
        config = client.call("config.export")
        config["queues"][0] |= {"acw_s": 40, "max_waiting": 5}
        client.call("config.import", config=config, why="by hand")
    seen = text_of(admin.get("/settings/").text)
    assert "Revision 2 came into force meanwhile." in seen
    seen = text_of(admin.get("/settings/review/").text)
    assert "Queue “service”: After-call work was 10 s, becomes 40 s both changed it; carried over, yours stands" in seen
    assert "Queue “service”: Waiting at most was 20, becomes 5" in seen
    assert "Put in force" not in seen
    assert post(admin, "/settings/review/", act="commit").status_code == 422
    post(admin, "/settings/review/", act="rebase")
    assert changes(admin) == ["Queue “service”: After-call work was 40 s, becomes 25 s"]
    assert post(admin, "/settings/review/", act="commit").status_code == 303
    send(admin, "/settings/queues/entry?name=service", acw_s="30")
    assert post(admin, "/settings/review/", act="discard").headers["Location"] == "/settings/"
    assert changes(admin) == []


def test_what_does_not_fit_elsewhere_is_told_in_the_review_with_a_link_there(admin):
    assert send(admin, "/settings/outgoing/entry?name=outside", prefix="2", strip="1").status_code == 303
    text = admin.get("/settings/review/").text
    seen = text_of(text)
    assert "To be mended first 4" in seen
    assert "Extension 201: Number: “201”: a number that does not begin with 2 is right" in seen
    assert 'href="/settings/extensions/entry?name=201"' in text
    assert post(admin, "/settings/review/", act="commit").status_code == 422
    assert "分机 201：号码：“201”：" not in seen
    assert "不能以 2 开头：外呼规则 outside 用它拨外线" in admin.get("/settings/review/?lang=zh").text


def test_what_is_used_elsewhere_cannot_be_removed_and_it_says_where(admin):
    answer = post(admin, "/settings/queues/entry?name=service", act="remove")
    assert answer.status_code == 422
    seen = text_of(answer.text)
    assert "It cannot be removed: these still lead to it. Menu “main”: Keys Key 1" in seen
    assert 'href="/settings/flows/entry?name=main"' in answer.text
    assert post(admin, "/settings/routes/entry?name=trunks", act="remove").status_code == 303
    assert changes(admin) == ["Route “trunks” is removed"]
    assert post(admin, "/settings/routes/entry?name=trunks", act="remove").status_code == 303
    assert admin.get("/settings/routes/entry?name=trunks").headers["Location"] == "/settings/routes/"


def test_the_first_that_fits_is_moved(admin):
    assert post(admin, "/settings/routes/", act="down", name="lines").status_code == 303
    assert changes(admin) == ["Order of Routes: was lines, trunks, becomes trunks, lines"]
    assert post(admin, "/settings/routes/", act="sideways", name="lines").status_code == 400


def test_a_trial_is_told_on_every_page_and_confirmed_there(admin, page, people):
    send(admin, "/settings/queues/entry?name=service", acw_s="25")
    for minutes in ("0", "soon", "9999"):
        answer = post(admin, "/settings/review/", act="commit", trial="on", minutes=minutes)
        assert answer.status_code == 422
        assert beside(answer, "minutes")
    post(admin, "/settings/review/", act="commit", trial="on", minutes="5")
    for path in ("/", "/users/", "/account/", "/settings/queues/"):
        text = admin.get(path).text
        assert re.search(r"Revision 2 is on trial: back to 1 at \d\d:\d\d:\d\d unless confirmed", text_of(text))
        assert f'name="to" value="{path}"' in text
    assert "on trial" not in page(role="viewer").get("/").text
    looked = page(role="supervisor").get("/").text
    assert "on trial" in looked
    assert "Confirm" not in looked
    answer = post(admin, "/settings/review/confirm", to="/users/?x=1")
    assert answer.headers["Location"] == "/users/?x=1"
    assert "on trial" not in admin.get("/").text
    assert post(admin, "/settings/review/confirm", to="//evil.example/").headers["Location"] == "/"
    with people.exchange() as client:
        assert client.call("status")["trial"] is None
        assert client.call("config.get")["config"]["queues"][0]["acw_s"] == 25


def test_a_trial_is_taken_back_at_once(admin, people):
    send(admin, "/settings/queues/entry?name=service", acw_s="25")
    post(admin, "/settings/review/", act="commit", trial="on", minutes="5")
    assert post(admin, "/settings/review/back", to="/").status_code == 303
    with people.exchange() as client:
        assert client.call("config.get")["config"]["queues"][0]["acw_s"] == 10
    post(admin, "/settings/history/2", act="take")
    assert changes(admin) == ["Queue “service”: After-call work was 10 s, becomes 25 s"]


def test_the_history_tells_every_revision_and_goes_back(admin, people):
    send(admin, "/settings/hours/entry?name=open", closed="2026-10-01", **{"week.mon": "08:30-12:00, 13:30-17:30"})
    post(admin, "/settings/review/", act="commit", why="real hours")
    seen = text_of(admin.get("/settings/history/2").text)
    assert "Hours “open”: Every week Monday was 00:00-24:00, becomes 08:30-12:00, 13:30-17:30" in seen
    assert "Hours “open”: Holidays was nothing, becomes 2026-10-01" in seen
    assert datetime.now().astimezone().strftime("%Y") in seen
    seen = text_of(admin.get("/settings/history/1").text)
    assert "factory settings" in seen
    assert "What going back to it changes Hours “open”" in seen
    assert (
        post(admin, "/settings/history/1", act="rollback", why="too early").headers["Location"] == "/settings/?done=3"
    )
    with people.exchange() as client:
        assert client.call("config.get")["config"]["hours"][0]["closed"] == []
        assert client.call("config.history")[0]["why"] == "rollback to 1: too early"
    assert admin.get("/settings/history/99").headers["Location"] == "/settings/history/"
    assert post(admin, "/settings/history/99", act="rollback").status_code == 303


def test_secrets_are_shown_only_to_who_asks(admin, door):
    secret = door.door.configuration.secret_of("201")
    for path in ("", "extensions/", "extensions/entry?name=201", "review/", "history/1"):
        assert secret not in admin.get(f"/settings/{path}").text
    assert secret in post(admin, "/settings/extensions/entry?name=201", act="reveal").text
    send(admin, "/settings/trunks/entry", name="carrier", host="sip.example.net", username="shop", secret="psst-secret")
    text = admin.get("/settings/trunks/entry?name=carrier").text
    assert "psst-secret" not in text + admin.get("/settings/review/").text
    assert "There is one, which is not shown." in text
    post(admin, "/settings/review/", act="commit")
    assert door.door.configuration.config.trunks[0].secret == "psst-secret"
    send(admin, "/settings/trunks/entry?name=carrier", channels="5")
    post(admin, "/settings/review/", act="commit")
    assert door.door.configuration.config.trunks[0].secret == "psst-secret"


def test_the_page_of_an_extension_shows_the_messages_that_wait_for_it(admin, door):
    assert "new: " not in text_of(admin.get("/settings/extensions/entry?name=201&lang=en").text)
    door.door.mailboxes._new["201"] = {"told": 4}
    assert "new: 4" in text_of(admin.get("/settings/extensions/entry?name=201&lang=en").text)
    assert "4 条新留言" in text_of(admin.get("/settings/extensions/entry?name=201&lang=zh").text)


@pytest.mark.parametrize("nasty", ["<script>alert(1)</script>", '"><img src=x>', "{{ 6367*7649 }}", "\u202eevil"])
def test_a_text_is_text_and_never_markup(admin, nasty):
    send(admin, "/settings/extensions/entry?name=201", name=nasty)
    send(admin, "/settings/queues/entry?name=service", title=nasty)
    for path in (
        "",
        "extensions/",
        "extensions/entry?name=201",
        "queues/",
        "agents/entry?name=201",
        "flows/entry?name=main",
        "review/",
    ):
        text = admin.get(f"/settings/{path}").text
        assert "<script>alert" not in text
        assert "<img" not in re.sub(r'<img src="/static/icon[^>]*>', "", text)
        assert "48701183" not in text_of(text)


@pytest.mark.parametrize(
    "path", ["", "queues/", "queues/entry?name=service", "flows/entry?name=main", "limits/", "review/"]
)
def test_the_pages_have_nothing_inline_and_every_input_a_label(admin, path):
    send(admin, "/settings/box/", name="x")
    text = admin.get(f"/settings/{path}").text
    assert re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", text) == []
    assert text.count("<h1") == text.count("<main") == 1
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_every_field_reads_back_what_it_shows():
    pages = [Pages(section) for section in SECTIONS]
    assert len(pages) == len({page.noun for page in pages}) == len(SECTIONS)
    assert fields.number("25") == 25
    assert fields.number("2.5") == 2.5
    assert [fields.number(text) for text in ("", "1e3", "²", "0x10", "nan", "9" * 13)] == [
        "",
        "1e3",
        "²",
        "0x10",
        "nan",
        "9" * 13,
    ]


def test_extensions_move_to_a_pbx_and_the_review_says_so(admin):
    send(admin, "/settings/spans/entry", number="2")
    send(admin, "/settings/groups/entry", name="pbx", channels="2")
    answer = send(admin, "/settings/extensions/entry", number="300", last="299", group="pbx", name="Old house")
    assert "300 or above" in beside(answer, "last")
    assert send(
        admin, "/settings/extensions/entry", number="300", last="399", group="pbx", name="Old house"
    ).status_code == 303
    assert send(admin, "/settings/extensions/entry?name=204", group="pbx").status_code == 303
    wrong = send(admin, "/settings/extensions/entry?name=204", group="pbx", srtp="on")
    assert "the telephone of 204 is the PBX's" in beside(wrong, "srtp")
    assert changes(admin)[2:] == [
        "Extension 204: By trunk group was none: a telephone of the box, becomes Trunk group “pbx”",
        "Extension 300 is new",
    ]
    assert "Extension 345 Old house" in admin.get("/settings/box/").text
    assert 'value="reveal"' not in admin.get("/settings/extensions/entry?name=300").text
    post(admin, "/settings/review/", act="commit")
    assert "there is none" not in admin.get("/settings/extensions/").text
    assert "204" not in re.findall(r"<h1>.*?</h1>", admin.get("/extensions/sheet/").text, re.DOTALL)


def test_the_page_of_a_range_says_for_whom_messages_wait_and_that_a_pbx_without_qsig_shows_none(admin, door):
    send(admin, "/settings/spans/entry", number="2")
    send(admin, "/settings/groups/entry", name="pbx", channels="2")
    send(admin, "/settings/extensions/entry", number="300", last="399", group="pbx")
    post(admin, "/settings/review/", act="commit")
    door.door.mailboxes._new |= {"345": {"told": 4}, "201": {"told": 1}}
    page = "/settings/extensions/entry?name=300&lang="
    assert "Extension 345: 4 new" in text_of(admin.get(f"{page}en").text)
    assert "can only be told by QSIG" in text_of(admin.get(f"{page}en").text)
    assert "话机不会提示" in text_of(admin.get(f"{page}zh").text)
    send(admin, "/settings/spans/entry?name=2&lang=en", **{"pri.variant": "qsig"})
    post(admin, "/settings/review/", act="commit")
    assert "The PBX is told by QSIG" in text_of(admin.get(f"{page}en").text)
    assert "by another dial tone" in text_of(admin.get("/settings/extensions/entry?name=201").text)
