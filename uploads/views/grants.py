"""The JSON API of an upload page: ask for grants, report results, ask for states, cancel."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from uploads.answers import Existing, Issued, Refused
from uploads.api_requests import GrantsRequest, IdsRequest, ResultsRequest
from uploads.diagnosis import visitor_sentence
from uploads.issuing import Answer, issue_grants
from uploads.models.grants import GrantState, UploadGrant
from uploads.part_plan import part_unit
from uploads.results import Grants, cancel_grants, current_states, report_results
from uploads.views.api import Call, Json, api_call, not_found

REFUSALS: dict[str, str | Promise] = {
    "name_too_long": _("The name of this file is too long."),
    "name_invalid": _("The name of this file cannot be stored."),
    "size_invalid": _("The size of this file is not a number of bytes."),
    "path_invalid": _("The folder of this file has a name that cannot be stored."),
    "too_large": _("This file is larger than 48.8 TB."),
    "page_closed": _("The page is closed; it takes no more files."),
    "page_full": _("The page has taken all it can."),
    "id_conflict": _("This id was used for another file."),
    "retry_invalid": _("There is nothing to try again."),
    "parts_invalid": _("A part does not begin or end where a part of this file can."),
    "parts_too_many": _("Too many parts of this file were asked for. Choose it again."),
    "parts_missing": _("Some of the file has not arrived. It is sent again."),
    "storage_busy": _("The storage did not answer in time. Try again in a moment."),
    "storage_refused": _("The storage refused this page's permission. You did nothing wrong; please tell the owner."),
    "not_found": _("There is nothing here."),
}
GONE = _("This file was stored before, but it is there no more. Send it again.")


@api_call(GrantsRequest)
def issue(call: Call, request: GrantsRequest) -> HttpResponse:
    answers = issue_grants(call.page, call.visitor, request.files)
    body = [_grant_answer(call, file.id, answer) for file, answer in zip(request.files, answers, strict=True)]
    is_conflict = all(isinstance(answer, Refused) and answer.code == "id_conflict" for answer in answers)
    if is_conflict:
        return JsonResponse({**_error("id_conflict"), "grants": body}, status=HTTPStatus.CONFLICT)
    return JsonResponse({"grants": body})


@api_call(ResultsRequest)
def report(call: Call, request: ResultsRequest) -> HttpResponse:
    grants = report_results(call.page, call.visitor, request.results, origin=call.origin)
    return _statuses(call, [result.id for result in request.results], grants, name="results")


@api_call(IdsRequest)
def status(call: Call, request: IdsRequest) -> HttpResponse:
    return _statuses(call, request.ids, current_states(call.page, call.visitor, request.ids), name="grants")


@api_call(IdsRequest)
def cancel(call: Call, request: IdsRequest) -> HttpResponse:
    return _statuses(call, request.ids, cancel_grants(call.page, call.visitor, request.ids), name="grants")


def _statuses(call: Call, ids: Sequence[UUID], grants: Grants, *, name: str) -> HttpResponse:
    if not grants:
        return not_found()
    return JsonResponse(
        {name: [grant_json(call, grants[id_]) if id_ in grants else refused_json(id_, "not_found") for id_ in ids]}
    )


def _grant_answer(call: Call, client_id: UUID, answer: Answer) -> Json:
    if isinstance(answer, Refused):
        return refused_json(client_id, answer.code)
    if isinstance(answer, Existing):
        return _gone_json(call, answer.grant) if answer.is_gone else grant_json(call, answer.grant)
    return {**grant_json(call, answer.grant), **_instructions(answer)}


def _instructions(issued: Issued) -> Json:
    """All that a client needs for its PUT; `headers` are exactly those that it must set itself.

    Without a URL the file goes in parts only, which are asked for one by one.
    """
    unit = {"part_unit": part_unit(issued.grant.size_bytes or 0)}
    if issued.signed is None:
        return unit
    return {
        **unit,
        "method": issued.signed.method,
        "url": issued.signed.url,
        "headers": issued.signed.headers,
        "content_length": issued.grant.size_bytes,
        "expires_at": issued.signed.expires_at.isoformat(),
        "expires_in": issued.expires_in,
    }


def grant_json(call: Call, grant: UploadGrant) -> Json:
    """What a visitor is told of a grant."""
    status: Json = {
        "id": str(grant.client_id),
        "grant": grant.grant_id,
        "state": grant.state,
        "file_state": _file_state(grant),
        "name": grant.file_name,
        "name_was_cleaned": grant.name_was_cleaned,
        "retry": _retry(grant),
    }
    if grant.cause:
        owner = call.page.owner.get_full_name() or call.page.owner.get_username()
        message = visitor_sentence(grant.cause, owner=owner, grant=grant.grant_id)
        status["cause"] = {"code": grant.cause, "message": message}
    if grant.stored_at:
        status["stored_at"] = grant.stored_at.isoformat()
    return status


def _gone_json(call: Call, grant: UploadGrant) -> Json:
    """The grant's life is over, and its object was stored; but now the file is not there, so it gets no tick."""
    status = grant_json(call, grant)
    status.pop("stored_at", None)
    cause = {"code": "object_gone", "message": str(GONE)}
    return {**status, "file_state": "failed", "retry": "new", "cause": cause}


def _file_state(grant: UploadGrant) -> str:
    """What the row of the file shows. An open grant with a cause: OSS has said that the last attempt left nothing."""
    if grant.is_open:
        return "failed" if grant.cause else "waiting" if grant.reported_at is None else "checking"
    if grant.state == GrantState.LATE:
        return "mismatch" if grant.cause else "stored"
    return "failed" if grant.state == GrantState.EXPIRED else grant.state


def _retry(grant: UploadGrant) -> str | None:
    """How the visitor may send the file again: under the same id, under a new one, or not at all."""
    if grant.is_open:
        return "same" if grant.cause else None
    return None if grant.state in {GrantState.STORED, GrantState.LATE} else "new"


def refused_json(client_id: UUID, code: str) -> Json:
    """What a visitor is told of a file for which a call did nothing."""
    return {"id": str(client_id), **_error(code)}


def _error(code: str) -> Json:
    return {"error": {"code": code, "message": str(REFUSALS[code])}}
