"""The list of upload pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import make_grant, make_page, make_user
from tests.staff_cast import HOSTILE_NAMES, make_editor, make_reviewer

pytestmark = pytest.mark.django_db


def listed_titles(response) -> list[str]:
    return [row.page.title for row in response.context["listed"].rows]


def row_of(response, page):
    return next(row for row in response.context["listed"].rows if row.page == page)


def test_it_works(staff, open_page):
    response = staff.get("/staff/")

    assert response.status_code == 200
    assert "Survey photographs" in response.text
    assert f"/staff/pages/{open_page.page_id}/" in response.text


def test_an_owner_sees_the_own_pages_only(staff, open_page):
    make_page(title="Somebody else's")

    assert listed_titles(staff.get("/staff/")) == [open_page.title]


def test_a_reviewer_sees_everybodys_pages_with_their_owners(client, open_page):
    client.force_login(make_reviewer())

    response = client.get("/staff/")

    assert listed_titles(response) == [open_page.title]
    assert "Ingrid Dahl" in response.text


def test_without_pages_it_says_what_to_do_first(staff):
    response = staff.get("/staff/")

    assert "Make the first page" in response.text
    assert "/staff/pages/new/" in response.text


def test_it_counts_what_arrived_and_what_needs_a_person(staff, open_page):
    arrival = timezone.now() - timedelta(hours=2)
    make_grant(page=open_page, state="stored", stored_size_bytes=1500, stored_at=arrival)
    make_grant(page=open_page, state="stored", stored_size_bytes=500, stored_at=arrival - timedelta(hours=1))
    for state in ("failed", "mismatch", "late", "issued", "expired", "cancelled"):
        make_grant(page=open_page, state=state)

    arrivals = row_of(staff.get("/staff/"), open_page).arrivals

    assert (arrivals.files, arrivals.size_bytes, arrivals.need_you) == (2, 2000, 3)
    assert arrivals.last_at == arrival


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        pytest.param({}, "open", id="a page without limits is open"),
        pytest.param({"closed_at": timezone.now() - timedelta(minutes=1)}, "closed", id="a closed page is closed"),
        pytest.param(
            {"closed_at": timezone.now() + timedelta(days=900)}, "open", id="a page that will close is open"
        ),
        pytest.param({"max_files": 2, "used_files": 2}, "full", id="a page with all its files is full"),
        pytest.param({"max_files": 2, "used_files": 1}, "open", id="a page with room for a file is open"),
        pytest.param({"max_bytes": 9, "used_bytes": 9}, "full", id="a page with all its bytes is full"),
    ],
)
def test_each_page_has_its_state(staff, owner, fields, state):
    page = make_page(owner=owner, **fields)

    response = staff.get("/staff/")

    assert row_of(response, page).state.code == state
    assert response.context["listed"].total_open == (state == "open")


@pytest.mark.parametrize("title", HOSTILE_NAMES)
def test_titles_are_shown_as_text(staff, owner, title):
    make_page(owner=owner, title=title[:200])

    response = staff.get("/staff/")

    assert "<script>alert" not in response.text
    assert "<img src=x" not in response.text
    assert listed_titles(response) == [title[:200]]


def test_it_asks_the_database_as_often_for_50_pages_as_for_3(
    client, django_assert_num_queries, django_assert_max_num_queries
):
    reviewer = make_reviewer()
    client.force_login(reviewer)
    for _ in range(3):
        make_grant(page=make_page(owner=make_user()), state="stored", stored_size_bytes=1)
    with django_assert_max_num_queries(9) as few:
        client.get("/staff/")
    for _ in range(47):
        make_grant(page=make_page(owner=make_user()), state="stored", stored_size_bytes=1)

    with django_assert_num_queries(len(few)):
        response = client.get("/staff/")

    assert len(response.context["listed"].rows) == 50


def test_the_fifty_first_page_is_on_the_second_screen(staff, owner):
    for number in range(51):
        make_page(owner=owner, title=f"Page {number}")

    first = staff.get("/staff/")
    second = staff.get("/staff/?page=2")

    assert len(listed_titles(first)) == 50
    assert listed_titles(second) == ["Page 0"]
    assert "page=2" in first.text


@pytest.mark.parametrize("number", ["0", "-1", "x", "9999999", ""])
def test_a_screen_that_is_not_there_is_one_that_is(staff, open_page, number):
    assert listed_titles(staff.get("/staff/", {"page": number})) == [open_page.title]


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("photo", id="part of the title"),
        pytest.param("PHOTO", id="part of the title in capitals"),
        pytest.param("{page.page_id}", id="the page id"),
        pytest.param("{page.token}", id="the token"),
        pytest.param("https://example.com/u/{page.token}/", id="the pasted link"),
        pytest.param("/u/{token_start}…", id="the link as the list shows it"),
    ],
)
def test_it_finds_a_page_by(staff, owner, open_page, query):
    make_page(owner=owner, title="Another")
    query = query.format(page=open_page, token_start=open_page.token[:8])

    assert listed_titles(staff.get("/staff/", {"q": query})) == [open_page.title]


@pytest.mark.parametrize("query", ["\x00photo", "photo\x00"])
def test_a_nul_in_the_search_is_left_out(staff, open_page, query):
    assert listed_titles(staff.get("/staff/", {"q": query})) == [open_page.title]


def test_a_search_without_a_find_shows_what_was_searched_as_text(staff, open_page):
    response = staff.get("/staff/", {"q": "<script>alert(1)</script>"})

    assert listed_titles(response) == []
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in response.text
    assert "<script>alert" not in response.text


def test_a_reviewer_cannot_find_out_a_link_sign_by_sign(client, open_page):
    client.force_login(make_reviewer())

    response = client.get("/staff/", {"q": open_page.token[:8]})

    assert listed_titles(response) == []
    assert open_page.token[:8] not in client.get("/staff/").text


def test_an_editor_sees_the_start_of_each_link(client, open_page):
    client.force_login(make_editor())

    response = client.get("/staff/")

    assert f"/u/{open_page.token[:8]}…" in response.text
    assert open_page.token not in response.text
