"""Uploads in parts against the embedded OSS: what becomes an object, and what is refused."""

from __future__ import annotations

import random
import re
from base64 import b64encode
from hashlib import md5
from xml.etree import ElementTree

import fastcrc
import pytest
import requests

from tests.localoss.parts import (
    PART_BYTES,
    abort,
    complete,
    complete_with,
    content_of,
    folder_of,
    initiate,
    list_parts,
    parts_xml,
    send_part,
    send_parts,
)
from tests.localoss.sending import code_of, send
from tests.servers import BUCKET, RunningOss

FORBID = {"x_oss_forbid_overwrite": "true"}


def refusal(answer) -> tuple[int, str, str]:
    return answer.status_code, code_of(answer), answer.headers.get("x-oss-ec", "")


def test_it_works(oss: RunningOss, key: str) -> None:
    upload_id = initiate(oss, key, Content_Type="text/plain", x_oss_meta_a="b", x_oss_storage_class="IA")
    parts = send_parts(oss, key, upload_id, [1, 2, 7])
    whole = content_of(1) + content_of(2) + content_of(7)

    answer = complete(oss, key, upload_id, parts)

    assert (answer.status_code, answer.headers["x-oss-hash-crc64ecma"]) == (200, str(fastcrc.crc64.xz(whole)))
    stored = send(oss, "GET", key)
    assert stored.content == whole
    shown = [stored.headers[name] for name in ("Content-Type", "x-oss-meta-a", "x-oss-storage-class")]
    assert shown == ["text/plain", "b", "IA"]
    assert oss.app.store.read_bytes(BUCKET, key) == whole


def test_the_object_says_that_it_came_in_parts(oss: RunningOss, key: str) -> None:
    upload_id = initiate(oss, key)
    complete(oss, key, upload_id, send_parts(oss, key, upload_id, [1, 2]))

    headers = send(oss, "HEAD", key).headers

    assert headers["x-oss-object-type"] == "Multipart"
    assert re.fullmatch(r'"[0-9A-F]{32}-2"', headers["ETag"])
    assert headers["x-oss-hash-crc64ecma"] == str(fastcrc.crc64.xz(content_of(1) + content_of(2)))
    assert "Content-MD5" not in headers


def test_a_part_is_answered_with_its_checksums(oss: RunningOss, key: str) -> None:
    answer = send_part(oss, key, initiate(oss, key), 3, b"123456789")

    digest = md5(b"123456789")
    assert answer.headers["ETag"] == f'"{digest.hexdigest().upper()}"'
    assert answer.headers["Content-MD5"] == b64encode(digest.digest()).decode()
    assert answer.headers["x-oss-hash-crc64ecma"] == "11051210869376104954"


@pytest.mark.parametrize("size", [0, 1, PART_BYTES, 3_000_001])
def test_one_part_is_enough_whatever_its_size(oss: RunningOss, key: str, size: int) -> None:
    content = random.Random(size).randbytes(size)
    upload_id = initiate(oss, key)
    etag = send_part(oss, key, upload_id, 1, content).headers["ETag"]

    assert complete(oss, key, upload_id, [(1, etag)]).status_code == 200

    assert send(oss, "GET", key).content == content


def test_a_part_sent_again_replaces_the_first(oss: RunningOss, key: str) -> None:
    upload_id = initiate(oss, key)
    send_part(oss, key, upload_id, 1, b"first")
    etag = send_part(oss, key, upload_id, 1, b"second").headers["ETag"]

    assert complete(oss, key, upload_id, [(1, etag)]).status_code == 200
    assert send(oss, "GET", key).content == b"second"


def test_parts_that_are_not_named_are_left_out(oss: RunningOss, key: str) -> None:
    upload_id = initiate(oss, key)
    parts = send_parts(oss, key, upload_id, [1, 2, 3])

    assert complete(oss, key, upload_id, [parts[0], parts[2]]).status_code == 200

    assert send(oss, "GET", key).content == content_of(1) + content_of(3)
    assert not folder_of(oss, upload_id).path.exists()


