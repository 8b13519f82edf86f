"""What anyone may open: the upload page, and what the site says of itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from csp.decorators import csp_update
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from uploads.models.pages import UploadPage
from uploads.storage import storage
from uploads.views.links import absolute


def _reaching_storage(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """Let the page's script talk to the bucket, and to no other host."""

    @wraps(view)
    def allowed(request: HttpRequest, token: str) -> HttpResponseBase:
        @csp_update({"connect-src": [storage().bucket().origin]})
        def answer(request: HttpRequest) -> HttpResponse:
            return view(request, token)

        return answer(request)

    return allowed


@never_cache
@require_safe
@_reaching_storage
def upload_page(request: HttpRequest, token: str) -> HttpResponse:
    """The page of a link. Opening it changes nothing: mail scanners and link previews open links too."""
    page = UploadPage.objects.select_related("owner").filter(token=token).first()
    if page is None:
        # Not by Http404: with DEBUG, as in the demo, visitors would get Django's page for developers.
        return render(request, "404.html", status=HTTPStatus.NOT_FOUND)
    api = reverse("uploads:upload-page", args=[token])
    context = {
        "page": page,
        "owner_name": page.owner.get_full_name() or page.owner.get_username(),
        "api": api,
        "terminal": absolute(request, f"{api}terminal"),
    }
    is_open = page.is_open(timezone.now())
    template = "uploads/upload_page.html" if is_open else "uploads/upload_page_closed.html"
    response = render(request, template, context)
    # Links are secrets: they have no place in a search engine.
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse("User-agent: *\nDisallow: /u/\nDisallow: /r/\nDisallow: /staff/\n", content_type="text/plain")


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the site can serve: it answers, and so does its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
