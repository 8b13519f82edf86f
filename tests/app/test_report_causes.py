"""What becomes of a grant after each kind of answer that a browser can get, and what the visitor reads."""

from __future__ import annotations

import pytest

from tests.app.conftest import a_file, put, row
from tests.conftest import BUCKET
from uploads.causes import CAUSES
from uploads.diagnosis import OssAnswer, cause_sentence, diagnose_attempt, visitor_sentence
from uploads.models.grants import GrantState

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("report", "cause", "state", "retry"),
    [
        ({"status": 200}, "not_there", "reported", "same"),
        ({"status": 203, "code": "CallbackFailed"}, "not_there", "reported", "same"),
        ({"status": 302}, "not_there", "reported", "same"),
        ({"status": None}, "connection_broke", "reported", "same"),
        ({"status": 400, "code": "RequestTimeout"}, "connection_broke", "reported", "same"),
        ({"status": 400, "code": "IncompleteBody"}, "connection_broke", "reported", "same"),
        ({"status": 400, "code": "InvalidDigest"}, "digest", "failed", "new"),
        ({"status": 403, "code": "SignatureDoesNotMatch", "ec": "0002-00000201"}, "signature", "failed", "new"),
        ({"status": 403, "code": "AccessDenied", "ec": "0002-00000236"}, "url_lapsed", "reported", "same"),
        ({"status": 403, "code": "AccessDenied", "ec": "0002-00000235"}, "not_yet_valid", "reported", "same"),
        ({"status": 403, "code": "RequestTimeTooSkewed"}, "clock_drift", "reported", "same"),
        ({"status": 403, "code": "AccessDenied", "ec": "0003-00000201"}, "denied", "failed", "new"),
        ({"status": 403, "code": "InvalidAccessKeyId"}, "access_key", "failed", "new"),
        ({"status": 403, "code": "SecurityTokenExpired"}, "token_expired", "failed", "new"),
        ({"status": 403}, "refused", "failed", "new"),
        ({"status": 404, "code": "NoSuchBucket"}, "no_bucket", "failed", "new"),
        ({"status": 405, "code": "MethodNotAllowed"}, "method_not_allowed", "failed", "new"),
        ({"status": 418}, "refused", "failed", "new"),
        ({"status": 409, "code": "FileAlreadyExists"}, "storage_busy", "reported", "same"),
        ({"status": 429}, "storage_busy", "reported", "same"),
        ({"status": 500, "code": "InternalError"}, "storage_busy", "reported", "same"),
        ({"status": 599}, "storage_busy", "reported", "same"),
    ],
)
def test_without_an_object_the_answer_names_the_cause(visitor, report, cause, state, retry):
    [answer] = visitor.ask(a_file())

    [status] = visitor.report({"id": answer["id"], **report})

    assert (status["cause"]["code"], status["state"], status["retry"]) == (cause, state, retry)
    assert status["file_state"] == "failed"
    assert status["cause"]["message"] == visitor_sentence(cause, owner="Ingrid Dahl", grant=answer["grant"])


@pytest.mark.parametrize("status", [None, 200, 403, 409, 500])
def test_with_the_object_there_it_is_stored_whatever_the_browser_saw(visitor, status):
    [answer] = visitor.ask(a_file())
    put(answer)

    [answered] = visitor.report({"id": answer["id"], "status": status, "code": "SignatureDoesNotMatch"})

    assert (answered["state"], answered["file_state"], answered.get("cause")) == ("stored", "stored", None)


def test_a_409_over_a_foreign_object_is_a_mismatch(visitor, oss):
    [answer] = visitor.ask(a_file())
    oss.app.store.put_bytes(BUCKET, row(answer).object_key, b"alien", content_type="text/plain")
    assert put(answer).status_code == 409

    [status] = visitor.report({"id": answer["id"], "status": 409, "code": "FileAlreadyExists"})

    assert (status["state"], status["file_state"], status["retry"]) == ("mismatch", "mismatch", "new")
    assert status["cause"]["code"] == "differs"
    assert row(answer).events.last().data["differences"] == {"grant": [answer["grant"], ""]}


