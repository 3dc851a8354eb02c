"""Lists: searched, sorted and paged by their address."""

import pytest

from webui.listing import Listing

ROWS = [{"number": number, "name": name} for number, name in (("9", "Wang 王"), ("10", "Li"), ("201", "li lei"))]
COLUMNS = ("number", "name")


def numbers(**asked):
    return [row["number"] for row in Listing(ROWS, asked, COLUMNS).rows]


def test_without_a_wish_all_rows_stand_in_their_own_order():
    listing = Listing(ROWS, {}, COLUMNS)
    assert listing.rows == ROWS
    assert (listing.page, listing.pages, listing.found, listing.as_given) == (1, 1, 3, True)


def test_every_word_searched_must_be_somewhere_in_the_row():
    assert numbers(q="LI") == ["10", "201"]
    assert numbers(q="li 20") == ["201"]
    assert numbers(q="王") == ["9"]
    assert numbers(q="nobody") == []
    assert not Listing(ROWS, {"q": "li"}, COLUMNS).as_given


def test_numbers_are_sorted_as_numbers_and_the_other_way_round():
    rows = [*ROWS, {"number": "", "name": "x2"}, {"number": None, "name": "x10"}]
    assert [row["number"] for row in Listing(rows, {"sort": "number"}, COLUMNS).rows][-3:] == ["9", "10", "201"]
    assert numbers(sort="number", down="1") == ["201", "10", "9"]
    assert [row["name"] for row in Listing(rows, {"sort": "name"}, COLUMNS).rows][-2:] == ["x2", "x10"]
    assert numbers(sort="secret", down="1") == ["9", "10", "201"]


def test_a_head_sorts_and_turns_round():
    assert Listing(ROWS, {}, COLUMNS).by("name") == {"sort": "name", "down": ""}
    assert Listing(ROWS, {"sort": "name"}, COLUMNS).by("name") == {"sort": "name", "down": "1"}
    assert Listing(ROWS, {"sort": "name", "down": "1"}, COLUMNS).by("name") == {"sort": "name", "down": ""}
    assert Listing(ROWS, {"sort": "name"}, COLUMNS).by("number") == {"sort": "number", "down": ""}


@pytest.mark.parametrize(
    ("wanted", "page", "first"), [("", 1, 0), ("2", 2, 2), ("3", 3, 4), ("99", 3, 4), ("0", 1, 0), ("x", 1, 0),
                                  ("-1", 1, 0), ("²", 1, 0), ("9" * 5000, 1, 0)],
)  # fmt: skip
def test_a_page_that_is_not_there_is_the_nearest_one(wanted, page, first):
    rows = [{"number": number} for number in range(5)]
    listing = Listing(rows, {"page": wanted}, ("number",), size=2)
    assert (listing.page, listing.pages) == (page, 3)
    assert listing.rows[0]["number"] == first
    assert not listing.as_given
