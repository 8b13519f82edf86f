"""The page of one grant: why an attempt failed, what happened, and whose word it is."""

from __future__ import annotations

import pytest

from tests.app.conftest import a_file, put, row
from tests.app.grant_page import address_of
from tests.app.taking_evidence import evidence_of
from uploads.models.events import EventKind, GrantEvent, SaidBy

pytestmark = pytest.mark.django_db


@pytest.fixture
def refused(visitor):
    """A grant whose PUT was refused for its Content-Type."""
    [answer] = visitor.ask(a_file(type="text/csv"))
    response = put(answer, Content_Type="application/vnd.ms-excel")
    visitor.report({"id": answer["id"], "status": 403, "code": "SignatureDoesNotMatch", "ec": "0002-00000201",
                    "request_id": "65F1", "evidence": evidence_of(response)})  # fmt: skip
    return row(answer)


def test_a_refused_attempt_shows_signed_against_sent_and_what_to_do(staff, refused):
    response = staff.get(address_of(refused))

    attempt = response.context["attempt"]
    sentence = "The Content-Type is not the signed one: signed Content-Type text/csv, sent application/vnd.ms-excel."
    assert (attempt.title, attempt.diagnosis.staff_sentence) == (
        "Attempt 1 failed: 403", f"According to the sender: {sentence}"
    )  # fmt: skip
    assert [tuple(r) for r in attempt.rows if r.differs] == [("Content-Type", "text/csv", "application/vnd.ms-excel")]
    assert {"x-oss-meta-grant", "content-length", "x-oss-forbid-overwrite"} < {r.name for r in attempt.rows}
    assert 'href="https://api.aliyun.com/troubleshoot?q=0002-00000201"' in response.text
    assert "65F1" in response.text
    assert "Send exactly the signed Content-Type." in response.text


def test_the_refused_attempt_stays_when_a_later_one_was_stored(staff, visitor, clock):
    file = a_file(type="text/csv")
    [answer] = visitor.ask(file)
    visitor.report({"id": file["id"], "status": 403, "code": "AccessDenied", "ec": "0002-00000236"})
    [fresh] = visitor.ask(file)
    put(fresh)
    clock.shift(3)
    visitor.report({"id": file["id"], "status": 200})

    response = staff.get(address_of(row(answer)))

    assert response.context["attempt"].diagnosis.code == "url_lapsed"
    assert "a later attempt was stored" in response.text


def test_a_lost_answer_of_a_stored_file_is_no_failure(staff, visitor):
    [answer] = visitor.ask(a_file())
    put(answer)
    visitor.report({"id": answer["id"], "status": None})

    assert staff.get(address_of(row(answer))).context["attempt"] is None


def test_a_cause_without_a_failed_attempt_is_shown_too(staff, visitor):
    [answer] = visitor.ask(a_file())
    visitor.report({"id": answer["id"], "status": 200})

    assert staff.get(address_of(row(answer))).context["attempt"].diagnosis.code == "not_there"


def test_the_history_says_what_happened_and_whose_word_it_is(staff, refused):
    story = staff.get(address_of(refused)).context["story"]

    assert [(str(chapter.mark.word), chapter.text, chapter.source) for chapter in story] == [
        ("Issued", "A URL for 15 minutes", "seen by server"),
        ("Attempt failed", "403 SignatureDoesNotMatch EC 0002-00000201", "said by browser"),
        ("Failed", "The Content-Type is not the signed one.", "seen by server"),
    ]


def test_the_person_who_acted_is_named(staff, grant, owner):
    GrantEvent.objects.create(grant=grant, kind=EventKind.RENEWED, said_by=SaidBy.STAFF, actor=owner)

    assert staff.get(address_of(grant)).context["story"][0].source == "Ingrid Dahl"


@pytest.mark.parametrize("kind", [*EventKind, "of_a_newer_version"])
def test_an_event_of_any_kind_and_without_details_is_shown(staff, grant, kind):
    GrantEvent.objects.create(grant=grant, kind=kind, said_by=SaidBy.SERVER)

    assert staff.get(address_of(grant)).status_code == 200
