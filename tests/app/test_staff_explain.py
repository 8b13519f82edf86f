"""The paste box: what staff read of an error, what it is compared with, and that nothing of it stays."""

from __future__ import annotations

import logging

import pytest
import requests
from django.test import Client
from django.utils import timezone

from tests.app.conftest import a_file, put, row
from tests.app.test_error_bodies import BODY, HOSTILE, MANGLED, SECRETS
from tests.factories import make_grant, make_page, make_user
from uploads.error_bodies import MAX_CHARACTERS
from uploads.models.events import GrantEvent
from uploads.models.grants import GrantState, UploadGrant

pytestmark = pytest.mark.django_db

EXPLAIN = "/staff/explain/"


@pytest.fixture
def refused(visitor):
    """A grant and the body with which OSS refused its PUT for the Content-Type."""
    [answer] = visitor.ask(a_file(type="text/csv"))
    return row(answer), put(answer, Content_Type="application/vnd.ms-excel").text


def explain(client, text: str, hint: str = ""):
    return client.post(EXPLAIN, {"text": text, "hint": hint})


def test_it_works(staff):
    response = staff.get(EXPLAIN)

    assert response.status_code == 200
    assert "Paste what OSS answered" in response.text
    assert 'href="/staff/explain/" aria-current="true"' in response.text


def test_only_staff_get_there(client):
    assert client.get(EXPLAIN)["Location"].startswith("/staff/sign-in/")
    client.force_login(make_user("visitor", is_staff=False))
    assert client.get(EXPLAIN).status_code == 403


def test_a_form_of_another_site_is_refused(owner):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)

    assert explain(client, BODY).status_code == 403


def test_the_grant_is_found_by_what_was_sent(staff, refused):
    grant, body = refused

    response = explain(staff, body)

    assert "signed Content-Type text/csv, sent application/vnd.ms-excel." in response.text
    assert f'href="/staff/grants/{grant.grant_id}/"' in response.text
    assert "According to the sender" not in response.text


@pytest.mark.parametrize(
    "hint", ["{id}", " {id} ", "https://host/{bucket}/{key}?x-oss-date=1", "https://b.host/{key}"]
)
def test_the_grant_is_found_by_its_id_or_url(staff, visitor, hint):
    [answer] = visitor.ask(a_file(type="text/csv"))
    body = put(answer, x_oss_meta_grant=None).text
    grant = row(answer)

    response = explain(staff, body, hint.format(id=grant.grant_id, bucket=grant.bucket, key=grant.object_key))

    assert response.context["explanation"].grant == grant
    assert "x-oss-meta-grant was signed but not sent" in response.text


def test_of_two_grants_of_one_key_it_is_the_one_whose_url_was_used(staff, owner, oss):
    make_page(owner=owner, page_id="pmine", prefix="surveys")
    form = {"key": "surveys/pmine/a.csv", "validity": 600, "content_type": "text/csv"}
    signed = staff.post("/staff/sign/", form).context["signed"]
    UploadGrant.objects.update(state=GrantState.EXPIRED, ended_at=timezone.now())
    make_grant(page=None, issued_by=owner, object_key=form["key"], content_type="text/plain")

    headers = {"Content-Type": "text/html", "x-oss-forbid-overwrite": "true"}
    response = explain(staff, requests.put(signed.url, headers=headers, timeout=10).text)

    assert response.context["explanation"].grant == signed.grant
    assert "signed Content-Type text/csv, sent text/html." in response.text


def test_a_strangers_grant_is_not_compared(stranger, refused):
    grant, body = refused
    client = Client()
    client.force_login(stranger)

    response = explain(client, body, grant.grant_id)

    assert response.context["explanation"].grant is None
    assert "text/csv" not in response.text
    assert "No grant that you may see" in response.text


@pytest.mark.parametrize("text", MANGLED.values(), ids=MANGLED.keys())
def test_no_secret_is_shown_stored_or_logged(staff, caplog, text):
    caplog.set_level(logging.DEBUG)

    response = explain(staff, text, "https://b.host/k?x-oss-signature=" + SECRETS[3])

    assert "SignatureDoesNotMatch" in response.text
    out = response.text + caplog.text
    assert [secret for secret in SECRETS if secret in out] == []
    assert not GrantEvent.objects.exists()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_are_taken_in_stride(staff, text):
    response = staff.post(EXPLAIN, {"text": text.encode("utf-8", "replace").decode(), "hint": "\x00//[::1"})

    assert response.status_code == 200
    assert "root:" not in response.text


def test_what_is_no_error_is_said_to_be_none(staff):
    text = explain(staff, "The quick brown fox.").text

    assert "This has no error of OSS in it" in text
    assert "from &lt;Error&gt; to &lt;/Error&gt;." in text


@pytest.mark.parametrize("text", ["", "a" * (MAX_CHARACTERS + 1)], ids=["nothing", "too much"])
def test_a_form_that_is_wrong_says_so_and_does_not_show_it_again(staff, text):
    response = explain(staff, text, "the-hint")

    assert response.context["form"].errors.keys() == {"text"}
    assert "aaaa" not in response.text
    assert "the-hint" not in response.text


def test_markup_in_an_error_is_text(staff):
    text = '<Error><Code>AccessDenied</Code><EC>"><b>x</b></EC><RequestId>&lt;script&gt;1</RequestId></Error>'

    response = explain(staff, text)

    assert "<script>1" not in response.text
    assert "<b>x" not in response.text


def test_the_page_of_the_ec_is_linked(staff):
    response = explain(staff, "<Code>PublicEndpointForbidden</Code><EC>0048-00000401</EC>")

    assert 'href="https://api.aliyun.com/troubleshoot?q=0048-00000401"' in response.text
    assert "Bind a custom domain" in response.text
