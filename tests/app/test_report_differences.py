"""A PUT that OSS refused for its signature: the difference between what was signed and what was sent is named."""

from __future__ import annotations

import json

import pytest

from tests.app.conftest import a_file, put, row
from tests.app.taking_evidence import evidence_of
from tests.conftest import BUCKET
from uploads.diagnosis import cause_sentence

pytestmark = pytest.mark.django_db


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
