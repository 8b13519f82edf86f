"""The form by which staff sign a URL, and the page that shows it once."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import time_machine

from tests.conftest import BUCKET
from tests.factories import make_grant, make_page, make_user
from tests.staff_cast import make_signer
from uploads.models import GrantEvent, UploadGrant

pytestmark = pytest.mark.django_db

FOLDER = "surveys/pmine/"
FIELDS = {"key": f"{FOLDER}report.csv", "validity": "3600", "storage_class": "", "endpoint": ""}


@pytest.fixture
def staff(client, oss):
    """Has one page, and no permission beyond that."""
    owner = make_user("owner")
    make_page(owner=owner, page_id="pmine", prefix="surveys")
    client.force_login(owner)
    client.user = owner
    return client


@pytest.fixture
def signer(client, oss):
    """Has the permission to sign any key."""
    client.user = make_signer()
    client.force_login(client.user)
    return client


def sign(client, **fields):
    return client.post("/staff/sign/", {**FIELDS, **fields})


def url_in(response):
    """The URL as the page shows it."""
    text = re.search(r'id="signed-url"[^>]*>(.*?)</pre>', response.text, re.DOTALL)[1]
    return html.unescape(re.sub(r"<[^>]+>", "", text))


def headers_in(response):
    """The headers that the page says are to be sent."""
    rows = re.findall(r'<th scope="row"><code>(.*?)</code>.*?<code id="header-\d+">(.*?)</code>', response.text, re.S)
    return {html.unescape(name): html.unescape(value) for name, value in rows}


def parameters(url):
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def errors_in(response, field):
    found = re.search(rf'id="id_{field}_error">(.*?)</div>', response.text, re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "", found[1])).strip() if found else ""


def put(response, content=b"a,b\n"):
    return requests.put(url_in(response), data=content, headers=headers_in(response), timeout=10)


def test_it_works(staff):
    response = sign(staff)

    assert headers_in(response) == {"Content-Type": "text/csv", "x-oss-forbid-overwrite": "true"}
    assert put(response).status_code == 200
    grant = UploadGrant.objects.get()
    assert (grant.object_key, grant.page, grant.issued_by) == (FIELDS["key"], None, staff.user)
    assert [(event.kind, event.actor) for event in grant.events.all()] == [("issued", staff.user)]


def test_all_that_can_be_asked_for_is_signed_and_nothing_else(staff):
    response = sign(
        staff,
        seconds="90",
        content_type="text/plain;charset=utf8",
        content_length="4",
        storage_class="IA",
        metadata="Case=Ål 7\r\nnote=plain",
        cache_control="no-cache",
        content_disposition="attachment",
    )

    assert headers_in(response) == {
        "Content-Type": "text/plain;charset=utf8",
        "Content-Length": "4",
        "x-oss-forbid-overwrite": "true",
        "x-oss-storage-class": "IA",
        "x-oss-meta-case": "%C3%85l%207",
        "x-oss-meta-note": "plain",
        "Cache-Control": "no-cache",
        "Content-Disposition": "attachment",
    }
    said = parameters(url_in(response))
    assert said["x-oss-additional-headers"] == "cache-control;content-disposition;content-length"
    assert said["x-oss-expires"] == "90"
    assert "Percent-encoded, because headers have ASCII only. Decoded: Ål 7" in response.text
    assert put(response).status_code == 200


@pytest.mark.parametrize("length", ["0", "3", "5"])
def test_a_pinned_size_takes_no_other(staff, length):
    response = sign(staff, content_length=length)
    headers = {name: value for name, value in headers_in(response).items() if name != "Content-Length"}

    assert requests.put(url_in(response), data=b"a,b\n", headers=headers, timeout=10).status_code == 403


def test_without_a_content_type_none_is_signed_and_it_is_said(staff):
    response = sign(staff, without_type="on")

    assert "Content-Type" not in headers_in(response)
    assert "No Content-Type was signed, so none may be sent." in response.text
    assert UploadGrant.objects.get().content_type == ""


@pytest.mark.parametrize(
    ("key", "content_type"),
    [
        ("data.csv", "text/csv"),
        ("build.tar.gz", "application/gzip"),
        ("REPORT.PDF", "application/pdf"),
        ("no-ending", "application/octet-stream"),
        ("a.csv/no-ending", "application/octet-stream"),
    ],
)
def test_the_type_follows_from_the_key_unless_it_is_said(staff, key, content_type):
    assert headers_in(sign(staff, key=FOLDER + key))["Content-Type"] == content_type


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
        pytest.param("endpoint", "internal", "Select a valid choice", id="an endpoint that does not fit an address"),
    ],
)
def test_an_error_stands_at_its_field_and_nothing_is_signed(staff, field, value, sentence):
    response = sign(staff, **{field: value})

    assert sentence in errors_in(response, field) or sentence in html.unescape(response.text)
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


def test_a_url_to_read_is_an_event_with_its_actor(signer, oss):
    oss.app.store.put_bytes(BUCKET, "any/where.csv", b"a,b\n", content_type="text/csv")
    response = sign(signer, key="any/where.csv", method="GET", content_disposition="attachment", content_type="a/b")

    answer = requests.get(url_in(response), timeout=10)
    event = GrantEvent.objects.get()
    assert (answer.content, answer.headers["Content-Disposition"]) == (b"a,b\n", "attachment")
    assert (event.kind, event.grant, event.actor) == ("url_signed", None, signer.user)
    assert event.data["key"] == "any/where.csv"
    assert "curl --fail --output" in response.text


def test_a_get_takes_nothing_that_is_about_storing(signer):
    response = sign(signer, method="GET", metadata="a=b", content_length="0", storage_class="IA", overwrite="on")

    for field in ("metadata", "content_length", "storage_class", "overwrite"):
        assert "A GET stores nothing" in errors_in(response, field)


def test_with_the_permission_an_object_can_be_replaced(signer, oss):
    oss.app.store.put_bytes(BUCKET, "any/where.csv", b"old", content_type="text/csv")
    response = sign(signer, key="any/where.csv", overwrite="on")

    assert headers_in(response) == {"Content-Type": "text/csv"}
    assert put(response).status_code == 200


def test_a_url_that_could_only_get_409_is_refused(staff, oss):
    oss.app.store.put_bytes(BUCKET, FIELDS["key"], b"old", content_type="text/csv")

    assert "There is an object with this key already" in errors_in(sign(staff), "key")


def test_a_storage_that_does_not_answer_hinders_nobody(staff, settings):
    settings.OSS_ENDPOINT = "http://127.0.0.1:9"
    assert url_in(sign(staff)).startswith("http://127.0.0.1:9/")


def test_the_same_form_twice_is_one_grant_with_two_urls(staff):
    first, second = sign(staff), sign(staff)

    assert url_in(first).split("?")[0] == url_in(second).split("?")[0]
    grant = UploadGrant.objects.get()
    assert [event.kind for event in grant.events.all()] == ["issued", "renewed"]


def test_neither_url_nor_signature_is_kept_or_logged(staff, caplog):
    caplog.set_level("DEBUG")
    url = url_in(sign(staff))

    signature = parameters(url)["x-oss-signature"]
    kept = [str(row) for model in (UploadGrant, GrantEvent) for row in model.objects.values()]
    kept += [str(dict(staff.session.items())), caplog.text]
    assert not any(signature in text for text in kept)


def test_the_url_is_in_the_answer_only_and_that_is_not_cached(staff):
    response = sign(staff)
    assert response["Cache-Control"] == "private, no-store"
    assert "x-oss-signature" not in staff.get("/staff/sign/").text


@pytest.mark.parametrize(
    ("token_ends", "sentence"),
    [
        ("", "15 minutes are signed at most"),
        ("2026-11-20T10:10:00Z", "a URL ends with their token"),
    ],
)
def test_with_temporary_credentials_it_says_how_long_the_url_really_works(staff, settings, token_ends, sentence):
    settings.OSS_SESSION_TOKEN = "token"
    settings.OSS_SESSION_TOKEN_EXPIRES_AT = token_ends
    settings.OSS_ENDPOINT = "http://127.0.0.1:9"
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False):
        staff.force_login(staff.user)
        response = sign(staff)
        form = staff.get("/staff/sign/").text

    signed = 600 if token_ends else 900
    assert parameters(url_in(response))["x-oss-expires"] == str(signed)
    assert f'data-countdown="{signed}"' in response.text
    assert f"Asked for 1 hour, signed for {signed // 60} minutes." in response.text
    assert sentence in response.text
    assert "1 day" not in form


def test_a_token_that_has_expired_is_said_above_the_form(staff, settings):
    settings.OSS_SESSION_TOKEN = "token"
    settings.OSS_SESSION_TOKEN_EXPIRES_AT = "2020-01-01T00:00:00Z"
    assert "The security token has expired." in sign(staff).text


@pytest.mark.parametrize(
    ("fields", "start"),
    [
        pytest.param({}, "https://test-bucket.oss-cn-hangzhou.aliyuncs.com/", id="as configured"),
        pytest.param(
            {"endpoint": "internal"}, "https://test-bucket.oss-cn-hangzhou-internal.aliyuncs.com/", id="inside"
        ),
        pytest.param({"endpoint": "accelerate"}, "https://test-bucket.oss-accelerate.aliyuncs.com/", id="accelerate"),
        pytest.param(
            {"endpoint": "dual-stack"}, "https://test-bucket.cn-hangzhou.oss.aliyuncs.com/", id="dual-stack"
        ),
        pytest.param(
            {"endpoint": "custom", "custom_domain": "https://files.example.com"},
            "https://files.example.com/",
            id="domain",
        ),
    ],
)
def test_every_endpoint_of_the_bucket_can_be_chosen(staff, settings, monkeypatch, fields, start):
    monkeypatch.setattr("uploads.staff_signing.look_at", lambda grants, timeout: {})
    settings.OSS_ENDPOINT = ""
    url = url_in(sign(staff, **fields))

    assert url.startswith(start + FOLDER)
    assert "/cn-hangzhou/oss/" in parameters(url)["x-oss-credential"]


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"endpoint": "custom"}, "custom_domain", "Name the domain."),
        ({"custom_domain": "https://a.example"}, "endpoint", "Choose the custom domain here"),
        ({"endpoint": "custom", "custom_domain": "ftp://a"}, "custom_domain", "must begin with https"),
        ({"endpoint": "custom", "custom_domain": "https://a:b@c"}, "custom_domain", "a password"),
    ],
)
def test_an_endpoint_that_is_none_is_refused_at_its_field(staff, settings, fields, field, sentence):
    settings.OSS_ENDPOINT = ""
    assert sentence in errors_in(sign(staff, **fields), field)


def test_at_an_address_no_other_endpoint_is_offered(staff):
    assert 'name="endpoint"' not in staff.get("/staff/sign/").text


def test_a_page_of_the_own_fills_in_its_folder(staff):
    make_page(page_id="pother")
    assert f'value="{FOLDER}"' in staff.get("/staff/sign/?page=pmine").text
    assert "pother" not in staff.get("/staff/sign/?page=pother").text


def test_without_settings_it_says_which_is_missing(staff, settings):
    settings.OSS_BUCKET = ""
    response = staff.get("/staff/sign/")
    assert (response.status_code, "OSS_BUCKET is not set." in response.text) == (503, True)


def test_a_key_with_markup_stays_text(signer):
    response = sign(
        signer, key="<img src=x onerror=alert(1)>/\"'{{ 7 }}.html", metadata='a="><script>alert(1)</script>'
    )
    assert "<img src=x" not in response.text
    assert "<script>alert" not in response.text
    assert put(response, b"x").status_code == 200


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
