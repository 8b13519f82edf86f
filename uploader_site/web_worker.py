"""gunicorn's threaded worker, with an end to what a visitor may take of it.

It waits for a request's head and body for as long as the visitor likes, in a thread: as many visitors as there are
threads, gone in the middle of a request, would stop the site for good.
"""

from __future__ import annotations

import errno
import socket
import time
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Protocol

from gunicorn.workers.gthread import ThreadWorker

Connection = Any


class WebWorker(ThreadWorker):  # type: ignore[misc] # gunicorn has no types.
    """Each request has `request_seconds` to arrive, and as long again for its answer to be made and taken.

    Both are totals, counted from when gunicorn has something to read, or has accepted the connection: a byte now and
    then gains nothing, and those who waited for a thread meanwhile are done with as soon as they get one. Connections
    that are idle are gunicorn's own affair: it closes them after seconds.
    """

    # Requests have a few kB, and at most 1 MB (DATA_UPLOAD_MAX_MEMORY_SIZE): visitors' files go to the storage.
    request_seconds = 30.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # In the order of their beginnings. The main thread alone knows it.
        self._begun: dict[Connection, float] = {}

    def enqueue_req(self, conn: Connection) -> None:
        self._begun[conn] = time.monotonic()
        super().enqueue_req(conn)

    def finish_request(self, conn: Connection, fs: Future[Any]) -> None:
        self._begun.pop(conn, None)
        super().finish_request(conn, fs)

    def murder_pending(self) -> None:
        """Called at least once a second, also while the worker is about to end."""
        super().murder_pending()
        now = time.monotonic()
        for conn, begun_at in self._begun.items():
            if now - begun_at < self.request_seconds:
                break
            _end_reading(conn)
            if now - begun_at >= 2 * self.request_seconds:
                _end(conn)

    def handle(self, conn: Connection) -> Any:
        goes_on = super().handle(conn)
        if not goes_on:
            # Or the main thread, where gunicorn closes connections one by one, would wait up to two seconds for a
            # visitor who does not, while nobody else is let in.
            _end_reading(conn)
        return goes_on

    def handle_request(self, req: Any, conn: Connection) -> Any:
        if hasattr(req.body.reader, "length"):
            req.body.reader = _WholeBody(req.body.reader)
        return super().handle_request(req, conn)


class _Reader(Protocol):
    length: int

    def read(self, size: int) -> bytes: ...


class _WholeBody:
    """The body of a request with a Content-Length. gunicorn hands on what came of one that was cut off, as if it were
    all, and half a form may pass for a whole one."""

    def __init__(self, reader: _Reader) -> None:
        self._reader = reader

    def read(self, size: int) -> bytes:
        """Raises ConnectionResetError, which Django takes for a body that cannot be read, and gunicorn for nothing
        worth a traceback."""
        expected = min(size, self._reader.length)
        piece = self._reader.read(size)
        if len(piece) < expected:
            raise ConnectionResetError(errno.ECONNRESET, "The request's body ended early.")
        return piece


def _end_reading(conn: Connection) -> None:
    """A thread that waits for more finds the end, and can still answer. Linux lets it read first what has come."""
    _shut_down(conn, socket.SHUT_RD)


def _end(conn: Connection) -> None:
    _shut_down(conn, socket.SHUT_RDWR)


def _shut_down(conn: Connection, how: int) -> None:
    with suppress(OSError):  # The visitor has gone, or a thread has closed it.
        # Not an SSLSocket's own, which would take the encryption away below the thread that reads.
        socket.socket.shutdown(conn.sock, how)
