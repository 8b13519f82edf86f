"""Grants and events in the admin: a record that reviewers search, and that nobody rewrites."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import make_grant, make_page
from tests.staff_cast import HOSTILE_NAMES, make_reviewer
from uploads.models.events import EventKind, GrantEvent, SaidBy
from uploads.models.grants import UploadGrant
from uploads.models.parts import UploadPart

pytestmark = pytest.mark.django_db

GRANTS = "/admin/uploads/uploadgrant/"
EVENTS = "/admin/uploads/grantevent/"


@pytest.fixture
def reviewer(client):
    client.force_login(make_reviewer())
    return client


@pytest.fixture
def event(grant):
    return make_event(grant)


def make_event(grant, **fields):
    defaults = {"kind": EventKind.ISSUED, "said_by": SaidBy.SERVER}
    return GrantEvent.objects.create(grant=grant, **{**defaults, **fields})


def found(response) -> list:
    return list(response.context["cl"].result_list)


def test_it_works(reviewer, grant):
    response = reviewer.get(GRANTS)

    assert found(response) == [grant]
    assert grant.file_name in response.text


def test_a_url_without_a_grant_is_found_by_its_key_and_says_what_it_was_for(reviewer, event):
    signed = make_event(None, kind=EventKind.URL_SIGNED, data={"method": "GET", "key": "handover/<b>.gz"})

    response = reviewer.get(EVENTS, {"q": "handover/"})

    assert found(response) == [signed]
    assert "GET <bdi>handover/&lt;b&gt;.gz</bdi>" in response.text


def test_a_grant_shows_what_was_agreed_said_and_seen_with_its_history(reviewer, grant):
    make_event(
        grant, kind=EventKind.ATTEMPT_FAILED, said_by=SaidBy.BROWSER, request_id="65F1A2B3", data={"status": 403}
    )

    text = reviewer.get(f"{GRANTS}{grant.pk}/change/").text

    for shown in (grant.grant_id, grant.object_key, "Attempt failed", "said by browser", "65F1A2B3", "403"):
        assert shown in text


def test_a_grant_shows_its_cause_in_words_and_leads_to_its_page(reviewer, grant):
    found = [["header", "Content-Type", "text/csv", "text/html"]]
    UploadGrant.objects.update(cause="content_type", cause_details={"differences": found, "by_browser": True})

    text = reviewer.get(f"{GRANTS}{grant.pk}/change/").text

    assert "According to the sender: The Content-Type is not the signed one" in text
    assert "signed Content-Type text/csv, sent text/html." in text
    assert f'href="/staff/grants/{grant.grant_id}/"' in text


@pytest.mark.parametrize("who", ["reviewer", "administrator"])
@pytest.mark.parametrize("model", ["uploadgrant", "grantevent"])
def test_nobody_adds_changes_or_deletes_the_record(client, django_user_model, event, who, model):
    people = {"reviewer": make_reviewer, "administrator": lambda: django_user_model.objects.create_superuser("root")}
    client.force_login(people[who]())
    pk = {"uploadgrant": event.grant.pk, "grantevent": event.pk}[model]
    before = (list(UploadGrant.objects.values()), list(GrantEvent.objects.values()))

    statuses = [
        client.post(f"/admin/uploads/{model}/{path}", {"state": "stored", "post": "yes", "_save": "Save"}).status_code
        for path in ("add/", f"{pk}/change/", f"{pk}/delete/")
    ]
    client.post(f"/admin/uploads/{model}/", {"action": "delete_selected", "_selected_action": [pk], "post": "yes"})

    assert statuses == [403, 403, 403]
    assert (list(UploadGrant.objects.values()), list(GrantEvent.objects.values())) == before


@pytest.mark.parametrize("path", [GRANTS, EVENTS])
def test_staff_without_the_permission_do_not_get_in(client, owner, path):
    client.force_login(owner)

    assert client.get(path).status_code == 403


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        pytest.param({"state__exact": "failed"}, "failed.pdf", id="its state"),
        pytest.param({"of_page": "pinvoices"}, "invoice.pdf", id="its page's id"),
        pytest.param({"of_page": "Invoices, Nov"}, "invoice.pdf", id="part of its page's title"),
        pytest.param(
            {"created_at__gte": "2020-01-01 00:00Z", "created_at__lt": "2020-02-01 00:00Z"}, "old.pdf", id="its date"
        ),
        pytest.param({"created_at__year": "2020"}, "old.pdf", id="its year"),
        pytest.param({"q": "INVOICE.P"}, "invoice.pdf", id="part of its name"),
        pytest.param({"q": "2020/old-key"}, "old.pdf", id="part of its key"),
        pytest.param({"q": "65F1AAAA"}, "failed.pdf", id="the request id that was reported"),
        pytest.param({"q": "65F1BBBB"}, "failed.pdf", id="a request id of its history"),
    ],
)
def test_a_grant_is_found_by(reviewer, parameters, name):
    make_grant(file_name="failed.pdf", state="failed", cause="signature", reported_request_id="65F1AAAA")
    for _ in range(2):
        make_event(UploadGrant.objects.get(), request_id="65F1BBBB")
    make_grant(file_name="invoice.pdf", page=make_page(page_id="pinvoices", title="Invoices, November"))
    make_grant(file_name="old.pdf", object_key="2020/old-key", created_at=timezone.now().replace(2020, 1, 15))

    response = reviewer.get(GRANTS, parameters)

    assert [grant.file_name for grant in found(response)] == [name]


def test_the_page_filter_offers_the_newest_pages_and_a_field_that_keeps_the_rest(reviewer, owner):
    for number in range(15):
        make_page(owner=owner, title=f"Page number {number}", created_at=timezone.now() + timedelta(days=number))

    text = reviewer.get(GRANTS, {"state__exact": "issued", "q": "x"}).text

    assert "Page number 14" in text
    assert "Page number 4<" not in text
    assert '<input type="hidden" name="state__exact" value="issued">' in text


def test_an_event_is_found_by_its_request_id(reviewer, grant):
    make_event(grant, request_id="65F1CCCC")
    make_event(grant, request_id="65F1DDDD")

    assert [event.request_id for event in found(reviewer.get(EVENTS, {"q": "65F1CCCC"}))] == ["65F1CCCC"]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_what_visitors_wrote_is_shown_as_text(reviewer, name):
    page = make_page(title=name[:200])
    grant = make_grant(
        page=page, file_name=name, original_name=name, object_key=name, reported_code=name[:64],
        check_error=name[:200], signed_headers={name: name}, reported_request_id=name[:64],
    )  # fmt: skip
    event = make_event(grant, request_id=name[:64], data={name: [name]})
    paths = (GRANTS, f"{GRANTS}{grant.pk}/change/", EVENTS, f"{EVENTS}{event.pk}/change/")

    for path in paths:
        text = reviewer.get(path).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "<bdi>" in text


def test_sizes_are_for_people_and_for_comparing(reviewer):
    grant = make_grant(size_bytes=19_293_798)

    assert "18.4\u00a0MB<" in reviewer.get(GRANTS).text
    assert "18.4\u00a0MB (19,293,798 B)" in reviewer.get(f"{GRANTS}{grant.pk}/change/").text


@pytest.mark.parametrize("path", [GRANTS, EVENTS])
def test_lists_ask_the_database_as_often_for_30_rows_as_for_3(reviewer, path, django_assert_num_queries):
    for _ in range(3):
        make_event(make_grant())
    reviewer.get(path)  # Content types are looked up once in a process.
    with CaptureQueriesContext(connection) as few:
        reviewer.get(path)
    for _ in range(27):
        make_event(make_grant())

    with django_assert_num_queries(len(few)):
        response = reviewer.get(path)

    assert len(found(response)) == 30


def test_a_grants_page_asks_as_often_for_30_events_as_for_3(reviewer, owner, grant, django_assert_num_queries):
    for _ in range(3):
        make_event(grant, actor=owner)
    reviewer.get(f"{GRANTS}{grant.pk}/change/")  # Content types are looked up once in a process.
    with CaptureQueriesContext(connection) as few:
        reviewer.get(f"{GRANTS}{grant.pk}/change/")
    for _ in range(27):
        make_event(grant, actor=owner)

    with django_assert_num_queries(len(few)):
        reviewer.get(f"{GRANTS}{grant.pk}/change/")


def test_a_grant_in_parts_shows_how_many_were_signed_and_not_each(reviewer, grant):
    UploadGrant.objects.update(parts_begun_at=timezone.now(), upload_id="UPLOAD0001", folder="photos/2026")
    numbers = range(1, 2001)
    UploadPart.objects.bulk_create(
        UploadPart(grant=grant, number=number, offset=number, size_bytes=7_654_321) for number in numbers
    )

    text = reviewer.get(f"{GRANTS}{grant.pk}/change/").text

    for shown in ("UPLOAD0001", "photos/2026", "2000"):
        assert shown in text
    assert "7654321" not in text


def test_a_grant_whose_parts_are_deleted_shows_how_many_were_signed(reviewer, grant):
    UploadGrant.objects.update(parts_begun_at=timezone.now(), parts_signed=4321)

    assert "4321" in reviewer.get(f"{GRANTS}{grant.pk}/change/").text


def test_a_folder_is_found(reviewer, grant):
    UploadGrant.objects.update(folder="photos/2026")

    assert found(reviewer.get(GRANTS, {"q": "photos/2026"})) == [grant]
    assert found(reviewer.get(GRANTS, {"q": "photos/2027"})) == []
