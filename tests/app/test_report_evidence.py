"""What a browser hands in beside its report: kept without secrets, for the first attempts only, and no hindrance."""

from __future__ import annotations

import json

import pytest

from tests.app.conftest import a_file, put, row
from tests.app.taking_evidence import evidence_of
from tests.conftest import BUCKET
from uploads.evidence import MAX_CHARACTERS
from uploads.models.events import GrantEvent

pytestmark = pytest.mark.django_db

SECRETS = ("test-key-id", "secret-token", "0" * 64)


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
