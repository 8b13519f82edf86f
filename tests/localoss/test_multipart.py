"""Uploads in parts against the embedded OSS: what becomes an object."""

from __future__ import annotations

import random
import re
from base64 import b64encode
from hashlib import md5

import fastcrc
import pytest

from tests.localoss.parts import (
    PART_BYTES,
    complete,
    complete_with,
    content_of,
    folder_of,
    initiate,
    send_part,
    send_parts,
)
from tests.localoss.sending import send
from tests.servers import BUCKET, RunningOss


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


def test_an_etag_is_the_same_in_small_letters_and_without_quotes(oss: RunningOss, key: str) -> None:
    upload_id = initiate(oss, key)
    [(number, etag)] = send_parts(oss, key, upload_id, [1])

    assert complete(oss, key, upload_id, [(number, etag.strip('"').lower())]).status_code == 200
