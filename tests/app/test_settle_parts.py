"""Files in parts end without their browser: completed, or expired at their deadline, and nothing is left over."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.app.conftest import kinds, put, used
from tests.app.sending_parts import (
    CONTENT,
    SIZE,
    UNIT,
    complete,
    granted,
    put_part,
    send_parts,
    sent_in_parts,
    signed,
    stored_bytes,
    uploads_in_oss,
)
from uploads import multipart_completing, settle
from uploads.models import UploadGrant
from uploads.oss.client import OssClient
from uploads.oss.errors import NoAnswer
from uploads.outcomes import apply_looks
from uploads.settle import settle_due
from uploads.storage import storage
from uploads.verification import Look, look_at

pytestmark = pytest.mark.django_db
WEEK = 7 * 24 * 3600


def die(*_, **__):
    raise SystemExit("killed")


def said_and_killed(visitor, file, monkeypatch):
    """The process dies between writing down what the visitor said and asking OSS."""
    with monkeypatch.context() as patched:
        patched.setattr(multipart_completing, "look_at", die)
        with pytest.raises(SystemExit):
            complete(visitor, file)


def wait(clock, seconds):
    clock.shift(seconds)
    return settle_due()


def test_it_completes_what_a_killed_process_was_told(clock, visitor, monkeypatch):
    file = sent_in_parts(visitor)
    said_and_killed(visitor, file, monkeypatch)

    assert wait(clock, 11) == {"stored": 1}
    grant = UploadGrant.objects.get()
    assert stored_bytes(grant.object_key) == CONTENT
    # Parts may still be on their way, and leave something behind.
    assert (grant.uploads_cleared_at, grant.next_check_at) == (None, grant.lapsed_at)


def test_it_completes_a_whole_file_of_which_nobody_came_back_to_say_so(clock, visitor, open_page):
    sent_in_parts(visitor)

    assert wait(clock, 17 * 60) == {"stored": 1}

    grant = UploadGrant.objects.get()
    assert stored_bytes(grant.object_key) == CONTENT
    assert "parts-crc64" in grant.compared
    assert kinds(grant) == ["issued", "parts_begun", "verified"]
    assert (uploads_in_oss(), used(open_page)) == ([], (1, SIZE))


def test_it_completes_no_file_that_is_not_whole(clock, visitor):
    file = granted(visitor)
    send_parts(visitor, file, (0, UNIT), (2 * UNIT, 1000))

    assert wait(clock, 17 * 60) == {"issued": 1}

    grant = UploadGrant.objects.get()
    assert (uploads_in_oss(), grant.cause, grant.check_error) == ([grant.upload_id], "", "")
    send_parts(visitor, file, (UNIT, UNIT))
    assert complete(visitor, file)["file_state"] == "stored"


def test_it_completes_no_file_whose_urls_are_alive(clock, visitor):
    file = sent_in_parts(visitor)

    assert wait(clock, 6 * 60) == {}
    UploadGrant.objects.update(next_check_at=timezone.now())
    assert wait(clock, 8 * 60) == {"issued": 1}

    assert len(uploads_in_oss()) == 1
    assert complete(visitor, file)["file_state"] == "stored"


def test_no_call_of_a_visitor_completes_what_was_not_said_to_be_complete(clock, visitor):
    file = sent_in_parts(visitor)
    clock.shift(17 * 60)

    [answer] = visitor.report({"id": file["id"], "status": None})

    assert (answer["state"], len(uploads_in_oss())) == ("reported", 1)


def test_what_the_browser_failed_at_keeps_its_cause_when_the_file_is_not_whole(clock, visitor):
    file = granted(visitor)
    send_parts(visitor, file, (0, UNIT))
    visitor.report({"id": file["id"], "status": None})

    wait(clock, 17 * 60)

    assert UploadGrant.objects.get().cause == "connection_broke"


def test_a_whole_file_that_went_by_a_put_after_all_is_not_held_against_its_parts(clock, visitor):
    file = sent_in_parts(visitor)
    [answer] = visitor.ask(file)
    put(answer, secrets.token_bytes(SIZE))

    assert wait(clock, 17 * 60) == {"stored": 1}


def test_what_cannot_be_listed_for_a_moment_is_not_given_up_at_the_deadline(clock, visitor, refuse_calls):
    sent_in_parts(visitor)
    refuse_calls("GET", 503, "ServiceUnavailable")
    assert wait(clock, WEEK + 1) == {"issued": 1}
    refuse_calls("NONE", 500, "")

    assert wait(clock, 60) == {"stored": 1}


def test_a_whole_file_that_oss_refuses_to_complete_is_not_thrown_away(clock, visitor, refuse_calls):
    sent_in_parts(visitor)
    refuse_calls("POST", 403, "UserDisable")

    assert wait(clock, WEEK + 1) == {"issued": 1}

    assert "UserDisable" in UploadGrant.objects.get().check_error
    assert len(uploads_in_oss()) == 1


def test_it_ends_nothing_before_the_deadline(clock, visitor, open_page):
    send_parts(visitor, granted(visitor), (0, UNIT))

    for _ in range(7):
        wait(clock, WEEK // 7 - 60)

    grant = UploadGrant.objects.get()
    assert (grant.state, uploads_in_oss()) == ("issued", [grant.upload_id])
    assert used(open_page) == (1, SIZE)


def test_a_part_moves_the_deadline(clock, visitor):
    file = granted(visitor)
    send_parts(visitor, file, (0, UNIT))
    wait(clock, WEEK - 60)
    send_parts(visitor, file, (UNIT, UNIT))
    wait(clock, WEEK - 60)

    send_parts(visitor, file, (2 * UNIT, 1000))

    assert complete(visitor, file)["file_state"] == "stored"


def test_at_the_deadline_it_expires_and_throws_the_parts_away(clock, visitor, open_page):
    send_parts(visitor, granted(visitor), (0, UNIT))

    assert wait(clock, WEEK + 1) == {"expired": 1}

    grant = UploadGrant.objects.get()
    assert kinds(grant) == ["issued", "parts_begun", "expired", "released"]
    assert (uploads_in_oss(), used(open_page)) == ([], (0, 0))
    assert grant.uploads_cleared_at


def test_a_look_from_before_a_part_was_signed_ends_nothing(clock, visitor, monkeypatch):
    file = granted(visitor)
    signed(visitor, file, (0, UNIT))

    def look_and_be_overtaken(grants, **terms):
        looks = look_at(grants, **terms)
        signed(visitor, file, (UNIT, UNIT))
        return looks

    monkeypatch.setattr(settle, "look_at", look_and_be_overtaken)

    assert wait(clock, WEEK + 1) == {}
    assert (UploadGrant.objects.get().state, len(uploads_in_oss())) == ("issued", 1)


def test_at_the_deadline_it_completes_what_was_said_to_be_complete(clock, visitor, monkeypatch):
    file = sent_in_parts(visitor)
    said_and_killed(visitor, file, monkeypatch)

    assert wait(clock, WEEK + 1) == {"stored": 1}


def test_at_the_deadline_what_was_said_to_be_complete_and_is_not_expires(clock, visitor):
    file = granted(visitor)
    send_parts(visitor, file, (0, UNIT))
    complete(visitor, file)

    assert wait(clock, WEEK + 1) == {"expired": 1}
    assert uploads_in_oss() == []


def test_what_goes_in_parts_only_and_never_began_expires_as_a_put_does(clock, visitor, monkeypatch):
    monkeypatch.setattr("uploads.issuing.MAX_PUT_BYTES", UNIT)
    granted(visitor)

    assert wait(clock, 41 * 60) == {"expired": 1}


def test_a_very_large_file_is_not_waited_for_longer_than_its_largest_part(clock, visitor):
    granted(visitor, size=40 * 1024**4)

    left = UploadGrant.objects.get().decided_at - timezone.now()
    assert timedelta(hours=30) < left < timedelta(hours=31)


def test_cancelling_frees_the_parts_at_once(clock, visitor):
    file = granted(visitor)
    send_parts(visitor, file, (0, UNIT))

    visitor.cancel(file["id"])

    assert uploads_in_oss() == []


def test_what_comes_after_cancelling_is_thrown_away_when_no_url_lives(clock, visitor, open_page, monkeypatch):
    file = granted(visitor)
    send_parts(visitor, file, (0, UNIT))
    with monkeypatch.context() as patched:
        patched.setattr("uploads.results.abort_upload", lambda *_: None)  # As if OSS had not answered.
        visitor.cancel(file["id"])
    wait(clock, 20 * 60)
    assert len(uploads_in_oss()) == 1

    wait(clock, 21 * 60)

    assert (uploads_in_oss(), used(open_page)) == ([], (0, 0))
    assert kinds(UploadGrant.objects.get()) == ["issued", "parts_begun", "cancelled", "released"]


def test_a_cancelled_file_waits_for_no_deadline(clock, visitor, open_page):
    file = sent_in_parts(visitor)
    visitor.cancel(file["id"])

    wait(clock, 41 * 60)

    assert used(open_page) == (0, 0)


def test_what_was_completed_while_it_was_cancelled_is_late(clock, visitor, open_page, monkeypatch):
    file = sent_in_parts(visitor)

    def complete_and_be_cancelled(grants, *, timeout):
        looks = look_at(grants, timeout=timeout)
        visitor.cancel(file["id"])
        return looks

    monkeypatch.setattr(multipart_completing, "look_at", complete_and_be_cancelled)
    assert complete(visitor, file)["file_state"] == "cancelled"

    wait(clock, 41 * 60)

    assert UploadGrant.objects.get().state == "late"
    assert (uploads_in_oss(), used(open_page)) == ([], (1, SIZE))


def test_a_failed_file_waits_for_no_deadline(clock, visitor, open_page):
    file = granted(visitor)
    send_parts(visitor, file, (0, UNIT))
    visitor.report({"id": file["id"], "status": 403, "code": "SignatureDoesNotMatch"})

    wait(clock, 41 * 60)

    assert (UploadGrant.objects.get().state, uploads_in_oss()) == ("failed", [])
    assert used(open_page) == (0, 0)


def test_the_page_is_locked_before_a_grant_that_gives_its_room_back(clock, visitor):
    file = granted(visitor)
    signed(visitor, file, (0, UNIT))
    clock.shift(41 * 60)
    UploadGrant.objects.update(reported_at=timezone.now(), reported_status=403, reported_code="AccessDenied")

    grant = UploadGrant.objects.get()
    with CaptureQueriesContext(connection) as queries:
        apply_looks([grant], {grant.pk: Look()}, now=timezone.now())

    statements = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert 'FROM "uploads_uploadpage"' in statements[0]
    assert UploadGrant.objects.get().released_at


def test_parts_are_thrown_away_when_the_file_went_by_a_put(clock, visitor):
    file = granted(visitor)
    send_parts(visitor, file, (0, UNIT))
    [answer] = visitor.ask(file)
    put(answer, CONTENT)
    visitor.report({"id": file["id"], "status": 200})
    assert len(uploads_in_oss()) == 1

    wait(clock, 41 * 60)

    grant = UploadGrant.objects.get()
    assert (grant.state, uploads_in_oss()) == ("stored", [])
    assert grant.next_check_at is None


def test_a_stored_file_is_looked_at_no_more(clock, visitor, heads):
    complete(visitor, sent_in_parts(visitor))
    seen = len(heads)

    assert wait(clock, 41 * 60) == {}

    assert (len(heads), kinds(UploadGrant.objects.get())[-1]) == (seen, "verified")
    assert UploadGrant.objects.get().next_check_at is None


def test_an_upload_that_was_begun_by_a_process_that_died_is_found(clock, visitor, monkeypatch):
    file = granted(visitor)
    with monkeypatch.context() as patched:
        patched.setattr("uploads.multipart_issuing._Batch", die)
        with pytest.raises(SystemExit):
            signed(visitor, file, (0, UNIT))
    assert (len(uploads_in_oss()), UploadGrant.objects.get().upload_id) == (1, "")

    wait(clock, 41 * 60)

    assert (UploadGrant.objects.get().state, uploads_in_oss()) == ("expired", [])


def test_uploads_to_other_keys_stay(clock, visitor):
    client = storage().client()
    file = granted(visitor)
    signed(visitor, file, (0, UNIT))
    foreign = client.initiate_multipart(UploadGrant.objects.get().object_key + ".part", {})
    visitor.cancel(file["id"])

    wait(clock, 41 * 60)

    assert uploads_in_oss() == [foreign]


def test_who_may_not_list_uploads_throws_away_the_known_one(clock, visitor, refuse_calls):
    file = granted(visitor)
    send_parts(visitor, file, (0, UNIT))
    refuse_calls("GET", 403, "AccessDenied")

    wait(clock, WEEK + 1)

    refuse_calls("NONE", 500, "")
    assert uploads_in_oss() == []


def test_a_storage_that_does_not_clear_is_asked_for_a_day(clock, visitor, monkeypatch, caplog):
    complete(visitor, sent_in_parts(visitor))
    monkeypatch.setattr(OssClient, "list_multipart_uploads", lambda *_: (_ for _ in ()).throw(NoAnswer("Nothing.")))

    for _ in range(30):
        wait(clock, 3700)

    grant = UploadGrant.objects.get()
    assert (grant.next_check_at, grant.uploads_cleared_at) == (None, None)
    assert "a lifecycle rule will" in caplog.text


def test_a_part_of_an_upload_that_was_thrown_away_is_refused(clock, visitor):
    file = granted(visitor)
    [part] = signed(visitor, file, (0, UNIT))
    visitor.cancel(file["id"])

    assert put_part(part).status_code == 404


def test_a_report_of_a_lost_upload_ends_nothing(clock, visitor):
    file = granted(visitor)
    send_parts(visitor, file, (0, UNIT))

    [answer] = visitor.report({"id": file["id"], "status": 404, "code": "NoSuchUpload"})

    assert (answer["cause"]["code"], answer["retry"]) == ("parts_lost", "same")
    assert UploadGrant.objects.get().is_open
