"""What the page says about files on their way, and never more than has arrived."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.browser.pretending import asked, change, enter
from tests.browser.visitor import file

MB = 1024 * 1024
SENDING = {
    "name": "scan.tiff", "path": "photos/2026", "size": 100 * MB, "state": "sending",
    "sentBytes": 43 * MB, "rate": 11.6 * MB,
}  # fmt: skip


@pytest.fixture
def tab(pretended):
    return pretended.tab


def the_gauge(tab):
    return tab.get_by_role("region", name="All files")


def test_a_row_shows_how_far_and_how_fast_its_file_goes(pretended, tab):
    enter(tab, SENDING)
    pretended.sees("scan.tiff", "sending", "Sending 43%")
    expect(pretended.rows.first).to_contain_text("11.6\u00a0MB/s · about 5 seconds left")
    expect(pretended.rows.first).to_contain_text("photos/2026")
    expect(pretended.rows.locator("progress")).to_have_js_property("value", 43)


def test_the_gauge_and_the_title_show_how_far_all_files_are(tab):
    enter(tab, SENDING, {"name": "done.txt", "size": 100 * MB, "sentBytes": 100 * MB, "state": "stored"})
    tab.evaluate("queue.rate = 2 ** 20; queue.change([...queue.uploads][0], {})")
    expect(the_gauge(tab)).to_contain_text("71%")
    expect(the_gauge(tab)).to_contain_text("143\u00a0MB of 200\u00a0MB sent")
    expect(the_gauge(tab)).to_contain_text("1.0\u00a0MB/s · about 55 seconds left")
    expect(the_gauge(tab)).to_contain_text("1 of 2 stored, verified")
    expect(tab).to_have_title("71% · Survey photographs")


def test_nothing_claims_more_than_has_arrived(pretended, tab):
    enter(tab, SENDING | {"sentBytes": 100 * MB - 1})
    pretended.sees("scan.tiff", "sending", "Sending 99%")
    expect(the_gauge(tab)).to_contain_text("99%")
    expect(tab).to_have_title("99% · Survey photographs")


def test_a_file_of_which_nothing_is_known_yet_has_no_bar(pretended, tab):
    enter(tab, SENDING | {"sentBytes": 0, "rate": None})
    pretended.sees("scan.tiff", "sending", "Sending Since")
    expect(pretended.rows.locator("progress")).to_be_hidden()


def test_what_is_sent_but_not_checked_is_not_done(tab):
    enter(tab, SENDING | {"sentBytes": 100 * MB, "state": "checking"})
    expect(tab).to_have_title("0/1 · Survey photographs")
    expect(the_gauge(tab)).to_contain_text("0 of 1 stored, verified · 1 being checked")
    expect(the_gauge(tab).get_by_role("button")).to_have_count(0)


def test_a_file_that_goes_on_says_so(pretended, tab):
    enter(tab, SENDING | {"wasContinued": True})
    pretended.sees("scan.tiff", "sending", "Goes on where it stopped.")
    change(tab, "scan.tiff", state="stored")
    pretended.sees("scan.tiff", "stored")
    expect(pretended.rows.first).not_to_contain_text("Goes on")


def test_pausing_and_resuming_a_file_keeps_the_keyboard_on_the_button(pretended, tab):
    enter(tab, SENDING)
    pause = tab.get_by_role("button", name="Pause scan.tiff")
    pause.press("Enter")
    change(tab, "scan.tiff", state="paused")
    pretended.sees("scan.tiff", "paused", "Paused at 43%")
    resume = tab.get_by_role("button", name="Resume scan.tiff")
    expect(resume).to_be_focused()
    resume.press("Enter")
    assert asked(tab) == [["pause", "scan.tiff"], ["resume", "scan.tiff"]]


def test_pausing_and_resuming_all_keeps_the_keyboard_on_the_button(tab):
    enter(tab, SENDING)
    tab.get_by_role("button", name="Pause all").press("Enter")
    change(tab, "scan.tiff", state="paused")
    resume = tab.get_by_role("button", name="Resume all")
    expect(resume).to_be_focused()
    expect(the_gauge(tab)).to_contain_text("Paused")
    resume.press("Enter")
    assert [method for method, _ in asked(tab)] == ["pauseAll", "resumeAll"]


def test_a_file_that_was_paused_is_sent_when_it_is_resumed(visitor, mishaps):
    mishaps.hold("PUT")
    visitor.choose(file("hello.txt"))
    visitor.sees("hello.txt", "sending")
    visitor.press("Pause", "hello.txt")
    visitor.sees("hello.txt", "paused", "Paused By you.")
    visitor.sees_queue("working")
    mishaps.release()
    visitor.press("Resume", "hello.txt")
    visitor.sees("hello.txt", "stored")


def test_a_file_that_waits_for_its_next_try_says_so(pretended, tab):
    enter(tab, {"name": "scan.tiff", "attempt": 2})
    pretended.sees("scan.tiff", "waiting", "Waiting Tries again by itself.")


def test_leaving_is_warned_of_only_while_bytes_move(tab):
    leave = "() => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    warned = [tab.evaluate(leave)]
    enter(tab, SENDING)
    for state in ("sending", "paused", "checking", "stored"):
        change(tab, "scan.tiff", state=state)
        warned.append(tab.evaluate(leave))
    assert warned == [False, True, False, False, False]


def test_what_was_sent_before_is_told_and_what_was_not_finished_is_asked_for(new_visitor, open_page):
    visitor = new_visitor()
    past = {"id": "2", "name": "film.mov", "size": 5 * MB, "path": "films", "state": "sending", "storedAt": None}
    at = "2026-11-24T10:00:00Z"
    stored = {"id": "1", "name": "a.txt", "size": 5, "path": "", "state": "stored", "storedAt": at}
    kept = json.dumps(json.dumps([stored, past]))
    visitor.tab.add_init_script(f"localStorage.setItem(`sent-files ${{location.pathname}}`, {kept})")
    visitor.open(open_page)
    section = visitor.tab.locator(".past")
    expect(section).to_contain_text("1 file was not finished here. Choose it again and it goes on where it stopped.")
    section.get_by_text("1 of 2 stored, verified").click()
    unfinished, received = section.get_by_role("listitem").all_text_contents()
    assert unfinished == "films/film.mov 5.0\u00a0MB · not finished"
    assert received.startswith("a.txt 5\u00a0B · Tuesday, November 24 at ")


def test_the_list_of_what_was_sent_outlives_a_reload_however_soon_it_comes(visitor):
    visitor.choose(file("hello.txt"))
    visitor.sees_queue("done")
    visitor.tab.reload()
    expect(visitor.tab.get_by_text("1 of 1 stored, verified")).to_be_visible()
    expect(visitor.rows).to_have_count(0)


def test_who_has_sent_nothing_before_is_told_nothing(tab):
    expect(tab.locator(".past")).to_be_hidden()
