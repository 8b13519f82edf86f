"""Lists of parts and of uploads: what they say, their order and their pages."""

from __future__ import annotations

from urllib.parse import unquote
from xml.etree import ElementTree

import fastcrc
import pytest
import requests

from tests.localoss.hand_signing import signed_url
from tests.localoss.parts import PART_BYTES, content_of, initiate, list_parts, send_part, send_parts
from tests.servers import RunningOss


def page_of(answer) -> ElementTree.Element:
    assert answer.status_code == 200, answer.text
    return ElementTree.fromstring(answer.content)


def numbers_in(page: ElementTree.Element) -> list[int]:
    return [int(element.text or "") for element in page.findall("Part/PartNumber")]


def list_uploads(oss: RunningOss, **query: str) -> ElementTree.Element:
    named = {name.replace("_", "-"): value for name, value in query.items()}
    target = signed_url("GET", "", query={"uploads": "", "encoding-type": "url", **named})
    return page_of(requests.get(f"{oss.url}{target}", timeout=20))


@pytest.fixture
def prefix(key: str) -> str:
    return f"{key}/"


def uploads_in(page: ElementTree.Element, prefix: str) -> list[tuple[str, str]]:
    return [
        (unquote(element.findtext("Key") or "").removeprefix(prefix), element.findtext("UploadId") or "")
        for element in page.findall("Upload")
    ]


def test_a_list_says_of_each_part_what_oss_says(oss: RunningOss, key: str) -> None:
    upload_id = initiate(oss, key, x_oss_storage_class="IA")
    [(_, etag)] = send_parts(oss, key, upload_id, [4])

    page = page_of(list_parts(oss, key, upload_id))

    assert [page.findtext(name) for name in ("Bucket", "Key", "UploadId", "StorageClass", "IsTruncated")] == [
        "test-bucket",
        key,
        upload_id,
        "IA",
        "false",
    ]
    [part] = page.findall("Part")
    assert [part.findtext(name) for name in ("PartNumber", "ETag", "Size", "HashCrc64ecma")] == [
        "4",
        etag,
        str(PART_BYTES),
        str(fastcrc.crc64.xz(content_of(4))),
    ]
    assert (part.findtext("LastModified") or "").endswith(".000Z")


def test_an_upload_without_parts_has_an_empty_list(oss: RunningOss, key: str) -> None:
    page = page_of(list_parts(oss, key, initiate(oss, key)))

    assert (numbers_in(page), page.findtext("IsTruncated")) == ([], "false")


def test_parts_come_by_number_in_pages(oss: RunningOss, key: str) -> None:
    upload_id = initiate(oss, key)
    for number in (10_000, 9, 2, 10, 1):
        send_part(oss, key, upload_id, number, b"x")
    pages = []
    marker, is_truncated = "0", "true"
    while is_truncated == "true":
        page = page_of(list_parts(oss, key, upload_id, max_parts="2", part_number_marker=marker))
        pages.append(numbers_in(page))
        marker, is_truncated = page.findtext("NextPartNumberMarker") or "", page.findtext("IsTruncated")

    assert pages == [[1, 2], [9, 10], [10_000]]


def test_a_page_ends_where_the_parts_end(oss: RunningOss, key: str) -> None:
    upload_id = initiate(oss, key)
    for number in (1, 2):
        send_part(oss, key, upload_id, number, b"x")

    page = page_of(list_parts(oss, key, upload_id, max_parts="2"))

    assert (numbers_in(page), page.findtext("IsTruncated")) == ([1, 2], "false")


def test_uploads_come_by_key_and_then_by_id_in_pages(oss: RunningOss, prefix: str) -> None:
    ids = [(name, initiate(oss, f"{prefix}{name}")) for name in ("b", "a", "c", "a", "a")]
    found: list[tuple[str, str]] = []
    page = list_uploads(oss, prefix=prefix, max_uploads="2")
    while True:
        found += uploads_in(page, prefix)
        if page.findtext("IsTruncated") == "false":
            break
        markers = [unquote(page.findtext(name) or "") for name in ("NextKeyMarker", "NextUploadIdMarker")]
        page = list_uploads(oss, prefix=prefix, max_uploads="2", key_marker=markers[0], upload_id_marker=markers[1])

    assert found == sorted(ids)


def test_a_marker_without_an_id_passes_over_all_uploads_to_its_key(oss: RunningOss, prefix: str) -> None:
    for name in ("a", "a", "b"):
        initiate(oss, f"{prefix}{name}")

    page = list_uploads(oss, prefix=prefix, key_marker=f"{prefix}a")

    assert [name for name, _ in uploads_in(page, prefix)] == ["b"]


def test_a_prefix_is_taken_literally(oss: RunningOss, prefix: str) -> None:
    initiate(oss, f"{prefix}a/b")

    assert uploads_in(list_uploads(oss, prefix=f"{prefix}a"), prefix)
    assert not uploads_in(list_uploads(oss, prefix=f"{prefix}?"), prefix)
    assert not uploads_in(list_uploads(oss, prefix=f"{prefix}a/b/"), prefix)


def test_a_key_that_xml_cannot_carry_comes_encoded(oss: RunningOss, prefix: str) -> None:
    initiate(oss, f"{prefix}a\x01 <&>+é")

    page = list_uploads(oss, prefix=prefix)

    assert [name for name, _ in uploads_in(page, prefix)] == ["a\x01 <&>+é"]
