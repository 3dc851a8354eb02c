"""Two people's edits joined."""

from firmware.config.merge import merge


def queues(**by_name):
    return {"queues": [{"name": name, **values} for name, values in by_name.items()]}


def test_what_only_one_side_changed_is_as_that_side_has_it():
    base = {"box": {"name": "a", "country": "CN"}, **queues(x={"acw_s": 1}, y={"acw_s": 1})}
    mine = {"box": {"name": "b", "country": "CN"}, **queues(x={"acw_s": 2}, y={"acw_s": 1})}
    theirs = {"box": {"name": "a", "country": "DE"}, **queues(x={"acw_s": 1}, y={"acw_s": 3})}
    joined = {"box": {"name": "b", "country": "DE"}, **queues(x={"acw_s": 2}, y={"acw_s": 3})}
    assert merge(base, mine, theirs) == (joined, [])


def test_what_both_changed_is_mine_and_told():
    base, mine, theirs = (queues(x={"acw_s": n, "agents": [n]}) for n in (1, 2, 3))
    assert merge(base, mine, theirs) == (mine, ["queues[x].acw_s", "queues[x].agents"])
    assert merge(base, mine, mine) == (mine, [])


def test_entries_come_and_go():
    base = queues(x={}, y={})
    assert merge(base, queues(x={}, y={}, z={}), queues(y={})) == (queues(y={}, z={}), [])
    assert merge(base, queues(x={}), queues(x={}, w={}, y={})) == (queues(x={}, w={}), [])
    assert merge(queues(x={"a": 1}), queues(), queues(x={"a": 2})) == (queues(), ["queues[x]"])
    assert merge(queues(x={"a": 1}), queues(x={"a": 2}), queues()) == (queues(x={"a": 2}), ["queues[x]"])


def test_an_order_changed_is_kept_and_what_they_added_stands_after_what_it_stood_after():
    base, mine = queues(x={}, y={}, z={}), queues(z={}, x={}, y={})
    assert merge(base, mine, queues(x={}, n={}, y={}, z={})) == (queues(z={}, x={}, n={}, y={}), [])
    assert merge(base, mine, queues(n={}, x={}, y={}, z={})) == (queues(n={}, z={}, x={}, y={}), [])


def test_keys_of_a_menu_are_values_of_their_own():
    def flow(**keys):
        return {"flows": [{"name": "main", "keys": keys}]}

    base, mine, theirs = flow(k1="a", k2="a"), flow(k1="a", k2="b", k3="c"), flow(k2="a")
    assert merge(base, mine, theirs) == (flow(k2="b", k3="c"), [])
