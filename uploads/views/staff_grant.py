"""One grant for staff: what was signed against what is stored, the attempt that failed, and the history."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from uploads.models.grants import GIVEN_UP_STATES, OPEN_STATES, UploadGrant
from uploads.models.pages import UploadPage
from uploads.outcomes import apply_looks
from uploads.signing_rights import may_sign_again
from uploads.verification import look_at
from uploads.views.staff_access import StaffRequest, staff_only, visible_grant, visible_grants
from uploads.views.staff_attempt import attempt_to_show
from uploads.views.staff_match import match_of
from uploads.views.staff_states import mark_of_grant
from uploads.views.staff_story import story_of

# The person waits for the answer; settle asks again in any case.
LOOK_SECONDS = 2.0
# An object that is there is not asked for again: what was seen of it is the record.
WORTH_ASKING = (*OPEN_STATES, *GIVEN_UP_STATES)


@require_safe
@staff_only
def grant_detail(request: StaffRequest, grant_id: str) -> HttpResponse:
    grant = visible_grant(request.user, grant_id)
    events = list(grant.events.select_related("actor"))
    context = {
        "grant": grant,
        "name": grant.file_name or grant.object_key.rpartition("/")[2] or grant.object_key,
        "state": mark_of_grant(grant),
        "match": match_of(grant, events),
        "attempt": attempt_to_show(grant, events),
        "story": story_of(events),
        "may_ask": grant.state in WORTH_ASKING,
        "may_sign": may_sign_again(request.user, grant),
        "works_until": grant.url_ends_at if grant.url_ends_at > timezone.now() else None,
        "page_address": _page_address(request, grant),
        "retry_address": _retry_address(request, grant),
        "admin_url": _admin_url(request, grant),
    }
    return render(request, "uploads/staff/grant_detail.html", context)


@require_POST
@staff_only
def grant_verify(request: StaffRequest, grant_id: str) -> HttpResponse:
    """Ask OSS now, not more often than on a browser's word. What it says stands on the page that follows."""
    grant = visible_grant(request.user, grant_id)
    claimed = UploadGrant.objects.claim_looks([grant], timezone.now(), states=WORTH_ASKING)
    apply_looks(claimed, look_at(claimed, timeout=LOOK_SECONDS), now=timezone.now())
    return redirect("uploads:grant-detail", grant_id)


def _page_address(request: StaffRequest, grant: UploadGrant) -> str:
    """Who may see all grants need not be one who may see all pages."""
    page = grant.page
    is_visible = page and UploadPage.objects.visible_to(request.user).filter(pk=page.pk).exists()
    return reverse("uploads:page-detail", args=[page.page_id]) if page and is_visible else ""


def _retry_address(request: StaffRequest, grant: UploadGrant) -> str:
    retried = grant.retry_of
    is_visible = retried and visible_grants(request.user).filter(pk=retried.pk).exists()
    return reverse("uploads:grant-detail", args=[retried.grant_id]) if retried and is_visible else ""


def _admin_url(request: StaffRequest, grant: UploadGrant) -> str:
    is_allowed = request.user.has_perm("uploads.view_uploadgrant")
    return reverse("admin:uploads_uploadgrant_change", args=[grant.pk]) if is_allowed else ""
