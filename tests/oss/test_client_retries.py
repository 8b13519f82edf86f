"""What is tried again, how often and how long, and how the clock is learned."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.oss.stub_server import (
    HEAD_OK,
    PORTAL,
    Reply,
    StubServer,
    answer,
    client_of,
    drip,
    error,
    error_xml,
    reset,
    silence,
)
from uploads.oss.clock import OssClock, utc_now
from uploads.oss.errors import (
    AccessRefused,
    ErrorAnswer,
    NoAnswer,
    UnreadableAnswer,
)

pytestmark = pytest.mark.usefixtures("quick_retries")


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
    with StubServer(answer(204, Date=date, **foreign)) as server, contextlib.suppress(UnreadableAnswer):
        client_of(server, credentials, clock=clock).delete_object("key")

    assert clock.offset == timedelta(0)


def test_delays_grow_and_are_spread(credentials, monkeypatch):
    bounds: list[tuple[float, float]] = []
    pick: Callable[[float, float], float] = lambda low, high: bounds.append((low, high)) or 0.0  # noqa: E731
    monkeypatch.setattr("uploads.oss.transport.random.uniform", pick)
    monkeypatch.setattr("uploads.oss.transport.FIRST_DELAY_SECONDS", 2.0)
    with StubServer(error(503, "ServiceUnavailable")) as server, pytest.raises(ErrorAnswer):
        client_of(server, credentials, max_attempts=5).get_cors()

    assert bounds == [(0, 2.0), (0, 4.0), (0, 5.0), (0, 5.0), (0, 5.0)]


def test_the_total_time_also_bounds_a_single_wait(credentials):
    began = time.monotonic()
    with StubServer(silence) as server, pytest.raises(NoAnswer):
        client_of(server, credentials, timeout=(10, 10), total_seconds=0.5).get_cors()

    assert time.monotonic() - began < 3
