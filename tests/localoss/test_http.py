"""The HTTP of it, by raw socket: keep-alive, early errors, bodies cut short, and requests with two meanings."""

from __future__ import annotations

import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import pytest

from tests.localoss.hand_signing import error_of, head, signed_url
from tests.localoss.sending import get, put_head, start
from tests.servers import BUCKET, RawClient, RunningOss
from uploads.localoss.strict_http import MAX_DRAINED, RAW_HEADERS


def test_one_connection_serves_many_requests(raw: RawClient, key: str) -> None:
    for content in (b"one", b"", b"three"):
        assert raw.request(put_head(key, Content_Length=str(len(content))), content).status == 200
        assert get(raw, key) == (200, content)
    assert raw.request(head("DELETE", signed_url("DELETE", key))).status == 204
    assert raw.request(head("HEAD", signed_url("HEAD", key))).status == 404
    assert get(raw, key)[0] == 404


def test_requests_may_be_sent_without_waiting(raw: RawClient, key: str) -> None:
    start(raw, put_head(key, Content_Length="3"), b"abc")
    start(raw, head("GET", signed_url("GET", key)))

    assert raw.reply().status == 200
    assert raw.reply().body == b"abc"


@pytest.mark.parametrize("size", [1, 100_000, 5_000_000])
def test_an_early_error_is_read_after_the_body_and_the_connection_goes_on(
    raw: RawClient, key: str, size: int
) -> None:
    reply = raw.request(put_head(key, Content_Length=str(size), Content_Type="text/plain"), b"x" * size)

    assert (reply.status, reply.headers.get("connection")) == (403, None)
    assert raw.request(put_head(key, Content_Length="3"), b"abc").status == 200


def test_an_early_error_drains_chunks_as_well(raw: RawClient, key: str) -> None:
    chunks = b"10\r\n" + b"x" * 16 + b"\r\n0\r\n\r\n"

    assert raw.request(put_head(key, Transfer_Encoding="chunked", x_oss_meta_a="b"), chunks).status == 403
    assert raw.request(put_head(key, Content_Length="3"), b"abc").status == 200


