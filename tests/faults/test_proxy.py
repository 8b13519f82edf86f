"""The proxy does to requests what the plan says: seen by a client on one side and in the storage on the other."""

from __future__ import annotations

import pytest

from tests.faults.plan import Kind, Odds, Plan
from tests.faults.proxy import running_proxy
from tests.localoss.hand_signing import error_of, head, signed_url
from tests.rig.storage import storage_app
from tests.servers import BUCKET, RawClient
from uploads.localoss.server import OssServer

BODY = b"0123456789" * 20_000


@pytest.fixture(scope="module")
def oss(tmp_path_factory):
    app = storage_app(tmp_path_factory.mktemp("oss"), "http://a")
    with OssServer(app) as server:
        server.app = app
        yield server


@pytest.fixture(scope="module")
def proxy(oss):
    with running_proxy("storage", "doomed") as proxy:
        proxy.start(storage=oss.port, doomed=oss.port)
        yield proxy


@pytest.fixture
def put(proxy, request):
    """Send one file through the proxy, after the plan has been given its kind; the answer."""
    key = f"{request.node.name}.bin"

    def put(kind=None, body=BODY):
        odds = {"storage": Odds({kind: 1}, attempts=1)} if kind else {}
        proxy.plan = Plan(1, odds)
        with RawClient(proxy.ports["storage"]) as client:
            target = signed_url("PUT", key)
            return client.request(head("PUT", target, {"Content-Length": str(len(body)), "Origin": "http://a"}), body)

    put.key = key
    return put


def stored(oss, key):
    return oss.app.store.read_bytes(BUCKET, key)


@pytest.mark.parametrize("body", [BODY, b""])
def test_without_a_fault_it_changes_nothing(oss, put, body):
    assert put(body=body).status == 200
    assert stored(oss, put.key) == body


@pytest.mark.parametrize("kind", [Kind.RESET_IN_BODY, Kind.CLOSE_IN_BODY])
def test_what_breaks_off_in_the_body_is_not_stored(oss, put, kind):
    with pytest.raises((ConnectionError, EOFError)):
        put(kind)
    assert stored(oss, put.key) is None


def test_what_loses_its_answer_is_stored(oss, put):
    with pytest.raises((ConnectionError, EOFError)):
        put(Kind.LOST_ANSWER)
    assert stored(oss, put.key) == BODY


def test_what_has_its_answer_cut_short_is_stored(oss, put):
    try:
        reply = put(Kind.CUT_ANSWER)
    except (ConnectionError, EOFError, IndexError, ValueError):
        reply = None
    # The body is empty, so that the length, the last header of all, is what a cut takes away.
    assert reply is None or "content-length" not in reply.headers
    assert stored(oss, put.key) == BODY


@pytest.mark.parametrize("kind", [Kind.NO_ANSWER, Kind.STALL_IN_BODY])
def test_what_hangs_ends_when_its_client_does(proxy, put, kind):
    proxy.plan = Plan(1, {"storage": Odds({kind: 1})})
    target = signed_url("PUT", put.key)
    with RawClient(proxy.ports["storage"], timeout=0.5) as client:
        client.send(head("PUT", target, {"Content-Length": "5"}).replace("\n", "\r\n").encode() + b"\r\n\r\n12345")
        with pytest.raises(TimeoutError):
            client.reply()
    assert put().status == 200


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        (Kind.SERVER_ERROR, 500, "InternalError"),
        (Kind.BUSY, 503, "ServiceUnavailable"),
        (Kind.TOO_MANY, 429, "TotalQpsLimitExceeded"),
        (Kind.DENIED, 403, "AccessDenied"),
        (Kind.EARLY_403, 403, "AccessDenied"),
        (Kind.EARLY_409, 409, "FileAlreadyExists"),
    ],
)
def test_a_refusal_is_one_that_javascript_may_read(oss, put, kind, status, code):
    reply = put(kind, b"12345")
    assert (reply.status, error_of(reply)["Code"]) == (status, code)
    assert reply.headers["access-control-allow-origin"] == "http://a"
    assert stored(oss, put.key) is None


@pytest.mark.parametrize("kind", [Kind.BUSY, Kind.TOO_MANY])
def test_who_is_busy_says_for_how_long(put, kind):
    assert put(kind).headers["retry-after"] == "1"


def test_an_html_page_is_one_that_javascript_may_not_read(put):
    reply = put(Kind.HTML_502)
    assert (reply.status, reply.headers.get("access-control-allow-origin")) == (502, None)


def test_a_lapsed_url_is_refused_by_the_storage_itself(put):
    assert error_of(put(Kind.LAPSED))["EC"] == "0002-00000236"
    assert put().status == 200


def test_the_second_attempt_is_spared(proxy, oss, put):
    assert put(Kind.BUSY).status == 503
    with RawClient(proxy.ports["storage"]) as client:
        again = client.request(head("PUT", signed_url("PUT", put.key), {"Content-Length": "5"}), b"12345")
    assert again.status == 200


def test_a_dead_line_resets_what_is_there_and_what_comes(proxy):
    with RawClient(proxy.ports["doomed"]) as client:
        assert client.request(head("GET", "/")).status == 403
        proxy.die("doomed", 60)
        assert client.is_closed()
    with pytest.raises((ConnectionError, EOFError)), RawClient(proxy.ports["doomed"]) as client:
        client.request(head("GET", "/"))


def test_a_slow_line_takes_its_time(proxy, put):
    proxy.share_line(("storage",), rate=1_000_000, delay=0.05)
    began = proxy.time()
    assert put().status == 200
    proxy.share_line(("storage",))
    assert proxy.time() - began >= len(BODY) / 1_000_000 + 2 * 0.05
