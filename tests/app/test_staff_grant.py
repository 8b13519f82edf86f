"""The page of one grant: who may see it, what was signed against what is stored, and why an attempt failed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import requests
from django.test import Client
from django.utils import timezone

from tests.app.conftest import a_file, put, row
from tests.app.test_report_evidence import evidence_of
from tests.conftest import BUCKET
from tests.factories import make_grant, make_page, make_user
from tests.staff_cast import HOSTILE_NAMES, make_reviewer
from uploads.models.events import EventKind, GrantEvent, SaidBy
from uploads.models.grants import GrantState

pytestmark = pytest.mark.django_db


def address_of(grant) -> str:
    return f"/staff/grants/{grant.grant_id}/"


def rows_of(response) -> dict[str, tuple]:
    return {row.name: (row.signed, row.stored) for row in response.context["match"].rows}


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def refused(visitor):
    """A grant whose PUT was refused for its Content-Type."""
    [answer] = visitor.ask(a_file(type="text/csv"))
    response = put(answer, Content_Type="application/vnd.ms-excel")
    visitor.report({"id": answer["id"], "status": 403, "code": "SignatureDoesNotMatch", "ec": "0002-00000201",
                    "request_id": "65F1", "evidence": evidence_of(response)})  # fmt: skip
    return row(answer)


def test_it_works(staff, grant):
    response = staff.get(address_of(grant))

    assert response.status_code == 200
    assert grant.object_key in response.text
    assert response["Cache-Control"] == "private, no-store"
    for forbidden in ("<script>", "<style", " style=", " onclick="):
        assert forbidden not in response.text


@pytest.mark.parametrize("what", ["", "verify/"])
def test_it_is_seen_by_those_who_see_its_page_who_signed_it_or_who_see_all(owner, stranger, grant, what):
    grant.issued_by = make_user("signer")
    grant.save()
    seers = [owner, grant.issued_by, make_reviewer(), make_user("administrator", is_superuser=True)]
    path = address_of(grant) + what

    method = "post" if what else "get"

    assert [getattr(signed_in(user), method)(path).status_code for user in seers] == [302 if what else 200] * 4
    for other in (stranger, make_page(owner=make_user("other")).owner):
        assert getattr(signed_in(other), method)(path).status_code == 404


def test_a_foreign_grant_looks_as_one_that_is_not_there(stranger, grant):
    client = signed_in(stranger)

    assert client.get(address_of(grant)).content == client.get("/staff/grants/gnone/").content


@pytest.mark.parametrize("what", ["", "verify/"])
def test_nobody_else_gets_so_far(client, grant, what):
    method, path = "post" if what else "get", address_of(grant) + what

    assert getattr(client, method)(path)["Location"].startswith("/staff/sign-in/")
    assert getattr(signed_in(make_user("visitor", is_staff=False)), method)(path).status_code == 403


def test_a_link_verifies_nothing_and_a_form_of_another_site_neither(owner, grant, heads):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)

    assert client.get(address_of(grant) + "verify/").status_code == 405
    assert client.post(address_of(grant) + "verify/").status_code == 403
    assert heads == []


def test_who_signed_a_grant_of_a_foreign_page_gets_no_link_to_it(grant):
    grant.issued_by = make_user("signer")
    grant.save()

    response = signed_in(grant.issued_by).get(address_of(grant))

    assert grant.page.title not in response.text
    assert "/admin/uploads/uploadgrant/" not in response.text


def test_those_who_may_see_grants_in_the_admin_get_there(grant):
    text = signed_in(make_reviewer()).get(address_of(grant)).text

    assert f'href="/admin/uploads/uploadgrant/{grant.pk}/change/"' in text


def test_what_is_stored_stands_beside_what_was_signed(staff, visitor):
    answer = visitor.send(name="report.txt")

    response = staff.get(address_of(row(answer)))

    rows = rows_of(response)
    assert rows["Content-Type"] == ("text/plain", "text/plain")
    assert rows["Length"] == ("5 bytes", "5 bytes")
    assert rows["x-oss-meta-grant"] == (answer["grant"], answer["grant"])
    assert rows["Content-Disposition"] == ("attachment; filename*=UTF-8''report.txt",) * 2
    assert rows["CRC-64"][0] is None
    assert "6 of 6 agree" in response.text
    assert response.context["attempt"] is None


def test_headers_that_staff_have_signed_are_compared_and_metadata_is_decoded(staff, owner, oss):
    headers = {"Content-Type": "text/csv", "Cache-Control": "no-cache", "x-oss-meta-by": "%E6%9D%8E"}
    make_page(owner=owner, page_id="pmine", prefix="surveys")
    form = {"key": "surveys/pmine/a.csv", "validity": 600, "metadata": "by=李", "cache_control": "no-cache"}
    signed = staff.post("/staff/sign/", form).context["signed"]
    requests.put(signed.url, data=b"1", headers={**headers, "x-oss-forbid-overwrite": "true"}, timeout=10)

    response = staff.post(address_of(signed.grant) + "verify/", follow=True)

    assert rows_of(response)["Cache-Control"] == ("no-cache", "no-cache")
    assert rows_of(response)["x-oss-meta-by"] == ("%E6%9D%8E", "%E6%9D%8E")
    assert "Decoded: <bdi>李</bdi>" in response.text


def test_a_mismatch_shows_the_field_that_differs(staff, visitor, oss):
    [answer] = visitor.ask(a_file())
    oss.app.store.put_bytes(BUCKET, row(answer).object_key, b"longer!", content_type="text/plain")
    visitor.report({"id": answer["id"], "status": 200})

    response = staff.get(address_of(row(answer)))

    differing = {r.name: (r.signed, r.stored) for r in response.context["match"].rows if r.differs}
    disposition = "attachment; filename*=UTF-8''report.txt"
    assert differing == {
        "Length": ("5 bytes", "7 bytes"),
        "x-oss-meta-grant": (answer["grant"], ""),
        "Content-Disposition": (disposition, ""),
    }
    assert "3 of 6 agree" in response.text
    assert "length: 5 granted, 7 stored" in response.text


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


@pytest.mark.parametrize("state", GrantState)
@pytest.mark.parametrize("cause", ["", "differs", "content_type", "of_a_newer_version"])
def test_a_grant_of_which_little_is_known_is_shown(staff, owner, state, cause):
    grant = make_grant(
        page=None, issued_by=owner, state=state, cause=cause, file_name="", size_bytes=None, content_type="",
        signed_headers={}, additional_headers=[],
    )  # fmt: skip

    response = staff.get(address_of(grant))

    assert response.status_code == 200
    assert "None" not in response.text
    assert f"<h1><bdi>{grant.object_key.rpartition('/')[2]}</bdi></h1>" in response.text


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_name_is_text(staff, open_page, name):
    grant = make_grant(page=open_page, file_name=name, object_key=f"a/{name}", signed_headers={"x-oss-meta-a": name})

    text = staff.get(address_of(grant)).text

    assert "<script>alert" not in text
    assert "<img src=x" not in text


def test_an_open_grant_says_how_to_get_its_url_and_commands(staff, grant):
    text = staff.get(address_of(grant)).text

    assert f'action="{address_of(grant)}sign/"' in text
    assert "Sign again and show the commands" in text
    assert "The latest URL works until" in text


def test_who_may_not_sign_it_again_reads_so(grant):
    text = signed_in(make_reviewer()).get(address_of(grant)).text

    assert f"{address_of(grant)}sign/" not in text
    assert "but not sign it again" in text


def test_a_url_that_has_lapsed_is_not_called_alive(staff, grant):
    grant.url_ends_at = timezone.now() - timedelta(seconds=1)
    grant.save()

    assert "The latest URL works until" not in staff.get(address_of(grant)).text


def test_a_grant_that_has_ended_has_no_commands(staff, visitor):
    answer = visitor.send(name="report.txt")

    assert "URL and commands" not in staff.get(address_of(row(answer))).text


@pytest.mark.parametrize("is_of_page", [True, False], ids=["of a page", "signed by staff"])
def test_it_stands_where_it_was_made(staff, owner, open_page, is_of_page):
    grant = make_grant(page=open_page if is_of_page else None, issued_by=owner)

    text = staff.get(address_of(grant)).text

    above, made_at = (
        re.search(r'<p class="crumb"><a href="([^"]+)', text)[1],
        "/staff/" if is_of_page else "/staff/sign/",
    )
    assert above == made_at
    assert f'<a href="{made_at}" aria-current="true">' in text


def test_verifying_again_asks_the_storage_now(staff, visitor):
    [answer] = visitor.ask(a_file())
    put(answer)

    response = staff.post(f"/staff/grants/{answer['grant']}/verify/", follow=True)

    assert response.context["grant"].state == GrantState.STORED
    assert "Verify again" not in response.text


def test_verifying_again_finds_what_came_after_all(staff, visitor):
    [answer] = visitor.ask(a_file())
    visitor.cancel(answer["id"])
    put(answer)

    staff.post(f"/staff/grants/{answer['grant']}/verify/")

    assert row(answer).state == GrantState.LATE


def test_the_storage_is_not_asked_twice_within_two_seconds(staff, grant, heads):
    for _ in range(3):
        staff.post(address_of(grant) + "verify/")

    assert len(heads) == 1


@pytest.mark.parametrize("state", [GrantState.STORED, GrantState.MISMATCH, GrantState.LATE])
def test_what_is_there_is_not_asked_for_again(staff, open_page, heads, state):
    grant = make_grant(page=open_page, state=state, stored_at=timezone.now() - timedelta(hours=1))

    staff.post(address_of(grant) + "verify/")

    assert heads == []
    assert "Verify again" not in staff.get(address_of(grant)).text


def test_a_storage_that_refuses_to_say_is_named(staff, grant, refuse_heads):
    refuse_heads(403, "AccessDenied", "0003-00000201")

    text = staff.post(address_of(grant) + "verify/", follow=True).text

    assert "OSS could not be asked and will be asked again: 403 AccessDenied 0003-00000201" in text
