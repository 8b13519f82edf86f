"""The door of the JSON API below an upload page: what every call must be like before anything is looked up."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from uploads.api_requests import BadRequest, Shape, parsed
from uploads.models.pages import UploadPage
from uploads.oss.errors import OssError
from uploads.views.responses import json_error

VISITOR_KEY = re.compile(r"[A-Za-z0-9_-]{22,64}")
ORIGIN = re.compile(r"https?://[^\s/?#@]{1,200}")
BUSY_SECONDS = 2
NOTHING_HERE = _("There is nothing here.")
# As json_error, or the same for another reader.
ErrorForm = Callable[..., HttpResponse]

logger = logging.getLogger(__name__)


class Call(NamedTuple):
    """Who calls which page: `visitor` is the hash of the browser's key, empty without one. `origin` is the one from
    which a browser calls, empty for any other client."""

    page: UploadPage
    visitor: str
    origin: str = ""


def api_call(shape: type[Shape]) -> Callable[[Callable[[Call, Shape], HttpResponse]], Callable[..., HttpResponse]]:
    """Make a view of a function that takes a Call and the parsed body.

    The API needs no cookie, so there is nothing for a forged request to ride on: no CSRF token either. What browsers
    say of the origin of a request is heeded all the same.
    """

    def decorate(view: Callable[[Call, Shape], HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def answer(request: HttpRequest, token: str) -> HttpResponse:
            refusal = refusal_of_request(request, media_type="application/json", error=json_error)
            return refusal or view(call_of(request, token), parsed(request.body, shape))

        return door(answer, error=json_error)

    return decorate


def door(answer: Callable[[HttpRequest, str], HttpResponse], *, error: ErrorForm) -> Callable[..., HttpResponse]:
    """A view of `answer` (request, token), with each of its exceptions as an answer in the caller's form."""

    @wraps(answer)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        try:
            return answer(request, token)
        except BadRequest as refusal:
            return error("invalid_request", str(refusal), status=HTTPStatus.BAD_REQUEST, field=refusal.field)
        except RequestDataTooBig:
            return error("too_large", _("The request is too large."), status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except UploadPage.DoesNotExist:
            return error("not_found", NOTHING_HERE, status=HTTPStatus.NOT_FOUND)
        except UnreadablePostError:
            return error("invalid_request", _("The body did not arrive."), status=HTTPStatus.BAD_REQUEST)
        except (OperationalError, OssError):
            # The database did not answer in time, or nothing can be signed: the security token has expired.
            logger.exception("A call could not be served now.")
            text = _("The site is busy. Try again in a moment.")
            return error("busy", text, status=HTTPStatus.SERVICE_UNAVAILABLE, retry_after=BUSY_SECONDS)

    return csrf_exempt(never_cache(require_POST(guarded)))


def not_found() -> HttpResponse:
    """The same for what never was and for what is another visitor's."""
    return json_error("not_found", NOTHING_HERE, status=HTTPStatus.NOT_FOUND)


def refusal_of_request(request: HttpRequest, *, media_type: str, error: ErrorForm) -> HttpResponse | None:
    """Why the body is not even read; None when nothing speaks against it."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return error("cross_site", _("Another site may not call this."), status=HTTPStatus.FORBIDDEN)
    if request.content_type != media_type:
        text = _("The body must be %(media_type)s.") % {"media_type": media_type}
        return error("unsupported_media_type", text, status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    return None


def call_of(request: HttpRequest, token: str) -> Call:
    """Raises BadRequest for a key of the wrong form, UploadPage.DoesNotExist."""
    key = request.headers.get("X-Upload-Key", "")
    if key and not VISITOR_KEY.fullmatch(key):
        raise BadRequest("The key has 22 to 64 letters, digits, hyphens or underscores.", "X-Upload-Key")
    # The key has 128 random bits of its own: one round of a hash keeps it out of the database.
    visitor = hashlib.sha256(key.encode()).hexdigest() if key else ""
    return Call(UploadPage.objects.select_related("owner").get(token=token), visitor, _origin(request))


def _origin(request: HttpRequest) -> str:
    """As the browser says; older ones say nothing to their own site, but `Sec-Fetch-Site` or a referrer is there."""
    origin = request.headers.get("Origin", "")
    if origin:
        return origin if ORIGIN.fullmatch(origin) else ""
    is_browser = "Sec-Fetch-Site" in request.headers or "Referer" in request.headers
    return (settings.SITE_URL or f"{request.scheme}://{request.get_host()}") if is_browser else ""


Json = dict[str, Any]
