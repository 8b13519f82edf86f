"""POST grants and the other calls: a request of the wrong shape is one error, and nothing is written."""

from __future__ import annotations

import io
import json
import uuid

import pytest

from tests.app.conftest import Visitor, a_file
from uploads.models import GrantEvent, UploadGrant

pytestmark = pytest.mark.django_db

ID = "3f0c2a52-7a0b-4d2c-9d0e-5c7b8d9e0f11"
CALLS = ["grants", "results", "status", "cancel", "parts", "complete"]


@pytest.fixture
def visitor(open_page):
    return Visitor(open_page)


def one(**fields):
    return json.dumps({"files": [{"id": ID, "name": "a", "size": 1, "type": "", **fields}]})


def raw_size(text):
    return one().replace('"size": 1', f'"size": {text}')


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param(" ", "", id="nothing"),
        pytest.param("files=1", "", id="no JSON"),
        pytest.param(b'{"files": "\xff"}', "", id="no UTF-8"),
        pytest.param("[]", "", id="an array"),
        pytest.param("null", "", id="null"),
        pytest.param('"files"', "", id="a text"),
        pytest.param("{}", "files", id="no files field"),
        pytest.param('{"files": {}}', "files", id="files as an object"),
        pytest.param('{"files": []}', "files", id="no files"),
        pytest.param('{"files": [[]]}', "files[0]", id="a file as an array"),
        pytest.param('{"files": [null]}', "files[0]", id="a file as null"),
        pytest.param(one()[:-1] + ', "token": "x"}', "token", id="an unknown field of the request"),
        pytest.param(one(key="../x"), "files[0].key", id="an unknown field of a file"),
        pytest.param(one(**{"\ud800": 1}), "", id="a field named by a lone surrogate"),
        pytest.param(one(id=5), "files[0].id", id="a number as id"),
        pytest.param(one(id="5"), "files[0].id", id="an id that is no UUID"),
        pytest.param(one(id=ID + "0"), "files[0].id", id="a UUID that is too long"),
        pytest.param(one(id="urn:uuid:" + ID), "files[0].id", id="a UUID as a URN"),
        pytest.param(one(id="\ud800"), "", id="a lone surrogate as id"),
        pytest.param(one(id="\x00"), "files[0].id", id="NUL as id"),
        pytest.param(one(name=None), "files[0].name", id="no name"),
        pytest.param(one(name=["a"]), "files[0].name", id="names as an array"),
        pytest.param(one(type=None), "files[0].type", id="null as type"),
        pytest.param(one(size=True), "files[0].size", id="true as size"),
        pytest.param(one(size="1"), "files[0].size", id="a text as size"),
        pytest.param(one(size=None), "files[0].size", id="null as size"),
        pytest.param(raw_size("1.0"), "files[0].size", id="a float as size"),
        pytest.param(raw_size("1e3"), "files[0].size", id="a power of ten as size"),
        pytest.param(raw_size("NaN"), "files[0].size", id="NaN as size"),
        pytest.param(raw_size("-Infinity"), "files[0].size", id="minus infinity as size"),
        pytest.param(raw_size("1" * 5000), "", id="a size of 5,000 digits"),
        pytest.param(one(retry_of=""), "files[0].retry_of", id="an empty retry_of"),
        pytest.param(one(retry_of=7), "files[0].retry_of", id="a number as retry_of"),
        pytest.param(json.dumps({"files": [a_file(), {"id": ID}]}), "files[1].name", id="a file of which parts miss"),
        pytest.param(json.dumps({"files": [a_file() for _ in range(101)]}), "files", id="101 files"),
        pytest.param(json.dumps({"files": [a_file(id=ID), a_file(), a_file(id=ID)]}), "files[2]", id="an id twice"),
        pytest.param(
            json.dumps({"files": [a_file(id=ID), a_file(id=ID.upper())]}), "files[1]", id="an id in both cases"
        ),
        pytest.param("[" * 200_000 + "]" * 200_000, "", id="200,000 arrays in one another"),
        pytest.param('{"files":' * 50_000, "", id="50,000 objects in one another, not closed"),
    ],
)
def test_it_is_a_400_that_names_the_field_and_writes_nothing(visitor, body, field):
    response = visitor.post("grants", body)

    assert response.status_code == 400
    error = response.json()["error"]
    assert (error["code"], error.get("field", "")) == ("invalid_request", field)
    assert error["message"]
    visitor.page.refresh_from_db()
    assert (UploadGrant.objects.count(), GrantEvent.objects.count(), visitor.page.used_files) == (0, 0, 0)


