"""Answers of the JSON API that are not results: errors, always of one form."""

from __future__ import annotations

from http import HTTPStatus

from django.http import JsonResponse
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
