"""Upload pages in the admin."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import make_grant, make_page, make_user
from tests.staff_cast import make_editor, make_reviewer
from uploads.models.pages import UploadPage

pytestmark = pytest.mark.django_db

PAGES = "/admin/uploads/uploadpage/"


@pytest.fixture
def editor(client):
    client.force_login(make_editor())
    return client


@pytest.fixture
def change(open_page):
    return f"{PAGES}{open_page.pk}/change/"


@pytest.fixture
def fields(open_page):
    """What the form sends when nothing is changed."""
    return {
        "title": open_page.title,
        "owner": open_page.owner.pk,
        "instructions": "",
        "prefix": open_page.prefix,
        "max_files": "",
        "max_bytes": "",
        "url_validity_seconds": open_page.url_validity_seconds,
        "storage_class": "",
        "metadata": "",
        "is_attachment": "on",
        "closed_at_0": "",
        "closed_at_1": "",
    }


def test_it_works(editor, open_page):
    response = editor.get(PAGES)

    assert list(response.context["cl"].result_list) == [open_page]


@pytest.mark.parametrize(("state", "title"), [("open", "Open"), ("closed", "Closed")])
def test_pages_are_found_by_their_state(editor, state, title):
    make_page(title="Open", closed_at=timezone.now() + timedelta(days=1))
    make_page(title="Closed", closed_at=timezone.now() - timedelta(days=1))

    response = editor.get(PAGES, {"is": state})

    assert [page.title for page in response.context["cl"].result_list] == [title]


def test_the_basics_can_be_changed_and_the_rest_cannot(editor, change, fields, open_page):
    before = (open_page.token, open_page.page_id, open_page.used_files)

    response = editor.post(change, {**fields, "title": "Changed", "token": "x", "page_id": "x", "used_files": "9"})

    open_page.refresh_from_db()
    assert response.status_code == 302
    assert open_page.title == "Changed"
    assert (open_page.token, open_page.page_id, open_page.used_files) == before


def test_a_change_does_not_put_back_what_uploads_have_reserved_meanwhile(
    editor, change, fields, open_page, monkeypatch
):
    clean = UploadPage.clean

    def upload_meanwhile(page):
        UploadPage.objects.filter(pk=page.pk).update(used_files=5)
        clean(page)

    monkeypatch.setattr(UploadPage, "clean", upload_meanwhile)
    editor.post(change, {**fields, "title": "Changed"})

    open_page.refresh_from_db()
    assert (open_page.title, open_page.used_files) == ("Changed", 5)


@pytest.mark.parametrize(("make_person", "sees_it"), [(make_reviewer, False), (make_editor, True)])
def test_the_link_is_shown_to_those_who_may_change_the_page(client, change, open_page, make_person, sees_it):
    client.force_login(make_person())

    response = client.get(change)

    assert response.status_code == 200
    assert (open_page.token in response.text) == sees_it


def test_the_list_shows_no_link(editor, open_page):
    assert open_page.token not in editor.get(PAGES).text


@pytest.mark.parametrize("lookup", ["token__startswith", "token__regex", "token__gt", "token"])
def test_the_address_of_the_list_cannot_be_asked_for_a_link_sign_by_sign(client, open_page, lookup):
    client.force_login(make_reviewer())

    assert client.get(PAGES, {lookup: open_page.token}).status_code == 400


def test_a_reviewer_changes_nothing(client, change, fields, open_page):
    client.force_login(make_reviewer())

    assert client.post(change, {**fields, "title": "Changed"}).status_code == 403
    assert UploadPage.objects.get().title == open_page.title


def test_a_page_with_grants_stays_and_it_is_said_why(editor, open_page):
    make_grant(page=open_page)

    response = editor.post(f"{PAGES}{open_page.pk}/delete/", {"post": "yes"}, follow=True)

    assert "Close it instead." in response.text
    assert UploadPage.objects.exists()


def test_a_page_without_grants_can_be_deleted(editor, open_page):
    editor.post(f"{PAGES}{open_page.pk}/delete/", {"post": "yes"})

    assert not UploadPage.objects.exists()


def test_many_are_not_deleted_at_once(editor, open_page):
    editor.post(PAGES, {"action": "delete_selected", "_selected_action": [open_page.pk], "post": "yes"})

    assert UploadPage.objects.exists()


@pytest.mark.parametrize("metadata", ["a_b=1", "a=", "grant=1", "[]"])
def test_metadata_that_cannot_be_signed_is_refused(editor, change, fields, metadata):
    response = editor.post(change, {**fields, "metadata": metadata})

    assert response.status_code == 200
    assert "metadata" in response.context["adminform"].form.errors


def test_a_new_page_belongs_to_whoever_makes_it(editor, fields):
    response = editor.get(f"{PAGES}add/")

    assert response.context["adminform"].form["owner"].value() == str(response.context["user"].pk)


def test_the_list_asks_the_database_as_often_for_30_pages_as_for_3(editor, django_assert_num_queries):
    for _ in range(3):
        make_grant(page=make_page(owner=make_user()))
    editor.get(PAGES)  # Content types are looked up once in a process.
    with CaptureQueriesContext(connection) as few:
        editor.get(PAGES)
    for _ in range(27):
        make_grant(page=make_page(owner=make_user()))

    with django_assert_num_queries(len(few)):
        response = editor.get(PAGES)

    assert len(response.context["cl"].result_list) == 30


def test_the_admins_short_cut_does_not_give_a_link_away(client, open_page):
    client.force_login(make_user("newcomer"))
    content_type = ContentType.objects.get_for_model(UploadPage)

    response = client.get(f"/admin/r/{content_type.pk}/{open_page.pk}/")

    assert response.status_code == 404
    assert open_page.token not in str(response.headers)
