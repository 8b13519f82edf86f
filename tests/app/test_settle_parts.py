"""A file in parts whose browser never comes back is completed when all of it is there, and only then."""

from __future__ import annotations

import secrets

import pytest
from django.utils import timezone

from tests.app.conftest import kinds, put, used
from tests.app.sending_parts import (
    CONTENT,
    SIZE,
    UNIT,
    complete,
    granted,
    send_parts,
    sent_in_parts,
    stored_bytes,
    uploads_in_oss,
)
from tests.app.settling import WEEK, said_and_killed, wait
from uploads.models import UploadGrant

pytestmark = pytest.mark.django_db


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
