"""The client and every answer that is wrong: foreign, broken, slow, hostile, or an error of OSS."""

from __future__ import annotations

import base64
import hashlib
import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.oss.stub_server import Reply, StubServer, answer, drip, error, error_xml, reset, silence
from uploads.oss.client import ByteRange, OssClient
from uploads.oss.clock import OssClock, utc_now
from uploads.oss.credentials import Credentials
from uploads.oss.documents import CorsConfiguration, CorsRule, cors_from_xml
from uploads.oss.endpoints import Bucket, Endpoint
from uploads.oss.errors import (
    AccessRefused,
    ErrorAnswer,
    NoAnswer,
    NotFound,
    OssError,
    RefusedLocally,
    UnreadableAnswer,
)

pytestmark = pytest.mark.usefixtures("quick_retries")

HEAD_OK = answer(
    200,
    length=42,
    Last_Modified="Fri, 01 Nov 2024 08:30:00 GMT",
    ETag='"5EB63BBBE01EEED093CB22BB8F5ACDC3"',
    x_oss_hash_crc64ecma="5981764153023615706",
    Content_Type="image/png",
    X_Oss_Meta_Grant="g1",
    x_oss_storage_class="IA",
)
PORTAL = b"<!DOCTYPE html><html><body>Sign in to the hotel's network</body></html>"
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE Error [<!ENTITY a "haha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><Error><Code>&j;</Code></Error>"
)
OUTSIDE = b'<!DOCTYPE Error [<!ENTITY x SYSTEM "file:///etc/hostname">]><Error><Code>&x;</Code></Error>'
PARAMETER = b'<!DOCTYPE Error SYSTEM "http://127.0.0.1:9/x.dtd"><Error><Code>NoSuchKey</Code></Error>'


def client_of(server: StubServer, credentials: Credentials, *, clock: OssClock | None = None, **options) -> OssClient:
    bucket = Bucket("bucket", "cn-hangzhou", Endpoint.parse(server.url))
    return OssClient(bucket, credentials, clock or OssClock(), **options)


def head_error(status: int, code: str, **headers: str) -> bytes:
    return answer(status, x_oss_err=base64.b64encode(error_xml(code, "0026-00000001")).decode(), **headers)


