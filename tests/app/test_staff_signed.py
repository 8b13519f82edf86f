"""Signing an open grant again, and the state of its grant while somebody looks."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests
from django.utils import timezone

from tests.app.conftest import a_file, kinds, put, row
from tests.app.signing_form import headers_in, parameters, sign, url_in
from tests.conftest import BUCKET
from tests.factories import make_grant, make_page, make_user
from uploads.models import GrantEvent, UploadGrant
from uploads.models.events import EventKind
from uploads.oss.rules import MAX_KEY_BYTES

pytestmark = pytest.mark.django_db

SIGN_IN = 302


@pytest.fixture
def own_grant(owner, survey_page):
    """Signed by the owner, below the owner's page, by the staff form."""
    key = f"surveys/{survey_page.page_id}/report.csv"
    headers = {"Content-Type": "text/csv", "x-oss-forbid-overwrite": "true"}
    return make_grant(
        page=None, issued_by=owner, object_key=key, signed_headers=headers, additional_headers=[], size_bytes=None,
        content_type="text/csv", visitor="", client_id=None,
    )  # fmt: skip


def sign_again(client, grant):
    return client.post(f"/staff/grants/{grant.grant_id}/sign/")


def state(client, grant, **headers):
    return client.get(f"/staff/grants/{grant.grant_id}/state/", headers=headers)


@pytest.mark.parametrize(
    ("who", "of_page", "of_person"),
    [
        ("anonymous", SIGN_IN, SIGN_IN),
        ("account that is not staff", 403, 403),
        ("owner", 200, 200),
        ("stranger", 404, 404),
        ("reviewer", 403, 403),
        ("editor", 200, 403),
        ("signer", 404, 200),
        ("administrator", 200, 200),
    ],
)
def test_who_may_sign_again(oss, client_of, grant, own_grant, who, of_page, of_person):
    client = client_of(who)

    assert sign_again(client, grant).status_code == of_page
    assert sign_again(client, own_grant).status_code == of_person
    assert kinds(grant) == (["renewed"] if of_page == 200 else [])
    assert kinds(own_grant) == (["renewed"] if of_person == 200 else [])


@pytest.mark.parametrize("call", ["sign", "state"])
def test_a_grant_that_is_not_there_looks_as_one_of_somebody_else(oss, client_of, own_grant, call):
    client = client_of("stranger")

    unknown, foreign = (
        client.get(f"/staff/grants/{grant_id}/{call}/") for grant_id in ("unknown", own_grant.grant_id)
    )

    assert unknown.status_code == foreign.status_code == 404
    assert unknown.content == foreign.content


def test_a_link_signs_nothing_and_leads_to_the_grant(oss, client_of, own_grant):
    response = client_of("owner").get(f"/staff/grants/{own_grant.grant_id}/sign/")
    assert response["Location"] == f"/staff/grants/{own_grant.grant_id}/"
    assert kinds(own_grant) == []


def test_a_form_of_another_site_signs_nothing(oss, client_of, own_grant):
    assert sign_again(client_of("owner", enforce_csrf_checks=True), own_grant).status_code == 403
    assert kinds(own_grant) == []


def test_a_visitors_file_can_be_sent_with_the_url_that_staff_signed_again(visitor, client_of):
    [answer] = visitor.ask(a_file(size=5))
    response = sign_again(client_of("owner"), row(answer))

    to_set = {name: value for name, value in headers_in(response).items() if name != "Content-Length"}
    assert to_set == answer["headers"]
    assert put({**answer, "url": url_in(response), "headers": to_set}).status_code == 200
    event = row(answer).events.get(kind=EventKind.RENEWED)
    assert (event.actor, event.said_by) == (row(answer).page.owner, "staff")


def test_the_end_of_the_latest_url_never_comes_earlier(oss, client_of, own_grant):
    later = timezone.now() + timedelta(days=5)
    UploadGrant.objects.update(url_ends_at=later)
    sign_again(client_of("owner"), own_grant)
    assert UploadGrant.objects.get(pk=own_grant.pk).url_ends_at == later


def test_the_report_of_the_attempt_before_is_done_with(oss, client_of, grant):
    UploadGrant.objects.update(
        state="reported", reported_at=timezone.now(), reported_status=403, cause="signature", attempts=1
    )
    sign_again(client_of("owner"), grant)
    grant.refresh_from_db()
    assert (grant.reported_at, grant.reported_status, grant.cause, grant.attempts) == (None, None, "", 1)


def test_it_has_the_validity_and_the_endpoint_that_were_asked_for_first(
    client_of, survey_page, settings, monkeypatch
):
    monkeypatch.setattr("uploads.staff_signing.look_at", lambda grants, timeout: {})
    settings.OSS_ENDPOINT = ""
    client = client_of("owner")
    sign(client, seconds="77", endpoint="custom", custom_domain="https://files.example.com")

    url = url_in(sign_again(client, UploadGrant.objects.get()))

    assert url.startswith("https://files.example.com/surveys/pmine/report.csv?")
    assert parameters(url)["x-oss-expires"] == "77"


@pytest.mark.parametrize("state_", ["stored", "mismatch", "failed", "cancelled", "expired", "late"])
def test_what_has_ended_is_not_signed_and_it_is_said(oss, client_of, owner, state_):
    ended = make_grant(page=make_page(owner=owner), state=state_)
    response = sign_again(client_of("owner"), ended)
    assert response.status_code == 409
    assert "This grant has ended" in response.text
    assert "x-oss-signature" not in response.text


