"""The server itself: slow and silent clients, starting and stopping, any application."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.localoss.hand_signing import error_of, head
from tests.localoss.sending import get, put_head, start, wait_for_bodies
from tests.servers import BUCKET, RawClient, RunningOss, running_oss
from uploads.localoss.server import HttpServer
from uploads.localoss.strict_http import RAW_HEADERS


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


def test_it_serves_any_wsgi_application() -> None:
    seen = {}

    def app(environ, start_response):
        seen.update(environ, body=environ["wsgi.input"].readline() + environ["wsgi.input"].read())
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"hello, ", b"world"]

    with HttpServer(app) as server, RawClient(server.port) as client:
        start(
            client, head("POST", "/a%2Fb?c=d", {"Content-Length": "8", "X-Real": "yes", "X_Real": "no"}), b"one\ntwo!"
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
        wait_for_bodies(oss, 1)
        server.stop()

        assert client.reply().status == 400
        assert client.is_closed()
    assert oss.app.store.find(BUCKET, key) is None
