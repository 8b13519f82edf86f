"""Use case: staff sign one request for one object key, exactly as asked, and the URL is recorded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from uploads.models.events import EventKind, GrantEvent, SaidBy
from uploads.models.grants import OPEN_STATES, UploadGrant
from uploads.oss.clock import oss_time
from uploads.oss.endpoints import AddressStyle, Endpoint
from uploads.oss.errors import RefusedLocally
from uploads.oss.rules import refuse_bad_validity
from uploads.oss.signing import Presigned, presign
from uploads.outcomes import next_look
from uploads.storage import storage

# PUT with one of these changes or adds to an object that is there, and creates none.
SUB_RESOURCES = frozenset({"acl", "tagging", "partNumber", "uploadId"})
# What a database holds; OSS takes far less.
_LENGTH = re.compile(r"[0-9]{1,18}")


class KeyTakenError(ValueError):
    """An open grant of a page or of another person holds this key; the message is a whole sentence."""


@dataclass(frozen=True, slots=True)
class UrlTerms:
    """What is to be signed. `expires_in` in seconds; `bucket` empty means the one in OSS_BUCKET; without `endpoint`
    it is the one that visitors use."""

    key: str
    bucket: str = ""
    method: str = "PUT"
    expires_in: int = 900
    headers: Mapping[str, str] = field(default_factory=dict)
    additional_headers: tuple[str, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    endpoint: Endpoint | None = None

    @property
    def creates_object(self) -> bool:
        """By PutObject, or by AppendObject: https://www.alibabacloud.com/help/en/oss/developer-reference/appendobject"""
        if self.method == "POST":
            return "append" in self.query
        return self.method == "PUT" and not SUB_RESOURCES & self.query.keys()


@dataclass(frozen=True, slots=True)
class SignedUrl:
    """The URL and, where it can create an object and was recorded, its grant. `expires_in`: as signed, in seconds."""

    bucket: str
    key: str
    signed: Presigned
    expires_in: int
    grant: UploadGrant | None = None


def sign_at(terms: UrlTerms, at: datetime) -> SignedUrl:
    """Sign for a given moment. Nothing is recorded, no database is needed. Raises RefusedLocally."""
    bucket = storage().bucket(terms.bucket)
    if terms.endpoint:
        bucket = storage().bucket_at(terms.endpoint, terms.bucket)
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
    return SignedUrl(bucket.name, terms.key, signed, terms.expires_in)


def sign_now(terms: UrlTerms, *, by: User | None = None) -> SignedUrl:
    """Sign with OSS's time and record it: a grant if the URL can create an object, else an event.

    Signing for a key again, while its grant is open, is that grant with new terms. With STS credentials the URL ends
    with the token at the latest. `by` is who asked for it; nobody is asked for a permission here.
    Raises RefusedLocally, and KeyTakenError for the key of a page's, or somebody else's, open grant.
    """
    _refuse_nul(terms)
    signed_at = storage().clock.now()
    result = sign_at(_kept(terms, at=signed_at), signed_at)
    if not terms.creates_object:
        _record_url(terms, result, by=by)
        return result
    try:
        grant = _recorded_grant(terms, result, by=by)
    except IntegrityError:
        # Two first requests for one key at the same moment: the other one has made the grant.
        grant = _recorded_grant(terms, result, by=by)
    return replace(result, grant=grant)


def _kept(terms: UrlTerms, *, at: datetime) -> UrlTerms:
    """The terms with a validity that the credentials can keep. Raises RefusedLocally for what OSS would refuse."""
    credentials = storage().credentials
    refuse_bad_validity(terms.expires_in, credentials)
    return replace(terms, expires_in=credentials.usable_expires(terms.expires_in, at=at))


def _refuse_nul(terms: UrlTerms) -> None:
    """OSS may take it, but PostgreSQL cannot record it. Headers with one are refused by the signer."""
    if any("\x00" in text for text in (terms.key, *terms.query, *terms.query.values())):
        raise RefusedLocally("The key or the query has a NUL character, which cannot be recorded.")


def _record_url(terms: UrlTerms, result: SignedUrl, *, by: User | None) -> None:
    now = timezone.now()
    data = {"bucket": result.bucket, "key": result.key, **_event_data(terms, result, ends_at=_ends_at(result, now))}
    GrantEvent.objects.create(kind=EventKind.URL_SIGNED, said_by=SaidBy.STAFF, actor=by, at=now, data=data)


def _event_data(terms: UrlTerms, result: SignedUrl, *, ends_at: datetime) -> dict[str, Any]:
    """What the URL was made of, and for how long it was asked for; the URL itself is a key and is not kept."""
    return {
        "method": terms.method,
        "headers": dict(terms.headers),
        "additional_headers": list(terms.additional_headers),
        "query": dict(terms.query),
        **signing_data(result.signed, expires_in=result.expires_in, asked=terms.expires_in),
        "url_ends_at": ends_at.isoformat(),
    } | endpoint_data(terms.endpoint)


def signing_data(signed: Presigned, *, expires_in: int, asked: int) -> dict[str, Any]:
    """The times of a URL as an event keeps them; they can differ where credentials end early."""
    return {"signed_at": oss_time(signed.signed_at), "expires_in": expires_in, "asked_expires_in": asked}


def endpoint_data(endpoint: Endpoint | None) -> dict[str, Any]:
    """An endpoint as an event keeps it; nothing for the visitors' own."""
    if endpoint is None:
        return {}
    return {"endpoint": str(endpoint), "cname": endpoint.style is AddressStyle.CNAME}


def _ends_at(result: SignedUrl, now: datetime) -> datetime:
    return now + timedelta(seconds=result.expires_in)


@transaction.atomic
def _recorded_grant(terms: UrlTerms, result: SignedUrl, *, by: User | None) -> UploadGrant:
    now = timezone.now()
    open_grants = UploadGrant.objects.select_for_update().filter(state__in=OPEN_STATES)
    grant = open_grants.filter(bucket=result.bucket, object_key=result.key).first()
    if grant:
        _refuse_taken(grant, by)
    kind = EventKind.RENEWED if grant else EventKind.ISSUED
    grant = grant or UploadGrant(
        bucket=result.bucket, object_key=result.key, issued_by=by, created_at=now, url_ends_at=now
    )
    _take_over(grant, terms, result, now=now)
    grant.save()
    data = _event_data(terms, result, ends_at=grant.url_ends_at)
    GrantEvent.objects.create(grant=grant, kind=kind, said_by=SaidBy.STAFF, actor=by, at=now, data=data)
    return grant


def _refuse_taken(grant: UploadGrant, by: User | None) -> None:
    """The command line may sign anew for what people signed, but for nothing that a visitor was promised."""
    if grant.page_id:
        raise KeyTakenError(f"The key is held by the open grant {grant.grant_id} of an upload page.")
    if by and grant.issued_by_id != by.pk:
        raise KeyTakenError(f"The key is held by the open grant {grant.grant_id}, which somebody else has signed.")


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
    grant.url_ends_at = max(grant.url_ends_at, _ends_at(result, now))
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
