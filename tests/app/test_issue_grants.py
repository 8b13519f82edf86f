"""POST grants: what a visitor is given, and what the storage makes of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import requests

from tests.app.conftest import Visitor, a_file, put, row
from tests.conftest import BUCKET, CREDENTIALS, REGION
from tests.factories import make_page
from uploads.localoss.app import LocalOss
from uploads.localoss.server import OssServer
from uploads.models import UploadGrant
from uploads.models.grants import GrantState
from uploads.storage import storage

pytestmark = pytest.mark.django_db


def test_it_works(visitor, oss):
    [answer] = visitor.ask(a_file("holiday.png", size=5, type="image/png"))

    assert put(answer, b"bytes").status_code == 200
    assert oss.app.store.path_of(BUCKET, row(answer).object_key).read_bytes() == b"bytes"


def test_it_answers_with_exactly_what_the_contract_says(visitor, clock):
    asked = a_file("holiday.png", size=7, type="image/png")

    [answer] = visitor.ask(asked)

    assert answer.pop("url").startswith("http://127.0.0.1:")
    assert re.fullmatch(r"g[2-9a-z]{20}", answer["grant"])
    assert datetime.fromisoformat(answer.pop("expires_at")) == datetime(2026, 11, 20, 10, 15, tzinfo=UTC)
    assert answer == {
        "id": asked["id"],
        "grant": answer["grant"],
        "state": "issued",
        "file_state": "waiting",
        "retry": None,
        "name": "holiday.png",
        "name_was_cleaned": False,
        "method": "PUT",
        "headers": {
            "Content-Type": "image/png",
            "Content-Disposition": "attachment; filename*=UTF-8''holiday.png",
            "x-oss-forbid-overwrite": "true",
            "x-oss-meta-grant": answer["grant"],
        },
        "part_unit": 256 * 1024,
        "content_length": 7,
        "expires_in": 900,
    }


def test_it_keeps_the_order_that_was_asked_in(visitor):
    files = [a_file(f"{number}.txt", size=-1 if number % 3 == 0 else number) for number in range(10)]

    assert [answer["id"] for answer in visitor.ask(*files)] == [file["id"] for file in files]


def test_it_writes_down_what_was_signed_but_not_the_url(visitor):
    [answer] = visitor.ask(a_file())

    grant = row(answer)
    signature = parse_qs(urlsplit(answer["url"]).query)["x-oss-signature"][0]
    assert grant.state == GrantState.ISSUED
    assert grant.signed_headers["Content-Length"] == "5"
    assert [event.kind for event in grant.events.all()] == ["issued"]
    assert signature not in repr(UploadGrant.objects.values()) + repr(grant.events.values())


def test_it_reserves_room_on_the_page(visitor, open_page):
    visitor.ask(a_file(size=3), a_file(size=4))

    open_page.refresh_from_db()
    assert (open_page.used_files, open_page.used_bytes) == (2, 7)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({}, id="an ordinary page"),
        pytest.param({"is_attachment": False}, id="a page without Content-Disposition"),
        pytest.param({"storage_class": "IA"}, id="a page with a storage class"),
        pytest.param({"metadata": {"project": "Brücke 7", "Phase": "two"}}, id="a page with metadata"),
        pytest.param({"prefix": ""}, id="a page without a prefix"),
        pytest.param({"prefix": "año 2026/終稿+final%20"}, id="a page with a prefix full of odd characters"),
        pytest.param({"url_validity_seconds": 604_800}, id="a page with URLs of seven days"),
        pytest.param({"storage_class": "Archive", "metadata": {"a": "1"}, "is_attachment": False}, id="all at once"),
    ],
)
def test_every_url_pins_the_length_and_is_accepted(oss, owner, fields):
    page = make_page(owner=owner, **fields)
    files = [a_file(name, type=media_type) for name in ("a.html", "b") for media_type in ("", "text/html", "?")]

    for answer in Visitor(page).ask(*files):
        additional = parse_qs(urlsplit(answer["url"]).query)["x-oss-additional-headers"]
        expected = "content-disposition;content-length" if page.is_attachment else "content-length"
        assert additional == [expected]
        assert "Content-Length" not in answer["headers"]
        assert put(answer).status_code == 200
        assert requests.put(answer["url"], b"hello", headers=answer["headers"], timeout=10).status_code == 409


@pytest.mark.parametrize("content", [b"hell", b"hello!"], ids=["one byte less", "one byte more"])
def test_the_storage_refuses_another_length(visitor, oss, content):
    [answer] = visitor.ask(a_file(size=5))

    response = put(answer, content)

    assert response.status_code == 403
    assert "<Code>SignatureDoesNotMatch</Code>" in response.text
    assert oss.app.store.keys(BUCKET) == []


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"Content_Type": "text/html"}, id="another Content-Type"),
        pytest.param({"Content_Type": None}, id="no Content-Type"),
        pytest.param({"Content_Type": "TEXT/PLAIN"}, id="the same Content-Type in capitals"),
        pytest.param({"Content_Disposition": "inline"}, id="another Content-Disposition"),
        pytest.param({"x_oss_forbid_overwrite": "false"}, id="leave to overwrite"),
        pytest.param({"x_oss_forbid_overwrite": None}, id="no word about overwriting"),
        pytest.param({"x_oss_object_acl": "public-read"}, id="a public object"),
        pytest.param({"x_oss_meta_grant": "g" + "2" * 20}, id="another grant's id"),
        pytest.param({"x_oss_storage_class": "Archive"}, id="another storage class"),
    ],
)
def test_the_storage_refuses_other_headers(visitor, oss, changed):
    [answer] = visitor.ask(a_file())

    assert put(answer, **changed).status_code in {400, 403}
    assert oss.app.store.keys(BUCKET) == []


def test_a_second_put_changes_nothing(visitor, oss):
    [answer] = visitor.ask(a_file())
    put(answer, b"first")

    assert put(answer, b"later").status_code == 409
    assert oss.app.store.path_of(BUCKET, row(answer).object_key).read_bytes() == b"first"


def test_a_file_without_bytes_is_a_file(visitor):
    [answer] = visitor.ask(a_file(size=0))

    assert put(answer, b"").status_code == 200
    assert visitor.report({"id": answer["id"], "status": 200})[0]["file_state"] == "stored"


def test_the_key_is_the_servers_choice_and_holds_no_secret(visitor, open_page, clock):
    [answer] = visitor.ask(a_file("../../año 2026 (终稿)+final%20.tar.gz"))

    key = row(answer).object_key
    assert key == f"surveys/{open_page.page_id}/2026-11-20/{answer['grant']}/año_2026_终稿_final_20.tar.gz"
    assert unquote(urlsplit(answer["url"]).path) == f"/{BUCKET}/{key}"
    assert open_page.token not in answer["url"]


def test_the_same_name_twice_makes_two_objects(visitor, oss):
    answers = visitor.ask(a_file("same.txt"), a_file("same.txt"))

    assert [put(answer).status_code for answer in answers] == [200, 200]
    assert len(oss.app.store.keys(BUCKET)) == 2


@pytest.mark.parametrize(
    ("browser_type", "name", "granted"),
    [
        ("image/svg+xml", "drawing.svg", "image/svg+xml"),
        ("", "data.tar.gz", "application/gzip"),
        ("", "no-ending", "application/octet-stream"),
        ("text/html\r\nx-oss-object-acl: public-read", "page.html", "text/html"),
        ("a/" + "b" * 126, "too-long.pdf", "application/pdf"),
        ("\ud800/x", "lone.csv", "text/csv"),
        ("text/plain; charset=utf-8", "a.txt", "text/plain; charset=utf-8"),
    ],
)
def test_the_server_chooses_the_content_type(visitor, browser_type, name, granted):
    [answer] = visitor.ask(a_file(name, type=browser_type))

    assert answer["headers"]["Content-Type"] == granted
    assert put(answer).status_code == 200
    assert visitor.report({"id": answer["id"], "status": 200})[0]["state"] == "stored"


def test_the_url_dies_with_its_security_token(visitor, settings, clock):
    settings.OSS_SESSION_TOKEN = "token"
    settings.OSS_SESSION_TOKEN_EXPIRES_AT = "2026-11-20T10:05:00Z"

    [answer] = visitor.ask(a_file())

    assert 295 <= answer["expires_in"] <= 300
    assert row(answer).url_ends_at - row(answer).created_at == timedelta(seconds=answer["expires_in"])


def test_an_expired_security_token_is_a_503_and_writes_nothing(visitor, settings, clock, open_page):
    settings.OSS_SESSION_TOKEN = "token"
    settings.OSS_SESSION_TOKEN_EXPIRES_AT = "2026-11-20T09:59:00Z"

    response = visitor.post("grants", {"files": [a_file()]})

    assert (response.status_code, response.json()["error"]["code"]) == (503, "busy")
    assert response["Retry-After"]
    open_page.refresh_from_db()
    assert (UploadGrant.objects.count(), open_page.used_files) == (0, 0)


@pytest.mark.parametrize("hours", [-2, 2], ids=["the storage is behind", "the storage is ahead"])
def test_urls_are_signed_at_the_storages_time(tmp_path, settings, open_page, hours):
    far_off = LocalOss(
        tmp_path, credentials=CREDENTIALS, region=REGION, now=lambda: datetime.now(UTC) + timedelta(hours=hours)
    )
    far_off.create_bucket(BUCKET)
    with OssServer(far_off) as server:
        settings.OSS_ENDPOINT = server.url
        storage().client().bucket_info()  # Any answer says what time it is there.
        stored = Visitor(open_page).send()

    grant = row(stored)
    assert grant.state == GrantState.STORED
    assert grant.url_ends_at - grant.created_at == timedelta(minutes=15)
