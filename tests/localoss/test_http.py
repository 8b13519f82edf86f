"""The HTTP of it, by raw socket: keep-alive, early errors, bodies cut short, and requests with two meanings."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.localoss.hand_signing import error_of, head, signed_url
from tests.servers import BUCKET, RawClient, RunningOss, running_oss
from uploads.localoss.server import HttpServer
from uploads.localoss.strict_http import MAX_DRAINED, RAW_HEADERS


def put_head(key: str, **headers: str) -> str:
    return head("PUT", signed_url("PUT", key), {name.replace("_", "-"): value for name, value in headers.items()})


def start(client: RawClient, text: str, body: bytes = b"") -> None:
    client.send(text.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)


def get(client: RawClient, key: str) -> tuple[int, bytes]:
    reply = client.request(head("GET", signed_url("GET", key)))
    return reply.status, reply.body


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


@pytest.fixture(scope="module")
def hasty_oss(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningOss]:
    with running_oss(tmp_path_factory.mktemp("oss"), timeout=1, threads=2) as oss:
        yield oss


def test_a_client_that_stalls_in_mid_body_is_given_up(hasty_oss: RunningOss, key: str) -> None:
    with RawClient(hasty_oss.port) as client:
        start(client, put_head(key, Content_Length="10"), b"abc")

        reply = client.reply()

        assert (reply.status, error_of(reply)["Code"]) == (400, "RequestTimeout")
        assert client.is_closed()
    assert hasty_oss.app.store.find(BUCKET, key) is None


def test_a_client_that_stalls_in_mid_headers_is_given_up(hasty_oss: RunningOss) -> None:
    with RawClient(hasty_oss.port) as client:
        client.send(b"GET / HTTP/1.1\r\nHo")

        assert client.reply().status == 408
        assert client.is_closed()


def test_a_client_that_says_nothing_is_given_up(hasty_oss: RunningOss) -> None:
    with RawClient(hasty_oss.port) as client:
        assert client.is_closed()


def test_many_idle_connections_block_nobody(oss: RunningOss, key: str) -> None:
    """More than there are threads, half of them new and half between two requests."""
    idle = [RawClient(oss.port) for _ in range(60)]
    for client in idle[::2]:
        get(client, key)

    with RawClient(oss.port, timeout=5) as client:
        assert client.request(put_head(key, Content_Length="3"), b"abc").status == 200

    for client in idle:
        client.__exit__()


def test_a_slow_upload_blocks_nobody(oss: RunningOss, raw: RawClient, key: str) -> None:
    start(raw, put_head(key, Content_Length="6"), b"abc")
    with RawClient(oss.port) as other:
        assert other.request(put_head(f"{key}2", Content_Length="3"), b"abc").status == 200

    raw.send(b"def")
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


# --- The server with any application --------------------------------------------------------------------------------


def test_it_serves_any_wsgi_application() -> None:
    seen = {}

    def app(environ, start_response):
        seen.update(environ, body=environ["wsgi.input"].readline() + environ["wsgi.input"].read())
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"hello, ", b"world"]

    with HttpServer(app) as server, RawClient(server.port) as client:
        start(
            client, head("POST", "/a%2Fb?c=d", {"Content-Length": "8", "X_Real": "no", "X-Real": "yes"}), b"one\ntwo!"
        )
        reply = client.reply()
        assert (reply.status, reply.headers["transfer-encoding"]) == (200, "chunked")

    assert seen["body"] == b"one\ntwo!"
    assert (seen["REQUEST_URI"], seen["QUERY_STRING"], seen["HTTP_X_REAL"]) == ("/a%2Fb?c=d", "c=d", "yes")
    assert (b"X_Real", b"no") in seen[RAW_HEADERS]


def test_it_frees_its_port_when_it_stops() -> None:
    with HttpServer(lambda *_: []) as server:
        port = server.port
    with HttpServer(lambda *_: [], port=port) as server:
        assert server.port == port


def test_it_says_when_the_port_is_taken() -> None:
    with HttpServer(lambda *_: []) as server, pytest.raises(OSError, match=str(server.port)):
        HttpServer(lambda *_: [], port=server.port).start()


def test_it_stops_while_a_request_is_under_way(oss: RunningOss, key: str) -> None:
    server = HttpServer(oss.app, timeout=600).start()
    with RawClient(server.port) as client:
        start(client, put_head(key, Content_Length="10"), b"abc")
        wait_for_a_body(oss)
        server.stop()

        assert client.reply().status == 400
        assert client.is_closed()
    assert oss.app.store.find(BUCKET, key) is None


def wait_for_a_body(oss: RunningOss) -> None:
    """Until a body has begun to arrive."""
    incoming = oss.app.store.root / BUCKET / "incoming"
    while not any(incoming.iterdir()):
        pass
