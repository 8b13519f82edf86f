"""PUT, GET, HEAD and DELETE of objects."""

from __future__ import annotations

import random
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import md5
from xml.etree import ElementTree

import crcmod
import pytest
import requests

from tests.localoss.hand_signing import head, signed_url
from tests.servers import BUCKET, CREDENTIALS, RawClient, RunningOss
from uploads.localoss.errors import ANONYMOUS, Refusal
from uploads.localoss.replies import empty_reply
from uploads.oss.signing import presign

# CRC-64/XZ by another library, with the parameters that the SDKs use.
crc64 = crcmod.mkCrcFun(0x142F0E1EBA9EA3693, initCrc=0, xorOut=0xFFFFFFFFFFFFFFFF)


def send(
    oss: RunningOss,
    method: str,
    key: str,
    body: bytes = b"",
    *,
    signed: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    **unsigned: str,
) -> requests.Response:
    """A request with a presigned URL; `signed` headers are sent and signed, `unsigned` ones only sent."""
    url = presign(
        oss.bucket,
        CREDENTIALS,
        method=method,
        key=key,
        expires_in=60,
        at=datetime.now(UTC) + oss.clock.offset,
        headers=signed or {},
        query=query or {},
    ).url
    headers = {**(signed or {}), **{name.replace("_", "-"): value for name, value in unsigned.items()}}
    return requests.request(method, url, data=body, headers=headers, timeout=20)


def code_of(response: requests.Response) -> str:
    return ElementTree.fromstring(response.content).findtext("Code") or ""


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 5 * 1024 * 1024 + 3])
def test_it_gives_back_exactly_the_bytes_it_was_sent(oss: RunningOss, key: str, size: int) -> None:
    content = random.Random(size).randbytes(size)

    assert send(oss, "PUT", key, content).status_code == 200

    path = oss.app.store.path_of(BUCKET, key)
    assert path is not None
    assert path.read_bytes() == content
    assert send(oss, "GET", key).content == content


def test_the_answer_to_a_put_has_the_checksums(oss: RunningOss, key: str) -> None:
    answer = send(oss, "PUT", key, b"123456789")

    assert answer.headers["ETag"] == f'"{md5(b"123456789").hexdigest().upper()}"'
    assert answer.headers["Content-MD5"] == b64encode(md5(b"123456789").digest()).decode()
    assert answer.headers["x-oss-hash-crc64ecma"] == str(crc64(b"123456789")) == "11051210869376104954"
    assert len(answer.headers["x-oss-request-id"]) == 24
    assert answer.headers["x-oss-server-time"].isdigit()


def test_an_empty_object_has_the_checksums_of_nothing(oss: RunningOss, key: str) -> None:
    headers = send(oss, "PUT", key).headers

    assert (headers["ETag"], headers["x-oss-hash-crc64ecma"]) == ('"D41D8CD98F00B204E9800998ECF8427E"', "0")


def test_head_and_get_give_what_was_stored(oss: RunningOss, key: str) -> None:
    signed = {"Content-Type": "text/plain; charset=utf-8", "x-oss-storage-class": "IA", "x-oss-meta-Grant": "g-1"}
    unsigned = {
        "Cache-Control": "no-store",
        "Content-Disposition": "attachment; filename*=UTF-8''a%20b",
        "Content-Encoding": "identity",
        "Content-Language": "zh",
        "Expires": "Thu, 01 Dec 2044 16:00:00 GMT",
    }
    send(oss, "PUT", key, b"abc", signed=signed, **unsigned)

    for method in ("HEAD", "GET"):
        headers = send(oss, method, key).headers
        assert {name: headers[name] for name in {**signed, **unsigned}} == {**signed, **unsigned}
        assert headers["Content-Length"] == "3"
        assert headers["x-oss-object-type"] == "Normal"
        assert headers["x-oss-hash-crc64ecma"] == str(crc64(b"abc"))
        assert headers["Content-MD5"] == b64encode(md5(b"abc").digest()).decode()
        assert "x-oss-object-acl" not in headers


def test_an_object_without_a_type_is_an_octet_stream(oss: RunningOss, key: str) -> None:
    send(oss, "PUT", key, b"abc")

    headers = send(oss, "HEAD", key).headers
    assert (headers["Content-Type"], headers["x-oss-storage-class"]) == ("application/octet-stream", "Standard")


def test_dates_are_those_of_the_servers_clock(oss: RunningOss, key: str) -> None:
    oss.clock.offset = timedelta(days=400)
    send(oss, "PUT", key, b"abc")

    headers = send(oss, "HEAD", key).headers
    year = str((datetime.now(UTC) + timedelta(days=400)).year)
    assert year in headers["Last-Modified"]
    assert year in headers["Date"]


