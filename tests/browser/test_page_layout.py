"""Where things are, on wide and narrow screens."""

from __future__ import annotations

import pytest

from tests.browser.visitor import file
from tests.factories import make_page

ARABIC = "تقرير الفحص السنوي للسفينة.pdf"


def box(locator):
    return locator.bounding_box()


def test_a_right_to_left_name_is_whole_and_begins_where_other_names_do(visitor):
    visitor.choose(file(ARABIC), file("report.pdf"))
    visitor.sees_queue("done")
    name = visitor.row(ARABIC).locator(".file__head")
    assert name.text_content() == ARABIC
    assert box(name)["x"] == box(visitor.row("report.pdf").locator(".file__name"))["x"]


@pytest.mark.parametrize("width", [900, 1024], ids=["just beside the stub", "on a small laptop"])
def test_a_name_has_most_of_the_row_where_the_stub_is_beside_it(new_visitor, open_page, width):
    visitor = new_visitor(viewport={"width": width, "height": 800})
    visitor.open(open_page)
    name = "starboard-frame-42-close-up-with-scale-bar-and-caption-of-the-second-survey.jpg"
    visitor.choose(file(name))
    visitor.sees_queue("done")
    row = visitor.row(name)
    assert box(row.locator(".file__name"))["width"] > 0.8 * box(row)["width"]


@pytest.mark.parametrize(
    "limits",
    [{"max_files": 9}, {"max_bytes": 10**9}, {"max_files": 9, "max_bytes": 10**9}],
    ids=["how many", "how large", "two facts"],
)
def test_the_line_above_the_facts_goes_all_the_way(new_visitor, owner, limits):
    visitor = new_visitor(viewport={"width": 390, "height": 800})
    visitor.open(make_page(owner=owner, **limits))
    facts = visitor.tab.locator("#limits .facts")
    assert sum(box(fact)["width"] for fact in facts.locator("> div").all()) == box(facts)["width"]


def test_how_far_it_is_stays_in_view_on_a_phone(new_visitor, open_page, mishaps):
    visitor = new_visitor(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    visitor.open(open_page)
    mishaps.hold("PUT")
    visitor.choose(*(file(f"IMG_{number}.jpg") for number in range(20)))
    visitor.sees("IMG_5.jpg", "sending")
    visitor.tab.get_by_text("Add more files").scroll_into_view_if_needed()
    gauge = box(visitor.tab.get_by_role("region", name="All files"))
    assert gauge["y"] == 0
    visitor.tab.get_by_role("button", name="Cancel IMG_0.jpg").focus()
    visitor.row("IMG_0.jpg").evaluate("(row) => row.scrollIntoView()")
    assert box(visitor.row("IMG_0.jpg"))["y"] >= gauge["height"]
