"""What a browser hands in beside its report: it names the cause, is kept without secrets, and holds nobody up."""

from __future__ import annotations

import json
import threading
import time

import pytest

from tests.app.conftest import a_file, put, row
from tests.conftest import BUCKET
from uploads.diagnosis import cause_sentence
from uploads.evidence import MAX_CHARACTERS
from uploads.localoss.errors import Cause, Refusal
from uploads.models.events import GrantEvent
from uploads.oss.documents import CorsRule

pytestmark = pytest.mark.django_db

ORIGIN = "https://upload.example.com"
SECRETS = ("test-key-id", "secret-token", "0" * 64)


def evidence_of(response, **changed) -> str:
    """As the page's script takes it from OSS's answer, escaped as it stands there."""
    canonical = response.text.partition("<CanonicalRequest>")[2].partition("</CanonicalRequest>")[0]
    return json.dumps({"canonical_request": canonical, **changed})


@pytest.fixture
def refused(visitor):
    """A PUT that OSS refuses for its signature, reported with evidence; the answer of the report."""

    def refused(file=None, *, url=lambda url: url, **headers):
        [answer] = visitor.ask(file or a_file(type="image/png"))
        response = put({**answer, "url": url(answer["url"])}, **headers)
        assert response.status_code == 403, response.text
        report = {"status": 403, "code": "SignatureDoesNotMatch", "ec": "0002-00000201"}
        [status] = visitor.report({"id": answer["id"], **report, "evidence": evidence_of(response)})
        return status

    return refused


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
    ("headers", "cause", "sentence"),
    [
        (
            {"Content_Type": "image/jpeg"},
            "content_type",
            "The Content-Type is not the signed one: signed Content-Type image/png, sent image/jpeg.",
        ),
        (
            {"x_oss_meta_grant": None},
            "metadata",
            "The user metadata is not what was signed: x-oss-meta-grant was signed but not sent.",
        ),
        (
            {"x_oss_storage_class": "IA"},
            "storage_class",
            "The storage class is not the signed one: x-oss-storage-class IA was sent but not signed.",
        ),
        (
            {"x_oss_forbid_overwrite": "false"},
            "header",
            "A header is not what was signed: signed x-oss-forbid-overwrite true, sent false.",
        ),
    ],
    ids=["another type", "without metadata", "with a storage class", "to overwrite"],
)
def test_the_difference_is_named(refused, headers, cause, sentence):
    status = refused(**headers)

    assert (status["state"], status["cause"]["code"], status["retry"]) == ("failed", cause, "new")
    assert "exactly the headers" in status["cause"]["message"]
    grant = row(status)
    assert cause_sentence(grant.cause, grant.cause_details) == f"According to the sender: {sentence}"


def test_a_changed_life_is_named_for_a_url_that_was_signed_twice(refused, visitor, clock):
    file = a_file(type="image/png")
    visitor.ask(file)
    clock.shift(60)

    status = refused(file, url=lambda url: url.replace("x-oss-expires=900", "x-oss-expires=9000"))

    assert row(status).cause_details["differences"] == [["query", "x-oss-expires", "900", "9000"]]


def test_an_older_url_of_the_grant_is_held_against_its_own_terms(visitor, clock):
    file = a_file(type="image/png")
    [older] = visitor.ask(file)
    clock.shift(60)
    visitor.ask(file)
    response = put(older, Content_Type="image/jpeg")

    [status] = visitor.report({"id": file["id"], "status": 403, "code": "SignatureDoesNotMatch",
                               "evidence": evidence_of(response)})  # fmt: skip

    assert row(status).cause_details["differences"] == [["header", "Content-Type", "image/png", "image/jpeg"]]


