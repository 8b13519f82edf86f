"""Parts that no object has taken up are thrown away, and the room that was kept for the file is given back."""

from __future__ import annotations

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
    uploads_in_oss,
)
from tests.app.settling import WEEK, die, wait
from uploads import multipart_completing, upload_clearing
from uploads.models import UploadGrant
from uploads.oss.client import OssClient
from uploads.oss.errors import NoAnswer
from uploads.outcomes import apply_looks
from uploads.settle import settle_due
from uploads.storage import storage
from uploads.verification import Look, look_at

pytestmark = pytest.mark.django_db


def test_cancelling_frees_the_parts_at_once(clock, visitor):
    file = granted(visitor)
    send_parts(visitor, file, (0, UNIT))

    visitor.cancel(file["id"])

    assert uploads_in_oss() == []


def test_one_file_whose_parts_cannot_be_thrown_away_hinders_no_other(clock, visitor, monkeypatch, caplog):
    """By a mistake of ours, not by what OSS said."""
    bad, other = granted(visitor), granted(visitor)
    for file in (bad, other):
        send_parts(visitor, file, (0, UNIT))
    whole = upload_clearing.abort_all_uploads

    def abort_all(grant):
        if str(grant.client_id) == bad["id"]:
            raise ValueError("This answer is poison.")
        return whole(grant)

    monkeypatch.setattr("uploads.results.abort_upload", lambda *_: None)
    monkeypatch.setattr(upload_clearing, "abort_all_uploads", abort_all)
    visitor.cancel(bad["id"], other["id"])
    wait(clock, 41 * 60)

    cleared = UploadGrant.objects.exclude(uploads_cleared_at=None)
    assert [str(grant.client_id) for grant in cleared] == [other["id"]]
    assert "This answer is poison." in caplog.text
    assert (len(uploads_in_oss()), settle_due()) == (1, {})


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


def test_an_upload_that_was_begun_while_its_file_was_confirmed_is_found(clock, visitor, monkeypatch):
    """OSS is being asked about a PUT when another call begins an upload, and dies."""
    file = granted(visitor)
    [answer] = visitor.ask(file)

    def look_and_be_overtaken(grants, **terms):
        with monkeypatch.context() as patched:
            patched.setattr("uploads.multipart_issuing._Batch", die)
            with pytest.raises(SystemExit):
                signed(visitor, file, (0, UNIT))
        put(answer, CONTENT)
        return look_at(grants, **terms)

    with monkeypatch.context() as patched:
        patched.setattr("uploads.results.look_at", look_and_be_overtaken)
        visitor.report({"id": file["id"], "status": 200})
    assert len(uploads_in_oss()) == 1
    wait(clock, 60)

    wait(clock, 41 * 60)

    assert (UploadGrant.objects.get().state, uploads_in_oss()) == ("stored", [])


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
