"""What the world does with requests, mail and names: the real one with servers on this machine, and the tests' own."""

import pytest

from firmware.outside.outside import Forbidden, Letter, Unreachable

LETTER = Letter("box@example.com", ("li@example.com", "wang@example.com"), "磁盘 full", "第一行\nsecond line\n")
RUDE = "x\r\nX-Injected: 1"


# ---- requests


async def test_a_request_arrives_as_it_was_sent_and_its_answer_comes_back(make):
    world = make()
    url, receiver = world.receiver()
    receiver.status, receiver.text = 202, "taken"
    reply = await world.outside.post(f"{url}/a/b?c=d", b'{"x":"\xe4\xb8\xad"}', {"webhook-id": "msg_1"}, "box")
    assert tuple(reply) == (202, "taken")
    (request,) = receiver.requests
    assert (request.target, request.body) == ("/a/b?c=d", b'{"x":"\xe4\xb8\xad"}')
    assert request.headers["webhook-id"] == "msg_1"
    assert request.headers["host"] == url.removeprefix("http://")


@pytest.mark.parametrize("status", [204, 301, 302, 307, 400, 410, 500, 503])
async def test_whatever_is_answered_is_an_answer_and_a_redirect_is_not_followed(make, status):
    world = make()
    url, receiver = world.receiver()
    receiver.status = status
    assert (await world.outside.post(url, b"{}", {}, "box")).status == status
    assert len(receiver.requests) == 1


async def test_only_the_beginning_of_a_long_answer_is_read(make):
    world = make()
    url, receiver = world.receiver()
    receiver.text = "x" * 1_000_000
    assert len((await world.outside.post(url, b"{}", {}, "box")).text) <= 2048


async def test_where_nobody_listens_nobody_is_reached(make):
    world = make()
    with pytest.raises(Unreachable, match=r"receiver\.test"):
        await world.outside.post(world.nobody(), b"{}", {}, "box")


async def test_a_receiver_that_is_silent_is_given_up_in_time(make):
    world = make(post_s=1.0)
    url, receiver = world.receiver()
    receiver.after_s = 11 if hasattr(world.outside, "receivers") else 2
    with pytest.raises(Unreachable, match="did not answer within"):
        await world.outside.post(url, b"{}", {}, "box")


async def test_a_name_that_is_unknown_is_nobody(make):
    with pytest.raises(Unreachable, match=r"nowhere\.test"):
        await make().outside.post("https://nowhere.test/", b"{}", {}, "box")


@pytest.mark.parametrize("reach", ["public", "lan"])
async def test_the_machine_itself_is_not_reached_by_any_name(make, reach):
    world = make()
    url, receiver = world.receiver()
    world.names["trap.test"] = ("93.184.216.34", "127.0.0.1")  # one good address does not save the other
    for host in ("receiver.test", "127.0.0.1", "[::1]", "192.0.2.1", "trap.test", "[::ffff:127.0.0.1]"):
        scheme = "https" if reach == "public" else "http"
        with pytest.raises(Forbidden, match=r"this machine's own|private"):
            await world.outside.post(f"{scheme}://{host}:{url.rpartition(':')[2]}/", b"{}", {}, reach)
    assert receiver.requests == []


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "::", "fd00:ec2::254", "10.0.0.1"])
async def test_a_name_that_leads_where_nobody_may_go_leads_nowhere(make, address):
    world = make()
    world.names["trap.test"] = (address,)
    with pytest.raises(Forbidden, match=r"trap\.test"):
        await world.outside.post("https://trap.test/", b"{}", {}, "public")


async def test_a_name_is_asked_for_once_a_request(make):
    world = make()
    url, _ = world.receiver()
    await world.outside.post(url, b"{}", {}, "box")
    assert world.looked_up == ["receiver.test"]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "https://user@receiver.test/", "http://receiver.test/\r\nX: 1"])
async def test_what_is_no_plain_url_is_not_tried(make, url):
    world = make()
    with pytest.raises(Forbidden):
        await world.outside.post(url, b"{}", {}, "box")
    assert world.looked_up == []


async def test_a_header_cannot_become_two(make):
    world = make()
    url, receiver = world.receiver()
    with pytest.raises(Unreachable):
        await world.outside.post(url, b"{}", {"webhook-id": RUDE}, "box")
    assert receiver.requests == []


# ---- mail


@pytest.mark.parametrize("html", ["", "<p>外线 3 &lt;b&gt;</p>\n"])
async def test_a_letter_arrives_at_everybody_in_their_letters(make, html):
    world = make()
    letter = LETTER._replace(html=html)
    await world.outside.mail(world.mail_server(), letter)
    assert world.letters == [tuple(letter)]


@pytest.mark.parametrize("field", ["sender", "recipients", "subject"])
async def test_a_letter_with_a_line_break_in_its_head_is_none(make, field):
    world = make()
    rude = LETTER._replace(**{field: (RUDE,) if field == "recipients" else RUDE})
    with pytest.raises(Forbidden):
        await world.outside.mail(world.mail_server(), rude)
    assert world.letters == []


async def test_a_recipient_that_is_unknown_there_is_told(make):
    world = make()
    server = world.mail_server()
    world.unknown.add("wang@example.com")
    with pytest.raises(Unreachable, match=r"wang@example\.com"):
        await world.outside.mail(server, LETTER)


@pytest.mark.parametrize("reach", ["public", "lan"])
async def test_a_mail_server_on_this_machine_must_be_allowed(make, reach):
    world = make()
    with pytest.raises(Forbidden, match=r"mail\.test: 127\.0\.0\.1 is this machine's own"):
        await world.outside.mail(world.mail_server()._replace(reach=reach), LETTER)
