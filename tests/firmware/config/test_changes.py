"""Changes are told in words, entries by their names, secrets never."""

import msgspec

from firmware.config import factory
from firmware.config.changes import differences
from firmware.config.schema import Config, Extension


def changed(change):
    before = factory.build()
    document = msgspec.to_builtins(before)
    change(document)
    return [str(one) for one in differences(before, msgspec.convert(document, Config))]


def test_nothing_changed():
    assert changed(lambda document: None) == []


def test_a_value_of_a_named_entry():
    assert changed(lambda document: document["queues"][0].update(ring_timeout_s=30)) == [
        "queues[service].ring_timeout_s: 20 -> 30"
    ]


def test_a_new_entry_and_one_that_is_gone():
    def change(document):
        document["extensions"][3] = {"number": "205"}

    assert changed(change) == ["extensions[204]: gone", "extensions[205]: new"]


def test_another_order_matters_where_the_first_that_fits_is_taken():
    assert changed(lambda document: document["routes"].reverse()) == [
        'order of routes: ["lines","trunks"] -> ["trunks","lines"]'
    ]


def test_a_key_of_a_menu():
    def change(document):
        document["flows"][0]["keys"]["0"]["to"] = "hangup"
        document["flows"][0]["keys"]["0"]["language"] = "en"

    assert changed(change) == [
        'flows[main].keys.0.to: "extension:201" -> "hangup"',
        'flows[main].keys.0.language: new, "en"',
    ]


def test_a_secret_is_told_to_have_changed_but_not_shown():
    before = Config(extensions=[Extension("201", secret="first-secret")])
    after = Config(extensions=[Extension("201", secret="other-secret"), Extension("202", secret="third-secret")])
    told = differences(before, after)
    assert [one.path for one in told] == ["extensions[201].secret", "extensions[202]"]
    assert "-secret" not in msgspec.json.encode(told).decode()