@pytest.mark.parametrize(
    ("result", "field"),
    [
        pytest.param({"status": 99}, "results[0].status", id="a status under 100"),
        pytest.param({"status": 600}, "results[0].status", id="a status over 599"),
        pytest.param({"status": True}, "results[0].status", id="true as status"),
        pytest.param({"status": "200"}, "results[0].status", id="a text as status"),
        pytest.param({}, "results[0].status", id="no status"),
        pytest.param({"status": 403, "body": "<Error/>"}, "results[0].body", id="the raw body of the error"),
        pytest.param({"status": 403, "message": "x"}, "results[0].message", id="the message of the error"),
        pytest.param({"status": 403, "code": "a" * 129}, "results[0].code", id="a code of 129 characters"),
        pytest.param({"status": 403, "code": "a\nb"}, "results[0].code", id="a code with a line break"),
        pytest.param({"status": 403, "ec": "\x00"}, "results[0].ec", id="an EC with NUL"),
        pytest.param({"status": 403, "code": "\ud800"}, "results[0].code", id="a code with a lone surrogate"),
        pytest.param({"status": 200, "etag": "ü"}, "results[0].etag", id="an ETag that is not ASCII"),
        pytest.param({"status": 200, "crc64": 5}, "results[0].crc64", id="a number as CRC-64"),
        pytest.param({"status": 200, "crc64": "-5"}, "results[0].crc64", id="a CRC-64 with a sign"),
        pytest.param({"status": 200, "crc64": "１２"}, "results[0].crc64", id="a CRC-64 in other digits"),
        pytest.param({"status": 200, "crc64": "1" * 21}, "results[0].crc64", id="a CRC-64 of 21 digits"),
    ],
)
def test_a_report_has_its_shape_too(visitor, result, field):
    response = visitor.post("results", {"results": [{"id": ID, **result}]})

    assert (response.status_code, response.json()["error"]["field"]) == (400, field)


@pytest.mark.parametrize(
    ("file", "field"),
    [
        pytest.param({"parts": {}}, "files[0].parts", id="parts as an object"),
        pytest.param({"parts": [{"offset": 0}]}, "files[0].parts[0].size", id="a part without its size"),
        pytest.param({"parts": [{"offset": 0, "size": 1, "number": 1}]}, "files[0].parts[0].number", id="a number"),
        pytest.param({"parts": [{"offset": 0.5, "size": 1}]}, "files[0].parts[0].offset", id="half a byte"),
        pytest.param({"parts": [{"offset": 0, "size": 1}] * 101}, "files[0].parts", id="101 parts"),
        pytest.param({"list": 1}, "files[0].list", id="a number as list"),
        pytest.param({"is_listed": True}, "files[0].is_listed", id="our own name of list"),
        pytest.param({"crc64": "1"}, "files[0].crc64", id="a checksum, which has its own call"),
    ],
)
def test_parts_have_their_shape_too(visitor, file, field):
    response = visitor.post("parts", {"files": [{"id": ID, **file}]})

    assert (response.status_code, response.json()["error"]["field"]) == (400, field)


