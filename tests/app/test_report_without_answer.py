"""A PUT that got no answer: the browser's line and the bucket's CORS rules are told apart, and nobody is held up."""

from __future__ import annotations

import json
import threading
import time

import pytest
from django.core.cache import cache

from tests.app.conftest import a_file, row
from tests.conftest import BUCKET
from uploads.diagnosis import cause_sentence
from uploads.localoss.errors import Cause, Refusal
from uploads.oss.documents import CorsRule

pytestmark = pytest.mark.django_db

ORIGIN = "https://upload.example.com"


@pytest.fixture
def without_answer(visitor):
    """A PUT that got no answer, reported with evidence from a browser at an origin."""

    def report(origin=ORIGIN, **evidence):
        [answer] = visitor.ask(a_file(type="image/png"))
        body = {"results": [{"id": answer["id"], "status": None, "evidence": json.dumps(evidence)}]}
        headers = {"Origin": origin} if origin else {}
        return visitor.post("results", body, **headers).json()["results"][0]

    return report


@pytest.fixture
def cors_reads(oss):
    """How often the storage was asked for its CORS rules; `answer` may be set to a cause that refuses."""
    seen = []

    def note(environ):
        if environ["REQUEST_METHOD"] == "GET" and environ["REQUEST_URI"].endswith("?cors"):
            seen.append(environ["REQUEST_URI"])

    oss.app.intercept = note
    return seen


@pytest.mark.parametrize(
    ("evidence", "cause"),
    [({"online": False}, "offline"), ({"online": True, "reached": False}, "unreachable")],
)
def test_a_line_that_did_not_reach_the_storage_is_told_apart(without_answer, cors_reads, evidence, cause):
    status = without_answer(**evidence)

    assert (status["cause"]["code"], status["retry"]) == (cause, "same")
    assert cause_sentence(cause, row(status).cause_details).startswith("According to the sender: ")
    assert cors_reads == []


@pytest.mark.parametrize("reached", [True, None])
def test_an_origin_that_no_rule_allows_is_named(without_answer, allow_origin, reached):
    allow_origin("https://other.example.com")

    status = without_answer(online=True, reached=reached)

    assert (status["state"], status["cause"]["code"]) == ("failed", "cors_origin")
    assert "does not take files from this site yet" in status["cause"]["message"]
    sentence = f"According to the sender: No CORS rule of the bucket allows PUT from the origin {ORIGIN}."
    assert cause_sentence("cors_origin", row(status).cause_details) == sentence


def test_a_bucket_without_rules_lacks_the_origin_too(without_answer):
    assert without_answer(online=True, reached=True)["cause"]["code"] == "cors_origin"


def test_headers_that_no_rule_allows_are_named(without_answer, oss):
    rule = CorsRule((ORIGIN,), ("PUT",), ("content-type", "x-oss-forbid-*"))
    oss.app.set_cors(BUCKET, [rule])

    status = without_answer(online=True, reached=True)

    assert status["cause"]["code"] == "cors_headers"
    assert row(status).cause_details["what"] == "x-oss-meta-grant, content-disposition"


def test_with_a_rule_that_allows_all_the_line_broke(without_answer, allow_origin):
    allow_origin(ORIGIN)

    status = without_answer(online=True, reached=True)

    assert (status["state"], status["cause"]["code"], status["retry"]) == ("reported", "connection_broke", "same")


def test_the_rules_are_read_once_for_many_reports(without_answer, cors_reads):
    assert {without_answer(online=True, reached=True)["cause"]["code"] for _ in range(4)} == {"cors_origin"}
    assert len(cors_reads) == 1


def test_an_older_browser_that_names_no_origin_is_known_by_the_site(visitor, settings, oss):
    settings.SITE_URL = ORIGIN
    [answer] = visitor.ask(a_file())
    body = {"results": [{"id": answer["id"], "status": None}]}

    [status] = visitor.post("results", body, **{"Sec-Fetch-Site": "same-origin"}).json()["results"]

    assert row(status).cause_details["what"] == ORIGIN


@pytest.mark.parametrize("origin", ["", "null", "javascript:alert(1)", "https://a b", "https://a/" + "x" * 300])
def test_what_is_no_origin_is_not_looked_for(without_answer, cors_reads, origin):
    assert without_answer(origin, online=True, reached=True)["cause"]["code"] == "connection_broke"
    assert cors_reads == []


@pytest.mark.parametrize("code", ["AccessDenied", "InternalError"])
def test_rules_that_cannot_be_read_blame_nobody(without_answer, oss, code):
    def refuse(environ):
        if environ["REQUEST_URI"].endswith("?cors"):
            raise Refusal(Cause(403, code, "", "As the test wants it."))

    oss.app.intercept = refuse

    assert without_answer(online=True, reached=True)["cause"]["code"] == "connection_broke"


def test_rules_that_do_not_come_hold_nobody_up(without_answer, oss):
    release, asked = threading.Event(), []

    def hang(environ):
        if environ["REQUEST_URI"].endswith("?cors"):
            asked.append(1)
            release.wait(20)

    oss.app.intercept = hang
    try:
        started = time.monotonic()
        assert without_answer(online=True, reached=True)["cause"]["code"] == "connection_broke"
        first, started = time.monotonic() - started, time.monotonic()
        assert without_answer(online=True, reached=True)["cause"]["code"] == "connection_broke"
        second = time.monotonic() - started
    finally:
        release.set()
        # Its answer goes into the cache, which the next test begins without.
        while cache.get(f"uploads:cors:{BUCKET}:asking"):
            time.sleep(0.01)
    assert first < 2.5
    assert second < first
    assert asked == [1]
