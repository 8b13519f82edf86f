"""A signed URL as staff see it, its grant's state while they look, and signing an open grant again."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from uploads.diagnosis import cause_sentence
from uploads.models.grants import UploadGrant
from uploads.oss.errors import RefusedLocally
from uploads.signing_rights import NotPermittedError, may_sign_again
from uploads.staff_signing import CannotSignError, SignedForStaff, refreshed, sign_again
from uploads.views.signed_parts import signed_view
from uploads.views.staff_access import StaffRequest, staff_only, visible_grant
from uploads.views.staff_states import mark_of_grant


def render_signed(request: StaffRequest, done: SignedForStaff) -> HttpResponse:
    """The page of a URL that has just been signed. `staff_only` forbids to keep it."""
    grant = done.result.grant
    context: dict[str, Any] = {"signed": signed_view(done)}
    if grant:
        context |= {**_state_of(grant), "etag": _etag(grant)}
    return render(request, "uploads/staff/signed.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def grant_sign(request: StaffRequest, grant_id: str) -> HttpResponse:
    """A fresh URL for an open grant. By GET, as after signing in on the way here, it only leads to the grant."""
    grant = signable_grant(request.user, grant_id)
    if request.method != "POST":
        return redirect("uploads:grant-detail", grant.grant_id)
    try:
        return render_signed(request, sign_again(request.user, grant))
    except NotPermittedError as error:
        raise PermissionDenied(str(error.sentence)) from error
    except (CannotSignError, RefusedLocally, ImproperlyConfigured) as error:
        grant.refresh_from_db()
        context = {**_state_of(grant), "why": str(error)}
        return render(request, "uploads/staff/not_signed.html", context, status=409)


@require_safe
@staff_only
def grant_state(request: StaffRequest, grant_id: str) -> HttpResponse:
    """The state of a grant for a browser that shows its URL; asks OSS, at most once in two seconds."""
    grant = refreshed(visible_grant(request.user, grant_id))
    etag = _etag(grant)
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = render(request, "uploads/staff/_signed_state.html", _state_of(grant))
    response.headers["ETag"] = etag
    return response


def signable_grant(user: User, grant_id: str) -> UploadGrant:
    """The grant, or a 404 where the user may not even see it, or a 403 where seeing is all."""
    grant = visible_grant(user, grant_id)
    if not may_sign_again(user, grant):
        raise PermissionDenied
    return grant


def _state_of(grant: UploadGrant) -> dict[str, Any]:
    return {
        "grant": grant,
        "state": mark_of_grant(grant),
        "cause": cause_sentence(grant.cause, grant.cause_details),
        "is_used_up": _is_used_up(grant),
    }


def _is_used_up(grant: UploadGrant) -> bool:
    """Whether the object is there and no URL of the grant can replace it."""
    signed = {name.lower(): value for name, value in grant.signed_headers.items()}
    return grant.stored_at is not None and signed.get("x-oss-forbid-overwrite") == "true"


def _etag(grant: UploadGrant) -> str:
    made_of = (grant.pk, grant.state, grant.changed_at, grant.url_ends_at, grant.check_error, get_language())
    return f'W/"{hashlib.sha256(repr(made_of).encode()).hexdigest()[:32]}"'
