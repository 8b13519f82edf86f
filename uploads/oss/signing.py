"""OSS signature version 4 (OSS4-HMAC-SHA256), as pure functions named after the vendor's nouns.

Two uses, one algorithm: `presign` puts the signature into a URL, `authorize` into a header.
https://www.alibabacloud.com/help/en/oss/developer-reference/add-signatures-to-urls
https://www.alibabacloud.com/help/en/oss/developer-reference/recommend-to-use-signature-version-4
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote

from uploads.oss.credentials import Credentials
from uploads.oss.endpoints import Bucket
from uploads.oss.errors import RefusedLocally

ALGORITHM = "OSS4-HMAC-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
MAX_KEY_BYTES = 1023

# Set by the signer itself; a caller's value would be signed twice or overwritten in silence.
SIGNING_PARAMETERS = frozenset(
    {
        "x-oss-additional-headers",
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


class Presigned(NamedTuple):
    """A signed URL and what it was made of. `headers` are exactly those that the client must set itself."""

    method: str
    url: str
    headers: dict[str, str]
    signed_at: datetime
    expires_at: datetime
    canonical_request: str
    string_to_sign: str


class Authorized(NamedTuple):
    """Headers of a request signed in its `Authorization` header."""

    headers: dict[str, str]
    canonical_request: str
    string_to_sign: str


def presign(
    bucket: Bucket,
    credentials: Credentials,
    *,
    method: str,
    key: str,
    expires_in: int,
    at: datetime,
    headers: Mapping[str, str] | None = None,
    additional_headers: Iterable[str] = (),
    query: Mapping[str, str] | None = None,
) -> Presigned:
    """Sign one request into a URL that anyone may use until `at` + `expires_in` seconds.

    `content-type`, `content-md5` and every `x-oss-*` among `headers` are signed; any other header only if
    `additional_headers` names it (`host` may be named without a value). `at` is OSS's time, not ours.
    Raises RefusedLocally for what OSS would refuse or no browser could send.
    """
    _refuse_bad_method(method)
    _refuse_bad_key(key)
    _refuse_bad_validity(expires_in, credentials)
    second, stamp = _second(int(at.timestamp()))
    scope = signing_scope(credentials, stamp[:8], bucket)
    signed = _signed_headers(headers or {}, bucket, additional_headers)

    parameters = {"x-oss-additional-headers": "%3B".join(signed.additional)} if signed.additional else {}
    parameters["x-oss-credential"] = scope.encoded_credential
    parameters["x-oss-date"] = stamp
    parameters["x-oss-expires"] = str(expires_in)
    if credentials.security_token:
        parameters["x-oss-security-token"] = quote(credentials.security_token, safe="~")
    parameters["x-oss-signature-version"] = ALGORITHM
    if query:
        parameters = _sorted_with(parameters, query)
    query_text = _joined(parameters)

    path = percent_encoded(key)
    request = canonical_request(
        method=method,
        uri=f"/{bucket.name}/{path}",
        query=query_text,
        headers=signed.canonical,
        additional_headers=signed.additional,
    )
    text = string_to_sign(stamp, scope.name, request)
    # Every "&" inside a value is encoded and another parameter always comes before: there is one place for it.
    with_signature = query_text.replace(
        "&x-oss-signature-version=", f"&x-oss-signature={signature(scope.keyed, text)}&x-oss-signature-version=", 1
    )
    return Presigned(
        method=method,
        url=f"{bucket.url_prefix}{path}?{with_signature}",
        headers=signed.set_by_client,
        signed_at=second,
        expires_at=second + timedelta(seconds=expires_in),
        canonical_request=request,
        string_to_sign=text,
    )


def authorize(
    bucket: Bucket,
    credentials: Credentials,
    *,
    method: str,
    key: str,
    at: datetime,
    headers: Mapping[str, str] | None = None,
    additional_headers: Iterable[str] = (),
    query: Mapping[str, str] | None = None,
) -> Authorized:
    """Sign one request of our own in its headers, at OSS's time `at`. An empty `key` means the bucket itself.

    Raises RefusedLocally as `presign` does.
    """
    _refuse_bad_method(method)
    if key:
        _refuse_bad_key(key)
    _, stamp = _second(int(at.timestamp()))
    scope = signing_scope(credentials, stamp[:8], bucket)
    own = {"x-oss-date": stamp, "x-oss-content-sha256": UNSIGNED_PAYLOAD}
    if credentials.security_token:
        own["x-oss-security-token"] = credentials.security_token
    given = {name: value for name, value in (headers or {}).items() if name.lower() not in own}
    signed = _signed_headers({**given, **own}, bucket, additional_headers)
    request = canonical_request(
        method=method,
        uri=canonical_uri(bucket.name, key),
        query=canonical_query(query or {}),
        headers=signed.canonical,
        additional_headers=signed.additional,
    )
    text = string_to_sign(stamp, scope.name, request)
    fields = [f"Credential={credentials.access_key_id}/{scope.name}"]
    if signed.additional:
        fields.append(f"AdditionalHeaders={';'.join(signed.additional)}")
    fields.append(f"Signature={signature(scope.keyed, text)}")
    return Authorized({**given, **own, "Authorization": f"{ALGORITHM} {','.join(fields)}"}, request, text)


def canonical_request(*, method: str, uri: str, query: str, headers: str, additional_headers: Iterable[str]) -> str:
    """Six fields, one to a line. `headers` ends with a line break of its own, hence the blank line after it."""
    return f"{method}\n{uri}\n{query}\n{headers}\n{';'.join(additional_headers)}\n{UNSIGNED_PAYLOAD}"


def canonical_uri(bucket_name: str, key: str) -> str:
    """The resource, percent-encoded but for slashes: always with the bucket, whatever the URL's style."""
    return f"/{bucket_name}/{quote(key, safe='/~')}" if bucket_name else "/"


