"""What goes wrong, goes wrong for one file only, and is said in words."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.mishaps import BUSY, DENIED
from tests.browser.visitor import file
from uploads.models.grants import UploadGrant


def states_by_name():
    return dict(UploadGrant.objects.values_list("file_name", "state"))


def test_one_failure_stops_nothing(visitor, mishaps):
    mishaps.refuse("PUT", BUSY, "bad")
    visitor.hurry()
    visitor.choose(*(file(name) for name in ("one.txt", "bad.txt", "two.txt", "three.txt")))
    visitor.sees("bad.txt", "failed", "The storage was busy and did not take the file.")
    for name in ("one.txt", "two.txt", "three.txt"):
        visitor.sees(name, "stored")
    visitor.sees_queue("attention")
    expect(visitor.tab.get_by_text("3 of 4 received and verified. One needs you.").first).to_be_visible()
    mishaps.release()
    visitor.press("Retry", "bad.txt")
    visitor.sees("bad.txt", "stored")
    visitor.sees_queue("done")


def test_all_that_failed_is_sent_again_at_once(visitor, mishaps):
    mishaps.refuse("PUT", BUSY)
    visitor.hurry()
    visitor.choose(file("one.txt"), file("two.txt"), file("three.txt"))
    visitor.sees_queue("attention")
    mishaps.release()
    visitor.tab.get_by_role("button", name="Retry all").click()
    visitor.sees_queue("done")
    assert UploadGrant.objects.count() == 3


def test_a_refusal_by_the_storage_names_who_can_help(visitor, mishaps):
    mishaps.refuse("PUT", DENIED)
    visitor.choose(file("hello.txt"))
    visitor.sees("hello.txt", "failed", "please tell Ingrid Dahl")
    grant = UploadGrant.objects.get()
    assert (grant.reported_status, grant.reported_code, grant.reported_ec) == (403, "AccessDenied", "0003-00000001")
    assert grant.reported_request_id


def test_a_lost_connection_is_outlived(line, new_visitor, open_page):
    visitor = new_visitor()
    visitor.open(open_page)
    line.broken.set()
    # The next try begins with a fresh grant, without a cause.
    visitor.take_time()
    visitor.choose(file("hello.txt", b"x" * 300_000))
    visitor.waits_until(lambda: UploadGrant.objects.filter(cause="unreachable"))
    line.broken.clear()
    visitor.hurry()
    visitor.sees("hello.txt", "stored", timeout_ms=30_000)
    assert UploadGrant.objects.count() == 1


def test_a_site_that_fails_for_a_moment_is_asked_again_and_the_page_says_so(visitor, site):
    answers = [("502 Bad Gateway", {"Content-Type": "text/html"}, b"<h1>502</h1>")] * 3
    site.intercept = lambda environ: answers.pop() if answers and environ["REQUEST_METHOD"] == "POST" else None
    visitor.choose(file("hello.txt"))
    notice = visitor.tab.get_by_text("This site does not answer at the moment. Sending goes on by itself")
    expect(notice).to_be_visible()
    visitor.sees("hello.txt", "stored")
    expect(notice).to_be_hidden()


def test_a_busy_site_is_given_the_time_it_asks_for(visitor, site):
    busy = b'{"error": {"code": "busy", "message": "Later."}}'
    answers = [("503 Service Unavailable", {"Content-Type": "application/json", "Retry-After": "1"}, busy)]
    site.intercept = lambda environ: answers.pop() if answers and environ["REQUEST_METHOD"] == "POST" else None
    visitor.choose(file("hello.txt"))
    expect(visitor.tab.get_by_text("This site is busy. Sending goes on in")).to_be_visible()
    visitor.sees("hello.txt", "stored")


def test_no_network_is_said_and_sending_goes_on_when_it_is_back(visitor):
    visitor.tab.context.set_offline(True)
    visitor.choose(file("hello.txt"))
    expect(visitor.tab.get_by_text("No network. Sending goes on by itself as soon as it is back.")).to_be_visible()
    visitor.tab.context.set_offline(False)
    visitor.sees("hello.txt", "stored")


def test_a_url_that_lapses_while_its_file_waits_is_asked_for_again(new_visitor, open_page, mishaps):
    visitor = new_visitor()
    visitor.tab.clock.install()
    visitor.open(open_page)
    mishaps.hold("PUT", "first")
    visitor.choose(*(file(f"first-{number}.txt") for number in range(6)), file("seventh.txt"))
    visitor.sees("first-5.txt", "sending")
    visitor.tab.clock.fast_forward(14 * 60 * 1000 + 30_000)
    mishaps.release()
    visitor.tab.clock.run_for(1000)
    visitor.sees("seventh.txt", "stored")
    assert list(UploadGrant.objects.get(file_name="seventh.txt").events.values_list("kind", flat=True))[:2] == [
        "issued",
        "renewed",
    ]


def test_a_file_that_is_being_sent_can_be_cancelled(visitor, mishaps, oss):
    mishaps.hold("PUT")
    visitor.choose(file("wrong.txt"))
    visitor.sees("wrong.txt", "sending")
    visitor.press("Cancel", "wrong.txt")
    visitor.sees("wrong.txt", "cancelled")
    expect(visitor.tab.get_by_role("button", name="Retry wrong.txt")).to_be_visible()
    assert states_by_name() == {"wrong.txt": "cancelled"}
    visitor.sees_queue("idle")


def test_a_file_that_waits_can_be_cancelled_and_is_never_sent(visitor, mishaps):
    mishaps.hold("PUT")
    visitor.choose(*(file(f"first-{number}.txt") for number in range(6)), file("waiting.txt"))
    visitor.sees("first-5.txt", "sending")
    visitor.press("Cancel", "waiting.txt")
    visitor.sees("waiting.txt", "cancelled")
    mishaps.release()
    visitor.sees_queue("done")
    assert states_by_name()["waiting.txt"] == "cancelled"
    assert mishaps.seen["PUT"] == 6


def test_everything_can_be_cancelled_at_once(visitor, mishaps):
    mishaps.hold("PUT")
    visitor.choose(*(file(f"file-{number}.txt") for number in range(9)))
    visitor.sees("file-5.txt", "sending")
    visitor.tab.get_by_role("button", name="Cancel all").click()
    visitor.sees_queue("idle")
    assert visitor.tab.locator('[data-file-state="cancelled"]').count() == 9


def test_a_cancelled_file_can_be_taken_off_the_list_and_chosen_again(visitor, mishaps, tmp_path):
    path = tmp_path / "again.txt"
    path.write_text("again")
    mishaps.hold("PUT")
    visitor.choose(path)
    visitor.press("Cancel", "again.txt")
    visitor.press("Remove", "again.txt")
    expect(visitor.rows).to_have_count(0)
    mishaps.release()
    visitor.choose(path)
    visitor.sees("again.txt", "stored")


def test_a_file_that_changed_on_disk_is_to_be_chosen_again(visitor, mishaps, tmp_path):
    path = tmp_path / "report.txt"
    path.write_text("first words" * 20_000)
    mishaps.hold("PUT", "first")
    visitor.choose(*(file(f"first-{number}.txt") for number in range(6)))
    visitor.sees("first-5.txt", "sending")
    visitor.choose(path)
    visitor.sees("report.txt", "waiting")
    path.write_text("other words, and more of them" * 20_000)
    mishaps.release()
    visitor.sees("report.txt", "failed", "The file changed while it was being sent. Choose it again.")
    visitor.choose(path)
    visitor.sees("report.txt", "stored")
    expect(visitor.row("report.txt")).to_have_count(1)
    visitor.sees_queue("done")


def test_a_policy_that_does_not_allow_the_storage_is_said_to_be_ours(new_visitor, site, open_page):
    site.extra_headers = {"Content-Security-Policy": "connect-src 'self'"}
    visitor = new_visitor()
    visitor.open(open_page)
    visitor.choose(file("hello.txt"))
    visitor.sees("hello.txt", "failed", "This page is not allowed to reach its own storage. You did nothing wrong")


def test_a_second_click_on_retry_sends_one_file(visitor, mishaps):
    mishaps.refuse("PUT", BUSY)
    visitor.hurry()
    visitor.choose(file("hello.txt"))
    visitor.sees("hello.txt", "failed")
    mishaps.release()
    sent = mishaps.seen["PUT"]
    visitor.tab.evaluate("() => { const b = document.querySelector('[data-action=retry]'); b.click(); b.click(); }")
    visitor.sees("hello.txt", "stored")
    assert mishaps.seen["PUT"] == sent + 1
    assert UploadGrant.objects.count() == 1


def test_without_a_network_only_checking_goes_on_where_all_is_sent(visitor, mishaps):
    mishaps.hold("PUT")
    visitor.choose(file("hello.txt"))
    visitor.sees("hello.txt", "sending")
    visitor.tab.context.set_offline(True)
    # What is on its way arrives; what comes after it does not.
    mishaps.release()
    visitor.sees("hello.txt", "checking")
    notice = visitor.tab.get_by_text("No network. Checking goes on by itself as soon as it is back.")
    expect(notice).to_be_visible()
    visitor.tab.context.set_offline(False)
    visitor.sees("hello.txt", "stored")
    expect(notice).to_be_hidden()


def test_leaving_is_warned_of_while_files_wait_to_be_sent(visitor):
    asked = []
    visitor.tab.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    visitor.tab.locator("h1").click()
    visitor.tab.context.set_offline(True)
    visitor.choose(file("hello.txt"))
    visitor.sees("hello.txt", "waiting")
    with visitor.tab.expect_event("dialog"):
        visitor.tab.close(run_before_unload=True)
    assert asked == ["beforeunload"]
    # The visitor stays. (Chromium crashes when it is closed with an answer to its question on the way.)
    assert visitor.tab.evaluate("document.title")


def test_leaving_is_warned_of_only_while_bytes_are_in_flight(visitor, mishaps):
    asked = []
    visitor.tab.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    # Browsers heed the warning only of pages that were touched.
    visitor.tab.locator("h1").click()
    mishaps.hold("PUT")
    visitor.choose(file("hello.txt"))
    visitor.sees("hello.txt", "sending")
    with visitor.tab.expect_event("dialog"):
        visitor.tab.close(run_before_unload=True)
    mishaps.release()
    visitor.sees_queue("done")
    with visitor.tab.expect_event("close"):
        visitor.tab.close(run_before_unload=True)
    assert asked == ["beforeunload"]