def test_an_object_that_has_arrived_is_seen_before_anything_is_signed(oss, client_of, own_grant):
    oss.app.store.put_bytes(BUCKET, own_grant.object_key, b"a,b", content_type="text/csv")
    assert sign_again(client_of("owner"), own_grant).status_code == 409
    own_grant.refresh_from_db()
    assert own_grant.state == "stored"


def test_a_file_that_goes_in_parts_is_not_signed_whole(oss, client_of, grant):
    UploadGrant.objects.update(size_bytes=5 * 1024**3 + 1)
    assert "goes in parts" in sign_again(client_of("owner"), grant).text


def test_who_lost_the_page_cannot_go_on_signing_into_it(oss, client_of, own_grant):
    client = client_of("owner")
    stranger = make_user("successor")
    own_grant.issued_by.upload_pages.update(owner=stranger)
    assert sign_again(client, own_grant).status_code == 403


def test_looking_asks_the_storage_and_shows_what_arrived(oss, client_of, own_grant):
    client = client_of("owner")
    before = state(client, own_grant)
    assert "Nothing has arrived yet" in before.text
    oss.app.store.put_bytes(BUCKET, own_grant.object_key, b"a,b", content_type="text/csv")
    UploadGrant.objects.update(looked_at=None)

    after = state(client, own_grant, if_none_match=before["ETag"])

    assert 'data-file-state="stored"' in after.text
    assert "another PUT gets 409" in after.text
    assert kinds(own_grant) == ["verified"]


def test_that_the_storage_could_not_be_asked_is_said_and_kept_once(client_of, own_grant, refuse_heads):
    refuse_heads(403, "AccessDenied", "0003-00000001")
    client = client_of("owner")
    texts = []
    for _ in range(2):
        UploadGrant.objects.update(looked_at=None)
        texts.append(state(client, own_grant).text)

    assert ["OSS could not be asked" in text for text in texts] == [True, True]
    assert kinds(own_grant) == ["check_failed"]


def test_when_the_storage_answers_again_the_error_is_gone(oss, client_of, own_grant):
    UploadGrant.objects.update(check_error="403 AccessDenied")
    assert "Nothing has arrived yet" in state(client_of("owner"), own_grant).text


def test_while_nothing_is_new_the_answer_is_304(oss, client_of, own_grant):
    client = client_of("owner")
    etag = state(client, own_grant)["ETag"]
    UploadGrant.objects.update(looked_at=None)
    assert state(client, own_grant, if_none_match=etag).status_code == 304


def test_the_storage_is_asked_once_in_two_seconds(oss, client_of, own_grant, heads):
    client = client_of("owner")
    for _ in range(3):
        state(client, own_grant)
    assert heads == [own_grant.object_key]


@pytest.mark.parametrize(
    ("who", "status"),
    [("anonymous", SIGN_IN), ("owner", 200), ("stranger", 404), ("reviewer", 200), ("signer", 200)],
)
def test_who_may_look_at_the_state(oss, client_of, own_grant, who, status):
    assert state(client_of(who), own_grant).status_code == status


@pytest.mark.parametrize(
    ("who", "status"), [("anonymous", SIGN_IN), ("account that is not staff", 403), ("stranger", 200)]
)
def test_who_may_open_the_form(oss, client_of, who, status):
    client = client_of(who)
    assert client.get("/staff/sign/").status_code == status
    assert client.post("/staff/sign/", {}).status_code == status


def test_the_longest_key_can_be_signed(oss, client_of):
    key = "ä" * (MAX_KEY_BYTES // 2)
    response = sign(client_of("signer"), key=key)
    assert requests.put(url_in(response), data=b"", headers=headers_in(response), timeout=10).status_code == 200


def test_the_page_of_a_url_runs_under_the_strictest_policy(oss, client_of, own_grant):
    response = sign_again(client_of("owner"), own_grant)

    assert response["Cache-Control"] == "private, no-store"
    assert "unsafe" not in response["Content-Security-Policy"]
    for forbidden in ("<script>", "<style", " style=", " onclick="):
        assert forbidden not in response.text


def test_what_arrived_instead_is_said(oss, client_of, own_grant):
    oss.app.store.put_bytes(BUCKET, own_grant.object_key, b"a,b", content_type="application/vnd.ms-excel")
    text = state(client_of("owner"), own_grant).text
    assert 'data-file-state="mismatch"' in text
    assert "The stored object is not what was granted" in text


def test_a_validity_that_the_token_cut_is_asked_for_again_when_there_is_a_new_token(
    client_of, own_grant, oss, settings
):
    client = client_of("owner")
    UploadGrant.objects.all().delete()
    settings.OSS_SESSION_TOKEN = "token"
    sign(client, seconds="3600")
    settings.OSS_SESSION_TOKEN = ""

    url = url_in(sign_again(client, UploadGrant.objects.get()))

    assert parameters(url)["x-oss-expires"] == "3600"
    events = GrantEvent.objects.order_by("pk").values_list("data__expires_in", "data__asked_expires_in")
    assert list(events) == [(900, 3600), (3600, 3600)]
