"""What staff sign by the form, and the page that shows the URL once."""

from __future__ import annotations

import pytest
import requests
import time_machine

from tests.app.signing_form import FIELDS, FOLDER, headers_in, parameters, put, sign, url_in
from tests.conftest import BUCKET
from uploads.models import GrantEvent, UploadGrant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("oss", "survey_page")]


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


def test_a_url_to_read_is_an_event_with_its_actor(signer, oss):
    oss.app.store.put_bytes(BUCKET, "any/where.csv", b"a,b\n", content_type="text/csv")
    response = sign(signer, key="any/where.csv", method="GET", content_disposition="attachment", content_type="a/b")

    answer = requests.get(url_in(response), timeout=10)
    event = GrantEvent.objects.get()
    assert (answer.content, answer.headers["Content-Disposition"]) == (b"a,b\n", "attachment")
    assert (event.kind, event.grant, event.actor) == ("url_signed", None, signer.user)
    assert event.data["key"] == "any/where.csv"
    assert "curl --fail --output" in response.text


def test_with_the_permission_an_object_can_be_replaced(signer, oss):
    oss.app.store.put_bytes(BUCKET, "any/where.csv", b"old", content_type="text/csv")
    response = sign(signer, key="any/where.csv", overwrite="on")

    assert headers_in(response) == {"Content-Type": "text/csv"}
    assert put(response).status_code == 200


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


def test_a_key_with_markup_stays_text(signer):
    response = sign(
        signer, key="<img src=x onerror=alert(1)>/\"'{{ 7 }}.html", metadata='a="><script>alert(1)</script>'
    )
    assert "<img src=x" not in response.text
    assert "<script>alert" not in response.text
    assert put(response, b"x").status_code == 200
