"""The pages of users and of one's own account."""

import html
import re

import pytest

from tests.webui.people import PASSWORD
from tests.webui.test_live import text_of
from tests.webui.test_sign_in import form_of, sign_in

OTHER = "staple battery horse"
NASTY = "<script>alert(1)</script>"


@pytest.fixture
def admin(page):
    return page(role="admin")


def post(client, path, **data):
    return client.post(path, data={"form": form_of(client, "/account/"), **data})


def given(answer):
    (found,) = re.findall(r"<code>([2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4})</code>", answer.text)
    return found


@pytest.mark.parametrize("role", ["supervisor", "agent", "viewer"])
def test_who_may_not_see_the_users_is_told_which_role_may(page, role):
    client = page(role=role)
    for answer in (client.get("/users/"), client.get("/users/user?name=a-admin"), post(client, "/users/", name="x")):
        assert answer.status_code == 403
        assert f"This needs the role admin, which a-{role} does not have" in text_of(answer.text)
    assert "/users/" not in client.get("/").text
    assert "这个页面需要角色“管理员”" in client.get("/users/?lang=zh").text


def test_a_user_is_added_told_a_password_once_and_signs_in_with_it(admin, people):
    answer = post(admin, "/users/", name="王芳", role="agent", agent="201")
    password = given(answer)
    assert "王芳" in text_of(answer.text)
    seen = text_of(admin.get("/users/").text)
    assert "王芳 agent 201" in seen
    assert "has not chosen a password yet" in seen
    assert password not in seen
    client = admin.application.test_client()
    assert sign_in(client, "王芳", password).headers["Location"] == "/account/first"


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"name": "a b"}, "name", "1 to 32 characters without spaces"),
        ({"name": ""}, "name", "1 to 32 characters without spaces"),
        ({"name": "A-ADMIN"}, "name", "There is a user of this name already"),
        ({"role": "agent"}, "agent", "Choose one of the configuration's agents"),
        ({"role": "agent", "agent": "999"}, "agent", "Choose one of the configuration's agents"),
        ({"role": "king"}, "role", "Choose a role"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_the_rest_is_kept(admin, typed, field, said):
    answer = post(admin, "/users/", **{"name": "li", "role": "viewer", "agent": ""} | typed)
    assert answer.status_code == 422
    (beside,) = re.findall(rf'<small id="{field}-wrong" class="wrong">([^<]*)</small>', answer.text)
    assert said in html.unescape(beside)
    assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', answer.text)
    if field != "name":
        assert 'value="li"' in answer.text
    assert "Who may sign in 1" in text_of(answer.text)


def test_a_name_is_text_and_never_markup(admin, people):
    people.newcomer(NASTY)
    people.newcomer('"><img')
    people.newcomer("'onmouseover=alert(1)")
    pages = [admin.get("/users/")]
    links = re.findall(r'href="(/users/user\?name=[^"]+)"', pages[0].text)
    assert len(links) == 4
    pages += [admin.get(html.unescape(link)) for link in links]
    pages.append(post(admin, f"/users/user?name={NASTY}", act="password"))
    assert given(pages[-1])
    pages.append(post(admin, "/users/", name='"><script>alert(2) x', role="viewer"))
    client = admin.application.test_client()
    sign_in(client, NASTY, given(pages[-2]))
    pages.append(client.get("/account/first"))
    for answer in pages:
        assert "<script>alert" not in answer.text
        assert "<img" not in re.sub(r'<img src="/static/icon[^>]*>', "", answer.text)
        assert not re.search(r"<[^>]*\son[a-z]+=", answer.text)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in pages[0].text


def test_a_role_is_changed_and_its_holder_signed_out(admin, people):
    token = people.settled("li")
    answer = post(admin, "/users/user?name=li", act="role", role="agent", agent="202")
    assert answer.headers["Location"] == "/users/"
    assert "li agent 202" in text_of(admin.get("/users/").text)
    client = admin.application.test_client()
    client.set_cookie("busyhour", token)
    assert client.get("/").headers["Location"] == "/sign-in"
    answer = post(admin, "/users/user?name=li", act="role", role="agent", agent="")
    assert "Choose one of the configuration's agents" in html.unescape(answer.text)


def test_a_lost_password_is_replaced(admin, people):
    people.settled("li")
    password = given(post(admin, "/users/user?name=li", act="password"))
    client = admin.application.test_client()
    assert sign_in(client, "li", PASSWORD).status_code == 422
    assert sign_in(client, "li", password).headers["Location"] == "/account/first"


def test_a_user_is_removed(admin, people):
    people.settled("li")
    assert post(admin, "/users/user?name=li", act="remove").headers["Location"] == "/users/"
    assert "li" not in re.findall(r"<bdi class=\"number\">([^<]*)", admin.get("/users/").text)
    for act in ("remove", "role", "password"):
        answer = post(admin, "/users/user?name=li", act=act, role="viewer")
        assert answer.headers["Location"] == "/users/"
    assert admin.get("/users/user?name=li").headers["Location"] == "/users/"


def test_the_last_admin_cannot_be_removed(admin):
    for act in ("remove", "role"):
        answer = post(admin, "/users/user?name=a-admin", act=act, role="viewer")
        assert answer.status_code == 422
        assert "This is the only admin" in answer.text


def test_an_own_password_is_changed_by_who_knows_it(page):
    client = page()
    token = client.get_cookie("busyhour").value
    for former, password, again, field, said in (
        ("guess", OTHER, OTHER, "former", "Name or password is wrong"),
        (PASSWORD, "short", "short", "password", "Too short"),
        (PASSWORD, OTHER, "x", "again", "The two are not the same"),
        (PASSWORD, "x" * 300, "x" * 300, "password", "Too long"),
        ("x" * 300, OTHER, OTHER, "former", "Too long"),
    ):
        answer = post(client, "/account/", act="password", former=former, password=password, again=again)
        assert answer.status_code == 422
        assert re.search(rf'<small id="{field}-wrong" class="wrong">{said}', answer.text)
        for typed in (former, password, again):
            assert f'value="{typed}"' not in answer.text
    answer = post(client, "/account/", act="password", former=PASSWORD, password=OTHER, again=OTHER)
    assert answer.headers["Location"] == "/account/?done=password"
    assert client.get_cookie("busyhour").value != token
    assert "Your password is changed" in client.get("/account/?done=password").text
    assert sign_in(client.application.test_client(), "a-viewer", OTHER).status_code == 303


def test_a_language_is_chosen_for_good(page, people):
    client = page()
    answer = post(client, "/account/", act="language", language="zh")
    assert answer.headers["Location"] == "/account/?done=language"
    assert '<html lang="zh-CN"' in client.get("/account/").text
    elsewhere = client.application.test_client()
    elsewhere.set_cookie("busyhour", people.sign_in("a-viewer"))
    assert '<html lang="zh-CN"' in elsewhere.get("/", headers={"Accept-Language": "en"}).text
    assert post(client, "/account/", act="language", language="tlh").status_code == 422


def test_where_one_is_signed_in_is_shown_and_ended(page, people):
    client = page()
    elsewhere = client.application.test_client()
    elsewhere.set_cookie("busyhour", people.sign_in("a-viewer"))
    (session,) = re.findall(r'name="id" value="([0-9a-f]+)"', client.get("/account/").text)
    assert text_of(client.get("/account/").text).count("192.0.2.7") == 2
    assert post(client, "/account/", act="end", id=session).status_code == 303
    assert elsewhere.get("/").status_code == 303
    assert client.get("/").status_code == 200
    assert post(client, "/account/", act="end", id=session).status_code == 303  # it is over already


@pytest.mark.parametrize("path", ["/account/", "/users/", "/users/user?name=a-admin", "/sign-in"])
def test_the_pages_have_nothing_inline_and_nothing_from_elsewhere(admin, page, path):
    client = admin if path != "/sign-in" else page(role="")
    text = client.get(path).text
    assert re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", text) == []
    assert re.findall(r"""(?:src|href|action)=["']?(?:https?:|//)""", text) == []
    assert text.count("<h1") == text.count("<main") == 1
    for name in re.findall(r'<(?:input|select)(?![^>]*(?:type="hidden"|\shidden))[^>]*\sid="([^"]+)"', text):
        assert f'<label for="{name}"' in text
