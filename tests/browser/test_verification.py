"""No tick before the server has looked itself, and true sentences until then."""

from __future__ import annotations

import threading

import pytest

from tests.browser.mishaps import DENIED
from tests.browser.visitor import file
from uploads.models.grants import UploadGrant

SENT = "Sent. We are still confirming; you may close this page."


def test_the_tick_waits_for_the_server_however_well_the_put_went(visitor, mishaps):
    mishaps.hold("HEAD")
    visitor.choose(file("hello.txt"))
    visitor.sees("hello.txt", "checking", "Checking… Comparing what arrived with what you sent.")
    assert mishaps.seen["PUT"] == 1
    visitor.sees_queue("working")
    mishaps.release()
    visitor.sees("hello.txt", "stored", "Stored, verified")


@pytest.fixture
def kept_waiting(new_visitor, open_page, mishaps):
    """Has sent a file that the storage does not let the server look at. The browser's clock can be moved."""
    mishaps.refuse("HEAD", DENIED)
    visitor = new_visitor()
    visitor.tab.clock.install()
    visitor.open(open_page)
    visitor.choose(file("hello.txt"))
    visitor.sees("hello.txt", "checking")
    return visitor


def test_a_storage_that_does_not_let_the_server_look_leaves_a_true_sentence_and_an_open_grant(kept_waiting):
    visitor = kept_waiting
    visitor.tab.clock.run_for(14_000)
    visitor.sees("hello.txt", "checking")
    visitor.tab.clock.run_for(2_000)
    visitor.sees("hello.txt", "sent", SENT)
    # The browser's clock was moved, ours was not: its report may still be on the way.
    visitor.waits_until(lambda: UploadGrant.objects.get().failed_checks > 0)
    assert UploadGrant.objects.get().state == "reported"
    visitor.sees_queue("working")


def test_what_could_not_be_confirmed_is_asked_for_until_it_is(kept_waiting, mishaps):
    visitor = kept_waiting
    visitor.tab.clock.run_for(16_000)
    visitor.sees("hello.txt", "sent")
    mishaps.release()
    visitor.tab.clock.run_for(11_000)
    visitor.sees("hello.txt", "stored")
    assert UploadGrant.objects.get().state == "stored"


def test_an_object_that_is_not_what_was_sent_is_never_called_stored(visitor, mishaps, oss):
    mishaps.hold("HEAD")
    visitor.choose(file("hello.txt", b"hello"))
    visitor.sees("hello.txt", "checking")
    grant = UploadGrant.objects.get()
    oss.app.store.put_bytes(grant.bucket, grant.object_key, b"tampered", content_type=grant.content_type)
    mishaps.release()
    visitor.sees("hello.txt", "mismatch", "What arrived differs from what you sent.")
    visitor.sees_queue("attention")
    visitor.press("Retry", "hello.txt")
    visitor.sees("hello.txt", "stored")


def test_a_page_that_is_left_before_the_server_has_heard_says_it_once_more(visitor, site):
    heard = []
    first_is_lost = threading.Event()

    def lose_the_first(environ):
        if not environ["PATH_INFO"].endswith("/results"):
            return None
        heard.append(environ["PATH_INFO"])
        if len(heard) > 1:
            return None
        first_is_lost.wait(30)
        return "502 Bad Gateway", {}, b""

    site.intercept = lose_the_first
    visitor.choose(file("hello.txt"))
    visitor.waits_until(lambda: heard)
    visitor.tab.goto("about:blank")
    visitor.waits_until(lambda: UploadGrant.objects.get().reported_status == 200)
    first_is_lost.set()
    assert len(heard) == 2
