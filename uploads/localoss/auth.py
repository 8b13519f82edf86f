"""Who may: recomputes the V4 signature of a request as it came, from its URL or its Authorization header.

https://www.alibabacloud.com/help/en/oss/developer-reference/add-signatures-to-urls
https://www.alibabacloud.com/help/en/oss/developer-reference/recommend-to-use-signature-version-4
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest

from uploads.localoss import claims
from uploads.localoss.claims import Claim
from uploads.localoss.errors import (
    ANONYMOUS,
    INVALID_ACCESS_KEY_ID,
    INVALID_SECURITY_TOKEN,
    REQUEST_TIME_TOO_SKEWED,
    SECURITY_TOKEN_EXPIRED,
    SECURITY_TOKEN_MISSING,
    SIGNATURE_DOES_NOT_MATCH,
    URL_EXPIRED,
    URL_NOT_YET_VALID,
    Refusal,
    invalid_argument,
)
from uploads.localoss.request import Request
from uploads.oss.credentials import Credentials
from uploads.oss.endpoints import Bucket, Endpoint
from uploads.oss.rules import is_signed_by_default
from uploads.oss.signing import (
    ALGORITHM,
    UNSIGNED_PAYLOAD,
    Scope,
    canonical_headers,
    canonical_query,
    canonical_request,
    canonical_uri,
    signature,
    signing_scope,
    string_to_sign,
)

MAX_SKEW = timedelta(minutes=15)
_V1_PARAMETERS = {"OSSAccessKeyId", "Signature", "Expires"}


@dataclass(frozen=True, slots=True)
class Verifier:
    """Lets one key pair in. `now` is asked once for each request, at its arrival."""

    credentials: Credentials
    region: str
    now: Callable[[], datetime]
    _anywhere: Bucket = field(init=False)

    def __post_init__(self) -> None:
        # A scope names region and product; which bucket it is asked for does not matter.
        anywhere = Bucket("any-bucket", self.region, Endpoint.parse("http://localhost"))
        object.__setattr__(self, "_anywhere", anywhere)

    def verify(self, request: Request) -> None:
        """Returns for a request that was signed with our credentials, for now. Raises Refusal for any other."""
        at = self.now()
        claim = _claim(request)
        self._check_credentials(claim, at)
        if claim.region != self.region:
            raise claim.wrong_region()
        if claim.expires is None:
            _check_skew(claim.signed_at, at)
        else:
            _check_window(claim.signed_at, claim.expires, at=at, longest=self.credentials.max_expires)
        self._check_signature(request, claim)

    def _check_credentials(self, claim: Claim, at: datetime) -> None:
        ours = self.credentials
        if claim.access_key_id != ours.access_key_id:
            raise Refusal(INVALID_ACCESS_KEY_ID, {"OSSAccessKeyId": claim.access_key_id})
        if not claim.security_token and ours.security_token:
            # In headers, a temporary key without its token is taken for an unknown one: inferred.
            raise Refusal(INVALID_ACCESS_KEY_ID if claim.expires is None else SECURITY_TOKEN_MISSING)
        if not compare_digest(claim.security_token.encode(), ours.security_token.encode()):
            raise Refusal(INVALID_SECURITY_TOKEN)
        if ours.expires_at is not None and at >= ours.expires_at:
            raise Refusal(SECURITY_TOKEN_EXPIRED)

    def _check_signature(self, request: Request, claim: Claim) -> None:
        scope = signing_scope(self.credentials, claim.stamp[:8], self._anywhere)
        canonical = _canonical_request(request, claim)
        text = string_to_sign(claim.stamp, scope.name, canonical)
        if not _is_signature(scope, text, claim.signature):
            raise Refusal(
                SIGNATURE_DOES_NOT_MATCH,
                {
                    "OSSAccessKeyId": claim.access_key_id,
                    "SignatureProvided": claim.signature,
                    "StringToSign": text,
                    # The place of this one among the others is not known.
                    "CanonicalRequest": canonical,
                },
            )


def _claim(request: Request) -> Claim:
    """What the request says of its signature. Raises Refusal where that is nothing, too much or an older version."""
    in_header = "authorization" in request.headers
    in_query = any(name in request.query for name in claims.MARKS)
    if request.query.keys() >= _V1_PARAMETERS or request.query.get("x-oss-signature-version") == "OSS2":
        raise _only_v4()
    if in_header and in_query:
        raise invalid_argument("A request is signed in its URL or in its Authorization header, not in both.")
    if in_query:
        return claims.from_query(request)
    if not in_header:
        raise Refusal(ANONYMOUS)
    if not request.headers["authorization"].startswith(f"{ALGORITHM} "):
        raise _only_v4()
    return claims.from_header(request)


def _only_v4() -> Refusal:
    # OSS withdraws V1 and V2 for new accounts; how it words that we have not seen.
    return invalid_argument("The embedded OSS takes signatures of version 4 only (OSS4-HMAC-SHA256).")


def _check_window(signed_at: datetime, expires: int, *, at: datetime, longest: int) -> None:
    """A URL is checked when its request arrives: a transfer that outlasts it goes on."""
    if not 1 <= expires <= longest:
        raise invalid_argument(
            f"x-oss-expires must be between 1 and {longest}.", "0002-00000232", name="x-oss-expires"
        )
    if at + MAX_SKEW < signed_at:
        raise Refusal(URL_NOT_YET_VALID)
    end = signed_at + timedelta(seconds=expires)
    if at > end:
        raise Refusal(URL_EXPIRED, {"Expires": _iso(end), "ServerTime": _iso(at)})


def _check_skew(signed_at: datetime, at: datetime) -> None:
    if abs(at - signed_at) > MAX_SKEW:
        raise Refusal(
            REQUEST_TIME_TOO_SKEWED,
            {
                "RequestTime": _iso(signed_at),
                "ServerTime": _iso(at),
                "MaxAllowedSkewMilliseconds": str(int(MAX_SKEW.total_seconds() * 1000)),
            },
        )


def _canonical_request(request: Request, claim: Claim) -> str:
    for name in claim.additional_headers:
        if name not in request.headers or "_" in name:
            raise invalid_argument("An additional header is not among the headers.", "0002-00000211", name=name)
    signed = {
        name: value
        for name, value in request.headers.items()
        # An empty value does not count for OSS, which makes it differ from whoever signed one: seen by users only.
        if (is_signed_by_default(name) and value) or name in claim.additional_headers
    }
    if repeated := request.repeated & signed.keys():
        raise invalid_argument("A signed header is given twice.", name=min(repeated))
    if signed.get("x-oss-content-sha256", UNSIGNED_PAYLOAD) != UNSIGNED_PAYLOAD:
        raise invalid_argument(
            "x-oss-content-sha256 must be UNSIGNED-PAYLOAD.", "0002-00000214", name="x-oss-content-sha256"
        )
    query = {name: value for name, value in request.query.items() if name != "x-oss-signature"}
    return canonical_request(
        method=request.method,
        uri=canonical_uri(request.bucket, request.key),
        query=canonical_query(query),
        headers=canonical_headers(signed),
        additional_headers=claim.additional_headers,
    )


def _is_signature(scope: Scope, text: str, provided: str) -> bool:
    return compare_digest(signature(scope.keyed, text).encode(), provided.encode())


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
