"""The places of the page, and what stands beside them."""

import re

import pytest

from webui.places import PLACES


@pytest.mark.parametrize("place", [place for place in PLACES if place.within], ids=lambda place: place.endpoint)
def test_a_place_within_another_stands_in_the_list_beside_it(page, place):
    browser = page(role="admin")
    with browser.application.test_request_context():
        address = browser.application.url_for(place.endpoint)
    answer = browser.get(address)
    assert answer.status_code == 200
    sides = re.findall(r'<nav class="side".*?</nav>', answer.text, re.DOTALL)
    assert sides
    assert {now for side in sides for now in re.findall(r'href="([^"]+)"\s+aria-current="page"', side)} == {address}
