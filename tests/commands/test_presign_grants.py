"""`manage.py presign` without `--at`: the grant or the event that is written down for a URL."""

from __future__ import annotations

import json

import pytest
import requests
from django.core.management import CommandError

from tests.commands.presigning import presign
from uploads.models.events import GrantEvent
from uploads.models.grants import UploadGrant
from uploads.settle import settle_due


@pytest.mark.django_db
def test_a_url_that_can_create_an_object_is_a_grant():
    answer = json.loads(presign("a.txt", "--content-type", "text/plain", "--content-length", "5", "--json"))
    grant = UploadGrant.objects.get()
    assert answer["grant"] == grant.grant_id
    assert (grant.object_key, grant.content_type, grant.size_bytes, grant.page) == ("a.txt", "text/plain", 5, None)
    assert [event.kind for event in grant.events.all()] == ["issued"]


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_url_that_creates_nothing_is_an_event(method):
    presign("a.txt", "--method", method)
    event = GrantEvent.objects.get()
    assert (event.kind, event.grant, event.data["key"]) == ("url_signed", None, "a.txt")


@pytest.mark.django_db
def test_the_url_of_a_part_is_no_grant_of_its_own():
    presign("a.txt", "--query", "partNumber=1", "--query", "uploadId=X")
    assert not UploadGrant.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["content-length", "Content-Length"])
def test_a_signed_length_is_part_of_the_grant_however_its_name_is_written(name):
    presign("a.txt", "--header", "Content-Length=5", "--additional-header", name)
    assert UploadGrant.objects.get().size_bytes == 5


@pytest.mark.django_db
def test_a_url_that_appends_is_a_grant_of_no_certain_length():
    presign("log.txt", "--method", "POST", "--query", "append=", "--query", "position=9", "--content-length", "5")
    grant = UploadGrant.objects.get()
    assert (grant.method, grant.size_bytes, grant.signed_headers) == ("POST", None, {"Content-Length": "5"})


@pytest.mark.django_db
def test_signing_for_an_open_key_again_is_the_same_grant_with_new_terms():
    presign("a.txt", "--content-type", "text/plain", "--expires", "3600")
    presign("a.txt", "--content-type", "text/csv", "--expires", "60")
    grant = UploadGrant.objects.get()
    assert grant.content_type == "text/csv"
    assert (grant.url_ends_at - grant.created_at).total_seconds() >= 3600
    assert [event.kind for event in grant.events.all()] == ["issued", "renewed"]


def test_the_key_of_a_pages_open_grant_is_refused(grant):
    with pytest.raises(CommandError, match=grant.grant_id):
        presign(grant.object_key)


@pytest.mark.django_db
def test_what_is_put_to_the_url_is_found_stored_by_settle(oss):
    answer = json.loads(presign("hand/over.txt", "--content-type", "text/plain", "--json"))
    put = requests.put(answer["url"], data=b"hello", headers=answer["headers"], timeout=10)
    assert put.status_code == 200, put.text

    grant = UploadGrant.objects.get()
    UploadGrant.objects.update(next_check_at=grant.created_at)
    settle_due()

    grant.refresh_from_db()
    assert (grant.state, grant.stored_size_bytes) == ("stored", 5)
    assert grant.compared == ["content-type", "last-modified"]
