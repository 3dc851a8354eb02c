"""Signing in and out: cookies, forms of others, redirects, and who is kept out of what."""

import re
from urllib.parse import quote

import pytest

from tests.webui.people import PASSWORD
from webui.sign_in import own_path

# What an authority for certificates asks, too: it has no session
OPEN_TO_STRANGERS = ("static", "sign_in.page", "acme.challenge")


@pytest.fixture
def stranger(page):
    """Return a browser that has never been here."""
    return page(role="")


def form_of(client, path="/sign-in", **how):
    """Return what the first form of a page carries."""
    (_, found), *_ = re.findall(r'name="(form)" value="([0-9a-f]{64})"', client.get(path, **how).text)
    return found


def sign_in(client, name, password=PASSWORD, path="/sign-in", **how):
    return client.post(path, data={"form": form_of(client, path, **how), "name": name, "password": password}, **how)


def cookies_of(response):
    """Return the cookies that an answer sets, by name, with their attributes in small letters."""
    found = {}
    for line in response.headers.getlist("Set-Cookie"):
        first, *rest = line.split("; ")
        name, _, value = first.partition("=")
        found[name] = (value, {part.partition("=")[0].lower(): part.partition("=")[2] for part in rest})
    return found


OURS = ["/", "/live", "/account/", "/account/first", "/users/", "/users/user?name=x"]


@pytest.mark.parametrize("path", OURS)
def test_a_stranger_sees_nothing(stranger, path):
    answer = stranger.get(path)
    assert answer.status_code == (401 if path == "/live" else 303)
    assert "13800138000" not in answer.text
    if path != "/live":
        to = "" if path == "/" else "?to=" + quote(path, safe="/?")
        assert answer.headers["Location"] == f"/sign-in{to}"