def test_more_than_64_mib_of_refused_body_end_the_connection(raw: RawClient, key: str) -> None:
    size = MAX_DRAINED + 1_000_000
    start(raw, put_head(key, Content_Length=str(size), Content_Type="text/plain"))
    chunk = b"x" * 65_536
    for _ in range(MAX_DRAINED // len(chunk)):
        raw.send(chunk)

    reply = raw.reply()

    assert (reply.status, reply.headers["connection"]) == (403, "close")
    assert raw.is_closed()


def test_a_body_cut_short_is_not_stored(oss: RunningOss, raw: RawClient, key: str) -> None:
    start(raw, put_head(key, Content_Length="10"), b"abc")
    raw.socket.shutdown(1)

    reply = raw.reply()

    assert (reply.status, error_of(reply)["Code"]) == (400, "IncompleteBody")
    assert raw.is_closed()
    assert oss.app.store.find(BUCKET, key) is None
    assert not any((oss.app.store.root / BUCKET / "incoming").iterdir())


def test_a_body_cut_short_leaves_the_object_that_was_there(oss: RunningOss, raw: RawClient, key: str) -> None:
    oss.app.store.put_bytes(BUCKET, key, b"whole")
    start(raw, put_head(key, Content_Length="10"), b"abc")
    raw.socket.shutdown(1)
    raw.reply()

    assert oss.app.store.path_of(BUCKET, key).read_bytes() == b"whole"


@pytest.mark.parametrize(
    "chunks",
    [
        b"3\r\nabc\r\n",
        b"3\r\nab",
        b"3\r\nabcd\r\n0\r\n\r\n",
        b"3\r\nabcXY0\r\n\r\n",
        b"x\r\nabc\r\n0\r\n\r\n",
        b"-3\r\nabc\r\n0\r\n\r\n",
        b"0x3\r\nabc\r\n0\r\n\r\n",
        b"3\nabc\r\n0\r\n\r\n",
        b"fffffffffffffffffffff\r\nabc",
        b"3\r\nabc\r\n0\r\nno end of trailers",
    ],
)
def test_broken_chunks_are_not_stored(oss: RunningOss, raw: RawClient, key: str, chunks: bytes) -> None:
    start(raw, put_head(key, Transfer_Encoding="chunked"), chunks)
    raw.socket.shutdown(1)

    assert error_of(raw.reply())["Code"] == "IncompleteBody"
    assert oss.app.store.find(BUCKET, key) is None


def test_broken_chunks_end_the_connection_even_if_what_follows_makes_sense(raw: RawClient, key: str) -> None:
    start(raw, put_head(key, Transfer_Encoding="chunked"), b"x\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n")

    assert raw.reply().status == 400
    assert raw.is_closed()


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: 3\nContent-Length: 6",
        "Content-Length: 3\nContent-Length: 3",
        "Content-Length: 3\nTransfer-Encoding: chunked",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: chunked\nTransfer-Encoding: chunked",
        "Content-Length: -3",
        "Content-Length: +3",
        "Content-Length: 3_0",
        "Content-Length: 3,3",
        "Content-Length:",
        "Content-Length : 3",
        "Content-Length: 3\n folded",
        "Host: other",
        "Authorization: a\nAuthorization: b",
        "X-A: b\x00c",
        "no colon",
        ": no name",
    ],
)
def test_a_request_with_two_meanings_gets_none(oss: RunningOss, raw: RawClient, key: str, headers: str) -> None:
    start(raw, f"{head('PUT', signed_url('PUT', key))}\n{headers}", b"abc")

    assert raw.reply().status == 400
    assert raw.is_closed()
    assert oss.app.store.find(BUCKET, key) is None


def test_http_1_0_has_no_chunks(raw: RawClient, key: str) -> None:
    text = put_head(key, Transfer_Encoding="chunked").replace("HTTP/1.1", "HTTP/1.0")
    start(raw, text, b"3\r\nabc\r\n0\r\n\r\n")

    assert raw.reply().status == 400


def test_headers_without_end_are_cut_off(raw: RawClient) -> None:
    start(raw, head("GET", "/", {"X-Long": "x" * 70_000}))

    assert raw.reply().status == 413


def test_expect_100_continue_is_answered_before_the_body(raw: RawClient, key: str) -> None:
    start(raw, put_head(key, Content_Length="3", Expect="100-continue"))

    assert raw.reply().status == 100
    raw.send(b"abc")
    assert raw.reply().status == 200


def test_curl_can_talk_to_it(oss: RunningOss, tmp_path: Path, key: str) -> None:
    curl = shutil.which("curl")
    assert curl, "These tests need curl."
    path = tmp_path / "file"
    path.write_bytes(b"x" * 2_000_000)
    target = signed_url("PUT", key)

    result = subprocess.run(
        [curl, "-sS", "-f", "-T", path, "-H", "Expect: 100-continue", f"{oss.url}{target}"],
        capture_output=True,
        check=True,
    )

    assert result.stderr == b""
    assert oss.app.store.path_of(BUCKET, key).read_bytes() == path.read_bytes()


def test_a_body_that_ends_early_without_an_error_is_not_stored(oss: RunningOss, key: str) -> None:
    """As another WSGI server would end it."""
    environ = {
        "REQUEST_METHOD": "PUT",
        "REQUEST_URI": signed_url("PUT", key),
        RAW_HEADERS: [(b"Content-Length", b"10")],
        "wsgi.input": BytesIO(b"abc"),
    }
    statuses: list[str] = []

    oss.app(environ, lambda status, _: statuses.append(status))

    assert statuses == ["400 Bad Request"]
    assert oss.app.store.find(BUCKET, key) is None
