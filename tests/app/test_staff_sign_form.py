"""The form by which staff sign a URL: what it offers, and what it refuses at which field."""

from __future__ import annotations

import pytest

from tests.app.signing_form import FIELDS, FOLDER, errors_in, sign
from tests.conftest import BUCKET
from tests.factories import make_grant, make_page, make_user
from uploads.models import GrantEvent, UploadGrant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("oss", "survey_page")]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        pytest.param("key", "", "Name the object", id="no key"),
        pytest.param("key", "elsewhere/a.txt", "Any other key needs the permission", id="a foreign key"),
        pytest.param("key", f"{FOLDER}../a.txt", "'..' between slashes", id="a key with two dots"),
        pytest.param("key", f"{FOLDER}{'ä' * 512}", "longer than 1023 bytes", id="a key that is too long"),
        pytest.param("seconds", "0", "greater than or equal to 1", id="no time"),
        pytest.param("seconds", "604801", "at most 604800 seconds", id="more than a week"),
        pytest.param("content_type", "text", "no media type", id="a type that is none"),
        pytest.param("content_type", "text/csv\r\nX: y", "no media type", id="a line break in the type"),
        pytest.param("content_length", "-1", "greater than or equal to 0", id="a negative size"),
        pytest.param("content_length", str(5 * 1024**3 + 1), "less than or equal to", id="more than one PUT takes"),
        pytest.param("metadata", "a_b=c", "Line 1", id="an underscore in a name"),
        pytest.param("metadata", "grant=x", "Line 1", id="the name that is ours"),
        pytest.param("metadata", "a=" + "x" * 8200, "8 KB", id="too much metadata"),
        pytest.param("cache_control", "nö", "printable ASCII", id="a header that is not ASCII"),
        pytest.param("content_disposition", "a\tb", "printable ASCII", id="a control character"),
    ],
)
def test_an_error_stands_at_its_field_and_nothing_is_signed(staff, field, value, sentence):
    response = sign(staff, **{field: value})

    assert sentence in errors_in(response, field)
    assert 'id="signed-url"' not in response.text
    assert "x-oss-signature" not in response.text
    assert not UploadGrant.objects.exists()


def test_a_type_and_none_at_once_is_refused(staff):
    assert "Leave out the one or the other" in errors_in(
        sign(staff, without_type="on", content_type="a/b"), "without_type"
    )


@pytest.mark.parametrize("fields", [{"method": "GET"}, {"overwrite": "on"}])
def test_what_needs_the_permission_is_refused_although_the_form_does_not_offer_it(staff, fields):
    response = sign(staff, **fields)

    assert "needs the permission sign_any_key" in response.text
    assert not GrantEvent.objects.exists()
    assert 'name="overwrite"' not in response.text
    assert 'name="method"' not in response.text


def test_a_get_takes_nothing_that_is_about_storing(signer):
    response = sign(signer, method="GET", metadata="a=b", content_length="0", storage_class="IA", overwrite="on")

    for field in ("metadata", "content_length", "storage_class", "overwrite"):
        assert "A GET stores nothing" in errors_in(response, field)


def test_a_url_that_could_only_get_409_is_refused(staff, oss):
    oss.app.store.put_bytes(BUCKET, FIELDS["key"], b"old", content_type="text/csv")

    assert "There is an object with this key already" in errors_in(sign(staff), "key")


def test_a_token_that_has_expired_is_said_above_the_form(staff, settings):
    settings.OSS_SESSION_TOKEN = "token"
    settings.OSS_SESSION_TOKEN_EXPIRES_AT = "2020-01-01T00:00:00Z"
    assert "The security token has expired." in sign(staff).text


def test_a_page_of_the_own_fills_in_its_folder(staff):
    make_page(page_id="pother")
    assert f'value="{FOLDER}"' in staff.get("/staff/sign/?page=pmine").text
    assert "pother" not in staff.get("/staff/sign/?page=pother").text


def test_without_settings_it_says_which_is_missing(staff, settings):
    settings.OSS_BUCKET = ""
    response = staff.get("/staff/sign/")
    assert (response.status_code, "OSS_BUCKET is not set." in response.text) == (503, True)


def test_what_was_signed_last_is_found_again(staff):
    sign(staff)
    make_grant(page=None, issued_by=make_user("other"), object_key="somebody/else.csv")
    text = staff.get("/staff/sign/").text

    assert f'href="/staff/grants/{UploadGrant.objects.get(issued_by=staff.user).grant_id}/"' in text
    assert "somebody/else.csv" not in text


def test_the_form_takes_a_constant_number_of_queries(staff, django_assert_max_num_queries):
    for number in range(12):
        sign(staff, key=f"{FOLDER}{number}.csv")
        make_page(owner=staff.user)
    with django_assert_max_num_queries(7):
        staff.get("/staff/sign/?page=pmine")
