"""Multipart requests by raw socket: bodies cut short, too long, in chunks, and signed for something else."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from tests.localoss.hand_signing import error_of, head, signed_url
from tests.localoss.parts import abort, complete_with, folder_of, initiate, list_parts, parts_xml
from tests.localoss.sending import code_of, get, start, wait_for_bodies
from tests.servers import RawClient, RunningOss
from uploads.localoss.multipart import MAX_PARTS_DOCUMENT_SIZE
from uploads.oss.multipart_documents import parts_to_xml

CHUNKED = {"Transfer-Encoding": "chunked"}


def part_head(key: str, upload_id: str, headers: dict[str, str]) -> str:
    return head("PUT", signed_url("PUT", key, query={"partNumber": "1", "uploadId": upload_id}), headers)


def complete_head(key: str, upload_id: str, headers: dict[str, str]) -> str:
    return head("POST", signed_url("POST", key, query={"uploadId": upload_id}), headers)


def part_sizes(oss: RunningOss, key: str, upload_id: str) -> list[str]:
    page = ElementTree.fromstring(list_parts(oss, key, upload_id).content)
    return [element.text or "" for element in page.findall("Part/Size")]


def test_a_part_may_come_in_chunks_and_so_may_the_list_of_parts(oss: RunningOss, raw: RawClient, key: str) -> None:
    upload_id = initiate(oss, key)
    etag = raw.request(part_head(key, upload_id, CHUNKED), b"3\r\nabc\r\n0\r\n\r\n").headers["etag"]
    body = parts_xml([(1, etag)])

    reply = raw.request(complete_head(key, upload_id, CHUNKED), b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))

    assert reply.status == 200
    assert get(raw, key) == (200, b"abc")


def test_a_part_without_a_length_is_refused(oss: RunningOss, raw: RawClient, key: str) -> None:
    assert raw.request(part_head(key, initiate(oss, key), {})).status == 411


def test_a_part_of_more_than_5_gb_is_refused_before_it_comes(oss: RunningOss, raw: RawClient, key: str) -> None:
    start(raw, part_head(key, initiate(oss, key), {"Content-Length": str(5 * 1024**3 + 1)}))
    raw.socket.shutdown(1)  # It would read some of it before it answers, as for browsers.

    assert error_of(raw.reply())["Code"] == "EntityTooLarge"


def test_a_part_that_was_cut_short_is_not_there(oss: RunningOss, raw: RawClient, key: str) -> None:
    upload_id = initiate(oss, key)
    start(raw, part_head(key, upload_id, {"Content-Length": "10"}), b"abc")
    raw.socket.shutdown(1)

    assert error_of(raw.reply())["Code"] == "IncompleteBody"
    assert part_sizes(oss, key, upload_id) == []


def test_a_part_cut_short_leaves_the_one_that_it_was_to_replace(oss: RunningOss, raw: RawClient, key: str) -> None:
    upload_id = initiate(oss, key)
    assert raw.request(part_head(key, upload_id, {"Content-Length": "5"}), b"whole").status == 200
    start(raw, part_head(key, upload_id, {"Content-Length": "10"}), b"abc")
    raw.socket.shutdown(1)

    assert raw.reply().status == 400
    assert part_sizes(oss, key, upload_id) == ["5"]


def test_a_part_whose_upload_ends_meanwhile_is_thrown_away(oss: RunningOss, raw: RawClient, key: str) -> None:
    upload_id = initiate(oss, key)
    start(raw, part_head(key, upload_id, {"Content-Length": "3"}), b"ab")
    wait_for_bodies(oss, 1)
    assert abort(oss, key, upload_id).status_code == 204
    raw.send(b"c")

    assert error_of(raw.reply())["Code"] == "NoSuchUpload"
    assert not folder_of(oss, upload_id).path.exists()
    assert not any(folder_of(oss, upload_id).scratch.iterdir())


@pytest.mark.parametrize("length", [2, 4], ids=["shorter", "longer"])
def test_a_part_of_another_length_than_was_signed_is_refused(
    oss: RunningOss, raw: RawClient, key: str, length: int
) -> None:
    upload_id = initiate(oss, key)
    query = {"partNumber": "1", "uploadId": upload_id}
    target = signed_url("PUT", key, query=query, headers={"Content-Length": "3"}, additional=("content-length",))

    reply = raw.request(head("PUT", target, {"Content-Length": str(length)}), b"x" * length)

    assert error_of(reply)["Code"] == "SignatureDoesNotMatch"
    assert part_sizes(oss, key, upload_id) == []


def test_a_content_type_that_was_not_signed_is_refused(oss: RunningOss, raw: RawClient, key: str) -> None:
    reply = raw.request(part_head(key, initiate(oss, key), {"Content-Length": "1", "Content-Type": "a/b"}), b"x")

    assert error_of(reply)["Code"] == "SignatureDoesNotMatch"


def test_an_upload_id_given_twice_is_refused(oss: RunningOss, raw: RawClient, key: str) -> None:
    target = signed_url("PUT", key, query={"partNumber": "1", "uploadId": initiate(oss, key)})

    reply = raw.request(head("PUT", f"{target}&uploadId={'0' * 32}", {"Content-Length": "0"}))

    assert error_of(reply)["Code"] == "InvalidArgument"


def test_a_list_of_10_000_parts_is_read(oss: RunningOss, key: str) -> None:
    """And then refused, because the parts are not there."""
    body = parts_to_xml([(number, "0" * 32) for number in range(1, 10_001)])

    assert code_of(complete_with(oss, key, initiate(oss, key), body)) == "InvalidPart"


def test_a_list_of_parts_that_is_too_long_is_refused(oss: RunningOss, key: str) -> None:
    body = parts_xml([(1, "0")]) + b" " * MAX_PARTS_DOCUMENT_SIZE

    assert code_of(complete_with(oss, key, initiate(oss, key), body)) == "EntityTooLarge"