@pytest.mark.parametrize(
    ("headers", "cause", "found"),
    [
        ("content-length:5\n", "signature", []),
        ("content-length:5\ncontent-type:text/csv\n", "content_type", [["header", "Content-Type", None, "text/csv"]]),
    ],
)
def test_the_url_of_a_part_is_not_held_against_that_of_the_file(visitor, headers, cause, found):
    [answer] = visitor.ask(a_file())
    key = row(answer).object_key
    query = (
        "partNumber=1&uploadId=U&x-oss-additional-headers=content-length&x-oss-date=20261120T100000Z"
        "&x-oss-expires=900&x-oss-signature-version=OSS4-HMAC-SHA256"
    )
    canonical = f"PUT\n/{BUCKET}/{key}\n{query}\n{headers}\ncontent-length\nUNSIGNED-PAYLOAD"

    [status] = visitor.report({"id": answer["id"], "status": 403, "code": "SignatureDoesNotMatch",
                               "evidence": json.dumps({"canonical_request": canonical})})  # fmt: skip

    assert status["cause"]["code"] == cause
    assert row(status).cause_details.get("differences", []) == found


def test_no_secret_gets_into_the_database(visitor, settings):
    [answer] = visitor.ask(a_file(type="image/png"))
    response = put(answer, Content_Type="image/jpeg")
    canonical = json.loads(evidence_of(response))["canonical_request"]
    assert "test-key-id" in canonical
    leaky = canonical.replace(
        "x-oss-date", f"x-oss-security-token=secret-token&x-oss-signature={'0' * 64}&x-oss-date"
    )

    visitor.report({"id": answer["id"], "status": 403, "code": "SignatureDoesNotMatch",
                    "evidence": json.dumps({"canonical_request": leaky, "token": "secret-token"})})  # fmt: skip

    grant = row(answer)
    kept = json.dumps([grant.evidence, grant.cause_details, *(event.data for event in grant.events.all())])
    assert "image/jpeg" in kept
    assert [secret for secret in SECRETS if secret in kept] == []


@pytest.mark.parametrize("sign", ["%00", "%ff", "%ED%A0%80", "<script>"])
def test_signs_that_no_database_takes_are_no_trouble(visitor, sign):
    [answer] = visitor.ask(a_file())
    canonical = f"PUT\n/{BUCKET}/a{sign}\nx-oss-date={sign}\nx-oss-meta-a:{sign}\n\n\nUNSIGNED-PAYLOAD"

    [status] = visitor.report({"id": answer["id"], "status": 403, "code": "SignatureDoesNotMatch",
                               "evidence": json.dumps({"canonical_request": canonical})})  # fmt: skip

    assert status["cause"]["code"] == "key"
    assert "\x00" not in json.dumps(row(status).cause_details)


@pytest.mark.parametrize("evidence", ["no JSON", "[]", '{"canonical_request": "no request"}', "\x00"])
def test_evidence_that_is_none_hinders_no_report(visitor, evidence):
    [answer] = visitor.ask(a_file())

    [status] = visitor.report(
        {"id": answer["id"], "status": 403, "code": "SignatureDoesNotMatch", "evidence": evidence}
    )

    assert (status["cause"]["code"], row(answer).evidence) == ("signature", {})


@pytest.mark.parametrize("evidence", ["x" * (MAX_CHARACTERS + 1), {"online": True}, 7])
def test_evidence_of_a_wrong_shape_is_a_bad_request(visitor, evidence):
    [answer] = visitor.ask(a_file())

    response = visitor.post("results", {"results": [{"id": answer["id"], "status": None, "evidence": evidence}]})

    assert (response.status_code, response.json()["error"]["field"]) == (400, "results[0].evidence")


def test_the_history_keeps_the_evidence_of_the_first_attempts_only(visitor, monkeypatch):
    monkeypatch.setattr("uploads.results.ATTEMPTS_WITH_EVIDENCE", 2)
    file = a_file()
    for number in range(3):
        visitor.ask(file)
        visitor.report({"id": file["id"], "status": None, "request_id": str(number), "evidence": '{"online": true}'})

    attempts = GrantEvent.objects.filter(kind="attempt_failed")
    assert ["evidence" in attempt.data for attempt in attempts] == [True, True, False]


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
    assert first < 2.5
    assert second < first
    assert asked == [1]
