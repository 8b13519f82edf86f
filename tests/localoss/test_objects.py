"""PUT, HEAD and DELETE of objects: bytes, checksums and headers."""

from __future__ import annotations

import random
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import md5

import crcmod
import pytest

from tests.localoss.hand_signing import head, signed_url
from tests.localoss.sending import code_of, send
from tests.servers import BUCKET, RawClient, RunningOss

# CRC-64/XZ by another library, with the parameters that the SDKs use.
crc64 = crcmod.mkCrcFun(0x142F0E1EBA9EA3693, initCrc=0, xorOut=0xFFFFFFFFFFFFFFFF)


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
