"""Pages, grants and people with good defaults, for the test that needs one that differs."""

from __future__ import annotations

import itertools
import uuid
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.utils import timezone

from uploads.models.grants import UploadGrant
from uploads.models.pages import UploadPage

_numbers = itertools.count(1)


def make_user(username: str = "", **fields):
    fields.setdefault("is_staff", True)
    return get_user_model().objects.create_user(username or f"user-{next(_numbers)}", password="password", **fields)


def make_page(**fields) -> UploadPage:
    if "owner" not in fields:
        fields["owner"] = make_user(first_name="Ingrid", last_name="Dahl")
    return UploadPage.objects.create(**{"title": "Survey photographs", "prefix": "surveys", **fields})


def make_grant(**fields) -> UploadGrant:
    """An issued grant, not backed by a URL that anybody has seen."""
    now = timezone.now()
    number = next(_numbers)
    if "page" not in fields:
        fields["page"] = make_page()
    defaults = {
        "visitor": "0" * 64,
        "client_id": uuid.uuid4(),
        "original_name": f"report-{number}.pdf",
        "file_name": f"report-{number}.pdf",
        "bucket": "test-bucket",
        "object_key": f"surveys/report-{number}.pdf",
        "size_bytes": 5,
        "content_type": "application/pdf",
        "signed_headers": {"Content-Type": "application/pdf", "Content-Length": "5"},
        "additional_headers": ["content-length"],
        "signed_at": now,
        "url_ends_at": now + timedelta(minutes=15),
    }
    if fields.get("state", "issued") not in {"issued", "reported"}:
        defaults["ended_at"] = now
    if fields.get("state") == "stored":
        defaults |= {"stored_at": now, "checked_at": now}
    return UploadGrant.objects.create(**{**defaults, **fields})
