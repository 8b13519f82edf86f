"""Verifying a grant again from its page: when the storage is asked, and what comes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.app.conftest import a_file, put, row
from tests.app.grant_page import address_of
from tests.factories import make_grant
from uploads.models.grants import GrantState

pytestmark = pytest.mark.django_db


def test_a_link_verifies_nothing_and_a_form_of_another_site_neither(owner, grant, heads):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)

    assert client.get(address_of(grant) + "verify/").status_code == 405
    assert client.post(address_of(grant) + "verify/").status_code == 403
    assert heads == []


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
