"""Sends header-signed calls to OSS and tells its answers from everything else that may answer."""

from __future__ import annotations

import base64
import random
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import NamedTuple, TypeVar

import requests
from urllib3.exceptions import HTTPError

from uploads.oss.clock import LARGE_OFFSET, OssClock
from uploads.oss.credentials import Credentials
from uploads.oss.documents import ErrorDocument, error_from_xml
from uploads.oss.endpoints import Bucket
from uploads.oss.errors import ErrorAnswer, NoAnswer, OssError, RefusedLocally, UnreadableAnswer, error_answer
from uploads.oss.session import Session
from uploads.oss.signing import authorize, canonical_query

# Bounds what a foreign server can make us keep; the largest true document but for listings is a CORS configuration
# of 16 KB.
MAX_DOCUMENT_BYTES = 64 * 1024
FIRST_DELAY_SECONDS = 0.2
MAX_DELAY_SECONDS = 5.0
NO_DOCUMENT = ErrorDocument(code="", message="", ec="", request_id="", host_id="", fields={})

Result = TypeVar("Result")


class Timeout(NamedTuple):
    """Seconds to wait for a connection, and for the next bytes of an answer."""

    connect: float
    read: float


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how often a call is tried. `total_seconds` is the time in which a new try may still begin.

    The body of a document must be there by then as well; a stream that is being read is bounded by `timeout` alone.
    """

    timeout: Timeout
    max_attempts: int
    total_seconds: float


@dataclass(frozen=True, slots=True)
class Call:
    """One request that does no harm when it arrives twice, to an object or, without `key`, to the bucket itself.

    Raises RefusedLocally for an empty key: deleting the object "" would mean deleting the bucket.
    """

    method: str
    key: str | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    expected_status: int = HTTPStatus.OK
    max_answer_bytes: int = MAX_DOCUMENT_BYTES

    def __post_init__(self) -> None:
        if self.key == "":
            raise RefusedLocally("The object key is empty.")


class Answer(NamedTuple):
    """A success that has been read to its end."""

    headers: Mapping[str, str]
    body: bytes


class Transport:
    """The way to one bucket. May be shared by threads: each has a session, hence connections, of its own.

    Proxies, .netrc and certificates named in the environment are not looked at, cookies and redirects not taken.
    """

    def __init__(
        self,
        bucket: Bucket,
        credentials: Credentials,
        clock: OssClock,
        *,
        limits: Limits,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._bucket = bucket
        self._credentials = credentials
        self._clock = clock
        self._limits = limits
        self._sleep = sleep
        self._local = threading.local()

    def exchange(self, call: Call) -> Answer:
        """Send and read the whole answer. Raises OssError: NoAnswer, UnreadableAnswer or an ErrorAnswer."""

        def attempt(deadline: float) -> Answer:
            with closing(self._send(call, deadline)) as response:
                body = _read_document(response, deadline, longest=call.max_answer_bytes)
                return Answer(response.headers, body)

        return self._with_retries(attempt)

    def open(self, call: Call) -> requests.Response:
        """Send and read the head of the answer; the caller reads the body and closes. Raises as `exchange`."""
        return self._with_retries(lambda deadline: self._send(call, deadline))

    def _with_retries(self, attempt: Callable[[float], Result]) -> Result:
        deadline = time.monotonic() + self._limits.total_seconds
        attempts_left = self._limits.max_attempts
        longest_delay = FIRST_DELAY_SECONDS
        while True:
            offset = self._clock.offset
            attempts_left -= 1
            try:
                return attempt(deadline)
            except OssError as error:
                has_new_time = abs(self._clock.offset - offset) > LARGE_OFFSET
                delay = _delay_before_retry(error, longest_delay, has_new_time=has_new_time)
                if delay is None or attempts_left <= 0 or time.monotonic() + delay >= deadline:
                    raise
            self._sleep(delay)
            longest_delay = min(2 * longest_delay, MAX_DELAY_SECONDS)

    def _send(self, call: Call, deadline: float) -> requests.Response:
        """One try, up to the head of an answer that is OSS's own and the expected one."""
        key = call.key or ""
        signed = authorize(
            self._bucket,
            self._credentials,
            method=call.method,
            key=key,
            at=self._clock.now(),
            headers=call.headers,
            query=call.query,
        )
        query = f"?{canonical_query(call.query)}" if call.query else ""
        left = max(deadline - time.monotonic(), 0.001)
        try:
            response = self._session.request(
                call.method,
                f"{self._bucket.url(key)}{query}",
                headers=signed.headers,
                data=call.body or None,
                timeout=(min(self._limits.timeout.connect, left), min(self._limits.timeout.read, left)),
                allow_redirects=False,
                stream=True,
            )
        except requests.RequestException as error:
            raise _no_answer(error) from error
        try:
            self._check(response, call, deadline)
        except BaseException:
            response.close()
            raise
        return response

    def _check(self, response: requests.Response, call: Call, deadline: float) -> None:
        status = response.status_code
        if not response.headers.get("x-oss-request-id"):
            # A proxy or a captive portal. Its 404 must never pass for "the object is not there".
            raise UnreadableAnswer(
                f"The answer ({status}) is not from OSS: it has no x-oss-request-id.", status=status
            )
        if "Age" not in response.headers:  # An answer out of a cache has an old time.
            self._clock.learn(response.headers.get("Date"))
        if status == call.expected_status:
            return
        if status < HTTPStatus.BAD_REQUEST:
            raise UnreadableAnswer(f"OSS answered {status}, not {call.expected_status:d}.", status=status)
        raise _error(response, deadline)

    @property
    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = Session()
        return session


