"""The pictures: what is drawn is what is counted, and each figure opens the list of its calls."""

import html
import re
import time

import msgspec
import pytest

from tests.fakes.past import CALL
from tests.webui.test_live import text_of


@pytest.fixture
def today(door):
    """Put calls of this moment on record: three answered after 7 s, two abandoned after 40 s, one lost in the menu."""
    now_s = time.time()
    rows = [("answered", "service", 7.0)] * 3 + [("abandoned", "service", 40.0)] * 2 + [("ivr", "", 0.0)]
    door.door.records.add(*(
        msgspec.structs.replace(
            CALL, call_id=f"t-{n}", started_s=now_s, outcome=outcome, queue=queue, wait_s=wait_s, recordings=(),
            segments=(), number=f"1380000000{n}",
        )
        for n, (outcome, queue, wait_s) in enumerate(rows)
    ))  # fmt: skip


@pytest.mark.parametrize("days", [1, 7, 30])
def test_every_figure_opens_the_list_of_exactly_its_calls(page, today, days):
    client = page(role="supervisor")
    text = client.get(f"/pictures/?days={days}").text
    links = re.findall(r'<(?:dd|td)[^>]*><a href="([^"]+)">(\d+)</a>', text)
    assert sorted(int(count) for _, count in links) == [2, 2, 2, 3, 3, 3, 6, 6, 6]
    for link, count in links:
        listed = client.get(html.unescape(link))
        assert listed.status_code == 200
        assert len(re.findall(r'class="open"', listed.text)) == int(count), link
    bars = re.findall(r'<a href="([^"]+)" tabindex="-1"><rect class="(\w+)"', text)
    assert sorted(kind for _, kind in bars) == ["abandoned", "abandoned", "answered", "answered", "incoming"]
    assert {link for link, _ in bars} <= {link for link, _ in links}


def test_columns_are_as_high_as_what_they_count(page, today):
    text = page(role="supervisor").get("/pictures/").text
    bars = re.findall(r'<rect class="(\w+)" x="([\d.]+)" y="([\d.]+)" width="8" height="([\d.]+)"', text)
    hours = {kind: (float(y), float(height)) for kind, _, y, height in bars[:3]}
    assert hours == {"incoming": (0.0, 100.0), "answered": (50.0, 50.0), "abandoned": (16.67, 33.33)}
    waits = [(kind, float(x), float(height)) for kind, x, _, height in bars[3:]]
    assert waits == [("answered", 11.0, 100.0), ("abandoned", 41.0, 66.67)]


def test_the_formulas_stand_beside_the_figures_in_both_languages(page, today):
    client = page(role="supervisor")
    seen = text_of(client.get("/pictures/").text)
    assert "60 %" in seen
    assert "Average wait 0:07" in seen
    for said in ("answered ÷ (answered + abandoned)", "by the seconds in all its queues", "In use = the lengths"):
        assert said in seen
    chinese = text_of(client.get("/pictures/?lang=zh").text)
    assert "接听率 = 已接听 ÷（已接听 + 放弃）" in chinese


def test_a_time_without_calls_is_told(page):
    seen = text_of(page(role="supervisor").get("/pictures/").text)
    assert "Nobody called in this time" in seen
    assert "Answered share –" in seen


@pytest.mark.parametrize("days", ["2", "0", "-1", "x", "1e9", "７"])
def test_a_time_that_is_not_offered_is_today(page, days):
    answer = page(role="supervisor").get(f"/pictures/?days={days}")
    assert re.findall(r'aria-current="true">(Today|7 days|30 days)', answer.text) == ["Today"]


def test_pictures_are_for_supervisors(page):
    assert page(role="agent").get("/pictures/").status_code == 403