@pytest.mark.parametrize("crc64", [5, "-5", "0x5", "1" * 21, ""], ids=str)
def test_a_checksum_of_a_sent_file_has_its_shape_too(visitor, crc64):
    response = visitor.post("complete", {"files": [{"id": ID, "crc64": crc64}]})

    assert (response.status_code, response.json()["error"]["field"]) == (400, "files[0].crc64")


@pytest.mark.parametrize("call", ["parts", "complete"])
def test_a_file_stands_in_a_list_but_once(visitor, call):
    response = visitor.post(call, {"files": [{"id": ID}, {"id": ID}]})

    assert (response.status_code, response.json()["error"]["field"]) == (400, "files[1]")


@pytest.mark.parametrize("call", CALLS)
def test_every_call_takes_one_list_of_at_most_100(visitor, call):
    name = {"status": "ids", "cancel": "ids", "results": "results"}.get(call, "files")

    for body in ({}, {name: []}, {name: [ID] * 101}, {name: ID}, {name: [ID], "more": 1}):
        assert visitor.post(call, body).status_code == 400


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options"])
def test_only_post_is_answered(visitor, call, method):
    response = getattr(visitor.client, method)(f"/u/{visitor.page.token}/{call}")

    assert (response.status_code, response["Allow"]) == (405, "POST")


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "media_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp"],
)
def test_only_json_is_taken(visitor, call, media_type):
    response = visitor.client.post(f"/u/{visitor.page.token}/{call}", one(), content_type=media_type)

    assert (response.status_code, response.json()["error"]["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_is_known_by_its_other_spellings(visitor, media_type):
    response = visitor.client.post(f"/u/{visitor.page.token}/grants", one(), content_type=media_type)

    assert response.status_code == 200


@pytest.mark.parametrize("call", CALLS)
def test_another_site_may_not_call(visitor, call):
    response = visitor.post(call, one(), **{"Sec-Fetch-Site": "cross-site"})

    assert (response.status_code, response.json()["error"]["code"]) == (403, "cross_site")


@pytest.mark.parametrize("site", ["same-origin", "same-site", "none"])
def test_what_is_no_other_site_may(visitor, site):
    assert visitor.post("grants", one(), **{"Sec-Fetch-Site": site}).status_code == 200


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("key", ["short", "x" * 65, "a" * 31 + "ü", "a" * 21 + " b", "'; DROP TABLE --" * 2])
def test_a_bad_key_is_refused(visitor, call, key):
    response = visitor.post(call, one(), **{"X-Upload-Key": key})

    assert (response.status_code, response.json()["error"].get("field")) == (400, "X-Upload-Key")


@pytest.mark.parametrize("call", CALLS)
def test_a_huge_body_is_refused(visitor, call):
    response = visitor.post(call, one(name="a" * 1024 * 1024))

    assert (response.status_code, response.json()["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("token", ["x" * 32, "é" * 8, "%00", "a%00b", "x" * 5000])
def test_an_unknown_page_is_a_404(visitor, call, token):
    bodies = {"grants": one(), "results": {"results": [{"id": ID, "status": 200}]}}
    sent = {"files": [{"id": ID}]}
    body = {**bodies, "parts": sent, "complete": sent}.get(call, {"ids": [ID]})

    response = visitor.client.post(f"/u/{token}/{call}", body, content_type="application/json")

    assert response.status_code == 404


def test_a_hundred_files_with_long_names_fit(visitor):
    files = [a_file("\u7ec8" * 1000 + ".txt", id=str(uuid.uuid4())) for _ in range(100)]

    assert all("url" in answer for answer in visitor.ask(*files))


def test_the_body_breaking_off_is_no_error_of_ours(visitor):
    class Broken(io.BytesIO):
        def read(self, *_):
            raise OSError("The connection broke.")

    response = visitor.client.post(
        f"/u/{visitor.page.token}/grants",
        one(),
        content_type="application/json",
        **{"wsgi.input": Broken()},
    )

    assert response.status_code == 400
