"""Who may open which staff page: the cast against every address."""

from __future__ import annotations

import pytest

from tests.factories import make_page
from uploads.models.pages import UploadPage

pytestmark = pytest.mark.django_db

READ = ["/staff/", "/staff/pages/new/", "/staff/pages/{id}/", "/staff/pages/{id}/grants/", "/staff/pages/{id}/edit/"]
CHANGE = ["/staff/pages/{id}/edit/", "/staff/pages/{id}/close/", "/staff/pages/{id}/reopen/"]
SIGN_IN = 302


@pytest.fixture
def page(owner):
    return make_page(owner=owner, page_id="pthepage", title="Mine")


EXPECTED_READS = [
    # who, list, new, detail, grants, edit
    ("anonymous", SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN),
    ("account switched off", SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN),
    ("account that is not staff", 403, 403, 403, 403, 403),
    ("owner", 200, 200, 200, 200, 200),
    ("other owner", 200, 200, 404, 404, 404),
    ("reviewer", 200, 200, 200, 200, 403),
    ("editor", 200, 200, 200, 200, 200),
    ("administrator", 200, 200, 200, 200, 200),
]


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        pytest.param(row[0], path, status, id=f"{row[0]} gets {status} at {path}")
        for row in EXPECTED_READS
        for path, status in zip(READ, row[1:], strict=True)
    ],
)
def test_reading(client_of, page, who, path, status):
    response = client_of(who).get(path.format(id=page.page_id))

    assert response.status_code == status
    if status == SIGN_IN:
        assert response["Location"].startswith("/staff/sign-in/?next=/staff/")
    if status in {403, 404}:
        assert page.token not in response.text
        assert "Mine" not in response.text


@pytest.mark.parametrize("path", CHANGE)
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("anonymous", SIGN_IN),
        ("account that is not staff", 403),
        ("other owner", 404),
        ("reviewer", 403),
    ],
)
def test_nobody_else_changes_a_page(client_of, page, who, status, path):
    before = UploadPage.objects.filter(pk=page.pk).values().get()

    response = client_of(who).post(path.format(id=page.page_id), {"title": "Taken over", "url_validity_seconds": 900})

    assert response.status_code == status
    assert UploadPage.objects.filter(pk=page.pk).values().get() == before


@pytest.mark.parametrize("who", ["owner", "editor", "administrator"])
def test_those_who_may_can_close_and_reopen(client_of, page, who):
    client = client_of(who)

    client.post(f"/staff/pages/{page.page_id}/close/")
    page.refresh_from_db()
    assert page.closed_at is not None

    client.post(f"/staff/pages/{page.page_id}/reopen/")
    page.refresh_from_db()
    assert page.closed_at is None


@pytest.mark.parametrize("path", ["/staff/pages/{id}/", "/staff/pages/{id}/grants/", "/staff/pages/{id}/edit/"])
def test_a_page_that_is_not_there_looks_as_one_of_somebody_else(client_of, page, path):
    client = client_of("other owner")

    unknown = client.get(path.format(id="punknown"))
    foreign = client.get(path.format(id=page.page_id))

    assert unknown.status_code == foreign.status_code == 404
    assert unknown.content == foreign.content


@pytest.mark.parametrize("path", ["/staff/pages/{id}/close/", "/staff/pages/{id}/reopen/", "/staff/sign-out/"])
def test_a_link_cannot_change_anything(client_of, page, path):
    assert client_of("owner").get(path.format(id=page.page_id)).status_code == 405


@pytest.mark.parametrize("path", ["/staff/", "/staff/pages/{id}/", "/staff/pages/{id}/grants/"])
def test_pages_that_are_only_read_take_no_post(client_of, page, path):
    assert client_of("owner").post(path.format(id=page.page_id)).status_code == 405


@pytest.mark.parametrize("path", ["/staff/pages/new/", *CHANGE, "/staff/sign-out/", "/staff/sign-in/"])
def test_a_form_of_another_site_is_refused(client_of, page, path):
    client = client_of("owner", enforce_csrf_checks=True)

    response = client.post(path.format(id=page.page_id), {"title": "Forged", "url_validity_seconds": 900})

    assert response.status_code == 403
    assert "This form could not be checked" in response.content.decode()
    assert not UploadPage.objects.filter(title="Forged").exists()


@pytest.mark.parametrize("path", READ)
def test_nothing_of_staff_is_cached_or_framed(client_of, page, path):
    response = client_of("owner").get(path.format(id=page.page_id))

    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Frame-Options"] == "DENY"
    policy = response["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", READ)
def test_no_page_has_a_script_or_style_in_itself(client_of, page, path):
    text = client_of("owner").get(path.format(id=page.page_id)).text

    assert "<script>" not in text
    assert "<style" not in text
    assert " style=" not in text
    assert " onclick=" not in text


def test_a_reviewer_does_not_see_the_link(client_of, page):
    text = client_of("reviewer").get(f"/staff/pages/{page.page_id}/").text

    assert page.token not in text
    assert "shown to the owner" in text
    assert "/close/" not in text


def test_an_account_that_is_not_staff_reads_why_and_can_sign_out(client_of, page):
    text = client_of("account that is not staff").get("/staff/").text

    assert "not a staff account" in text
    assert 'action="/staff/sign-out/"' in text