def test_complete_all_takes_every_part_that_is_there(oss: RunningOss, key: str) -> None:
    upload_id = initiate(oss, key)
    send_parts(oss, key, upload_id, [9, 2, 10_000])

    answer = complete_with(oss, key, upload_id, b"", x_oss_complete_all="yes")

    assert answer.status_code == 200
    assert send(oss, "GET", key).content == content_of(2) + content_of(9) + content_of(10_000)


def test_complete_all_and_a_body_exclude_each_other(oss: RunningOss, key: str) -> None:
    upload_id = initiate(oss, key)
    parts = send_parts(oss, key, upload_id, [1])

    answer = complete(oss, key, upload_id, parts, x_oss_complete_all="yes")

    assert refusal(answer) == (400, "InvalidArgument", "0042-00000216")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="no body"),
        pytest.param(b"<CompleteMultipartUpload/>", id="no parts"),
        pytest.param(
            b"<CompleteMultipartUpload><Part><ETag>A</ETag></Part></CompleteMultipartUpload>", id="no number"
        ),
        pytest.param(parts_xml([(1, "A")]).replace(b">1<", b">-1<"), id="a negative number"),
        pytest.param(parts_xml([(1, "A")]).replace(b">1<", b">\xd9\xa1<"), id="another script's digit"),
        pytest.param(b"<Parts></Parts>", id="another document"),
        pytest.param(b"<CompleteMultipartUpload>", id="half a document"),
        pytest.param(b'<!DOCTYPE a [<!ENTITY b "c">]>' + parts_xml([(1, "&b;")]), id="an entity"),
        pytest.param(b"\x00\xff" * 100, id="bytes"),
    ],
)
def test_a_list_of_parts_that_cannot_be_read_is_refused(oss: RunningOss, key: str, body: bytes) -> None:
    upload_id = initiate(oss, key)
    send_parts(oss, key, upload_id, [1])

    assert refusal(complete_with(oss, key, upload_id, body)) == (400, "MalformedXML", "0042-00000205")
    assert list_parts(oss, key, upload_id).status_code == 200


@pytest.mark.parametrize("order", [[2, 1], [1, 1], [1, 3, 2]], ids=str)
def test_parts_must_be_named_in_ascending_order(oss: RunningOss, key: str, order: list[int]) -> None:
    upload_id = initiate(oss, key)
    etags = dict(send_parts(oss, key, upload_id, [1, 2, 3]))

    answer = complete(oss, key, upload_id, [(number, etags[number]) for number in order])

    assert refusal(answer) == (400, "InvalidPartOrder", "0042-00000209")


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param((2, '"0"'), id="a part that is not there"),
        pytest.param((1, f'"{"0" * 32}"'), id="another ETag"),
        pytest.param((1, ""), id="no ETag"),
        pytest.param((0, '"0"'), id="the number 0"),
        pytest.param((10_001, '"0"'), id="a number too high"),
    ],
)
def test_a_part_must_be_there_with_that_etag(oss: RunningOss, key: str, wanted: tuple[int, str]) -> None:
    upload_id = initiate(oss, key)
    send_parts(oss, key, upload_id, [1])

    assert refusal(complete(oss, key, upload_id, [wanted])) == (400, "InvalidPart", "")


def test_an_etag_is_the_same_in_small_letters_and_without_quotes(oss: RunningOss, key: str) -> None:
    upload_id = initiate(oss, key)
    [(number, etag)] = send_parts(oss, key, upload_id, [1])

    assert complete(oss, key, upload_id, [(number, etag.strip('"').lower())]).status_code == 200


def test_a_small_part_is_refused_at_the_end_unless_it_is_the_last(oss: RunningOss, key: str) -> None:
    upload_id = initiate(oss, key)
    small = send_part(oss, key, upload_id, 1, content_of(1, PART_BYTES - 1)).headers["ETag"]
    last = send_part(oss, key, upload_id, 2, b"x").headers["ETag"]

    refused = complete(oss, key, upload_id, [(1, small), (2, last)])
    assert refusal(refused) == (400, "EntityTooSmall", "0042-00000213")

    enough = send_part(oss, key, upload_id, 1, content_of(1)).headers["ETag"]
    assert complete(oss, key, upload_id, [(1, enough), (2, last)]).status_code == 200
    assert send(oss, "GET", key).content == content_of(1) + b"x"


