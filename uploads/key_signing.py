"""Use case: staff sign one request for one object key, exactly as asked, and the URL is recorded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from uploads.models.events import EventKind, GrantEvent, SaidBy
from uploads.models.grants import OPEN_STATES, UploadGrant
from uploads.oss.endpoints import Bucket
from uploads.oss.errors import RefusedLocally
from uploads.oss.signing import Presigned, presign
from uploads.outcomes import next_look
from uploads.storage import storage

# PUT with one of these changes or adds to an object that is there, and creates none.
SUB_RESOURCES = frozenset({"acl", "tagging", "partNumber", "uploadId"})
# What a database holds; OSS takes far less.
_LENGTH = re.compile(r"[0-9]{1,18}")


class KeyTakenError(ValueError):
    """An open grant of an upload page holds this key; the message is a whole sentence."""


@dataclass(frozen=True, slots=True)
class UrlTerms:
    """What is to be signed. `expires_in` in seconds; `bucket` empty means the one in OSS_BUCKET."""

    key: str
    bucket: str = ""
    method: str = "PUT"
    expires_in: int = 900
    headers: Mapping[str, str] = field(default_factory=dict)
    additional_headers: tuple[str, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def creates_object(self) -> bool:
        """By PutObject, or by AppendObject: https://www.alibabacloud.com/help/en/oss/developer-reference/appendobject"""
        if self.method == "POST":
            return "append" in self.query
        return self.method == "PUT" and not SUB_RESOURCES & self.query.keys()


@dataclass(frozen=True, slots=True)
class SignedUrl:
    """The URL and, where it can create an object and was recorded, its grant."""

    bucket: str
    key: str
    signed: Presigned
    grant: UploadGrant | None = None


def sign_at(terms: UrlTerms, at: datetime) -> SignedUrl:
    """Sign for a given moment. Nothing is recorded, no database is needed. Raises RefusedLocally."""
    bucket: Bucket = storage().bucket(terms.bucket)
    signed = presign(
        bucket,
        storage().credentials,
        method=terms.method,
        key=terms.key,
        expires_in=terms.expires_in,
        at=at,
        headers=terms.headers,
        additional_headers=terms.additional_headers,
        query=terms.query,
    )
    return SignedUrl(bucket.name, terms.key, signed)


def sign_now(terms: UrlTerms) -> SignedUrl:
    """Sign with OSS's time and record it: a grant if the URL can create an object, else an event.

    Signing for a key again, while its grant is open, is that grant with new terms. Raises RefusedLocally, and
    KeyTakenError for the key of a page's open grant.
    """
    _refuse_nul(terms)
    now = timezone.now()
    result = sign_at(terms, storage().clock.now())
    with transaction.atomic():
        if not terms.creates_object:
            _record_url(terms, result, now=now)
            return result
        grant = _grant_for(terms, result, now=now)
    return SignedUrl(result.bucket, result.key, result.signed, grant)


def _refuse_nul(terms: UrlTerms) -> None:
    """OSS may take it, but PostgreSQL cannot record it. Headers with one are refused by the signer."""
    if any("\x00" in text for text in (terms.key, *terms.query, *terms.query.values())):
        raise RefusedLocally("The key or the query has a NUL character, which cannot be recorded.")


def _record_url(terms: UrlTerms, result: SignedUrl, *, now: datetime) -> None:
    ends_at = now + timedelta(seconds=terms.expires_in)
    data = {"method": terms.method, "bucket": result.bucket, "key": result.key, "url_ends_at": ends_at.isoformat()}
    GrantEvent.objects.create(kind=EventKind.URL_SIGNED, said_by=SaidBy.STAFF, at=now, data=data)


def _grant_for(terms: UrlTerms, result: SignedUrl, *, now: datetime) -> UploadGrant:
    open_grants = UploadGrant.objects.select_for_update().filter(state__in=OPEN_STATES)
    grant = open_grants.filter(bucket=result.bucket, object_key=result.key).first()
    if grant and grant.page_id:
        raise KeyTakenError(f"The key is held by the open grant {grant.grant_id} of an upload page.")
    kind = EventKind.RENEWED if grant else EventKind.ISSUED
    grant = grant or UploadGrant(bucket=result.bucket, object_key=result.key, created_at=now, url_ends_at=now)
    _take_over(grant, terms, result, now=now)
    grant.save()
    data = {"method": terms.method, "headers": dict(terms.headers), "url_ends_at": grant.url_ends_at.isoformat()}
    GrantEvent.objects.create(grant=grant, kind=kind, said_by=SaidBy.STAFF, at=now, data=data)
    return grant


def _take_over(grant: UploadGrant, terms: UrlTerms, result: SignedUrl, *, now: datetime) -> None:
    lowered = {name.lower(): value for name, value in terms.headers.items()}
    grant.method = terms.method
    grant.file_name = result.key.rsplit("/", 1)[-1][:255]
    grant.content_type = lowered.get("content-type", "")[:255]
    # What is appended is not as long as the object becomes.
    grant.size_bytes = signed_length(terms) if terms.method == "PUT" else None
    grant.signed_headers = dict(terms.headers)
    grant.additional_headers = list(terms.additional_headers)
    grant.signed_query = dict(terms.query)
    grant.signed_at = result.signed.signed_at
    grant.url_ends_at = max(grant.url_ends_at, now + timedelta(seconds=terms.expires_in))
    grant.changed_at = now
    grant.next_check_at = next_look(grant, now)


def signed_length(terms: UrlTerms) -> int | None:
    """The one length that the URL takes, if it takes but one. Raises RefusedLocally for what is no length."""
    lengths = [value for name, value in terms.headers.items() if name.lower() == "content-length"]
    if not lengths or "content-length" not in {name.lower() for name in terms.additional_headers}:
        return None
    if not _LENGTH.fullmatch(lengths[0]):
        raise RefusedLocally(f"The Content-Length {lengths[0]!r} is not a number of bytes.")
    return int(lengths[0])