def test_it_works(credentials):
    with StubServer(HEAD_OK) as server:
        facts = client_of(server, credentials).head_object("a/b.png")

    assert (facts.size_bytes, facts.content_type, facts.storage_class) == (42, "image/png", "IA")
    assert (facts.etag, facts.crc64) == ("5EB63BBBE01EEED093CB22BB8F5ACDC3", 5981764153023615706)
    assert facts.last_modified.isoformat() == "2024-11-01T08:30:00+00:00"
    assert facts.metadata == {"grant": "g1"}
    assert (server.seen[0].method, server.seen[0].target) == ("HEAD", "/bucket/a/b.png")


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(answer(404, PORTAL, x_oss_request_id=""), id="a 404 page of a proxy"),
        pytest.param(answer(404, error_xml("NoSuchKey"), x_oss_request_id=""), id="a 404 with XML and no request id"),
        pytest.param(answer(200, PORTAL, x_oss_request_id="", Content_Type="text/html"), id="a captive portal"),
        pytest.param(answer(302, Location="http://127.0.0.1:9/", x_oss_request_id=""), id="a portal's redirect"),
        pytest.param(answer(302, Location="http://127.0.0.1:9/"), id="a redirect with a request id"),
        pytest.param(answer(301, Location="http://[bad"), id="a redirect to nowhere"),
        pytest.param(answer(404, PORTAL), id="HTML with a request id"),
        pytest.param(answer(404, error_xml("NoSuchKey")[:-9]), id="truncated XML"),
        pytest.param(answer(404, LAUGHS), id="a billion laughs"),
        pytest.param(answer(404, OUTSIDE), id="an external entity"),
        pytest.param(answer(404, PARAMETER), id="an external document type"),
        pytest.param(answer(404, b"<Error>" * 9000 + b"</Error>" * 9000), id="XML too long for an error"),
        pytest.param(answer(404, b"<Other><Code>NoSuchKey</Code></Other>"), id="XML of something else"),
        pytest.param(answer(204), id="a success that is not the expected one"),
        pytest.param(answer(200, b"<CORSConfiguration><CORSRule>"), id="a success with truncated XML"),
    ],
)
def test_what_is_not_from_oss_says_nothing_about_the_bucket(credentials, reply):
    with StubServer(reply) as server, pytest.raises(UnreadableAnswer):
        client_of(server, credentials).get_cors()

    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(answer(404, x_oss_request_id=""), id="without a request id"),
        pytest.param(
            answer(404, x_oss_request_id="", x_oss_err="PEVycm9yLz4="), id="with an error but no request id"
        ),
        pytest.param(answer(404, x_oss_err="%%%"), id="with an error that is not base64"),
        pytest.param(answer(404, x_oss_err="PEVycm9y"), id="with an error that is not XML"),
        pytest.param(answer(404, x_oss_err=base64.b64encode(OUTSIDE).decode()), id="with an external entity"),
    ],
)
def test_a_doubtful_404_on_head_is_not_a_missing_object(credentials, reply):
    with StubServer(reply) as server, pytest.raises(UnreadableAnswer):
        client_of(server, credentials).head_object("key")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        pytest.param(head_error(404, "NoSuchKey"), "NoSuchKey", id="no such key"),
        pytest.param(head_error(404, "NoSuchBucket"), "NoSuchBucket", id="no such bucket"),
        pytest.param(answer(404), "", id="no word about which"),
    ],
)
def test_a_404_of_oss_on_head_is_a_missing_object(credentials, reply, code):
    with StubServer(reply) as server, pytest.raises(NotFound) as caught:
        client_of(server, credentials).head_object("key")

    assert (caught.value.status, caught.value.code, caught.value.retryable) == (404, code, False)
    assert caught.value.request_id == "5C3D9175B6FC201293AD0000"


def test_a_403_is_never_a_missing_object(credentials):
    with StubServer(head_error(403, "AccessDenied")) as server, pytest.raises(AccessRefused) as caught:
        client_of(server, credentials).head_object("key")

    assert not isinstance(caught.value, NotFound)
    assert (caught.value.code, caught.value.ec) == ("AccessDenied", "0026-00000001")


def test_an_error_without_a_body_has_the_ec_of_its_header(credentials):
    with StubServer(answer(403, x_oss_ec="0003-00000001")) as server, pytest.raises(AccessRefused) as caught:
        client_of(server, credentials).delete_object("key")

    assert (caught.value.code, caught.value.ec) == ("", "0003-00000001")


def test_an_error_repeats_nothing_of_its_body_but_the_code(credentials, caplog):
    caplog.set_level(logging.DEBUG, logger="uploads")
    body = error_xml("SignatureDoesNotMatch", "0002-00000201").replace(
        b"</Error>", b"<CanonicalRequest>x-oss-security-token=SECRET-TOKEN</CanonicalRequest></Error>"
    )
    with StubServer(answer(403, body)) as server, pytest.raises(AccessRefused) as caught:
        client_of(server, credentials).get_cors()

    assert "SignatureDoesNotMatch" in str(caught.value)
    assert "SECRET-TOKEN" not in f"{caught.value} {vars(caught.value)} {caught.value!r} {caplog.text}"


