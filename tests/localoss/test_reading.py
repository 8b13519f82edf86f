"""GET: ranges, conditions, overrides, and a server that misbehaves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests

from tests.localoss.parts import PART_BYTES, complete, content_of, initiate, send_parts
from tests.localoss.sending import code_of, send
from tests.servers import BUCKET, CREDENTIALS, RunningOss
from uploads.localoss.errors import ANONYMOUS, Refusal
from uploads.localoss.replies import empty_reply
from uploads.oss.signing import presign


@pytest.mark.parametrize(
    ("header", "status", "content"),
    [
        ("bytes=0-3", 206, b"0123"),
        ("bytes=4-", 206, b"456789"),
        ("bytes=-2", 206, b"89"),
        ("bytes=0-0", 206, b"0"),
        ("bytes=9-9", 206, b"9"),
        ("bytes=0-100", 200, b"0123456789"),
        ("bytes=10-", 200, b"0123456789"),
        ("bytes=5-2", 200, b"0123456789"),
        ("bytes=-", 200, b"0123456789"),
        ("lines=1-2", 200, b"0123456789"),
    ],
)
def test_it_gives_the_range_that_is_asked_for(
    oss: RunningOss, key: str, header: str, status: int, content: bytes
) -> None:
    oss.app.store.put_bytes(BUCKET, key, b"0123456789")

    answer = send(oss, "GET", key, Range=header)

    assert (answer.status_code, answer.content) == (status, content)
    assert answer.headers["Content-Length"] == str(len(content))


@pytest.mark.parametrize(
    ("header", "status", "content_range"),
    [
        ("bytes=5-100", 206, "bytes 5-9/10"),
        ("bytes=-100", 206, "bytes 0-9/10"),
        ("bytes=10-20", 416, None),
        ("bytes=10-", 416, None),
        ("bytes=5-2", 200, None),
    ],
)
def test_it_goes_by_the_standard_when_told_to(
    oss: RunningOss, key: str, header: str, status: int, content_range: str | None
) -> None:
    oss.app.store.put_bytes(BUCKET, key, b"0123456789")

    answer = send(oss, "GET", key, signed={"x-oss-range-behavior": "standard"}, Range=header)

    assert (answer.status_code, answer.headers.get("Content-Range")) == (status, content_range)


def test_several_ranges_cannot_be_had(oss: RunningOss, key: str) -> None:
    oss.app.store.put_bytes(BUCKET, key, b"0123456789")

    answer = send(oss, "GET", key, Range="bytes=0-1,3-4")

    assert (answer.status_code, code_of(answer)) == (416, "InvalidRange")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("name", "right", "status"),
    [
        ("If-Match", True, 200),
        ("If-Match", False, 412),
        ("If-None-Match", True, 304),
        ("If-None-Match", False, 200),
        ("If-Modified-Since", True, 304),
        ("If-Modified-Since", False, 200),
        ("If-Unmodified-Since", True, 200),
        ("If-Unmodified-Since", False, 412),
    ],
)
def test_it_answers_conditions(oss: RunningOss, key: str, method: str, name: str, right: bool, status: int) -> None:
    record = oss.app.store.put_bytes(BUCKET, key, b"abc")
    since = record.last_modified if right else record.last_modified - timedelta(seconds=1)
    value = format_datetime(since, usegmt=True) if "Since" in name else record.etag if right else '"other"'

    assert send(oss, method, key, **{name: value}).status_code == status


@pytest.mark.parametrize(
    "date",
    ["yesterday", f"Thu, 01 Jan {'9' * 20} 00:00:00 GMT", f"Thu, 01 Jan 2026 00:00:00 +{'9' * 20}"],
    ids=["a word", "a year without end", "a zone without end"],
)
def test_a_date_that_is_none_is_no_condition(oss: RunningOss, key: str, date: str) -> None:
    oss.app.store.put_bytes(BUCKET, key, b"abc")

    assert send(oss, "GET", key, If_Modified_Since=date).status_code == 200


def test_a_signed_query_overrides_headers_of_a_get(oss: RunningOss, key: str) -> None:
    oss.app.store.put_bytes(BUCKET, key, b"<script>", content_type="text/html")

    answer = send(
        oss,
        "GET",
        key,
        query={
            "response-content-type": "application/octet-stream",
            "response-content-disposition": "attachment; filename*=UTF-8''终.html",
        },
    )

    assert answer.headers["Content-Type"] == "application/octet-stream"
    disposition = answer.headers["Content-Disposition"].encode("latin-1").decode()
    assert disposition == "attachment; filename*=UTF-8''终.html"


@pytest.mark.parametrize("attack", ["a\r\nSet-Cookie: b=c", "a\nb", "a\x00b"])
def test_an_override_cannot_add_a_header(oss: RunningOss, key: str, attack: str) -> None:
    oss.app.store.put_bytes(BUCKET, key, b"abc")

    answer = send(oss, "GET", key, query={"response-content-type": attack})

    assert answer.status_code == 400
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("storage_class", ["Archive", "ColdArchive", "DeepColdArchive"])
def test_an_archived_object_can_be_seen_but_not_read(oss: RunningOss, key: str, storage_class: str) -> None:
    send(oss, "PUT", key, b"abc", signed={"x-oss-storage-class": storage_class})

    assert send(oss, "HEAD", key).headers["x-oss-storage-class"] == storage_class
    answer = send(oss, "GET", key)
    assert (answer.status_code, code_of(answer)) == (403, "InvalidObjectState")


@pytest.mark.parametrize(
    ("start", "stop"),
    [(0, 1), (PART_BYTES - 1, PART_BYTES + 1), (PART_BYTES, PART_BYTES * 2), (5, PART_BYTES * 3 - 5)],
    ids=["in the first part", "where one ends", "one part", "in all parts"],
)
def test_a_range_may_be_in_several_parts(oss: RunningOss, key: str, start: int, stop: int) -> None:
    upload_id = initiate(oss, key)
    complete(oss, key, upload_id, send_parts(oss, key, upload_id, [1, 2, 3]))

    answer = send(oss, "GET", key, Range=f"bytes={start}-{stop - 1}")

    whole = b"".join(map(content_of, (1, 2, 3)))
    assert (answer.status_code, answer.content) == (206, whole[start:stop])


def test_a_reader_keeps_all_parts_of_an_object_that_is_deleted(oss: RunningOss, key: str) -> None:
    upload_id = initiate(oss, key)
    complete(oss, key, upload_id, send_parts(oss, key, upload_id, [1, 2, 3]))
    url = presign(oss.bucket, CREDENTIALS, method="GET", key=key, expires_in=60, at=datetime.now(UTC)).url
    with requests.get(url, stream=True, timeout=20) as answer:
        oss.app.store.delete(BUCKET, key)

        assert answer.content == b"".join(map(content_of, (1, 2, 3)))


def test_a_reader_keeps_its_version_while_the_object_is_replaced(oss: RunningOss, key: str) -> None:
    oss.app.store.put_bytes(BUCKET, key, b"old" * 1_000_000)
    url = presign(oss.bucket, CREDENTIALS, method="GET", key=key, expires_in=60, at=datetime.now(UTC)).url
    with requests.get(url, stream=True, timeout=20) as answer:
        oss.app.store.put_bytes(BUCKET, key, b"new")
        oss.app.store.delete(BUCKET, key)

        assert answer.content == b"old" * 1_000_000


def test_intercept_answers_in_the_servers_place(oss: RunningOss, key: str) -> None:
    def misbehave(environ):
        if environ["REQUEST_METHOD"] == "HEAD":
            raise Refusal(ANONYMOUS)
        return empty_reply(503) if environ["REQUEST_METHOD"] == "GET" else None

    oss.app.intercept = misbehave

    assert send(oss, "PUT", key, b"abc").status_code == 200
    assert send(oss, "GET", key).status_code == 503
    answer = send(oss, "HEAD", key)
    assert (answer.status_code, answer.headers["x-oss-ec"]) == (403, "0003-00000905")


def test_a_fault_of_the_server_itself_is_an_internal_error(
    oss: RunningOss, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    oss.app.store.put_bytes(BUCKET, key, b"abc")
    path = oss.app.store.path_of(BUCKET, key)
    assert path is not None
    path.unlink()

    answer = send(oss, "GET", key)

    assert (answer.status_code, code_of(answer)) == (500, "InternalError")
    assert answer.headers["x-oss-request-id"] in caplog.text
