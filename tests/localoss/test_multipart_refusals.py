"""Uploads in parts against the embedded OSS: the parts, the lists of parts and the objects that are refused."""

from __future__ import annotations

from base64 import b64encode
from xml.etree import ElementTree

import fastcrc
import pytest

from tests.localoss.parts import (
    PART_BYTES,
    complete,
    complete_with,
    content_of,
    initiate,
    list_parts,
    parts_xml,
    send_part,
    send_parts,
)
from tests.localoss.sending import code_of, refusal, send
from tests.servers import RunningOss

FORBID = {"x_oss_forbid_overwrite": "true"}


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