def test_unreadable_xml_is_not_repeated_either(credentials):
    with StubServer(answer(403, b"<Error><T>SECRET-TOKEN</T")) as server, pytest.raises(UnreadableAnswer) as caught:
        client_of(server, credentials).get_cors()

    chain = [caught.value, caught.value.__cause__]
    assert "SECRET-TOKEN" not in repr(chain)


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(error(500, "InternalError"), id="an internal error"),
        pytest.param(error(503, "ServiceUnavailable"), id="an unavailable service"),
        pytest.param(error(429, "QpsLimitExceeded"), id="too many requests"),
        pytest.param(error(400, "RequestTimeout"), id="a slow request"),
        pytest.param(answer(502, PORTAL, x_oss_request_id=""), id="a bad gateway of a proxy"),
        pytest.param(answer(520, PORTAL, x_oss_request_id=""), id="a status that no standard knows"),
        pytest.param(reset, id="a reset"),
        pytest.param(b"", id="a closed connection"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", id="another protocol"),
        pytest.param(answer(503, b"<Er", length=400), id="an error cut off"),
    ],
)
def test_what_may_pass_is_tried_again(credentials, reply):
    closing: Reply = reply if callable(reply) else lambda connection, _: connection.sendall(reply)
    with StubServer(closing, closing, answer(204)) as server:
        client_of(server, credentials).delete_object("key")

    assert len(server.seen) == 3


@pytest.mark.parametrize(
    "code", ["AccessDenied", "SignatureDoesNotMatch", "InvalidAccessKeyId", "SecurityTokenExpired"]
)
def test_what_will_not_pass_is_tried_once(credentials, code):
    with StubServer(error(403, code), HEAD_OK) as server, pytest.raises(AccessRefused):
        client_of(server, credentials).get_cors()

    assert len(server.seen) == 1


def test_it_gives_up_after_the_last_attempt(credentials):
    with StubServer(error(503, "ServiceUnavailable")) as server, pytest.raises(ErrorAnswer) as caught:
        client_of(server, credentials, max_attempts=4).get_cors()

    assert (caught.value.status, caught.value.retryable) == (503, True)
    assert len(server.seen) == 4


def test_each_attempt_is_signed_anew(credentials):
    moments = iter([utc_now(), utc_now() + timedelta(seconds=7), utc_now() + timedelta(seconds=7)])
    clock = OssClock(lambda: next(moments))
    with StubServer(reset, HEAD_OK) as server:
        client_of(server, credentials, clock=clock).head_object("key")

    first, second = (seen.headers["authorization"] for seen in server.seen)
    assert first != second


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(reset, id="a reset"),
        pytest.param(silence, id="silence"),
        pytest.param(drip(answer(200, length=5000), b" " * 5000), id="a body that drips"),
        pytest.param(drip(answer(404, length=5000), b" " * 5000), id="an error that drips"),
    ],
)
def test_an_answer_that_does_not_come_is_no_answer_within_the_time_limit(credentials, reply):
    began = time.monotonic()
    with StubServer(reply) as server, pytest.raises(NoAnswer) as caught:
        client_of(server, credentials, timeout=(0.5, 0.3), total_seconds=1).get_cors()

    assert caught.value.retryable
    assert time.monotonic() - began < 2


def test_a_port_where_nobody_listens_is_no_answer(credentials):
    with StubServer(HEAD_OK) as server:
        client = client_of(server, credentials)

    with pytest.raises(NoAnswer) as caught:
        client.head_object("key")
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize("status", [200, 302, 403], ids=["a success", "a redirect", "an error"])
def test_a_huge_body_is_not_read_to_its_end(credentials, status):
    sent = []

    def endless(connection, stopping: threading.Event) -> None:
        connection.sendall(answer(status, length=10**12, Location="/elsewhere"))
        while not stopping.is_set() and len(sent) < 10_000:
            connection.sendall(b"x" * 65536)
            sent.append(65536)

    with StubServer(endless) as server, pytest.raises(UnreadableAnswer):
        client_of(server, credentials).get_cors()
    assert sum(sent) < 50_000_000


def test_answers_leave_the_connection_open_for_the_next_call(credentials):
    replies = [HEAD_OK, answer(404), head_error(404, "NoSuchKey"), error(403, "AccessDenied"), answer(204)]
    with StubServer(*replies) as server:
        client = client_of(server, credentials)
        client.head_object("key")
        for call in (client.head_object, client.head_object, client.delete_object):
            with pytest.raises(ErrorAnswer):
                call("key")
        client.delete_object("key")

    assert (len(server.seen), server.connections) == (5, 1)