def canonical_query(query: Mapping[str, str]) -> str:
    """Names and values percent-encoded, sorted by the encoded name; an empty value leaves the bare name."""
    return _joined(_sorted_with({}, query))


def canonical_headers(signed: Mapping[str, str]) -> str:
    """The signed headers (names in lower case), sorted by name, each with a line break of its own."""
    return "".join([f"{name}:{signed[name]}\n" for name in sorted(signed)])


def is_signed_by_default(name: str) -> bool:
    """Whether OSS checks a header (its name in lower case) as soon as it is sent."""
    return name.startswith("x-oss-") or name in {"content-type", "content-md5"}


class Scope(NamedTuple):
    """What a signature is good for (one day, region and product), and the key of exactly that."""

    name: str
    encoded_credential: str
    keyed: hmac.HMAC


def signing_scope(credentials: Credentials, date: str, bucket: Bucket) -> Scope:
    """`date` is YYYYMMDD in UTC, the day of x-oss-date."""
    return _signing_scope(
        credentials.access_key_id, credentials.access_key_secret, date, bucket.region, bucket.product
    )


@lru_cache(maxsize=64)
def _signing_scope(access_key_id: str, secret: str, date: str, region: str, product: str) -> Scope:
    """Kept, because it is the same for all URLs of a day."""
    name = f"{date}/{region}/{product}/aliyun_v4_request"
    key = f"aliyun_v4{secret}".encode()
    for step in (date, region, product, "aliyun_v4_request"):
        key = hmac.digest(key, step.encode(), "sha256")
    return Scope(name, percent_encoded(f"{access_key_id}/{name}", safe="~"), hmac.new(key, digestmod="sha256"))


def string_to_sign(stamp: str, scope: str, request: str) -> str:
    """`stamp` is the time as in x-oss-date; `request` the canonical request."""
    return f"{ALGORITHM}\n{stamp}\n{scope}\n{sha256(request.encode()).hexdigest()}"


def signature(keyed: hmac.HMAC, text: str) -> str:
    """Lower-case hexadecimal HMAC-SHA256 of the string to sign; `keyed` is a scope's and stays as it is."""
    keyed = keyed.copy()
    keyed.update(text.encode())
    return keyed.hexdigest()


def percent_encoded(text: str, safe: str = "/~") -> str:
    """UTF-8, byte by byte; letters, digits, `-._~` and what is `safe` stay as they are."""
    return quote(text, safe=safe)


