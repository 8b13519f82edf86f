"""Where the keyboard is after a button went away, and what is read aloud meanwhile."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.mishaps import BUSY
from tests.browser.visitor import file


@pytest.fixture
def files(visitor):
    """The list, by its role and name."""
    return visitor.tab.get_by_role("list", name="Files")


@pytest.fixture
def spoken(visitor):
    """All that a screen reader was given to read, in its order."""
    visitor.tab.evaluate(
        """() => {
          window.spoken = [];
          const live = document.querySelector("[data-part=live]");
          new MutationObserver(() => window.spoken.push(live.textContent)).observe(live, { childList: true });
        }"""
    )
    return lambda: visitor.tab.evaluate("window.spoken")


def test_retrying_all_leaves_the_focus_with_the_files(visitor, files, mishaps):
    mishaps.refuse("PUT", BUSY)
    visitor.hurry()
    visitor.choose(file("one.txt"), file("two.txt"))
    visitor.sees_queue("attention")
    mishaps.release()
    visitor.tab.get_by_role("button", name="Retry all").press("Enter")
    visitor.sees_queue("done")
    expect(files).to_be_focused()


def test_cancelling_all_leaves_the_focus_with_the_files(visitor, files, mishaps):
    mishaps.hold("PUT")
    visitor.choose(file("one.txt"), file("two.txt"))
    visitor.sees("two.txt", "sending")
    visitor.tab.get_by_role("button", name="Cancel all").press("Enter")
    visitor.sees_queue("idle")
    expect(files).to_be_focused()


def test_an_emptied_list_gives_back_the_whole_drop_zone_and_the_focus(visitor, mishaps):
    mishaps.hold("PUT")
    visitor.choose(file("one.txt"))
    visitor.sees("one.txt", "sending")
    visitor.tab.get_by_role("button", name="Cancel one.txt").press("Enter")
    visitor.tab.get_by_role("button", name="Remove one.txt").press("Enter")
    expect(visitor.rows).to_have_count(0)
    expect(visitor.tab.get_by_role("button", name="Drop files here Choose files")).to_be_focused()
    expect(visitor.tab.get_by_text("Add more files")).to_be_hidden()
    mishaps.release()
    visitor.choose(file("two.txt"))
    visitor.sees("two.txt", "stored")
    expect(visitor.tab.get_by_text("Add more files")).to_be_visible()


def test_a_retry_that_fails_as_before_is_read_aloud_again(visitor, spoken, mishaps):
    mishaps.refuse("PUT", BUSY)
    visitor.hurry()
    visitor.choose(file("hello.txt"))
    visitor.sees_queue("attention")
    visitor.press("Retry", "hello.txt")
    said = "0 of 1 received and verified. One needs you."
    visitor.waits_until(lambda: spoken().count(said) == 2)


def test_that_nothing_is_sent_any_more_is_read_aloud(visitor, spoken, mishaps):
    mishaps.hold("PUT")
    visitor.choose(file("hello.txt"))
    visitor.sees("hello.txt", "sending")
    visitor.press("Cancel", "hello.txt")
    visitor.waits_until(lambda: spoken()[-1:] == ["Nothing is being sent."])
