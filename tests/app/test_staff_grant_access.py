"""The page of one grant: who may see it and verify it, and where its links lead for them."""

from __future__ import annotations

import pytest

from tests.app.grant_page import address_of, signed_in
from tests.factories import make_page, make_user
from tests.staff_cast import make_reviewer

pytestmark = pytest.mark.django_db


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


def test_who_signed_a_grant_of_a_foreign_page_gets_no_link_to_it(grant):
    grant.issued_by = make_user("signer")
    grant.save()

    response = signed_in(grant.issued_by).get(address_of(grant))

    assert grant.page.title not in response.text
    assert "/admin/uploads/uploadgrant/" not in response.text


def test_those_who_may_see_grants_in_the_admin_get_there(grant):
    text = signed_in(make_reviewer()).get(address_of(grant)).text

    assert f'href="/admin/uploads/uploadgrant/{grant.pk}/change/"' in text
