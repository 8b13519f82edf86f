"""Ten thousand files in the list."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.pretending import change, enter

MOST_ROWS = 200
# A frame with eight changes takes 5 ms on a quiet machine.
MOST_MS = 100
MEDIAN_OF_FRAMES = """async () => {
  const waiting = [...queue.uploads].filter(({ state }) => state === "waiting");
  const times = [];
  for (let frame = 0; frame < 21; frame += 1) {
    // Only what comes after a while is shown at once.
    await new Promise((resolve) => setTimeout(resolve, 150));
    await new Promise(requestAnimationFrame);
    const begun = performance.now();
    for (const upload of waiting.splice(0, 8)) queue.change(upload, { state: "stored", sentBytes: upload.file.size });
    // The update comes with the frame; reading a height makes the browser lay the rows out.
    await new Promise(requestAnimationFrame);
    document.body.getBoundingClientRect();
    times.push(performance.now() - begun);
  }
  return times.sort((a, b) => a - b)[10];
}"""


@pytest.fixture
def many(pretended):
    sending = {"count": 6, "name": "moving", "state": "sending"}
    enter(pretended.tab, sending, {"count": 9993}, {"name": "bad.txt", "state": "failed"})
    expect(pretended.rows).to_have_count(MOST_ROWS)
    return pretended


def test_the_list_has_few_rows_and_those_that_need_the_visitor_come_first(many):
    names = many.rows.locator(".file__name").all_text_contents()
    assert names[:2] == ["bad.txt", "moving-0"]
    expect(many.tab.get_by_text("1 to 200 of 10,000 files.")).to_be_visible()


def test_changes_stay_within_a_frame(many):
    median_ms = many.tab.evaluate(MEDIAN_OF_FRAMES)
    assert median_ms < MOST_MS
    assert many.rows.count() == MOST_ROWS


def test_a_file_that_fails_further_down_comes_to_the_top(many):
    change(many.tab, "file-9000", state="failed")
    expect(many.rows.locator(".file__name").nth(0)).to_have_text("file-9000")
    many.tab.get_by_role("button", name="Show", exact=True).click()
    expect(many.row("file-9000")).to_be_focused()


def test_every_file_can_be_reached_page_by_page(many):
    later = many.tab.get_by_role("button", name="Next files")
    later.press("Enter")
    expect(many.tab.get_by_text("201 to 400 of 10,000 files.")).to_be_visible()
    expect(many.tab.get_by_role("list", name="Files")).to_be_focused()
    assert many.rows.count() == MOST_ROWS
    many.tab.get_by_role("button", name="Previous files").press("Enter")
    expect(many.row("bad.txt")).to_be_visible()


def test_a_row_with_the_keyboard_stays_whatever_becomes_of_its_file(many):
    many.tab.get_by_role("button", name="Cancel moving-3").focus()
    change(many.tab, "moving-3", state="stored")
    many.sees("moving-3", "stored")
    expect(many.row("moving-3")).to_be_focused()


def test_few_files_keep_their_order_and_have_no_pages(pretended):
    enter(pretended.tab, {"count": 3}, {"name": "bad.txt", "state": "failed"})
    expect(pretended.rows).to_have_count(4)
    assert pretended.rows.last.locator(".file__name").text_content() == "bad.txt"
    expect(pretended.tab.get_by_role("button", name="Next files")).to_be_hidden()
