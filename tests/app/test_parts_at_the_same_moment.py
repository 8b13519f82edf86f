"""Files in parts, from several sides at the same moment: one upload, one object, one history."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests.app.conftest import kinds
from tests.app.sending_parts import (
    CONTENT,
    SIZE,
    UNIT,
    complete,
    granted,
    put_part,
    sent_in_parts,
    signed,
    spans,
    stored_bytes,
    uploads_in_oss,
)
from tests.app.test_at_the_same_moment import again, all_at_once, in_a_thread
from uploads import multipart_issuing
from uploads.models import GrantEvent, UploadGrant, UploadPart
from uploads.models.grant_queries import BETWEEN_LOOKS
from uploads.oss.crc64 import update
from uploads.settle import settle_due

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 6
CRC64 = str(update(0, CONTENT))


def test_of_uploads_begun_at_once_one_is_left(visitor):
    file = granted(visitor)

    answers = all_at_once(*[lambda: signed(again(visitor), file, (0, UNIT))] * THREADS)

    grant = UploadGrant.objects.get()
    assert uploads_in_oss() == [grant.upload_id]
    assert all(f"uploadId={grant.upload_id}" in part["url"] for [part] in answers)
    assert kinds(grant) == ["issued", "parts_begun"]
    assert UploadPart.objects.count() == 1


def test_the_same_files_in_another_order_do_not_wait_for_each_other(visitor):
    files = [granted(visitor) for _ in range(5)]
    asked = [{"id": file["id"], "parts": spans()} for file in files]

    all_at_once(*[lambda: again(visitor).parts(*asked), lambda: again(visitor).parts(*asked[::-1])] * 3)

    assert UploadPart.objects.count() == 15
    assert len(uploads_in_oss()) == 5


def test_what_was_cancelled_while_its_upload_was_begun_leaves_none(visitor, monkeypatch):
    file = granted(visitor)
    begin_upload = multipart_issuing.begin_upload

    def begin_and_be_cancelled(grant):
        begun = begin_upload(grant)
        in_a_thread(lambda: UploadGrant.objects.update(state="cancelled", ended_at=timezone.now()))
        return begun

    monkeypatch.setattr(multipart_issuing, "begin_upload", begin_and_be_cancelled)
    [answer] = visitor.parts({"id": file["id"], "parts": spans()})

    assert (answer["file_state"], uploads_in_oss(), UploadPart.objects.count()) == ("cancelled", [], 0)


def test_for_what_has_ended_before_its_upload_was_begun_none_is(visitor, monkeypatch):
    """Its end was written without knowing of an upload, so nobody would look for one."""
    file = granted(visitor)
    begun_grants = multipart_issuing._begun_grants

    def be_cancelled(grants):
        visitor.cancel(file["id"])
        return begun_grants(grants)

    monkeypatch.setattr(multipart_issuing, "_begun_grants", be_cancelled)
    monkeypatch.setattr(multipart_issuing, "begin_upload", lambda grant: pytest.fail("An upload was begun."))
    [answer] = visitor.parts({"id": file["id"], "parts": spans()})

    assert (answer["file_state"], UploadGrant.objects.get().parts_begun_at) == ("cancelled", None)


def test_completed_from_all_sides_it_is_one_object(visitor):
    file = sent_in_parts(visitor)

    answers = all_at_once(*[lambda: complete(again(visitor), file, crc64=CRC64)] * THREADS)

    grant = UploadGrant.objects.get()
    assert {answer["file_state"] for answer in answers} <= {"stored", "checking"}
    assert (grant.state, stored_bytes(grant.object_key)) == ("stored", CONTENT)
    assert kinds(grant) == ["issued", "parts_begun", "reported", "verified"]


@pytest.mark.parametrize("_time", range(3))
def test_completed_by_the_visitor_and_by_settle_it_is_one_object(visitor, _time):
    file = sent_in_parts(visitor)
    # Said before, by a process that died: both may begin at once.
    UploadGrant.objects.update(
        state="reported",
        reported_at=timezone.now(),
        completion_asked_at=timezone.now(),
        next_check_at=timezone.now(),
    )

    all_at_once(lambda: complete(again(visitor), file, crc64=CRC64), settle_due, settle_due)
    UploadGrant.objects.update(looked_at=timezone.now() - BETWEEN_LOOKS)
    [status] = visitor.status(file["id"])

    assert status["file_state"] == "stored"
    assert GrantEvent.objects.filter(kind="verified").count() == 1
    assert stored_bytes(UploadGrant.objects.get().object_key) == CONTENT


@pytest.mark.parametrize("_time", range(3))
def test_completed_and_cancelled_it_ends_one_way_and_the_other_is_seen(visitor, _time):
    file = sent_in_parts(visitor)

    answer, [cancelled] = all_at_once(
        lambda: complete(again(visitor), file), lambda: again(visitor).cancel(file["id"])
    )

    grant = UploadGrant.objects.get()
    assert {answer["file_state"], cancelled["file_state"]} <= {"stored", "cancelled"}
    assert grant.state in {"stored", "cancelled"}
    assert uploads_in_oss() == []
    assert GrantEvent.objects.filter(kind__in=["verified", "cancelled"]).count() == 1


def test_completed_and_gone_on_with_it_is_there_or_goes_on(visitor):
    file = sent_in_parts(visitor)

    answer, parts = all_at_once(
        lambda: complete(again(visitor), file),
        lambda: again(visitor).parts({"id": file["id"], "parts": spans((0, UNIT))}),
    )

    if answer.get("file_state") != "stored":
        for part in parts[0].get("parts", []):
            put_part(part)
        UploadGrant.objects.update(looked_at=timezone.now() - BETWEEN_LOOKS)
        answer = complete(visitor, file)
    assert answer["file_state"] == "stored"
    assert UploadGrant.objects.get().stored_size_bytes == SIZE
