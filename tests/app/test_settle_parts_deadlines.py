"""A file in parts that nobody goes on with ends at its deadline, and not before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.app.conftest import kinds, used
from tests.app.sending_parts import (
    SIZE,
    UNIT,
    complete,
    granted,
    send_parts,
    sent_in_parts,
    signed,
    uploads_in_oss,
)
from tests.app.settling import WEEK, said_and_killed, wait
from uploads import settle
from uploads.models import UploadGrant
from uploads.verification import look_at

pytestmark = pytest.mark.django_db


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
