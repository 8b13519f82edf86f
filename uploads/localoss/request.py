"""A request as it came over the wire: nothing normalised, nothing guessed.

Needs what `uploads.localoss.strict_http` puts into the environ: the raw target in `REQUEST_URI` and every header line
in `RAW_HEADERS`. PEP 3333's own names decode the path and fold `a_b` and `a-b` into one header, which no signature
survives.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, NamedTuple, Protocol
from urllib.parse import unquote_to_bytes

from uploads.localoss.errors import OBJECT_NAME_NOT_UTF8, Refusal, invalid_argument
from uploads.localoss.strict_http import RAW_HEADERS

_BROKEN_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")

Environ = Mapping[str, Any]


class Body(Protocol):
    """Raises TimeoutError when the client stalls and another OSError when it goes away before the end."""

    def readinto(self, buffer: memoryview, /) -> int: ...


class Target(NamedTuple):
    """Where a request goes to. Percent-escapes are still in it, but for the bucket's name."""

    host: str
    bucket: str
    raw_key: str
    raw_query: str


@dataclass(frozen=True, slots=True)
class Request:
    """`headers` have names in lower case; of those in `repeated` there was more than one line."""

    method: str
    host: str
    bucket: str
    key: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    repeated: frozenset[str]
    body: Body

    @property
    def content_length(self) -> int | None:
        """In bytes; None for a chunked body and for none at all."""
        return int(self.headers["content-length"]) if "content-length" in self.headers else None

    @property
    def is_chunked(self) -> bool:
        return "transfer-encoding" in self.headers


def locate(environ: Environ, cnames: Mapping[str, str]) -> Target:
    """Which bucket and key: by custom domain, virtual-hosted (`bucket.anything`) or by path (an IP address or a name
    without dots).

    https://www.alibabacloud.com/help/en/oss/user-guide/regions-and-endpoints
    """
    host = str(environ.get("HTTP_HOST", ""))
    path, _, query = str(environ["REQUEST_URI"]).partition("?")
    name = host.rpartition("@")[2].partition(":")[0].lower()
    if name in cnames:
        return Target(host, cnames[name], path[1:], query)
    if "." in name and not _is_ip_address(name):
        return Target(host, name.partition(".")[0], path[1:], query)
    bucket, _, key = path[1:].partition("/")
    return Target(host, unquote_to_bytes(bucket).decode("utf-8", "replace"), key, query)


def read_request(environ: Environ, target: Target) -> Request:
    """Raises Refusal for escapes, queries and headers that cannot be read in exactly one way."""
    pairs = [(name.decode("latin-1").lower(), value) for name, value in environ[RAW_HEADERS]]
    counts = Counter(name for name, _ in pairs)
    return Request(
        method=str(environ["REQUEST_METHOD"]),
        host=target.host,
        bucket=target.bucket,
        key=_key(target.raw_key),
        query=_query(target.raw_query),
        headers={name: _header_value(name, value) for name, value in pairs},
        repeated=frozenset(name for name, count in counts.items() if count > 1),
        body=environ["wsgi.input"],
    )


def _key(raw: str) -> str:
    try:
        return _unescaped(raw)
    except ValueError:
        raise Refusal(OBJECT_NAME_NOT_UTF8) from None


def _query(raw: str) -> dict[str, str]:
    """A plus sign means a plus sign: V4 signs a blank as %20."""
    query: dict[str, str] = {}
    for part in filter(None, raw.split("&")):
        raw_name, _, raw_value = part.partition("=")
        try:
            name, value = _unescaped(raw_name), _unescaped(raw_value)
        except ValueError:
            raise invalid_argument("The query string is not percent-encoded UTF-8.") from None
        if not name:
            raise invalid_argument("A query parameter has no name.")
        if name in query:
            # Which of the two OSS would take is not known; whoever relies on one of them is wrong.
            raise invalid_argument("A query parameter is given twice.", name=name)
        query[name] = value
    return query


def _header_value(name: str, value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise invalid_argument("The value of a header is not UTF-8.", name=name) from None


def _unescaped(raw: str) -> str:
    """Raises ValueError for a broken escape and for what is not UTF-8."""
    if _BROKEN_ESCAPE.search(raw):
        raise ValueError(raw)
    return unquote_to_bytes(raw.encode("latin-1")).decode()


def _is_ip_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