def test_complete_all_without_any_part_is_refused(oss: RunningOss, key: str) -> None:
    upload_id = initiate(oss, key)

    assert code_of(complete_with(oss, key, upload_id, b"", x_oss_complete_all="yes")) == "InvalidPart"


def test_a_whole_with_another_checksum_is_refused(oss: RunningOss, key: str) -> None:
    upload_id = initiate(oss, key)
    parts = send_parts(oss, key, upload_id, [1, 2])
    whole = fastcrc.crc64.xz(content_of(1) + content_of(2))

    refused = complete(oss, key, upload_id, parts, x_oss_hash_crc64ecma=str(whole ^ 1))

    assert code_of(refused) == "InvalidCRC64"
    assert complete(oss, key, upload_id, parts, x_oss_hash_crc64ecma=str(whole)).status_code == 200


def test_a_part_with_another_digest_than_announced_is_not_kept(oss: RunningOss, key: str) -> None:
    upload_id = initiate(oss, key)
    query = {"partNumber": "1", "uploadId": upload_id}

    answer = send(oss, "PUT", key, b"abc", query=query, signed={"Content-MD5": b64encode(b"0" * 16).decode()})

    assert code_of(answer) == "InvalidDigest"
    assert ElementTree.fromstring(list_parts(oss, key, upload_id).content).find("Part") is None


@pytest.mark.parametrize("end", ["complete", "abort"])
def test_nothing_can_be_done_with_an_upload_that_has_ended(oss: RunningOss, key: str, end: str) -> None:
    upload_id = initiate(oss, key)
    parts = send_parts(oss, key, upload_id, [1])
    ended = complete(oss, key, upload_id, parts) if end == "complete" else abort(oss, key, upload_id)
    assert ended.status_code == (200 if end == "complete" else 204)

    for answer in (
        send_part(oss, key, upload_id, 1, b"abc"),
        list_parts(oss, key, upload_id),
        complete(oss, key, upload_id, parts),
        abort(oss, key, upload_id),
    ):
        assert refusal(answer) == (404, "NoSuchUpload", "0042-00000002")


def test_an_upload_is_good_for_its_own_key_only(oss: RunningOss, key: str) -> None:
    upload_id = initiate(oss, key)

    assert code_of(send_part(oss, f"{key}.other", upload_id, 1, b"abc")) == "NoSuchUpload"
    assert code_of(abort(oss, f"{key}.other", upload_id)) == "NoSuchUpload"


@pytest.mark.parametrize(
    "upload_id", ["../uploads", "..", ".", "a/../../bucket.json", "", "\x00", "0" * 32, "a" * 5000], ids=ascii
)
def test_no_upload_id_reaches_another_file(oss: RunningOss, key: str, upload_id: str) -> None:
    assert code_of(list_parts(oss, key, upload_id)) == "NoSuchUpload"
    assert code_of(abort(oss, key, upload_id)) == "NoSuchUpload"
    assert oss.app.store.bucket(BUCKET) is not None


def test_a_part_url_is_good_for_its_number_only(oss: RunningOss, key: str) -> None:
    upload_id = initiate(oss, key)
    answer = send(oss, "PUT", key, b"abc", query={"partNumber": "1", "uploadId": upload_id})
    assert answer.request.url is not None

    moved = requests.put(answer.request.url.replace("partNumber=1", "partNumber=2"), data=b"abc", timeout=20)

    assert code_of(moved) == "SignatureDoesNotMatch"


def test_overwriting_can_be_forbidden_at_the_beginning_and_at_the_end(oss: RunningOss, key: str) -> None:
    upload_id = initiate(oss, key, **FORBID)
    parts = send_parts(oss, key, upload_id, [1, 2])
    send(oss, "PUT", key, b"was quicker")

    late = complete(oss, key, upload_id, parts, **FORBID)
    early = send(oss, "POST", key, query={"uploads": ""}, signed={"x-oss-forbid-overwrite": "true"})

    assert refusal(late) == refusal(early) == (409, "FileAlreadyExists", "0026-00000002")
    assert send(oss, "GET", key).content == b"was quicker"
    assert complete(oss, key, upload_id, parts).status_code == 200
    assert send(oss, "GET", key).content == content_of(1) + content_of(2)
