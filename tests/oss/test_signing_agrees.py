"""The signer against the official SDKs' own signers, on generated requests.

Judges: `SignerV4` of alibabacloud-oss-v2, called with a SigningContext because `Client.presign` drops additional
headers in silence; and oss2's `sign_url`. Left out, with the reason:

- half surrogate pairs anywhere: UTF-8 cannot carry them; we refuse them, the judges crash;
- keys that are empty, longer than 1,023 bytes, begin with a slash or backslash, or have '.' or '..' between slashes:
  OSS or browsers do not take them; we refuse them, the judges sign them;
- empty header values and blanks at their ends: OSS's SDKs trim or do not trim, and disagree; we refuse them;
- ASCII control characters in header values, and header names that are no HTTP token: no client could send them;
- one header given twice in different case: the judges silently keep the last, we refuse;
- parameters and headers that the signer itself sets: the judges overwrite them in silence, or sign them twice;
- query parameters without a name: we refuse them;
- secrets, key ids and tokens that are not printable ASCII or have blanks at their ends: there are none;
- `host` named without a value: the judges drop it, we take the host of the URL (its vector: put_content_length_host);
- keys of blanks alone, for oss2 only, which takes them for empty;
- validity that OSS refuses, and years before 1970 or after 2399.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlsplit

import oss2
import pytest
from alibabacloud_oss_v2.credentials import StaticCredentialsProvider
from alibabacloud_oss_v2.signer.v4 import SignerV4
from alibabacloud_oss_v2.types import HttpRequest, SigningContext
from hypothesis import HealthCheck, assume, given, settings

from tests.oss.generated import Request, requests
from uploads.oss.signing import authorize, presign

effort = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Judge(SignerV4):
    """The official signer, which does not keep its canonical request."""

    canonical_request = ""

    def _calc_canonical_request(self, *args, **kwargs) -> str:
        self.canonical_request = super()._calc_canonical_request(*args, **kwargs)
        return self.canonical_request


def judged(request: Request, *, in_url: bool) -> tuple[str, SigningContext]:
    """The judge's canonical request, and the context with everything else that it made."""
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in request.query.items())
    url = f"{request.bucket.origin}/{quote(request.key)}"
    keys = StaticCredentialsProvider(
        request.credentials.access_key_id,
        request.credentials.access_key_secret,
        request.credentials.security_token or None,
    )
    context = SigningContext(
        product=request.bucket.product,
        region=request.bucket.region,
        bucket=request.bucket.name,
        key=request.key,
        request=HttpRequest(request.method, f"{url}?{query}" if query else url, headers=dict(request.headers)),
        credentials=keys.get_credentials(),
        signing_time=request.at,
        additional_headers=set(request.additional_headers),
    )
    context.auth_method_query = in_url
    context.expiration_time = request.at + timedelta(seconds=request.expires_in)
    judge = Judge()
    judge.sign(context)
    return judge.canonical_request, context


def presigned(request: Request):
    return presign(
        request.bucket,
        request.credentials,
        method=request.method,
        key=request.key,
        expires_in=request.expires_in,
        at=request.at,
        headers=request.headers,
        additional_headers=request.additional_headers,
        query=request.query,
    )


def parameters(url: str) -> dict[str, str]:
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


@settings(effort, max_examples=1200)
@given(requests())
def test_urls_agree_with_the_official_signer(request_):
    canonical_request, context = judged(request_, in_url=True)

    ours = presigned(request_)

    assert ours.canonical_request == canonical_request
    assert ours.string_to_sign == context.string_to_sign
    assert parameters(ours.url) == parameters(context.request.url)
    assert urlsplit(ours.url).path == urlsplit(context.request.url).path


@settings(effort, max_examples=600)
@given(requests())
def test_authorizations_agree_with_the_official_signer(request_):
    canonical_request, context = judged(request_, in_url=False)

    ours = authorize(
        request_.bucket,
        request_.credentials,
        method=request_.method,
        key=request_.key,
        at=request_.at,
        headers=request_.headers,
        additional_headers=request_.additional_headers,
        query=request_.query,
    )

    assert ours.canonical_request == canonical_request
    assert ours.string_to_sign == context.string_to_sign
    assert ours.headers["Authorization"] == context.request.headers["Authorization"]
    sent = {name.lower(): value for name, value in context.request.headers.items() if name != "Date"}
    assert {name.lower(): value for name, value in ours.headers.items()} == sent


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
@settings(effort, max_examples=400)
@given(requests())
def test_urls_agree_with_the_second_judge(request_):
    assume(request_.key.strip())
    judge = oss2.Bucket(
        oss2.ProviderAuthV4(
            oss2.credentials.StaticCredentialsProvider(
                request_.credentials.access_key_id,
                request_.credentials.access_key_secret,
                request_.credentials.security_token,
            )
        ),
        request_.bucket.endpoint.scheme + "://" + request_.bucket.endpoint.host,
        request_.bucket.name,
        region=request_.bucket.region,
    )
    judge.product = request_.bucket.product
    theirs = parameters(
        judge.sign_url(
            request_.method,
            request_.key,
            request_.expires_in,
            headers=dict(request_.headers),
            params=dict(request_.query),
            slash_safe=True,
            additional_headers=set(request_.additional_headers),
        )
    )
    at = datetime.strptime(theirs["x-oss-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)

    assert parameters(presigned(request_._replace(at=at)).url) == theirs


@settings(effort, max_examples=200)
@given(requests())
def test_a_url_says_what_its_client_must_send(request_):
    ours = presigned(request_)

    signed = {line.split(":", 1)[0] for line in ours.canonical_request.split("\n")[3:] if ":" in line}
    assert {name.lower() for name in ours.headers} == signed - {"content-length", "host"}
    assert ours.headers.items() <= request_.headers.items()
    assert ours.expires_at - ours.signed_at == timedelta(seconds=request_.expires_in)
