"""When the server cannot ask the storage, nothing ends, nobody waits long, and the truth is said."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import pytest
from django.db import connection
from django.utils import timezone

from tests.app.conftest import Visitor, a_file, kinds, put, row
from tests.conftest import BUCKET
from tests.factories import make_grant
from uploads import issuing, results, verification
from uploads.models import UploadGrant
from uploads.models.grants import GrantState
from uploads.settle import settle_due

pytestmark = pytest.mark.django_db

LONGEST_ANSWER_SECONDS = 2.5


@pytest.fixture
def hanging_heads(oss, monkeypatch):
    """A storage that takes HEAD and says nothing, until the test ends."""
    monkeypatch.setattr(verification, "_pool", cache(verification._pool.__wrapped__))
    release = threading.Event()
    release.was_asked = threading.Event()

    def hang(environ):
        if environ["REQUEST_METHOD"] == "HEAD":
            release.was_asked.set()
            release.wait(20)

    oss.app.intercept = hang
    yield release
    release.set()
    verification._pool().shutdown(wait=True)


@pytest.fixture
def sent(clock, visitor):
    """A file that has arrived, and that nobody has asked about yet."""
    [answer] = visitor.ask(a_file())
    put(answer)
    return answer


@pytest.mark.parametrize(
    ("status", "code", "ec", "error"),
    [
        (403, "AccessDenied", "0003-00000201", "403 AccessDenied 0003-00000201"),
        (403, "SignatureDoesNotMatch", "0002-00000201", "403 SignatureDoesNotMatch 0002-00000201"),
        (404, "NoSuchBucket", "0015-00000101", "NoSuchBucket"),
        (500, "InternalError", "", "500 InternalError"),
        (503, "ServiceUnavailable", "", "503 ServiceUnavailable"),
    ],
)
def test_a_head_that_is_refused_ends_nothing(visitor, sent, refuse_heads, status, code, ec, error):
    refuse_heads(status, code, ec)

    [answered] = visitor.report({"id": sent["id"], "status": 200})

    assert (answered["state"], answered["file_state"], answered["retry"]) == ("reported", "checking", None)
    assert "cause" not in answered
    assert row(sent).check_error == error
    assert kinds(row(sent)) == ["issued", "reported", "check_failed"]
    assert row(sent).events.last().data == {"error": error}


def test_the_same_trouble_is_one_event_and_another_trouble_another(visitor, sent, refuse_heads, clock):
    for code in ("AccessDenied", "AccessDenied", "UserDisable", "UserDisable"):
        refuse_heads(403, code)
        visitor.report({"id": sent["id"], "status": 200})
        visitor.status(sent["id"])
        clock.shift(3)

    errors = [event.data["error"] for event in row(sent).events.filter(kind="check_failed")]
    assert errors == ["403 AccessDenied", "403 UserDisable"]


def test_nothing_expires_while_the_storage_refuses_to_answer(visitor, sent, refuse_heads, clock, open_page):
    refuse_heads(403, "AccessDenied")

    for _ in range(20):
        clock.shift(24 * 3600)
        settle_due()

    assert row(sent).state == GrantState.ISSUED
    open_page.refresh_from_db()
    assert open_page.used_files == 1


def test_settle_asks_less_and_less_often_but_goes_on(visitor, sent, refuse_heads, clock):
    refuse_heads(503, "ServiceUnavailable")
    waits = []
    for _ in range(12):
        clock.move_to(max(row(sent).next_check_at, row(sent).changed_at))
        clock.shift(1)
        settle_due()
        waits.append((row(sent).next_check_at - row(sent).changed_at).total_seconds())

    assert waits[0] <= 15
    assert 1800 <= waits[-1] <= 3600


def test_a_visitor_who_keeps_asking_does_not_put_off_settle(visitor, sent, refuse_heads, oss, clock):
    refuse_heads(503, "ServiceUnavailable")
    visitor.report({"id": sent["id"], "status": 200})
    for _ in range(8):
        clock.shift(3)
        visitor.status(sent["id"])
    oss.app.intercept = None

    clock.shift(60)
    settle_due()

    assert row(sent).state == GrantState.STORED


def test_a_storage_that_answers_again_is_believed(visitor, sent, refuse_heads, oss, clock):
    refuse_heads(403, "AccessDenied")
    visitor.report({"id": sent["id"], "status": 200})
    oss.app.intercept = None
    clock.shift(3)

    [answered] = visitor.status(sent["id"])

    assert answered["file_state"] == "stored"
    assert (row(sent).failed_checks, row(sent).check_error) == (0, "")


@pytest.mark.parametrize("call", ["report", "status", "ask"])
def test_a_storage_that_hangs_holds_nobody_up(visitor, hanging_heads, call):
    files = [a_file(f"{number}.txt") for number in range(30)]
    ids = [file["id"] for file in files]
    visitor.ask(*files)
    if call != "report":
        UploadGrant.objects.update(state="reported", attempts=1, reported_at=timezone.now())
    calls = {
        "report": lambda: visitor.report(*({"id": id_, "status": 200} for id_ in ids)),
        "status": lambda: visitor.status(*ids),
        "ask": lambda: visitor.ask(*files),
    }

    started = time.monotonic()
    answered = calls[call]()
    took = time.monotonic() - started

    assert hanging_heads.was_asked.is_set()
    assert results.LOOK_SECONDS == issuing.LOOK_SECONDS == 2
    assert took < LONGEST_ANSWER_SECONDS
    assert {status["file_state"] for status in answered} == {"waiting" if call == "ask" else "checking"}
    assert UploadGrant.objects.filter(next_check_at=None).count() == 0


@pytest.mark.django_db(transaction=True)
def test_no_lock_is_held_while_the_storage_is_asked(visitor, hanging_heads, open_page, monkeypatch):
    """On SQLite an open transaction would stop every other writer, on PostgreSQL those to the same rows."""
    monkeypatch.setattr(results, "LOOK_SECONDS", 20)
    [answer] = visitor.ask(a_file())
    again = Visitor(open_page, key=visitor.key)

    def report():
        try:
            return again.report({"id": answer["id"], "status": 200})
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        reported = pool.submit(report)
        assert hanging_heads.was_asked.wait(5)
        assert "url" in Visitor(open_page).ask(a_file())[0]
        assert visitor.cancel(answer["id"])[0]["state"] == "cancelled"
        assert not reported.done()
        hanging_heads.set()
        assert reported.result()[0]["state"] == "cancelled"


def test_a_proxy_in_front_of_the_storage_is_not_the_storage(visitor, sent, oss, clock, open_page):
    """A captive portal's 404 and 200 have no x-oss-request-id: they say nothing about the object."""
    oss.app.store.delete(BUCKET, row(sent).object_key)
    whole = oss.app

    def portal(environ, start_response):
        start_response("404 Not Found", [("Content-Length", "0")])
        return [b""]

    oss.app = portal
    clock.shift(24 * 3600)
    settle_due()
    assert (row(sent).state, row(sent).check_error) == (GrantState.ISSUED, "UnreadableAnswer")

    oss.app = whole
    clock.shift(24 * 3600)
    settle_due()
    assert row(sent).state == GrantState.EXPIRED


def test_a_grant_of_a_bucket_that_no_longer_fits_the_settings_holds_up_no_other(clock, visitor, sent):
    misfit = make_grant(bucket="No_Such_Name", next_check_at=timezone.now())
    UploadGrant.objects.filter(grant_id=sent["grant"]).update(next_check_at=timezone.now())

    settle_due()

    assert row(sent).state == GrantState.STORED
    misfit.refresh_from_db()
    assert (misfit.state, misfit.check_error) == (GrantState.ISSUED, "ImproperlyConfigured")