@pytest.mark.parametrize("path", ["/sign-out", "/account/", "/account/first", "/users/", "/users/user"])
def test_a_stranger_changes_nothing(stranger, path):
    form = form_of(stranger)
    answer = stranger.post(path, data={"form": form, "act": "remove", "name": "x"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")


def test_every_page_but_the_open_ones_needs_a_session(page):
    """Also those that will be added later."""
    client = page(role="")
    for rule in client.application.url_map.iter_rules():
        if rule.endpoint in OPEN_TO_STRANGERS:
            continue
        path = re.sub(r"<[^>]*>", "1", rule.rule)
        for method in rule.methods & {"GET", "POST", "HEAD"}:
            answer = client.open(path, method=method)
            assert answer.status_code in (303, 401), (method, path)


def test_who_signs_in_comes_where_they_wanted_to(stranger, people):
    people.settled("li", "admin")
    answer = sign_in(stranger, "li", path="/sign-in?to=/users/user%3Fname%3Dli")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/users/user?name=li")
    assert stranger.get("/users/user?name=li").status_code == 200


@pytest.mark.parametrize(
    "to",
    ["//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example/", "javascript:alert(1)",
     "/\t/evil.example", "/\n/evil.example", "evil.example", " //evil.example", "/%0a/x\r\nSet-Cookie: a=b", "///x",
     "/ok\\..\\x", "", "?to=x", "/" + "x" * 2000],
)  # fmt: skip
def test_nobody_is_sent_elsewhere(stranger, people, to):
    assert own_path(to) == "/"
    people.settled("li")
    answer = sign_in(stranger, "li", path=f"/sign-in?to={quote(to)}")
    assert answer.headers["Location"] == "/"


def test_the_cookie_is_for_no_script_and_no_other_site(stranger, people):
    people.settled("li")
    cookies = cookies_of(sign_in(stranger, "li"))
    value, attributes = cookies["busyhour"]
    assert len(value) >= 43
    assert {"httponly", "samesite", "path"} == set(attributes)
    assert (attributes["samesite"], attributes["path"]) == ("Strict", "/")


def test_under_https_no_other_host_can_have_set_it(stranger, people):
    people.settled("li")
    https = {"base_url": "https://localhost/"}
    cookies = cookies_of(sign_in(stranger, "li", **https))
    assert "busyhour" not in cookies
    _, attributes = cookies["__Host-busyhour"]
    assert {"httponly", "samesite", "path", "secure"} == set(attributes)
    assert stranger.get("/account/", **https).status_code == 200
    stranger.set_cookie("busyhour", "planted", secure=False)
    assert stranger.get("/account/", **https).status_code == 200


def test_a_session_that_somebody_planted_is_not_taken_up(stranger, people):
    """Session fixation: the token after sign-in is a new one, whatever the browser brought."""
    planted = people.settled("mallory")
    people.settled("li")
    stranger.set_cookie("busyhour", planted)
    form = form_of(stranger, "/account/")
    stranger.delete_cookie("busyhour")
    form = form_of(stranger)
    stranger.set_cookie("busyhour", planted)
    answer = stranger.post("/sign-in", data={"form": form, "name": "li", "password": PASSWORD})
    token, _ = cookies_of(answer)["busyhour"]
    assert token != planted
    assert "li</bdi>" in stranger.get("/account/").text
    other = stranger.application.test_client()
    other.set_cookie("busyhour", planted)
    assert other.get("/account/").headers["Location"] == "/sign-in?to=/account/"  # and the planted one is over


def test_what_is_carried_in_forms_before_sign_in_is_void_after_it(stranger, people):
    people.settled("li")
    before = form_of(stranger)
    sign_in(stranger, "li")
    assert stranger.post("/sign-out", data={"form": before}).status_code == 400
    assert stranger.get("/account/").status_code == 200


@pytest.mark.parametrize("form", [None, "", "0" * 64, "é", "other's"])
@pytest.mark.parametrize("path", ["/sign-out", "/account/", "/users/", "/users/user?name=a-viewer"])
def test_a_form_that_is_not_ours_changes_nothing(page, people, path, form):
    client = page(role="admin")
    people.settled("a-viewer")
    if form == "other's":
        other = client.application.test_client()
        other.set_cookie("busyhour", people.signed_in("admin"))
        form = form_of(other, "/account/")
    data = {"act": "remove", "name": "x", "role": "admin", "language": "zh"} | ({} if form is None else {"form": form})
    answer = client.post(path, data=data)
    assert answer.status_code == 400
    assert "too old" in answer.text
    assert client.get("/account/").status_code == 200
    with people.exchange() as exchange:
        assert [user["name"] for user in exchange.call("user.list")] == ["a-admin", "a-viewer"]


@pytest.mark.parametrize("form", [None, "0" * 64])
def test_nobody_is_signed_in_by_a_form_of_another_site(stranger, people, form):
    people.settled("li")
    stranger.get("/sign-in")
    data = {"name": "li", "password": PASSWORD} | ({"form": form} if form else {})
    answer = stranger.post("/sign-in", data=data)
    assert answer.status_code == 400
    assert "busyhour" not in cookies_of(answer)


def test_a_form_sent_from_another_site_is_refused_even_if_it_is_right(page):
    client = page(role="admin")
    form = form_of(client, "/account/")
    for site in ("cross-site", "same-site", "none"):
        answer = client.post("/sign-out", data={"form": form}, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 400
    answer = client.post("/sign-out", data={"form": form}, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 303


def test_without_its_cookie_a_form_is_worth_nothing(stranger, people):
    people.settled("li")
    form = form_of(stranger)
    stranger.delete_cookie("busyhour-visit")
    assert stranger.post("/sign-in", data={"form": form, "name": "li", "password": PASSWORD}).status_code == 400


def test_a_wrong_password_and_an_unknown_name_look_the_same(stranger, people):
    people.settled("someone")
    pages = []
    for name in ("someone", "anybody"):
        answer = sign_in(stranger, name, "guess")
        assert answer.status_code == 422
        assert "Name or password is wrong." in answer.text
        assert "guess" not in answer.text
        pages.append(answer.text.replace(name, "NAME"))
    assert pages[0] == pages[1]


def test_who_guesses_is_told_to_wait(stranger):
    answers = [sign_in(stranger, "li", "guess").text for _ in range(5)]
    assert "Try again in 2 seconds" in answers[-1]
    assert "Try again in" not in answers[-2]


def test_who_signs_out_is_out_and_so_is_a_copy_of_the_cookie(page, people):
    client = page()
    token = client.get_cookie("busyhour").value
    answer = client.post("/sign-out", data={"form": form_of(client, "/account/")})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert client.get_cookie("busyhour") is None
    thief = client.application.test_client()
    thief.set_cookie("busyhour", token)
    assert thief.get("/live").status_code == 401
    thief.set_cookie("busyhour", token)
    assert thief.get("/").status_code == 303


def test_who_is_signed_in_is_not_asked_again(page):
    answer = page().get("/sign-in?to=/account/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/")


def test_a_newcomer_can_do_nothing_but_choose_a_password(stranger, people):
    given = people.newcomer("li", "admin")
    answer = sign_in(stranger, "li", given)
    assert answer.headers["Location"] == "/account/first"
    for path in ("/", "/live", "/account/", "/users/"):
        answer = stranger.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/account/first")
    first = stranger.get_cookie("busyhour").value
    form = form_of(stranger, "/account/first")
    for password, again, said in (
        ("qz7!", "qz7!", "Too short"), (PASSWORD, PASSWORD + "x", "The two are not the same"),
        (given, given, "the password that you have"), ("password123", "password123", "first that anybody tries"),
    ):  # fmt: skip
        answer = stranger.post("/account/first", data={"form": form, "password": password, "again": again})
        assert answer.status_code == 422
        assert said in answer.text
        assert 'aria-invalid="true"' in answer.text
        assert password not in answer.text
    answer = stranger.post("/account/first", data={"form": form, "password": PASSWORD, "again": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    cookie = stranger.get_cookie("busyhour").value
    assert cookie != first
    assert stranger.get("/users/").status_code == 200
    assert stranger.get("/account/first").headers["Location"] == "/"


def test_a_dead_exchange_is_told_and_the_page_tries_again(page, door):
    client = page()
    door.run(door.door.server.close())
    answer = client.get("/")
    assert answer.status_code == 503
    assert "The exchange does not answer" in answer.text
    assert int(answer.headers["Refresh"]) > 0
    answer = client.post("/sign-out")
    assert answer.status_code == 503
    assert "Refresh" not in answer.headers


def test_without_the_exchange_a_stranger_can_still_be_asked_who_they_are(page, door):
    client = page()
    door.run(door.door.server.close())
    assert client.get("/sign-in").status_code == 200
    client.delete_cookie("busyhour")
    assert sign_in(client, "li").status_code == 503


def test_a_form_of_megabytes_is_refused(stranger):
    answer = stranger.post("/sign-in", data={"form": form_of(stranger), "name": "x" * 100_000})
    assert answer.status_code == 413


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_but_forms_changes_anything(page, method):
    assert page(role="admin").open("/users/", method=method).status_code == 405
