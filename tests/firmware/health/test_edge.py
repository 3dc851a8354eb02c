"""What is said of the edge: who is turned away, and when the certificate ends."""

from firmware.details import sentence
from firmware.health.edge import EdgeWatch
from firmware.health.machine import Entrance, Facts

DAY_S = 86400.0


def facts(refused=0, now=1, until_s=1e9 + 100 * DAY_S):
    return Facts(
        1e9, 0.0, None, True, entrances=(Entrance("sip-tls-1", now, 1500, refused),), most_from="203.0.113.5",
        certificate_until_s=until_s,
    )  # fmt: skip


def wrong(findings):
    found = {finding.name: finding.wrong for finding in findings if finding.wrong}
    return {name: sentence(wrong.code, wrong.facts, "en") for name, wrong in found.items()}


def test_nothing_is_said_of_an_edge_that_lets_everybody_in():
    watch = EdgeWatch()
    assert wrong(watch.look(facts())) == {}
    assert wrong(watch.look(facts(now=1499))) == {}


def test_it_is_said_how_many_were_refused_since_the_last_look_and_who_has_most():
    watch = EdgeWatch()
    told = {"connections-refused": "7 connections were refused, most are from 203.0.113.5"}
    assert wrong(watch.look(facts(refused=7))) == told
    assert wrong(watch.look(facts(refused=7))) == {}
    assert "3 connections" in wrong(watch.look(facts(refused=10)))["connections-refused"]
    assert wrong(watch.look(facts(refused=0))) == {}  # the proxy began anew
    assert "2 connections" in wrong(watch.look(facts(refused=2)))["connections-refused"]


def test_it_is_said_when_all_connections_are_in_use():
    assert "all 1500" in wrong(EdgeWatch().look(facts(now=1500)))["connections-refused"]


def test_a_certificate_that_ends_is_told_two_weeks_before():
    look = EdgeWatch().look
    assert wrong(look(facts(until_s=1e9 + 14.1 * DAY_S))) == {}
    assert wrong(look(facts(until_s=1e9 + 13.2 * DAY_S))) == {"certificate-ends": "in 13 days"}
    assert wrong(look(facts(until_s=1e9 - 1))) == {"certificate-ends": "it is over"}
    assert wrong(look(facts(until_s=0.0))) == {}
