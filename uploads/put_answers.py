"""The answer of OSS to a PUT as curl printed it (`-i`): what a visitor without a browser reports."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from uploads.error_bodies import read_error

# An answer of OSS is far shorter; a proxy's page may be longer, and says nothing of use.
MOST_CHARACTERS = 65_536
_HEAD = re.compile(r"HTTP/[\d.]+ (\d{3})[^\n]*\n((?:[^\s:]+:[^\n]*\n)*)\r?\n?")
_SHORT = re.compile(r"[ -~]{1,128}")


@dataclass(frozen=True, slots=True)
class PutAnswer:
    """`status` is None when OSS gave no answer; the rest is empty where it said nothing."""

    status: int | None = None
    code: str = ""
    ec: str = ""
    request_id: str = ""
    etag: str = ""
    canonical_request: str = field(default="", repr=False)


def put_answer(printed: str) -> PutAnswer:
    """The last answer in what curl printed. Before it may stand `100 Continue` and a proxy's answer to CONNECT."""
    printed = printed[:MOST_CHARACTERS]
    last, end = None, 0
    while head := _HEAD.match(printed, end):
        last, end = head, head.end()
    headers = _headers(last[2]) if last else {}
    # Without OSS's mark it is of a proxy on the way, whose refusal says nothing of the grant, or 1xx, no answer yet.
    if last is None or "x-oss-request-id" not in headers:
        return PutAnswer()
    error = read_error(printed[end:])
    return PutAnswer(
        status=int(last[1]),
        code=_short(error.code if error else ""),
        ec=_short(headers.get("x-oss-ec", "")) or _short(error.ec if error else ""),
        request_id=_short(headers["x-oss-request-id"]),
        etag=_short(headers.get("etag", "")),
        canonical_request=error.canonical_request if error else "",
    )


def _headers(lines: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in lines.splitlines())
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _short(value: str) -> str:
    return value if _SHORT.fullmatch(value) else ""
