"""OSS's CanonicalRequest, as it stands in the answer to a signature that does not match, taken apart.

https://www.alibabacloud.com/help/en/oss/developer-reference/add-signatures-to-urls
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from uploads.oss.signing import UNSIGNED_PAYLOAD
from uploads.redaction import HIDDEN

_HEADER_NAME = r"[a-z0-9][a-z0-9!#$%&'*+.^_`|~-]*"
_HEADER = re.compile(rf"({_HEADER_NAME}):(.*)", re.DOTALL)
_BEFORE_HEADER = re.compile(rf"(?<!\s)\s+(?={_HEADER_NAME}:)")
_VERB = re.compile(r"[A-Z]{3,10}")
# By name, too: where a mail program has broken their lines, no pattern finds the whole of them.
_SECRETS = frozenset({"authorization", "x-oss-credential", "x-oss-security-token", "x-oss-signature"})
_NAMES = re.compile(rf"{_HEADER_NAME}(;{_HEADER_NAME})*")


@dataclass(frozen=True, slots=True)
class CanonicalRequest:
    """What OSS signed of a request as it came, decoded. `is_whole`: its end was there too, so what it lacks was not
    sent."""

    method: str
    bucket: str
    key: str
    query: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    is_whole: bool = True

    @property
    def grant_id(self) -> str:
        """The grant that the sender named, in the metadata that pages sign."""
        return self.headers.get("x-oss-meta-grant", "")


def parsed_canonical_request(text: str) -> CanonicalRequest | None:
    """None for what is not one. Line breaks that a mail program has put in or taken away are mended."""
    text = text.replace("\r", "").strip()
    if not text:
        return None
    lines = text.split("\n")
    if len(lines) >= 5 and lines[-1] == UNSIGNED_PAYLOAD and all(map(_HEADER.fullmatch, filter(None, lines[3:-3]))):
        return _request(lines[0], lines[1], query=lines[2], headers=[line for line in lines[3:-2] if line])
    return _mended(text)


def _mended(text: str) -> CanonicalRequest | None:
    """The parts tell themselves apart: URI and query have no blanks, headers begin with a name and a colon."""
    head, *headers = _BEFORE_HEADER.split(text)
    verb, *words = head.split()
    if not _VERB.fullmatch(verb) or not words or not words[0].startswith("/"):
        return None
    tail = headers if headers else words
    is_whole = tail[-1].rstrip().endswith(UNSIGNED_PAYLOAD)
    if is_whole:
        tail[-1] = _without_tail(tail[-1])
    else:
        # What was cut off was cut off inside the last piece.
        headers, words = (headers[:-1], words) if headers else ([], words[:1])
    cut = next((index for index, word in enumerate(words) if "=" in word), len(words))
    uri, query = "".join(words[:cut]), "".join(words[cut:])
    one_line = [" ".join(header.split("\n")) for header in headers]
    return _request(verb, uri, query=query, headers=one_line, is_whole=is_whole)


def _without_tail(text: str) -> str:
    """The last header without what follows the block: the list of additional headers, and the payload's hash."""
    text = text.rstrip().removesuffix(UNSIGNED_PAYLOAD).rstrip()
    before, _, last = text.rpartition("\n")
    if not before:
        before, _, last = text.rpartition(" ")
    return before.rstrip() if _NAMES.fullmatch(last) else text


def _request(
    method: str, uri: str, *, query: str, headers: list[str], is_whole: bool = True
) -> CanonicalRequest | None:
    if not _VERB.fullmatch(method) or not uri.startswith("/"):
        return None
    bucket, _, key = uri[1:].partition("/")
    pairs = [part.partition("=") for part in query.split("&") if part]
    matches = [match for header in headers if (match := _HEADER.fullmatch(header))]
    return CanonicalRequest(
        method=method,
        bucket=_decoded(bucket),
        key=_decoded(key),
        query=_without_secrets({_decoded(name): _decoded(value) for name, _, value in pairs}),
        headers=_without_secrets({match[1]: match[2].strip() for match in matches}),
        is_whole=is_whole,
    )


def _decoded(text: str) -> str:
    """Without NUL, which PostgreSQL cannot keep."""
    return unquote(text).replace("\x00", "\N{REPLACEMENT CHARACTER}")


def _without_secrets(pairs: Mapping[str, str]) -> dict[str, str]:
    return {name: HIDDEN if name in _SECRETS else value for name, value in pairs.items()}
