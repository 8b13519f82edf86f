"""Staff sign a URL for one object: the form, and what came of it, which is shown once."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from uploads.content_types import BY_ENDING
from uploads.key_signing import KeyTakenError
from uploads.models.grants import UploadGrant
from uploads.models.pages import UploadPage
from uploads.object_keys import page_folder
from uploads.oss.errors import RefusedLocally
from uploads.sign_forms import SignForm
from uploads.signing_rights import NotPermittedError, may_sign_any_key, own_folders
from uploads.staff_signing import CannotSignError, SignedForStaff, sign_for
from uploads.storage import Storage, storage
from uploads.views.staff_access import StaffRequest, staff_only
from uploads.views.staff_signed import render_signed
from uploads.views.staff_states import Mark, mark_of_grant

FOLDERS_AT_ONCE = 50
RECENT = 10


class RecentGrant(NamedTuple):
    """One line of what the user has signed last."""

    grant: UploadGrant
    state: Mark


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def sign_url(request: StaffRequest) -> HttpResponse:
    """A URL is shown in the answer to the POST and nowhere else: it is kept neither by us nor by the browser."""
    try:
        store = storage()
        store.bucket()
    except ImproperlyConfigured as error:
        return render(request, "uploads/staff/sign_form.html", {"misconfigured": str(error)}, status=503)
    form = _form(request, store)
    done = _sign(request, form) if request.method == "POST" and form.is_valid() else None
    if done:
        return render_signed(request, done)
    return render(request, "uploads/staff/sign_form.html", _context(request, form))


def _form(request: StaffRequest, store: Storage) -> SignForm:
    if request.method == "POST":
        return SignForm(request.POST, storage=store)
    page = UploadPage.objects.filter(owner=request.user, page_id=request.GET.get("page", "")).first()
    initial = {"key": page_folder(page.prefix, page.page_id)} if page else {}
    return SignForm(storage=store, initial=initial)


def _sign(request: StaffRequest, form: SignForm) -> SignedForStaff | None:
    """None where it is refused; the form then says why, at the field that it is about."""
    try:
        return sign_for(request.user, form.terms())
    except NotPermittedError as error:
        form.refuse(error.field, str(error.sentence))
    except CannotSignError as error:
        form.refuse("key", str(error.sentence))
    except KeyTakenError as error:
        form.refuse("key", str(error))
    except RefusedLocally as error:
        form.refuse("", str(error))
    return None


def _context(request: StaffRequest, form: SignForm) -> dict[str, Any]:
    signs_any_key = may_sign_any_key(request.user)
    not_shown = [] if signs_any_key else ["method", "overwrite"]
    not_shown += [] if form.offers_endpoints else ["endpoint", "custom_domain"]
    return {
        "form": form,
        # What was sent without being offered has no field at which to say so.
        "errors_above": [
            *form.non_field_errors(),
            *(text for name in not_shown for text in form.errors.get(name, [])),
        ],
        "signs_any_key": signs_any_key,
        "folders": own_folders(request.user, limit=FOLDERS_AT_ONCE),
        "types": BY_ENDING,
        "recent": _recent(request.user),
    }


def _recent(user: User) -> list[RecentGrant]:
    """The way back to grants that belong to no page."""
    grants = UploadGrant.objects.filter(issued_by=user, page=None)[:RECENT]
    return [RecentGrant(grant, mark_of_grant(grant)) for grant in grants]
