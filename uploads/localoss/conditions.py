"""Conditional and partial reads: which of 200, 206, 304, 412 and 416 an object is answered with.

https://www.alibabacloud.com/help/en/oss/developer-reference/getobject
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from uploads.localoss.errors import INVALID_RANGE, PRECONDITION_FAILED, Refusal
from uploads.localoss.records import ObjectRecord

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class Span(NamedTuple):
    """A part of an object, in bytes; `stop` is not part of it."""

    start: int
    stop: int


def is_unchanged(record: ObjectRecord, headers: Mapping[str, str]) -> bool:
    """Whether the answer is 304. Raises Refusal where it is 412."""
    modified = record.last_modified
    if "if-match" in headers and not _names_etag(headers["if-match"], record):
        raise Refusal(PRECONDITION_FAILED, {"Condition": "If-Match"})
    unmodified_since = _date(headers.get("if-unmodified-since"))
    if unmodified_since is not None and modified > unmodified_since:
        raise Refusal(PRECONDITION_FAILED, {"Condition": "If-Unmodified-Since"})
    if "if-none-match" in headers:
        return _names_etag(headers["if-none-match"], record)
    modified_since = _date(headers.get("if-modified-since"))
    return modified_since is not None and modified <= modified_since


def span_of(record: ObjectRecord, headers: Mapping[str, str]) -> Span | None:
    """The part that the request asks for; None for the whole object. Raises Refusal where the answer is 416.

    OSS gives the whole object for a range that the object does not have, unless told to go by the standard:
    https://help.aliyun.com/en/oss/developer-reference/scope-download-using-oss-sdk-for-php-v2
    """
    text = headers.get("range")
    if text is None:
        return None
    if "," in text:
        raise Refusal(INVALID_RANGE)  # Several ranges: OSS does not do that.
    is_standard = headers.get("x-oss-range-behavior") == "standard"
    match = _RANGE.fullmatch(text.replace(" ", ""))
    if not match or not (match[1] or match[2]):
        return None
    first, last = _ends(match[1], match[2], record.size)
    if first <= last < record.size:
        return Span(first, last + 1)
    if not is_standard or (match[2] and last < first < record.size):
        return None
    if first >= record.size:
        raise Refusal(INVALID_RANGE)
    return Span(first, record.size)


def _ends(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), int(last) if last else max(int(first), size - 1)


def _names_etag(text: str, record: ObjectRecord) -> bool:
    names = {part.strip().removeprefix("W/").strip('"').upper() for part in text.split(",")}
    return "*" in names or record.etag.strip('"') in names


def _date(text: str | None) -> datetime | None:
    """What cannot be read as a date counts as not sent."""
    try:
        date = parsedate_to_datetime(text or "")
    except (ValueError, TypeError, OverflowError):
        return None
    return date if date.tzinfo is not None else None
