"""The JSON API of an upload page for files in parts: ask for the URLs of parts, and say that all were sent."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.http import HttpResponse, JsonResponse

from uploads.answers import Existing, Refused, SignedParts
from uploads.api_requests import CompletionRequest, PartsRequest
from uploads.multipart_completing import Completed, complete_files
from uploads.multipart_issuing import Answer, sign_parts
from uploads.part_plan import Span
from uploads.views.api import Call, Json, api_call, not_found
from uploads.views.grants import grant_json, refused_json


@api_call(PartsRequest)
def parts(call: Call, request: PartsRequest) -> HttpResponse:
    answers = sign_parts(call.page, call.visitor, request.files)
    if all(isinstance(answer, Refused) and answer.code == "not_found" for answer in answers):
        return not_found()
    files = [_parts_answer(call, file.id, answer) for file, answer in zip(request.files, answers, strict=True)]
    return JsonResponse({"files": files})


@api_call(CompletionRequest)
def complete(call: Call, request: CompletionRequest) -> HttpResponse:
    completed = complete_files(call.page, call.visitor, request.files)
    if not completed:
        return not_found()
    return JsonResponse({"files": [_completed(call, file.id, completed.get(file.id)) for file in request.files]})


def _parts_answer(call: Call, client_id: UUID, answer: Answer) -> Json:
    if isinstance(answer, Refused):
        return refused_json(client_id, answer.code)
    if isinstance(answer, Existing):
        return grant_json(call, answer.grant)
    return _signed_parts(client_id, answer)


def _signed_parts(client_id: UUID, answer: SignedParts) -> Json:
    """`headers` are exactly those that the client must set itself."""
    signed: Json = {
        "id": str(client_id),
        "part_unit": answer.unit,
        "parts": [
            {
                "offset": part.span.offset,
                "size": part.span.size_bytes,
                "method": part.signed.method,
                "url": part.signed.url,
                "headers": part.signed.headers,
                "expires_in": answer.expires_in,
            }
            for part in answer.parts
        ],
    }
    if answer.stored is not None:
        signed["stored"] = _pairs(answer.stored)
    return signed


def _completed(call: Call, client_id: UUID, completed: Completed | None) -> Json:
    if completed is None:
        return refused_json(client_id, "not_found")
    if completed.missing:
        return {**refused_json(client_id, "parts_missing"), "missing": _pairs(completed.missing)}
    return grant_json(call, completed.grant)


def _pairs(spans: Iterable[Span]) -> list[list[int]]:
    return [[span.offset, span.size_bytes] for span in spans]
