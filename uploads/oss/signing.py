"""OSS signature version 4 (OSS4-HMAC-SHA256), as pure functions named after the vendor's nouns.

Two uses, one algorithm: `presign` puts the signature into a URL, `authorize` into a header.
https://www.alibabacloud.com/help/en/oss/developer-reference/add-signatures-to-urls
https://www.alibabacloud.com/help/en/oss/developer-reference/recommend-to-use-signature-version-4
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote_from_bytes

from uploads.oss.clock import oss_time
from uploads.oss.credentials import Credentials
from uploads.oss.endpoints import Bucket
from uploads.oss.rules import (
    HeaderNames,
    header_names,
    refuse_bad_key,
    refuse_bad_method,
    refuse_bad_query,
    refuse_bad_time,
    refuse_bad_validity,
    refuse_bad_values,
    refuse_signers_own,
)

ALGORITHM = "OSS4-HMAC-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
VERSION_PARAMETER = f"x-oss-signature-version={ALGORITHM}"


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
    refuse_bad_method(method)
    refuse_bad_key(key)
    refuse_bad_validity(expires_in, credentials)
    refuse_bad_time(at)
    signed_at, expires_at, stamp = _lifetime(int(at.timestamp()), expires_in)
    scope = signing_scope(credentials, stamp[:8], bucket)
    headers, names = _sorted_out(headers or {}, bucket, additional_headers)
    refuse_signers_own(names.signers_own)

    parameters = [f"x-oss-additional-headers={names.encoded_additional}"] if names.additional else []
    parameters.append(f"x-oss-credential={scope.encoded_credential}")
    parameters.append(f"x-oss-date={stamp}")
    parameters.append(f"x-oss-expires={expires_in}")
    if credentials.security_token:
        parameters.append(f"x-oss-security-token={percent_encoded(credentials.security_token, safe='~')}")
    parameters.append(VERSION_PARAMETER)
    if query:
        refuse_signers_own(query)
        parameters = _sorted_by_name(parameters + _encoded(query))
    path = percent_encoded(key)
    request = canonical_request(
        method=method,
        uri=f"/{bucket.name}/{path}",
        query="&".join(parameters),
        headers=_canonical_headers(headers, names),
        additional_headers=names.additional,
    )
    text = string_to_sign(stamp, scope.name, request)
    parameters.insert(parameters.index(VERSION_PARAMETER), f"x-oss-signature={signature(scope.keyed, text)}")
    set_by_client = dict(headers)
    for name in names.not_set_by_client:
        del set_by_client[name]
    return Presigned(
        method=method,
        url=f"{bucket.url_prefix}{path}?{'&'.join(parameters)}",
        headers=set_by_client,
        signed_at=signed_at,
        expires_at=expires_at,
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
    refuse_bad_method(method)
    if key:
        refuse_bad_key(key)
    refuse_bad_time(at)
    stamp = oss_time(at)
    scope = signing_scope(credentials, stamp[:8], bucket)
    own = {"x-oss-date": stamp, "x-oss-content-sha256": UNSIGNED_PAYLOAD}
    if credentials.security_token:
        own["x-oss-security-token"] = credentials.security_token
    given = {name: value for name, value in (headers or {}).items() if name.lower() not in own}
    to_sign, names = _sorted_out({**given, **own}, bucket, additional_headers)
    request = canonical_request(
        method=method,
        uri=canonical_uri(bucket.name, key),
        query=canonical_query(query or {}),
        headers=_canonical_headers(to_sign, names),
        additional_headers=names.additional,
    )
    text = string_to_sign(stamp, scope.name, request)
    fields = [f"Credential={credentials.access_key_id}/{scope.name}"]
    if names.additional:
        fields.append(f"AdditionalHeaders={';'.join(names.additional)}")
    fields.append(f"Signature={signature(scope.keyed, text)}")
    return Authorized({**given, **own, "Authorization": f"{ALGORITHM} {','.join(fields)}"}, request, text)


def canonical_request(*, method: str, uri: str, query: str, headers: str, additional_headers: Iterable[str]) -> str:
    """Six fields, one to a line. `headers` ends with a line break of its own, hence the blank line after it."""
    return f"{method}\n{uri}\n{query}\n{headers}\n{';'.join(additional_headers)}\n{UNSIGNED_PAYLOAD}"


def canonical_uri(bucket_name: str, key: str) -> str:
    """The resource, percent-encoded but for slashes: always with the bucket, whatever the URL's style."""
    return f"/{bucket_name}/{percent_encoded(key)}" if bucket_name else "/"


def canonical_query(query: Mapping[str, str]) -> str:
    """Names and values percent-encoded, sorted by the encoded name; an empty value leaves the bare name."""
    return "&".join(_sorted_by_name(_encoded(query)))


def canonical_headers(signed: Mapping[str, str]) -> str:
    """The signed headers (names in lower case), sorted by name, each with a line break of its own."""
    return "".join([f"{name}:{signed[name]}\n" for name in sorted(signed)])


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
def _signing_scope(key_id: str, secret: str, date: str, region: str, product: str) -> Scope:  # noqa: PLR0917
    """Kept, because it is the same for all URLs of a day; by position, because that is the quicker look-up."""
    name = f"{date}/{region}/{product}/aliyun_v4_request"
    key = f"aliyun_v4{secret}".encode()
    for step in (date, region, product, "aliyun_v4_request"):
        key = hmac.digest(key, step.encode(), "sha256")
    return Scope(name, percent_encoded(f"{key_id}/{name}", safe="~"), hmac.new(key, digestmod="sha256"))


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
    return quote_from_bytes(text.encode(), safe)


def _encoded(query: Mapping[str, str]) -> list[str]:
    refuse_bad_query(query)
    pairs = [(percent_encoded(name, safe="~"), percent_encoded(value, safe="~")) for name, value in query.items()]
    return [f"{name}={value}" if value else name for name, value in pairs]


def _sorted_by_name(parameters: list[str]) -> list[str]:
    """By the encoded name alone: "a=1" comes before "a-b=1", though "=" comes after "-"."""
    return sorted(parameters, key=lambda parameter: parameter.partition("=")[0])


def _sorted_out(
    headers: Mapping[str, str], bucket: Bucket, additional_headers: Iterable[str]
) -> tuple[Mapping[str, str], HeaderNames]:
    """All headers, checked, with the host if it is to be signed; and which of them are signed."""
    names = header_names(tuple(headers), tuple(additional_headers))
    if names.lacks_host:
        headers = {**headers, "host": bucket.host}
    refuse_bad_values(headers)
    return headers, names


def _canonical_headers(headers: Mapping[str, str], names: HeaderNames) -> str:
    return "".join([f"{lowered}:{headers[name]}\n" for lowered, name in names.signed])


@lru_cache(maxsize=64)
def _lifetime(timestamp: int, expires_in: int) -> tuple[datetime, datetime, str]:
    """First and last second of a URL, and the first as OSS writes it; kept, because URLs come many to a second."""
    signed_at = datetime.fromtimestamp(timestamp, UTC)
    return signed_at, signed_at + timedelta(seconds=expires_in), oss_time(signed_at)