def _delay_before_retry(error: OssError, longest_delay: float, *, has_new_time: bool) -> float | None:
    """Seconds to wait, or None where another try does not help. Full jitter: many servers must not come as one."""
    if isinstance(error, ErrorAnswer) and error.code == "RequestTimeTooSkewed":
        return 0.0 if has_new_time else None
    return random.uniform(0, longest_delay) if error.retryable else None  # noqa: S311 - spreads load, no secret.


def _error(response: requests.Response, deadline: float) -> ErrorAnswer:
    """The error that OSS answered with. Its body may hold a security token and is not kept."""
    document = _error_document(response, deadline)
    return error_answer(
        status=response.status_code,
        code=document.code,
        message=document.message,
        ec=document.ec or response.headers.get("x-oss-ec", ""),
        request_id=response.headers["x-oss-request-id"],
    )


def _error_document(response: requests.Response, deadline: float) -> ErrorDocument:
    """From the body or, on HEAD, from `x-oss-err`. Not every error has one."""
    try:
        body = _read_document(response, deadline)
        if response.request.method == "HEAD":
            body = base64.b64decode(response.headers.get("x-oss-err", ""), validate=True)
        return error_from_xml(body) if body else NO_DOCUMENT
    except (UnreadableAnswer, ValueError):
        raise UnreadableAnswer(
            f"The error ({response.status_code}) is not in OSS's form.", status=response.status_code
        ) from None


def _read_document(response: requests.Response, deadline: float, *, longest: int = MAX_DOCUMENT_BYTES) -> bytes:
    body = b""
    try:
        # Not read(): it would wait for all of what it is asked for, however slowly that comes.
        while chunk := response.raw.read1(MAX_DOCUMENT_BYTES, decode_content=False):
            body += chunk
            if len(body) > longest:
                raise UnreadableAnswer(
                    "The answer is longer than any of OSS's documents.", status=response.status_code
                )
            if time.monotonic() > deadline:
                raise NoAnswer("OSS did not finish its answer in time.")
    except HTTPError as error:
        raise _no_answer(error) from error
    return body


def _no_answer(error: Exception) -> NoAnswer:
    return NoAnswer(f"OSS did not answer, or not to the end ({type(error).__name__}).")
