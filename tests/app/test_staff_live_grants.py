"""The live part of a page: asked for every two seconds, answered with 304 while nothing is new."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import make_grant
from uploads.models.events import EventKind, SaidBy
from uploads.models.grants import GrantState
from uploads.models.history import recorded
from uploads.models.pages import UploadPage

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(staff, open_page):
    """Asks for the live part, with the version that the browser has."""

    def ask(etag: str = "", **parameters):
        headers = {"if-none-match": etag} if etag else {}
        return staff.get(f"/staff/pages/{open_page.page_id}/grants/", parameters, headers=headers)

    return ask


def test_it_works(ask, grant):
    first = ask()
    second = ask(first["ETag"])

    assert first.status_code == 200
    assert grant.file_name in first.text
    assert second.status_code == 304
    assert second.content == b""
    assert second["ETag"] == first["ETag"]


def test_the_page_itself_comes_with_the_version_that_the_browser_asks_by(staff, ask, open_page, grant):
    page = staff.get(f"/staff/pages/{open_page.page_id}/", {"show": "stored"})

    assert ask(page.context["etag"], show="stored").status_code == 304


def test_every_part_has_its_place_in_the_page(staff, ask, open_page, grant):
    page = staff.get(f"/staff/pages/{open_page.page_id}/").text

    for part in ("state", "facts", "picks", "table", "pager"):
        assert page.count(f'data-live="{part}"') == 1
        assert ask().text.count(f'data-live="{part}"') == 1


def _verify(grant):
    now = timezone.now()
    with recorded(now) as history:
        assert grant.change_state(
            GrantState.STORED,
            event=EventKind.VERIFIED,
            said_by=SaidBy.SERVER,
            history=history,
            fields={"stored_at": now, "checked_at": now},
        )


CHANGES = {
    "a grant that was verified": _verify,
    "a new grant": lambda grant: make_grant(page=grant.page),
    "a report": lambda grant: type(grant).objects.filter(pk=grant.pk).update(changed_at=timezone.now()),
    "room that was given back": lambda grant: UploadPage.objects.update(used_files=7),
    "a page that was closed": lambda grant: UploadPage.objects.update(closed_at=timezone.now()),
    "a limit that was changed": lambda grant: UploadPage.objects.update(max_files=9),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_it_answers_in_full_after(ask, grant, change):
    etag = ask()["ETag"]

    change(grant)

    assert ask(etag).status_code == 200


def test_a_change_by_a_server_whose_clock_is_behind_is_not_missed(ask, grant):
    make_grant(page=grant.page, state="cancelled", changed_at=timezone.now() + timedelta(hours=1))
    etag = ask()["ETag"]

    past = timezone.now() - timedelta(hours=1)
    with recorded(past) as history:
        grant.change_state(GrantState.FAILED, event=EventKind.FAILED, said_by=SaidBy.SERVER, history=history)

    assert ask(etag).status_code == 200


@pytest.mark.parametrize("parameters", [{"show": "stored"}, {"q": "x"}, {"page": "2"}])
def test_another_filter_search_or_screen_is_another_version(ask, grant, parameters):
    assert ask(ask()["ETag"], **parameters).status_code == 200


def test_another_pages_grants_change_nothing_here(ask, grant):
    etag = ask()["ETag"]

    make_grant()

    assert ask(etag).status_code == 304


@pytest.mark.parametrize("etag", ['W/"0"', "*garbage", '"', ""])
def test_a_version_that_nobody_knows_gets_the_whole_answer(ask, grant, etag):
    assert ask(etag).status_code == 200


def test_nothing_new_costs_few_queries(ask, grant, django_assert_num_queries):
    etag = ask()["ETag"]

    # Session, account, two for its permissions, page, and one for all of the grants.
    with django_assert_num_queries(6):
        assert ask(etag).status_code == 304
