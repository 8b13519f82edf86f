"""Use case: a member of staff signs a URL, or signs an open grant again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from uploads.grant_terms import sign_grant
from uploads.key_signing import SignedUrl, UrlTerms, endpoint_data, sign_now, signing_data
from uploads.models.events import EventKind, GrantEvent, SaidBy
from uploads.models.grants import OPEN_STATES, UploadGrant
from uploads.models.pages import DEFAULT_URL_VALIDITY_SECONDS
from uploads.oss.endpoints import Endpoint
from uploads.outcomes import apply_looks, next_look
from uploads.part_plan import MAX_PUT_BYTES
from uploads.signing_rights import NotPermittedError, may_overwrite, may_sign_again, refuse_unpermitted
from uploads.storage import storage
from uploads.verification import look_at

# A person waits; what OSS has not answered by then is signed all the same, and settle asks again.
LOOK_SECONDS = 2.0


class CannotSignError(ValueError):
    """Permitted, but of no use; `sentence` says why."""

    def __init__(self, sentence: str | Promise) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class SignedForStaff:
    """A signed URL with what was asked, whose validity may be more than the credentials can keep."""

    result: SignedUrl
    terms: UrlTerms


def sign_for(user: User, terms: UrlTerms) -> SignedForStaff:
    """Sign exactly these terms.

    1. Whether the user may. 2. What is at the key now: an open grant may have its object already, and a URL that must
    not overwrite cannot be used where one is. 3. Sign and record.
    Raises NotPermittedError, CannotSignError, KeyTakenError, RefusedLocally.
    """
    refuse_unpermitted(user, terms)
    if terms.creates_object:
        _look_before(terms)
    return SignedForStaff(sign_now(terms, by=user), terms)


def sign_again(user: User, grant: UploadGrant) -> SignedForStaff:
    """A fresh URL for an open grant, with the headers, the endpoint and the validity it had.

    Raises NotPermittedError, CannotSignError when the grant has ended, RefusedLocally.
    """
    if not may_sign_again(user, grant):
        raise NotPermittedError("", _("Only who signed this URL, or may sign any key, can sign it again."))
    if grant.page is None:
        refuse_unpermitted(user, terms_of(grant))
    if grant.size_bytes is not None and grant.size_bytes > MAX_PUT_BYTES:
        raise CannotSignError(_("A file of this size goes in parts, which have URLs of their own."))
    refreshed(grant)
    return _renewed(user, grant)


def refreshed(grant: UploadGrant) -> UploadGrant:
    """The grant after asking OSS whether its object has arrived; not asked of an ended one, nor twice in 2 s."""
    now = timezone.now()
    for claimed in UploadGrant.objects.claim_looks([grant] if grant.is_open else [], now):
        look = look_at([claimed], timeout=LOOK_SECONDS).get(claimed.pk)
        if look and (look.facts or look.error):
            apply_looks([claimed], {claimed.pk: look}, now=timezone.now())
        elif look:
            # That nothing is there yet needs no record; settle keeps its own times. But OSS has been asked again.
            UploadGrant.objects.filter(pk=claimed.pk).exclude(check_error="").update(check_error="")
    grant.refresh_from_db()
    return grant


def terms_of(grant: UploadGrant) -> UrlTerms:
    """What the latest URL of a grant was made of."""
    said = _latest_signing(grant)
    validity = grant.page.url_validity_seconds if grant.page else DEFAULT_URL_VALIDITY_SECONDS
    endpoint = said.get("endpoint")
    return UrlTerms(
        key=grant.object_key,
        bucket=grant.bucket,
        method=grant.method,
        expires_in=said.get("asked_expires_in", validity),
        headers=grant.signed_headers,
        additional_headers=tuple(grant.additional_headers),
        query=grant.signed_query,
        endpoint=Endpoint.parse(endpoint, is_cname=said.get("cname", False)) if endpoint else None,
    )


def _latest_signing(grant: UploadGrant) -> Mapping[str, Any]:
    kinds = (EventKind.ISSUED, EventKind.RENEWED)
    event = grant.events.filter(kind__in=kinds).order_by("-at", "-id").first()
    return event.data if event else {}


def _look_before(terms: UrlTerms) -> None:
    bucket = terms.bucket or storage().default_bucket
    at_key = UploadGrant.objects.filter(bucket=bucket, object_key=terms.key, state__in=OPEN_STATES)
    grant = at_key.first() or UploadGrant(bucket=bucket, object_key=terms.key)
    look = look_at([grant], timeout=LOOK_SECONDS).get(grant.pk)
    if look is None or look.facts is None:
        return
    if grant.pk:
        apply_looks([grant], {grant.pk: look}, now=timezone.now())
    if not may_overwrite(terms):
        raise CannotSignError(
            _("There is an object with this key already, and a URL that must not overwrite gets 409 for it.")
        )


def _renewed(user: User, grant: UploadGrant) -> SignedForStaff:
    terms = terms_of(grant)
    signed_at = storage().clock.now()
    expires_in = storage().credentials.usable_expires(terms.expires_in, at=signed_at)
    signed = sign_grant(grant, expires_in=expires_in, at=signed_at, endpoint=terms.endpoint)
    now = timezone.now()
    with transaction.atomic():
        locked = UploadGrant.objects.select_for_update().get(pk=grant.pk)
        if not locked.is_open:
            raise CannotSignError(_("This grant has ended, so there is nothing left to sign."))
        _write_renewal(locked, signed_at=signed_at, ends_at=now + timedelta(seconds=expires_in), now=now)
        data = signing_data(signed, expires_in=expires_in, asked=terms.expires_in)
        data |= {"url_ends_at": locked.url_ends_at.isoformat(), **endpoint_data(terms.endpoint)}
        GrantEvent.objects.create(
            grant=locked,
            kind=EventKind.RENEWED,
            said_by=SaidBy.STAFF,
            actor=user,
            at=now,
            data=data,
        )
    return SignedForStaff(SignedUrl(grant.bucket, grant.object_key, signed, expires_in, locked), terms)


def _write_renewal(grant: UploadGrant, *, signed_at: datetime, ends_at: datetime, now: datetime) -> None:
    """As a page renews for a visitor: the report of the attempt before is done with."""
    grant.signed_at = signed_at
    grant.url_ends_at = max(grant.url_ends_at, ends_at)
    grant.reported_at = grant.reported_status = None
    grant.cause = ""
    grant.changed_at = now
    fields = ["signed_at", "url_ends_at", "reported_at", "reported_status", "cause", "changed_at"]
    if grant.page_id is None:
        grant.next_check_at = next_look(grant, now)
        fields.append("next_check_at")
    grant.save(update_fields=fields)
