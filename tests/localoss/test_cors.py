"""CORS: preflights, what answers carry, and which rules a bucket takes."""

from __future__ import annotations

import pytest

from tests.localoss.hand_signing import error_of, head, signed_url
from tests.servers import BUCKET, RawClient, RawReply, RunningOss
from uploads.localoss.cors import preflight_headers
from uploads.localoss.errors import Refusal
from uploads.oss.documents import CorsConfiguration, CorsRule

SITE = "http://127.0.0.1:8000"
RULE = CorsRule((SITE,), ("PUT", "GET"), ("*",), ("ETag", "x-oss-ec"), 600)


def preflight(raw: RawClient, origin: str = SITE, method: str = "PUT", headers: str = "") -> RawReply:
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    if headers:
        asked["Access-Control-Request-Headers"] = headers
    return raw.request(head("OPTIONS", f"/{BUCKET}/k", asked))


def test_a_preflight_of_an_allowed_origin_is_answered_without_a_signature(oss: RunningOss, raw: RawClient) -> None:
    oss.app.set_cors(BUCKET, [RULE])

    reply = preflight(raw, headers="content-type,x-oss-forbid-overwrite")

    assert reply.status == 200
    assert reply.headers["access-control-allow-origin"] == SITE
    assert reply.headers["access-control-allow-methods"] == "PUT, GET"
    assert reply.headers["access-control-allow-headers"] == "content-type,x-oss-forbid-overwrite"
    assert reply.headers["access-control-expose-headers"] == "ETag, x-oss-ec"
    assert reply.headers["access-control-max-age"] == "600"
    assert "vary" not in reply.headers


@pytest.mark.parametrize(
    "origin",
    [
        "http://127.0.0.1:8001",
        "https://127.0.0.1:8000",
        "http://127.0.0.1",
        "http://127.0.0.1:8000.evil.example",
        "null",
    ],
)
def test_another_origin_is_refused(oss: RunningOss, raw: RawClient, origin: str) -> None:
    oss.app.set_cors(BUCKET, [RULE])

    reply = preflight(raw, origin)

    assert (reply.status, error_of(reply)["Code"], reply.headers["x-oss-ec"]) == (
        403,
        "AccessForbidden",
        "0003-00000602",
    )
    assert not [name for name in reply.headers if name.startswith("access-control")]


def rules(*allowed_headers: str) -> CorsConfiguration:
    return CorsConfiguration((CorsRule((SITE,), ("PUT",), allowed_headers),))


@pytest.mark.parametrize(
    ("allowed", "requested", "is_allowed"),
    [
        (("*",), "content-type, x-oss-meta-a", True),
        (("Content-Type", "x-oss-*"), "content-type,x-oss-meta-a", True),
        (("content-type",), "Content-Type", True),
        (("content-type",), "content-type,x-oss-meta-a", False),
        (("x-oss-*",), "content-type", False),
        ((), "content-type", False),
        ((), "", True),
    ],
)
def test_every_requested_header_must_be_allowed(allowed: tuple[str, ...], requested: str, is_allowed: bool) -> None:
    asked = {"origin": SITE, "access-control-request-method": "PUT", "access-control-request-headers": requested}

    if is_allowed:
        preflight_headers(rules(*allowed), asked)
    else:
        with pytest.raises(Refusal, match="0003-00000602"):
            preflight_headers(rules(*allowed), asked)


@pytest.mark.parametrize(
    ("pattern", "origin", "is_allowed"),
    [
        ("*", "http://anything.example", True),
        ("https://*.example.com", "https://a.example.com", True),
        ("https://*.example.com", "https://a.b.example.com", True),
        ("https://*.example.com", "https://example.com", False),
        ("https://*.example.com", "http://a.example.com", False),
        ("https://*.example.com", "https://a.example.com.evil.net", False),
        ("http://a*a", "http://a", False),
    ],
)
def test_one_star_in_an_origin_stands_for_anything(pattern: str, origin: str, is_allowed: bool) -> None:
    configuration = CorsConfiguration((CorsRule((pattern,), ("PUT",)),))
    asked = {"origin": origin, "access-control-request-method": "PUT"}

    if not is_allowed:
        with pytest.raises(Refusal):
            preflight_headers(configuration, asked)
    else:
        wanted = "*" if pattern == "*" else origin
        assert preflight_headers(configuration, asked)["Access-Control-Allow-Origin"] == wanted


def test_the_first_rule_that_allows_everything_wins() -> None:
    configuration = CorsConfiguration(
        (
            CorsRule((SITE,), ("GET",), ("*",), max_age_seconds=1),
            CorsRule((SITE,), ("PUT",), ("content-md5",), max_age_seconds=2),
            CorsRule(("*",), ("PUT",), ("*",), max_age_seconds=3),
            CorsRule((SITE,), ("PUT",), ("*",), max_age_seconds=4),
        )
    )
    asked = {"origin": SITE, "access-control-request-method": "PUT", "access-control-request-headers": "content-type"}

    assert preflight_headers(configuration, asked)["Access-Control-Max-Age"] == "3"


def test_a_method_that_is_not_allowed_is_refused(oss: RunningOss, raw: RawClient) -> None:
    oss.app.set_cors(BUCKET, [RULE])

    assert preflight(raw, method="DELETE").headers["x-oss-ec"] == "0003-00000602"


def test_answers_carry_cors_headers_whether_good_or_bad(oss: RunningOss, raw: RawClient, key: str) -> None:
    oss.app.set_cors(BUCKET, [RULE])
    sent = {"Origin": SITE, "Content-Length": "0"}

    good = raw.request(head("PUT", signed_url("PUT", key), sent))
    bad = raw.request(head("PUT", signed_url("PUT", key), {**sent, "Content-Type": "text/plain"}))
    unreadable = raw.request(head("PUT", f"/{BUCKET}/%FF", sent))

    assert [good.status, bad.status, unreadable.status] == [200, 403, 400]
    for reply in (good, bad, unreadable):
        assert reply.headers["access-control-allow-origin"] == SITE
        assert reply.headers["access-control-expose-headers"] == "ETag, x-oss-ec"


@pytest.mark.parametrize("sent", [{}, {"Origin": "http://other.example"}], ids=["no origin", "another origin"])
def test_an_answer_to_nobody_allowed_has_none(oss: RunningOss, raw: RawClient, key: str, sent: dict) -> None:
    oss.app.set_cors(BUCKET, [RULE])

    reply = raw.request(head("PUT", signed_url("PUT", key), {"Content-Length": "0", **sent}))

    assert reply.status == 200, "An upload that JavaScript cannot see is stored all the same."
    assert not [name for name in reply.headers if name.startswith("access-control")]


def test_response_vary_is_sent_always(oss: RunningOss, raw: RawClient, key: str) -> None:
    oss.app.set_cors(BUCKET, [RULE], response_vary=True)

    assert raw.request(head("HEAD", signed_url("HEAD", key))).headers["vary"] == "Origin"
    assert preflight(raw).headers["vary"] == "Origin"


def test_a_preflight_of_a_missing_bucket_says_so(raw: RawClient) -> None:
    reply = raw.request(
        head("OPTIONS", "/no-such-bucket/k", {"Origin": SITE, "Access-Control-Request-Method": "PUT"})
    )

    assert (reply.status, reply.headers["x-oss-ec"]) == (404, "0015-00000101")
