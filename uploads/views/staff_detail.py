"""One upload page for staff: its link, its rules, and its grants, which stay up to date by themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Max
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from uploads.models.grants import GIVEN_UP_STATES, OPEN_STATES
from uploads.models.pages import UploadPage
from uploads.part_plan import MAX_PUT_BYTES
from uploads.views.links import absolute
from uploads.views.staff_access import StaffRequest, may_change, staff_only, visible_page
from uploads.views.staff_grants import Asked, Version, etag_of, grant_list, version_of
from uploads.views.staff_states import mark_of_page


class LiveUrls(NamedTuple):
    """Signed URLs that can still create an object, whatever is done here."""

    number: int
    last_ends_at: datetime | None


@require_safe
@staff_only
def page_detail(request: StaffRequest, page_id: str) -> HttpResponse:
    page = visible_page(request.user, page_id)
    version = version_of(page)
    context = _live_context(request, page, version)
    context["etag"] = _etag(request, page, version)
    if may_change(request.user, page):
        context["link"] = absolute(request, page.link_path())
    return render(request, "uploads/staff/page_detail.html", context)


@require_safe
@staff_only
def page_grants(request: StaffRequest, page_id: str) -> HttpResponse:
    """The live parts for a browser that has them already: 304 and one query of the grants while nothing is new."""
    page = visible_page(request.user, page_id)
    version = version_of(page)
    etag = _etag(request, page, version)
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = render(request, "uploads/staff/page_live.html", _live_context(request, page, version))
    response.headers["ETag"] = etag
    return response


def _live_context(request: StaffRequest, page: UploadPage, version: Version) -> dict[str, Any]:
    now = timezone.now()
    asked = Asked.in_address(request.GET)
    return {
        "page": page,
        "page_state": mark_of_page(page, now),
        "live_urls": _live_urls(page, now),
        "grants": grant_list(page, version, asked=asked),
    }


def _etag(request: StaffRequest, page: UploadPage, version: Version) -> str:
    return etag_of(page, version, asked=Asked.in_address(request.GET))


def _live_urls(page: UploadPage, now: datetime) -> LiveUrls:
    still_useful = page.grants.filter(url_ends_at__gt=now, state__in=(*OPEN_STATES, *GIVEN_UP_STATES))
    # What is too large for a PUT has no URL before its first part.
    still_useful = still_useful.exclude(size_bytes__gt=MAX_PUT_BYTES, parts_begun_at=None)
    return LiveUrls(**still_useful.aggregate(number=Count("pk"), last_ends_at=Max("url_ends_at")))
