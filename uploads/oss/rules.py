"""What may be signed: methods, object keys, validity, headers. Everything else is refused with a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from uploads.oss.credentials import Credentials
from uploads.oss.errors import RefusedLocally

MAX_KEY_BYTES = 1023

# Set in a URL by the signer itself; a caller's value would be signed twice or overwritten in silence.
SIGNERS_OWN = frozenset(
    {
        "x-oss-additional-headers",
        "x-oss-content-sha256",
        "x-oss-credential",
        "x-oss-date",
        "x-oss-expires",
        "x-oss-security-token",
        "x-oss-signature",
        "x-oss-signature-version",
    }
)
# Set by every HTTP client itself, from the body and the URL; browsers forbid scripts to set them.
CLIENT_SET_HEADERS = frozenset({"content-length", "host"})

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DOT_SEGMENT = re.compile(r"(?:^|/)\.\.?(?:/|$)")
_SURROGATE = re.compile("[\ud800-\udfff]")


@lru_cache(maxsize=32)
def refuse_bad_method(method: str) -> None:
    if not (method.isalpha() and method.isascii() and method.isupper()):
        raise RefusedLocally(f"The method {method!r} is not one in capital letters.")


def refuse_bad_key(key: str) -> None:
    """https://www.alibabacloud.com/help/en/oss/user-guide/object-overview"""
    if not key:
        raise RefusedLocally("The object key is empty.")
    if key[0] in "/\\":
        raise RefusedLocally("The object key begins with a slash or a backslash, which OSS does not take.")
    if not is_unicode(key):
        raise RefusedLocally("The object key is not valid Unicode.")
    if len(key) * 4 > MAX_KEY_BYTES and len(key.encode()) > MAX_KEY_BYTES:
        raise RefusedLocally(f"The object key is longer than {MAX_KEY_BYTES} bytes.")
    if ("/." in key or key[0] == ".") and _DOT_SEGMENT.search(key):
        # Browsers and HTTP libraries resolve such segments before they send, also when percent-encoded.
        raise RefusedLocally("The object key has a '.' or '..' between slashes, which no browser would send.")


def refuse_bad_validity(expires_in: int, credentials: Credentials) -> None:
    """https://www.alibabacloud.com/help/en/oss/developer-reference/add-signatures-to-urls"""
    longest = credentials.max_expires
    if type(expires_in) is not int:
        raise RefusedLocally("The validity is not a whole number of seconds.")
    if not 1 <= expires_in <= longest:
        holder = "with a security token" if credentials.security_token else "with an AccessKey"
        raise RefusedLocally(f"A URL signed {holder} is valid for 1 to {longest} seconds, not {expires_in}.")


def refuse_bad_time(at: datetime) -> None:
    if at.tzinfo is None:
        raise RefusedLocally("The time has no time zone.")
    if not 1970 <= at.year < 9999:
        # Room on both sides: for the zone, the validity, and four digits.
        raise RefusedLocally("The time is not in one of the years from 1970 to 9998.")


def refuse_signers_own(names: Iterable[str]) -> None:
    """For query parameters, and for headers in lower case, of a URL."""
    for name in names:
        if name in SIGNERS_OWN:
            raise RefusedLocally(f"{name!r} is set by the signer itself.")


def refuse_bad_query(query: Mapping[str, str]) -> None:
    for name, value in query.items():
        if not name:
            raise RefusedLocally("A query parameter has no name.")
        if not (is_unicode(name) and is_unicode(value)):
            raise RefusedLocally(f"The query parameter {name!r} is not valid Unicode.")


def refuse_bad_values(headers: Mapping[str, str]) -> None:
    """Each value must reach OSS exactly as it is signed."""
    for name, value in headers.items():
        if not value or value != value.strip():
            # OSS and the SDKs disagree on blanks at the ends and on empty values: the signature would be a gamble.
            raise RefusedLocally(f"The value of the header {name!r} is empty, or begins or ends with a blank.")
        if not value.isprintable() and (_CONTROL.search(value) or not is_unicode(value)):
            raise RefusedLocally(f"The value of the header {name!r} has a line break or another control character.")


class HeaderNames(NamedTuple):
    """What is to be done with each of a request's headers."""

    signed: list[tuple[str, str]]  # In lower case and as given, in the order of signing.
    additional: list[str]
    encoded_additional: str  # As it stands in a URL.
    not_set_by_client: list[str]
    signers_own: list[str]
    lacks_host: bool  # The host is to be signed, and no value for it was given.


@lru_cache(maxsize=512)
def header_names(given: tuple[str, ...], additional: tuple[str, ...]) -> HeaderNames:
    """Sort out the headers of a request by their names; kept, because a page's URLs all have the same.

    Raises RefusedLocally for what is not a name, and for one that is given twice.
    """
    for name in (*given, *additional):
        if not _HEADER_NAME.fullmatch(name):
            raise RefusedLocally(f"{name!r} is not the name of a header.")
    lowered = {name.lower(): name for name in given}
    if len(lowered) < len(given):
        raise RefusedLocally(f"One of these headers is given twice: {', '.join(given)}.")
    wanted = {name.lower() for name in additional}
    lacks_host = "host" in wanted and "host" not in lowered
    if lacks_host:
        lowered["host"] = "host"
    picked = sorted(name for name in wanted if name in lowered and not is_signed_by_default(name))
    signed = sorted((name, lowered[name]) for name in lowered if is_signed_by_default(name) or name in wanted)
    set_by_client = {name for low, name in signed if low not in CLIENT_SET_HEADERS}
    return HeaderNames(
        signed=signed,
        additional=picked,
        encoded_additional=quote(";".join(picked), safe="~"),
        not_set_by_client=[name for name in lowered.values() if name not in set_by_client],
        signers_own=[name for name in lowered if name in SIGNERS_OWN],
        lacks_host=lacks_host,
    )


def is_signed_by_default(name: str) -> bool:
    """Whether OSS checks a header (its name in lower case) as soon as it is sent."""
    return name.startswith("x-oss-") or name in {"content-type", "content-md5"}


def is_unicode(text: str) -> bool:
    """False for a text with half a surrogate pair, which UTF-8 cannot carry."""
    return text.isascii() or not _SURROGATE.search(text)