def test_threads_share_a_client_but_no_connection(credentials):
    barrier = threading.Barrier(8)

    def wait_for_all(connection, _: threading.Event) -> None:
        barrier.wait(5)
        connection.sendall(HEAD_OK)

    with StubServer(wait_for_all) as server:
        client = client_of(server, credentials, timeout=(5, 5))
        sizes: list[int] = []
        threads = [
            threading.Thread(target=lambda: sizes.append(client.head_object("k").size_bytes)) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)

    assert sizes == [42] * 8
    assert server.connections == 8


def test_the_environment_redirects_nothing(credentials, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password something\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with StubServer(HEAD_OK) as server:
        client_of(server, credentials).head_object("key")

    assert server.seen[0].headers["authorization"].startswith("OSS4-HMAC-SHA256 Credential=LTAI5tExample/")


def test_cookies_are_not_kept(credentials):
    with StubServer(answer(204, Set_Cookie="a=b; Path=/"), HEAD_OK) as server:
        client = client_of(server, credentials)
        client.delete_object("key")
        client.head_object("key")

    assert "cookie" not in server.seen[1].headers


def test_the_security_token_goes_with_the_call():
    with StubServer(HEAD_OK) as server:
        client_of(server, Credentials("STS.id", "secret", "TOKEN")).head_object("key")

    assert server.seen[0].headers["x-oss-security-token"] == "TOKEN"


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"length": -1}, id="a negative length"),
        pytest.param({"Content_Length": ""}, id="no length"),
        pytest.param({"Last_Modified": ""}, id="no time"),
        pytest.param({"Last_Modified": "yesterday"}, id="a time that is none"),
        pytest.param({"Last_Modified": "Fri, 01 Nov 99999999999999999999 08:30:00 GMT"}, id="a time out of bounds"),
    ],
)
def test_object_facts_without_length_or_time_are_unreadable(credentials, broken):
    reply = answer(200, **{"length": 42, "Last_Modified": "Fri, 01 Nov 2024 08:30:00 GMT"} | broken)
    with StubServer(reply) as server, pytest.raises(UnreadableAnswer):
        client_of(server, credentials).head_object("key")


@pytest.mark.parametrize("checksum", ["", "abc", "-1", "9" * 5000], ids=["none", "letters", "negative", "absurd"])
def test_a_checksum_that_is_none_is_unknown(credentials, checksum):
    reply = answer(200, Last_Modified="Fri, 01 Nov 2024 08:30:00 GMT", x_oss_hash_crc64ecma=checksum)
    with StubServer(reply) as server:
        assert client_of(server, credentials).head_object("key").crc64 is None


def test_an_object_that_ends_too_early_is_no_answer(credentials):
    def short(connection, _: threading.Event) -> None:
        connection.sendall(answer(200, b"half", length=8, Last_Modified="Fri, 01 Nov 2024 08:30:00 GMT"))

    with StubServer(short) as server, client_of(server, credentials).get_object("key") as stream:
        chunks = stream.chunks()
        with pytest.raises(NoAnswer):
            list(chunks)


def test_an_object_stored_compressed_arrives_as_it_is_stored(credentials):
    reply = answer(200, b"\x1f\x8bxyz", Content_Encoding="gzip", Last_Modified="Fri, 01 Nov 2024 08:30:00 GMT")
    with StubServer(reply) as server, client_of(server, credentials).get_object("key") as stream:
        assert b"".join(stream.chunks()) == b"\x1f\x8bxyz"

    assert server.seen[0].headers["accept-encoding"] == "identity"


def test_the_whole_object_instead_of_a_range_is_refused(credentials):
    with StubServer(HEAD_OK) as server:
        whole = client_of(server, credentials).get_object("key", ByteRange(0, 9))
        with pytest.raises(UnreadableAnswer):
            whole.__enter__()

    assert server.seen[0].headers["range"] == "bytes=0-9"


