"""Signing in and out."""

from __future__ import annotations

import pytest

from tests.factories import make_user

pytestmark = pytest.mark.django_db


def sign_in(client, **fields):
    return client.post("/staff/sign-in/", {"username": "owner", "password": "password", **fields})


def test_it_works(client, owner):
    response = sign_in(client)

    assert response["Location"] == "/staff/"
    assert client.get("/staff/").status_code == 200


def test_it_goes_on_to_the_page_that_was_asked_for(client, owner):
    asked = client.get("/staff/pages/new/")

    response = client.post(
        asked["Location"], {"username": "owner", "password": "password", "next": "/staff/pages/new/"}
    )

    assert response["Location"] == "/staff/pages/new/"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_it_goes_to_no_other_site(client, owner, target):
    assert sign_in(client, next=target)["Location"] == "/staff/"


def test_a_wrong_password_is_said_beside_the_fields(client, owner):
    response = sign_in(client, password="wrong")

    assert response.status_code == 200
    assert "do not belong together" in response.text
    assert "sessionid" not in client.cookies


def test_an_account_that_is_not_staff_reads_why(client):
    make_user("visitor", is_staff=False)

    response = sign_in(client, username="visitor")

    assert "not a staff account" in response.text
    assert "sessionid" not in client.cookies


def test_whether_an_account_exists_or_is_switched_off_is_not_told(client, owner):
    make_user("gone", is_active=False)

    gone = sign_in(client, username="gone")
    unknown = sign_in(client, username="unknown")

    assert gone.context["form"].errors == unknown.context["form"].errors


def test_a_name_is_shown_as_text(client):
    response = sign_in(client, username='"><script>alert(1)</script>', password="x")

    assert "<script>alert" not in response.text


def test_signing_out_ends_the_session(client, owner):
    client.force_login(owner)

    response = client.post("/staff/sign-out/")

    assert response["Location"] == "/staff/sign-in/"
    assert client.get("/staff/").status_code == 302
