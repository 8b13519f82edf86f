"""Grants whose id is not among the signed headers: held against the time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.app.conftest import row
from tests.conftest import BUCKET
from tests.factories import make_grant
from uploads.models import UploadGrant
from uploads.settle import settle_due

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def due():
    """A grant of the presign command: without a page, and without its id among the signed headers."""
    return {"page": None, "next_check_at": timezone.now(), "signed_headers": {"x-oss-forbid-overwrite": "true"}}


def test_a_grant_without_a_page_is_settled_too(oss, clock, db):
    grant = make_grant(**due())
    clock.shift(3600)

    assert settle_due() == {"expired": 1}
    assert row({"grant": grant.grant_id}).released_at is not None


def test_a_grant_whose_id_was_not_signed_is_held_against_the_time(oss, clock, db):
    old, new = make_grant(**due()), make_grant(**due())
    oss.app.store.put_bytes(BUCKET, new.object_key, b"hello", content_type="application/pdf")
    UploadGrant.objects.filter(pk=old.pk).update(created_at=timezone.now() + timedelta(seconds=30))
    oss.app.store.put_bytes(BUCKET, old.object_key, b"hello", content_type="application/pdf")
    clock.shift(3600)

    settle_due()

    assert row({"grant": new.grant_id}).compared == ["length", "content-type", "last-modified"]
    assert (row({"grant": new.grant_id}).state, row({"grant": old.grant_id}).state) == ("stored", "mismatch")


def test_a_storage_a_little_behind_our_clock_makes_no_mismatch(oss, clock, db):
    """OSS's times have whole seconds; two of difference are not even counted as one."""
    grant = make_grant(**due())
    oss.app.store.put_bytes(BUCKET, grant.object_key, b"hello", content_type="application/pdf")
    UploadGrant.objects.update(created_at=timezone.now() + timedelta(seconds=1.5))
    clock.shift(3600)

    assert settle_due() == {"stored": 1}


def test_the_object_that_a_grant_may_overwrite_does_not_end_it(oss, clock, db):
    grant = make_grant(**due() | {"signed_headers": {}})
    UploadGrant.objects.update(created_at=timezone.now() + timedelta(seconds=30))
    oss.app.store.put_bytes(BUCKET, grant.object_key, b"older", content_type="text/csv")
    settle_due()
    assert row({"grant": grant.grant_id}).state == "issued"

    clock.shift(60)
    oss.app.store.put_bytes(BUCKET, grant.object_key, b"newer", content_type="application/pdf")
    UploadGrant.objects.update(next_check_at=timezone.now())
    settle_due()

    assert row({"grant": grant.grant_id}).state == "stored"
