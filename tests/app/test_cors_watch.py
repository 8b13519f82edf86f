"""What a bucket's CORS rules say to a PUT of the page, as a browser's preflight would ask."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from tests.app.conftest import a_file, row
from tests.conftest import BUCKET
from uploads.cors_watch import cors_rules, cors_verdict
from uploads.models.grants import UploadGrant
from uploads.oss.documents import CorsConfiguration, CorsRule
from uploads.settle import settle_due

ORIGIN = "https://upload.example.com"
HEADERS = {"Content-Type": "image/png", "Content-Length": "5", "x-oss-meta-grant": "g1"}


@pytest.mark.parametrize(
    ("rules", "headers", "verdict"),
    [
        ([], HEADERS, "origin"),
        ([CorsRule((ORIGIN,), ("PUT",), ("*",))], HEADERS, ""),
        ([CorsRule(("*",), ("PUT",), ("*",))], HEADERS, ""),
        ([CorsRule(("https://*.example.com",), ("PUT",), ("*",))], HEADERS, ""),
        ([CorsRule(("https://*.upload.example.com",), ("PUT",), ("*",))], HEADERS, "origin"),
        ([CorsRule(("http://upload.example.com",), ("PUT",), ("*",))], HEADERS, "origin"),
        ([CorsRule((ORIGIN + ":8443",), ("PUT",), ("*",))], HEADERS, "origin"),
        ([CorsRule((ORIGIN,), ("GET", "POST"), ("*",))], HEADERS, "origin"),
        ([CorsRule((ORIGIN,), ("PUT",), ())], HEADERS, "content-type, x-oss-meta-grant"),
        ([CorsRule((ORIGIN,), ("PUT",), ("Content-Type", "X-OSS-*"))], HEADERS, ""),
        ([CorsRule((ORIGIN,), ("PUT",), ())], {"Content-Type": "text/plain; charset=utf-8"}, ""),
        ([CorsRule((ORIGIN,), ("PUT",), ("a",)), CorsRule((ORIGIN,), ("PUT",), ("*",))], HEADERS, ""),
        (
            [CorsRule((ORIGIN,), ("PUT",), ("content-type",)), CorsRule((ORIGIN,), ("PUT",), ("x-oss-*",))],
            HEADERS,
            "content-type, x-oss-meta-grant",
        ),
    ],
)
def test_the_verdict(rules, headers, verdict):
    configuration = CorsConfiguration(tuple(rules))

    assert cors_verdict(configuration, origin=ORIGIN, method="PUT", headers=headers) == verdict


@pytest.mark.django_db
def test_rules_that_were_mended_count_within_a_minute(oss, allow_origin):
    assert cors_rules(BUCKET) == CorsConfiguration(rules=())
    allow_origin(ORIGIN)
    assert cors_rules(BUCKET) == CorsConfiguration(rules=())
    cache.clear()
    assert cors_rules(BUCKET).rules[0].allowed_origins == (ORIGIN,)


@pytest.mark.django_db
def test_settle_names_the_origin_too_where_nobody_asks_any_more(visitor, clock, refuse_heads, oss):
    [answer] = visitor.ask(a_file())
    refuse_heads(503, "ServiceUnavailable")
    body = {"results": [{"id": answer["id"], "status": None, "evidence": '{"online": true, "reached": true}'}]}
    visitor.post("results", body, Origin=ORIGIN)
    oss.app.intercept = None
    UploadGrant.objects.update(next_check_at=row(answer).changed_at)
    clock.shift(60)

    settle_due()

    assert (row(answer).state, row(answer).cause) == ("failed", "cors_origin")
    assert row(answer).cause_details["what"] == ORIGIN
