"""The page of one grant: what it shows, however little is known, and how to get its URL and commands."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.app.conftest import row
from tests.app.grant_page import address_of, signed_in
from tests.factories import make_grant
from tests.staff_cast import HOSTILE_NAMES, make_reviewer
from uploads.models.grants import GrantState

pytestmark = pytest.mark.django_db


def test_it_works(staff, grant):
    response = staff.get(address_of(grant))

    assert response.status_code == 200
    assert grant.object_key in response.text
    assert response["Cache-Control"] == "private, no-store"
    for forbidden in ("<script>", "<style", " style=", " onclick="):
        assert forbidden not in response.text


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
