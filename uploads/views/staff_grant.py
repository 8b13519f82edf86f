"""One grant for staff: its state."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from uploads.signing_rights import may_sign_again
from uploads.staff_signing import refreshed
from uploads.views.staff_access import StaffRequest, staff_only
from uploads.views.staff_signed import visible_grant
from uploads.views.staff_states import mark_of_grant


@require_safe
@staff_only
def grant_detail(request: StaffRequest, grant_id: str) -> HttpResponse:
    grant = refreshed(visible_grant(request.user, grant_id))
    context = {
        "grant": grant,
        "state": mark_of_grant(grant),
        "may_sign": grant.is_open and may_sign_again(request.user, grant),
    }
    return render(request, "uploads/staff/grant_detail.html", context)