@pytest.mark.parametrize(
    ("content", "headers", "differing"),
    [
        pytest.param(b"longer!", {}, {"length": ["5", "7"]}, id="another length"),
        pytest.param(b"", {}, {"length": ["5", "0"]}, id="no bytes"),
        pytest.param(
            b"hello", {"content_type": "text/html"}, {"content-type": ["text/plain", "text/html"]}, id="another type"
        ),
        pytest.param(b"hello", {"x_oss_meta_grant": "gother"}, {"grant": None}, id="another grant's id"),
    ],
)
def test_an_object_that_is_not_what_was_granted_is_a_mismatch(visitor, oss, content, headers, differing):
    [answer] = visitor.ask(a_file())
    granted = {"content_type": "text/plain", "x_oss_meta_grant": answer["grant"]}
    oss.app.store.put_bytes(BUCKET, row(answer).object_key, content, **granted | headers)

    [status] = visitor.report({"id": answer["id"], "status": 200})

    assert status["state"] == "mismatch"
    differences = row(answer).events.last().data["differences"]
    assert differences == {name: pair or [answer["grant"], "gother"] for name, pair in differing.items()}
    assert (row(answer).next_check_at, row(answer).released_at) == (None, None)


def test_a_mismatch_keeps_its_object_and_its_room(visitor, oss, open_page):
    [answer] = visitor.ask(a_file())
    oss.app.store.put_bytes(BUCKET, row(answer).object_key, b"alien")
    visitor.report({"id": answer["id"], "status": 200})

    [retry] = visitor.ask(a_file(retry_of=answer["id"]))

    assert put(retry).status_code == 200
    assert len(oss.app.store.keys(BUCKET)) == 2
    open_page.refresh_from_db()
    assert open_page.used_files == 2


def test_a_true_signature_error_goes_the_whole_way(visitor):
    """The seed problem: the browser's own Content-Type instead of the signed one."""
    [answer] = visitor.ask(a_file(type="image/png"))
    response = put(answer, Content_Type="image/jpeg")
    error = {name: response.text.partition(f"<{name}>")[2].partition("<")[0] for name in ("Code", "EC")}

    [status] = visitor.report(
        {"id": answer["id"], "status": response.status_code, "code": error["Code"], "ec": error["EC"]}
    )

    assert (response.status_code, error) == (403, {"Code": "SignatureDoesNotMatch", "EC": "0002-00000201"})
    assert (status["state"], status["cause"]["code"]) == ("failed", "signature")


def test_a_true_lapsed_url_goes_the_whole_way(visitor, clock):
    file = a_file()
    [answer] = visitor.ask(file)
    clock.shift(16 * 60)
    response = put(answer)
    assert (response.status_code, response.headers["x-oss-ec"]) == (403, "0002-00000236")

    [status] = visitor.report({"id": file["id"], "status": 403, "code": "AccessDenied", "ec": "0002-00000236"})
    [fresh] = visitor.ask(file)

    assert (status["cause"]["code"], status["retry"]) == ("url_lapsed", "same")
    assert put(fresh).status_code == 200


def test_the_body_of_a_signature_error_has_no_way_into_the_database(visitor):
    """It quotes the request: key id, credential, and the security token where there is one."""
    [answer] = visitor.ask(a_file())
    body = put(answer, Content_Type="image/jpeg").text
    canonical = body.partition("<CanonicalRequest>")[2].partition("</CanonicalRequest>")[0]
    assert "x-oss-credential=" in canonical

    for field in ("code", "ec", "etag", "request_id", "message"):
        report = {"id": answer["id"], "status": 403, field: canonical}
        assert visitor.post("results", {"results": [report]}).status_code == 400
    assert row(answer).state == GrantState.ISSUED


def test_every_cause_has_a_sentence_for_both_and_fits_its_column():
    for code in CAUSES:
        assert len(code) <= 40
        sentences = visitor_sentence(code, owner="100% Ingrid", grant="g1"), cause_sentence(code)
        assert all(sentence.endswith(".") and "%(" not in sentence for sentence in sentences)
    assert (visitor_sentence("", owner="", grant=""), cause_sentence("")) == ("", "")


@pytest.mark.parametrize("code", ["", "SignatureDoesNotMatch", "Whatever"])
def test_every_status_has_a_cause(code):
    causes = {diagnose_attempt(OssAnswer(status, code)).code for status in (None, *range(100, 600))}

    assert causes <= CAUSES.keys()