def test_a_second_put_replaces_bytes_and_headers(oss: RunningOss, key: str) -> None:
    send(oss, "PUT", key, b"first", signed={"x-oss-meta-a": "1"})
    send(oss, "PUT", key, b"2nd", signed={"Content-Type": "text/plain"})

    answer = send(oss, "GET", key)
    assert (answer.content, answer.headers["Content-Type"]) == (b"2nd", "text/plain")
    assert "x-oss-meta-a" not in answer.headers


def test_forbid_overwrite_lets_the_first_in_only(oss: RunningOss, key: str) -> None:
    signed = {"x-oss-forbid-overwrite": "true"}

    assert send(oss, "PUT", key, b"first", signed=signed).status_code == 200
    again = send(oss, "PUT", key, b"second", signed=signed)

    assert (again.status_code, code_of(again), again.headers["x-oss-ec"]) == (
        409,
        "FileAlreadyExists",
        "0026-00000002",
    )
    assert send(oss, "GET", key).content == b"first"


def test_forbid_overwrite_false_forbids_nothing(oss: RunningOss, key: str) -> None:
    for content in (b"first", b"second"):
        assert send(oss, "PUT", key, content, signed={"x-oss-forbid-overwrite": "false"}).status_code == 200


def test_of_puts_at_the_same_moment_exactly_one_wins(oss: RunningOss, key: str) -> None:
    """Each is held after its last byte but one, so that all have passed the early look at what is there."""
    clients = [RawClient(oss.port) for _ in range(8)]
    target = signed_url("PUT", key, headers={"x-oss-forbid-overwrite": "true"})
    text = head("PUT", target, {"Content-Length": "2", "x-oss-forbid-overwrite": "true"}).replace("\n", "\r\n")
    for number, client in enumerate(clients):
        client.send(f"{text}\r\n\r\n{number}".encode())
    wait_until_files(oss, len(clients))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda client: client.send(b"!"), clients))
        statuses = [reply.status for reply in pool.map(lambda client: client.reply(), clients)]
    for client in clients:
        client.__exit__()

    assert sorted(statuses) == [200] + [409] * 7
    assert send(oss, "GET", key).content == f"{statuses.index(200)}!".encode()


def wait_until_files(oss: RunningOss, count: int) -> None:
    incoming = oss.app.store.root / BUCKET / "incoming"
    deadline = datetime.now(UTC) + timedelta(seconds=20)
    while len(list(incoming.iterdir())) < count:
        assert datetime.now(UTC) < deadline


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_deleted_object_is_gone(oss: RunningOss, key: str, method: str) -> None:
    send(oss, "PUT", key, b"abc")

    assert send(oss, "DELETE", key).status_code == 204
    assert send(oss, method, key).status_code == 404
    assert oss.app.store.path_of(BUCKET, key) is None


def test_deleting_what_is_not_there_is_no_error(oss: RunningOss, key: str) -> None:
    assert send(oss, "DELETE", key).status_code == 204


def test_content_md5_guards_the_bytes(oss: RunningOss, key: str) -> None:
    right = {"Content-MD5": b64encode(md5(b"abc").digest()).decode()}

    assert code_of(send(oss, "PUT", key, b"abd", signed=right)) == "InvalidDigest"
    assert send(oss, "HEAD", key).status_code == 404
    assert send(oss, "PUT", key, b"abc", signed=right).status_code == 200


def test_a_chunked_body_is_taken_when_its_length_is_not_pinned(oss: RunningOss, raw: RawClient, key: str) -> None:
    target = signed_url("PUT", key)
    body = b"3\r\nabc\r\n5;name=value\r\ndefgh\r\n0\r\nTrailer: x\r\n\r\n"

    assert raw.request(head("PUT", target, {"Transfer-Encoding": "chunked"}), body).status == 200
    assert send(oss, "GET", key).content == b"abcdefgh"


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


def test_a_date_that_is_none_is_no_condition(oss: RunningOss, key: str) -> None:
    oss.app.store.put_bytes(BUCKET, key, b"abc")

    assert send(oss, "GET", key, If_Modified_Since="yesterday").status_code == 200


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


@pytest.mark.parametrize("acl", ["default", "private", "public-read", "public-read-write"])
def test_it_takes_the_acls_that_there_are(oss: RunningOss, key: str, acl: str) -> None:
    assert send(oss, "PUT", key, signed={"x-oss-object-acl": acl}).status_code == 200


def test_metadata_of_exactly_8_kb_is_taken(oss: RunningOss, key: str) -> None:
    value = "v" * (8192 - len("x-oss-meta-a"))

    assert send(oss, "PUT", key, signed={"x-oss-meta-a": value}).status_code == 200
    assert send(oss, "PUT", key, signed={"x-oss-meta-a": value + "v"}).status_code == 400


def test_an_empty_metadata_value_breaks_the_signature(raw: RawClient, key: str) -> None:
    headers = {"x-oss-meta-a": ""}

    reply = raw.request(head("PUT", signed_url("PUT", key, headers=headers), {**headers, "Content-Length": "0"}))

    assert (reply.status, reply.headers["x-oss-ec"]) == (403, "0002-00000201")


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