@pytest.mark.parametrize("call", ["head_object", "delete_object"])
def test_an_empty_key_is_not_the_bucket(credentials, call):
    with StubServer(answer(204)) as server, pytest.raises(RefusedLocally):
        getattr(client_of(server, credentials), call)("")

    assert server.seen == []


def test_rules_go_out_with_their_checksum(credentials):
    rules = CorsConfiguration((CorsRule(("https://files.example.com",), ("PUT",), ("*",), ("ETag",), 600),), True)
    with StubServer(answer(200)) as server:
        client_of(server, credentials).put_cors(rules)

    seen = server.seen[0]
    assert (seen.method, seen.target) == ("PUT", "/bucket/?cors")
    assert seen.headers["content-type"] == "application/xml"
    assert base64.b64decode(seen.headers["content-md5"]) == hashlib.md5(seen.body).digest()
    assert cors_from_xml(seen.body) == rules


def of_a_clock(difference: timedelta, status: int, body: bytes = b"") -> bytes:
    return answer(status, body, Date=format_datetime(utc_now() + difference, usegmt=True))


SKEWED = error_xml("RequestTimeTooSkewed", "0002-00000504")


def test_a_clock_that_is_wrong_is_learned_and_the_call_signed_again(credentials):
    clock = OssClock()
    ahead = timedelta(minutes=20)
    with StubServer(of_a_clock(ahead, 403, SKEWED), of_a_clock(ahead, 204)) as server:
        client_of(server, credentials, clock=clock, max_attempts=2).delete_object("key")

    first, second = (datetime.strptime(seen.headers["x-oss-date"], "%Y%m%dT%H%M%S%z") for seen in server.seen)
    assert timedelta(minutes=19) < second - first < timedelta(minutes=21)
    assert timedelta(minutes=19) < clock.offset < timedelta(minutes=21)


def test_a_clock_that_stays_refused_is_learned_only_once(credentials):
    with StubServer(of_a_clock(timedelta(minutes=20), 403, SKEWED)) as server, pytest.raises(AccessRefused):
        client_of(server, credentials, max_attempts=9).delete_object("key")

    assert len(server.seen) == 2


def test_a_clock_that_is_right_is_no_reason_for_another_try(credentials):
    with StubServer(of_a_clock(timedelta(0), 403, SKEWED)) as server, pytest.raises(AccessRefused) as caught:
        client_of(server, credentials).delete_object("key")

    assert (caught.value.code, len(server.seen)) == ("RequestTimeTooSkewed", 1)


@pytest.mark.parametrize(
    "foreign",
    [
        pytest.param({"x_oss_request_id": ""}, id="a server in between"),
        pytest.param({"Age": "1200"}, id="a cache"),
    ],
)
def test_the_time_of_another_server_is_not_learned(credentials, foreign):
    clock = OssClock()
    date = format_datetime(utc_now() + timedelta(hours=1), usegmt=True)
    with StubServer(answer(204, Date=date, **foreign)) as server:
        try:
            client_of(server, credentials, clock=clock).delete_object("key")
        except OssError:
            pass

    assert clock.offset == timedelta(0)


def test_delays_grow_and_are_spread(credentials, monkeypatch):
    bounds: list[tuple[float, float]] = []
    pick: Callable[[float, float], float] = lambda low, high: bounds.append((low, high)) or 0.0  # noqa: E731
    monkeypatch.setattr("uploads.oss.transport.random.uniform", pick)
    monkeypatch.setattr("uploads.oss.transport.FIRST_DELAY_SECONDS", 2.0)
    with StubServer(error(503, "ServiceUnavailable")) as server, pytest.raises(ErrorAnswer):
        client_of(server, credentials, max_attempts=5).get_cors()

    assert bounds == [(0, 2.0), (0, 4.0), (0, 5.0), (0, 5.0), (0, 5.0)]