def _sorted_with(parameters: dict[str, str], query: Mapping[str, str]) -> dict[str, str]:
    """Encoded `parameters` of the signer and a caller's `query`, encoded and merged, sorted by encoded name."""
    merged = dict(parameters)
    for name, value in query.items():
        if not name:
            raise RefusedLocally("A query parameter has no name.")
        if parameters and name in SIGNING_PARAMETERS:
            raise RefusedLocally(f"The query parameter {name!r} is set by the signer itself.")
        if _SURROGATE.search(name) or _SURROGATE.search(value):
            raise RefusedLocally(f"The query parameter {name!r} is not valid Unicode.")
        merged[percent_encoded(name, safe="~")] = percent_encoded(value, safe="~")
    return dict(sorted(merged.items()))


def _joined(parameters: Mapping[str, str]) -> str:
    return "&".join([f"{name}={value}" if value else name for name, value in parameters.items()])


class _SignedHeaders(NamedTuple):
    canonical: str
    additional: list[str]
    set_by_client: dict[str, str]


def _signed_headers(headers: Mapping[str, str], bucket: Bucket, additional_headers: Iterable[str]) -> _SignedHeaders:
    """Check what is to be sent and pick what is signed of it."""
    wanted = {name.lower() for name in additional_headers} if additional_headers else ()
    signed: dict[str, str] = {}
    set_by_client: dict[str, str] = {}
    for name, value in headers.items():
        lowered, is_default = _header_rule(name)
        if not value.isprintable() or not value or value[0] == " " or value[-1] == " ":
            _refuse_bad_value(name, value)
        if not is_default and lowered not in wanted:
            continue
        if lowered in signed:
            raise RefusedLocally(f"The header {lowered!r} is given twice.")
        signed[lowered] = value
        if lowered not in CLIENT_SET_HEADERS:
            set_by_client[name] = value
    if "host" in wanted:
        signed.setdefault("host", bucket.host)
    additional = (
        sorted(name for name in wanted if name in signed and not is_signed_by_default(name)) if wanted else []
    )
    return _SignedHeaders(canonical_headers(signed), additional, set_by_client)


@lru_cache(maxsize=512)
def _header_rule(name: str) -> tuple[str, bool]:
    """A header's name in lower case and whether it is signed by default; the same few come again and again."""
    if not _HEADER_NAME.fullmatch(name):
        raise RefusedLocally(f"{name!r} is not the name of a header.")
    return name.lower(), is_signed_by_default(name.lower())


def _refuse_bad_value(name: str, value: str) -> None:
    if not value or value != value.strip():
        # OSS and the SDKs disagree on blanks at the ends and on empty values: the signature would be a gamble.
        raise RefusedLocally(f"The value of the header {name!r} is empty, or begins or ends with a blank.")
    if _CONTROL.search(value) or _SURROGATE.search(value):
        raise RefusedLocally(f"The value of the header {name!r} has a line break or another control character.")


@lru_cache(maxsize=64)
def _second(timestamp: int) -> tuple[datetime, str]:
    """A second since the epoch as a UTC time and as OSS writes it: 20260101T000000Z."""
    second = datetime.fromtimestamp(timestamp, UTC)
    return second, second.strftime("%Y%m%dT%H%M%SZ")


def _refuse_bad_method(method: str) -> None:
    if not (method.isalpha() and method.isascii() and method.isupper()):
        raise RefusedLocally(f"The method {method!r} is not one in capital letters.")


def _refuse_bad_key(key: str) -> None:
    if not key:
        raise RefusedLocally("The object key is empty.")
    if key[0] in "/\\":
        raise RefusedLocally("The object key begins with a slash or a backslash, which OSS does not take.")
    if not key.isascii() and _SURROGATE.search(key):
        raise RefusedLocally("The object key is not valid Unicode.")
    if len(key) * 4 > MAX_KEY_BYTES and len(key.encode()) > MAX_KEY_BYTES:
        raise RefusedLocally(f"The object key is longer than {MAX_KEY_BYTES} bytes.")
    if _DOT_SEGMENT.search(key):
        # Browsers and HTTP libraries resolve such segments before they send, also when percent-encoded.
        raise RefusedLocally("The object key has a '.' or '..' between slashes, which no browser would send.")


def _refuse_bad_validity(expires_in: int, credentials: Credentials) -> None:
    longest = credentials.max_expires
    if type(expires_in) is not int:
        raise RefusedLocally("The validity is not a whole number of seconds.")
    if not 1 <= expires_in <= longest:
        holder = "with a security token" if credentials.security_token else "with an AccessKey"
        raise RefusedLocally(f"A URL signed {holder} is valid for 1 to {longest} seconds, not {expires_in}.")
