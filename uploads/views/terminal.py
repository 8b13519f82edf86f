"""The door for visitors with curl and a POSIX shell: a form in, lines of text out, and the checks of the JSON API.

The shell that calls is on the page: templates/uploads/terminal/. One key of the visitor is one file here.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from uuid import UUID

from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from uploads.answers import Existing, Refused
from uploads.api_requests import AskedFile, BadRequest, Report
from uploads.diagnosis import visitor_sentence
from uploads.evidence import MAX_CHARACTERS
from uploads.issuing import issue_grants
from uploads.models.grants import GrantState, UploadGrant
from uploads.oss.signing import Presigned
from uploads.part_plan import MAX_PUT_BYTES
from uploads.put_answers import put_answer
from uploads.results import report_results
from uploads.views.api import BUSY_SECONDS, NOTHING_HERE, Call, call_of, door, refusal_of_request
from uploads.views.grants import REFUSALS
from uploads.views.responses import text, text_error

MEDIA_TYPE = "application/x-www-form-urlencoded"
# More digits than any size has; int() takes its time for very long ones.
MOST_DIGITS = 20

View = Callable[[Call, QueryDict], HttpResponse]


def _form_call(view: View) -> Callable[..., HttpResponse]:
    """As api_call, for a form. The key is asked for always: other sites' forms cannot send a header."""

    @wraps(view)
    def answer(request: HttpRequest, token: str) -> HttpResponse:
        refusal = refusal_of_request(request, media_type=MEDIA_TYPE, error=text_error)
        if refusal:
            return refusal
        call = call_of(request, token)
        if not call.visitor:
            raise BadRequest(_("The header is missing."), "X-Upload-Key")
        return view(call, _form(request.body))

    return door(answer, error=text_error)


def _form(body: bytes) -> QueryDict:
    try:
        return QueryDict(body, encoding="utf-8")
    except (TooManyFieldsSent, ValueError) as error:
        raise BadRequest(_("The body is not a form.")) from error


@_form_call
def grant(call: Call, form: QueryDict) -> HttpResponse:
    """The URL in the first line, and in each further one a header that the PUT has to send."""
    file = AskedFile(
        id=_client_id(call), name=form.get("name", ""), size=_size(form.get("size", "")), type=form.get("type", "")
    )
    if file.size > MAX_PUT_BYTES:
        # Asked here as well: a browser may send in parts what one PUT does not take.
        return text_error("too_large", _("This file is larger than the 5 GB of one PUT."), status=HTTPStatus.CONFLICT)
    [answer] = issue_grants(call.page, call.visitor, [file])
    if isinstance(answer, Refused):
        return text_error(answer.code, REFUSALS[answer.code], status=HTTPStatus.CONFLICT)
    # Without a URL is only what is too large for a PUT, which was refused above.
    if isinstance(answer, Existing) or answer.signed is None:
        return text_error(
            "ended", _("This file was sent before. Run the first command anew."), status=HTTPStatus.CONFLICT
        )
    return text("\n".join(_instructions(answer.signed)))


@_form_call
def result(call: Call, form: QueryDict) -> HttpResponse:
    """What became of the file, after OSS was asked; 200 for what is stored and verified only."""
    client_id = _client_id(call)
    put = put_answer(form.get("answer", ""))
    report = Report(
        id=client_id,
        status=put.status,
        code=put.code,
        ec=put.ec,
        request_id=put.request_id,
        etag=put.etag,
        evidence=_evidence(put.canonical_request),
    )
    grants = report_results(call.page, call.visitor, [report])
    if client_id not in grants:
        return text_error("not_found", NOTHING_HERE, status=HTTPStatus.NOT_FOUND)
    return _ending(call, grants[client_id])


def _evidence(canonical_request: str) -> str:
    """The request as OSS saw it, as a browser hands it in: escaped for XML. Empty where it was not quoted."""
    if not canonical_request:
        return ""
    evidence = json.dumps({"canonical_request": html.escape(canonical_request, quote=False)})
    return evidence if len(evidence) <= MAX_CHARACTERS else ""


def _client_id(call: Call) -> UUID:
    """From the key, so that a repeated call is about the same file."""
    return UUID(call.visitor[:32])


def _size(digits: str) -> int:
    # `wc -c` of macOS puts spaces before it.
    digits = digits.strip()
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= MOST_DIGITS):
        raise BadRequest(_("This is not a number of bytes."), "size")
    return int(digits)


def _instructions(signed: Presigned) -> list[str]:
    # Neither has a line break: URLs are percent-encoded, and the signer refuses one in a header.
    return [signed.url, *(f"{name}: {value}" for name, value in signed.headers.items())]


def _ending(call: Call, grant: UploadGrant) -> HttpResponse:
    is_late = grant.state == GrantState.LATE and not grant.cause
    if grant.state == GrantState.STORED or is_late:
        return text(_("Stored and verified: %(name)s") % {"name": grant.file_name})
    if grant.is_open and not grant.cause:
        return text_error(
            "unconfirmed",
            _("The storage has not confirmed the file yet. Run this command again in a moment."),
            status=HTTPStatus.SERVICE_UNAVAILABLE,
            retry_after=BUSY_SECONDS,
        )
    owner = call.page.owner.get_full_name() or call.page.owner.get_username()
    sentence = visitor_sentence(grant.cause, owner=owner, grant=grant.grant_id)
    return text_error(
        grant.cause or grant.state, sentence or _("The file was not stored."), status=HTTPStatus.CONFLICT
    )
