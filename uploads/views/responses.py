"""Answers that are not results: errors, for programs in one form of JSON, for people in a terminal as a sentence."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpResponse, JsonResponse
from django.utils.functional import Promise


def json_error(
    code: str, message: str | Promise, *, status: HTTPStatus, field: str = "", retry_after: int | None = None
) -> JsonResponse:
    """`{"error": {"code", "message"}}`, with the field that was wrong and, in seconds, when to come back."""
    error = {"code": code, "message": str(message)}
    if field:
        error["field"] = field
    response = JsonResponse({"error": error}, status=status)
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response


def text(sentence: str | Promise, *, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    """Lines that a terminal shows; never taken for markup."""
    return HttpResponse(f"{sentence}\n", content_type="text/plain; charset=utf-8", status=status)


def text_error(
    code: str, message: str | Promise, *, status: HTTPStatus, field: str = "", retry_after: int | None = None
) -> HttpResponse:
    """`json_error` for a person: the sentence, and the field where that says more."""
    response = text(f"{field}: {message}" if field else message, status=status)
    response["X-Error-Code"] = code
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response
