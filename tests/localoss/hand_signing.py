"""V4 signed by hand, for requests that no decent signer makes. Shares no code with `uploads.oss.signing`."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote
from xml.etree import ElementTree

from tests.servers import BUCKET, CREDENTIALS, REGION, RawReply


class Hand(NamedTuple):
    """Who signs, for what. Any field may be wrong."""

    key_id: str = CREDENTIALS.access_key_id
    secret: str = CREDENTIALS.access_key_secret
    region: str = REGION
    product: str = "oss"
    end: str = "aliyun_v4_request"
    token: str = ""
    at: datetime | None = None

    @property
    def stamp(self) -> str:
        return (self.at or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")

    def signature(self, canonical_request: str, stamp: str) -> str:
        digest = f"aliyun_v4{self.secret}".encode()
        for step in (stamp[:8], self.region, self.product, self.end):
            digest = hmac.digest(digest, step.encode(), "sha256")
        scope = f"{stamp[:8]}/{self.region}/{self.product}/{self.end}"
        text = f"OSS4-HMAC-SHA256\n{stamp}\n{scope}\n{sha256(canonical_request.encode()).hexdigest()}"
        return hmac.digest(digest, text.encode(), "sha256").hex()


def encoded(text: str, safe: str = "") -> str:
    return quote(text, safe=safe)


def query_text(query: Mapping[str, str]) -> str:
    pairs = sorted((encoded(name), encoded(value)) for name, value in query.items())
    return "&".join(f"{name}={value}" if value else name for name, value in pairs)


def canonical(
    method: str, resource: str, query: Mapping[str, str], headers: Mapping[str, str], additional: tuple[str, ...]
) -> str:
    lowered = {name.lower(): value for name, value in headers.items()}
    signed = {
        name: value
        for name, value in sorted(lowered.items())
        if name.startswith("x-oss-") or name in {"content-type", "content-md5", *additional}
    }
    lines = "".join(f"{name}:{value}\n" for name, value in signed.items())
    names = ";".join(sorted(additional))
    return f"{method}\n{encoded(resource, '/')}\n{query_text(query)}\n{lines}\n{names}\nUNSIGNED-PAYLOAD"


def signed_url(
    method: str,
    key: str,
    *,
    hand: Hand | None = None,
    bucket: str = BUCKET,
    expires: str = "60",
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    additional: tuple[str, ...] = (),
    change: Mapping[str, str | None] | None = None,
) -> str:
    """The target of a path-style request, signed in its query. `change` sets or (None) drops parameters first."""
    hand = hand or Hand()
    stamp = hand.stamp
    parameters: dict[str, str] = {
        **(query or {}),
        "x-oss-signature-version": "OSS4-HMAC-SHA256",
        "x-oss-credential": f"{hand.key_id}/{stamp[:8]}/{hand.region}/{hand.product}/{hand.end}",
        "x-oss-date": stamp,
        "x-oss-expires": expires,
    }
    if hand.token:
        parameters["x-oss-security-token"] = hand.token
    if additional:
        parameters["x-oss-additional-headers"] = ";".join(sorted(additional))
    for name, value in (change or {}).items():
        parameters.pop(name, None)
        if value is not None:
            parameters[name] = value
    signature = hand.signature(canonical(method, f"/{bucket}/{key}", parameters, headers or {}, additional), stamp)
    return f"/{bucket}/{encoded(key, '/')}?{query_text(parameters)}&x-oss-signature={signature}"


def signed_headers(
    method: str,
    key: str,
    *,
    hand: Hand | None = None,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    additional: tuple[str, ...] = (),
) -> dict[str, str]:
    """The headers of a request signed in its Authorization header."""
    hand = hand or Hand()
    stamp = hand.stamp
    own = {**(headers or {}), "x-oss-date": stamp, "x-oss-content-sha256": "UNSIGNED-PAYLOAD"}
    if hand.token:
        own["x-oss-security-token"] = hand.token
    signature = hand.signature(canonical(method, f"/{BUCKET}/{key}", query or {}, own, additional), stamp)
    credential = f"{hand.key_id}/{stamp[:8]}/{hand.region}/{hand.product}/{hand.end}"
    listed = f",AdditionalHeaders={';'.join(additional)}" if additional else ""
    own["Authorization"] = f"OSS4-HMAC-SHA256 Credential={credential}{listed},Signature={signature}"
    return own


def head(method: str, target: str, headers: Mapping[str, str] | None = None, host: str = "127.0.0.1") -> str:
    """The text of a request up to its body."""
    lines = "".join(f"\n{name}: {value}" for name, value in (headers or {}).items())
    return f"{method} {target} HTTP/1.1\nHost: {host}{lines}"


def error_of(reply: RawReply) -> dict[str, str]:
    """The elements of an error's XML."""
    return {element.tag: element.text or "" for element in ElementTree.fromstring(reply.body)}
