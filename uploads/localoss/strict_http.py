"""cheroot, made strict: one meaning for each request, bodies as streams, unread bodies drained before an answer.

What cheroot does by itself and we do not want: it joins or drops repeated headers, reads a chunk of a chunked body
whole into memory, reads what is left of a body whole into memory before it answers, leaves what is left of a chunked
body on the connection, and lets a new connection that says nothing occupy a thread.
"""

from __future__ import annotations

import io
import logging
import re
from typing import Any

from cheroot import server, wsgi
from cheroot.connections import ConnectionManager

# The header lines of a request, in an environ: a list of (name, value) in bytes, as received.
RAW_HEADERS = "localoss.raw_headers"

# A browser reads an early answer only after it has sent its whole body; beyond this the connection is cut instead.
MAX_DRAINED = 64 * 1024 * 1024
BUFFER_SIZE = 64 * 1024

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_LENGTH = re.compile(rb"[0-9]{1,18}")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r\n")
_MAX_TRAILER_LINES = 100
_MAX_LINE = 8 * 1024
# Two of these would have two meanings.
_ONCE = {b"Authorization", b"Content-Length", b"Content-Type", b"Host", b"Transfer-Encoding"}

logger = logging.getLogger(__name__)


class BodyCutShort(ConnectionError):
    """The client went away, or broke the framing, before the end of the body."""


class RequestBody(io.RawIOBase):
    """A request's body, read from the connection as it is asked for. `length` None means chunked."""

    def __init__(self, source: Any, length: int | None) -> None:
        self._source = source
        self._is_chunked = length is None
        self._left = length or 0
        self._is_complete = length == 0
        self._is_broken = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Raises TimeoutError or BodyCutShort, from then on always."""
        if self._is_complete:
            return 0
        if self._is_broken:
            raise BodyCutShort("The body has been cut short.")
        self._is_broken = True  # Until this read has ended well.
        count = self._read_some(memoryview(buffer).cast("B"))
        self._is_broken = False
        return count

    def drain(self, limit: int) -> bool:
        """Throw away what is left, at most `limit` bytes; whether the end was reached."""
        scratch = bytearray(BUFFER_SIZE)
        try:
            while limit > 0 and (count := self.readinto(scratch)):
                limit -= count
        except OSError:
            return False
        return self._is_complete

    def _read_some(self, buffer: memoryview) -> int:
        if self._is_chunked and self._left == 0:
            self._left = self._next_chunk_size()
            if self._left == 0:
                self._skip_trailers()
                self._is_complete = True
                return 0
        # What did not come with the headers goes from the socket straight into a buffer that is larger than its own.
        count: int = self._source.readinto1(buffer[: self._left])
        if not count:
            raise BodyCutShort("The client closed the connection in mid-body.")
        self._left -= count
        if self._left == 0:
            if self._is_chunked:
                self._expect_line(b"\r\n")
            else:
                self._is_complete = True
        return count

    def _next_chunk_size(self) -> int:
        match = _CHUNK_SIZE.fullmatch(self._source.readline(_MAX_LINE))
        if not match:
            raise BodyCutShort("A chunk has no readable size.")
        return int(match[1], 16)

    def _skip_trailers(self) -> None:
        for _ in range(_MAX_TRAILER_LINES):
            line = self._source.readline(_MAX_LINE)
            if line == b"\r\n":
                return
            if not line.endswith(b"\r\n"):
                break
        raise BodyCutShort("The trailers do not end.")

    def _expect_line(self, wanted: bytes) -> None:
        if self._source.readline(len(wanted)) != wanted:
            raise BodyCutShort("A chunk is longer than its size.")


class HeaderLines(dict[bytes, bytes]):
    """Headers by title-cased name, as cheroot wants them, and each line as it came."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[tuple[bytes, bytes]] = []

    def add(self, name: bytes, value: bytes) -> None:
        """Raises ValueError for a second one of what there may be only one of."""
        self.lines.append((name, value))
        title = name.title()
        if b"_" in name:
            return  # WSGI could not tell it from the one with a hyphen; it stays among the lines.
        if title in self:
            if title in _ONCE:
                raise ValueError(f"Repeated header {title.decode()}.")
            value = (b"; " if title == b"Cookie" else b", ").join((self[title], value))
        self[title] = value


def read_headers(source: Any, headers: HeaderLines) -> HeaderLines:
    """RFC 9112, its strict reading: https://www.rfc-editor.org/rfc/rfc9112#section-5. Raises ValueError."""
    while (line := source.readline()) != b"\r\n":
        name, colon, value = line.removesuffix(b"\r\n").partition(b":")
        value = value.strip(b" \t")
        if not line.endswith(b"\r\n") or not colon or not _TOKEN.fullmatch(name) or _CONTROL.search(value):
            raise ValueError("Illegal header line.")
        headers.add(name, value)
    length = headers.get(b"Content-Length")
    if length is not None and not _LENGTH.fullmatch(length):
        raise ValueError("Malformed Content-Length.")
    coding = headers.get(b"Transfer-Encoding")
    if coding is not None and (length is not None or coding.lower() != b"chunked"):
        raise ValueError("A body has a Content-Length or is chunked, and nothing else.")
    return headers


class StrictRequest(server.HTTPRequest):
    """One request and its answer."""

    header_reader = staticmethod(read_headers)
    body: RequestBody

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.inheaders = HeaderLines()

    def read_request_headers(self) -> bool:
        if not super().read_request_headers():  # type: ignore[no-untyped-call]
            return False
        if b"Transfer-Encoding" in self.inheaders and not self.chunked_read:
            self.simple_response("400 Bad Request", "HTTP/1.0 knows no Transfer-Encoding.")
            return False
        return True

    def open_body(self) -> None:
        """Put our stream in the place of cheroot's."""
        length = None if self.chunked_read else int(self.inheaders.get(b"Content-Length", 0))
        self.body = RequestBody(self.conn.rfile, length)
        self.rfile = io.BufferedReader(self.body, BUFFER_SIZE)

    def send_headers(self) -> None:
        if (b"Connection", b"close") in self.outheaders or not self.body.drain(MAX_DRAINED):
            self.close_connection = True
        super().send_headers()


class StrictGateway(wsgi.Gateway_10):
    """The environ, with the body as a stream and the header lines as they came."""

    def get_environ(self) -> dict[str, Any]:  # type: ignore[override]
        self.req.open_body()
        environ: dict[str, Any] = super().get_environ()  # type: ignore[no-untyped-call]
        environ[RAW_HEADERS] = self.req.inheaders.lines
        return environ


class StrictConnection(server.HTTPConnection):
    RequestHandlerClass = StrictRequest
    rbufsize = BUFFER_SIZE


class StrictServer(wsgi.Server):
    """cheroot's server with the classes above."""

    ConnectionClass = StrictConnection
    _connections: ConnectionManager
    keep_alive_conn_limit = 1000
    max_request_header_size = 64 * 1024
    # How long, in seconds, a stop may go unnoticed.
    expiration_interval = 0.1

    def __init__(self, bind_addr: tuple[str, int], wsgi_app: Any, *, threads: int, timeout: int) -> None:
        super().__init__(
            bind_addr,
            wsgi_app,
            numthreads=threads,
            server_name="localoss",
            request_queue_size=128,
            timeout=timeout,
            shutdown_timeout=2,
        )
        self.gateway = StrictGateway

    @staticmethod
    def bind_socket(socket_: Any, bind_addr: Any) -> Any:
        """Closes the socket when its address is taken."""
        try:
            return wsgi.Server.bind_socket(socket_, bind_addr)  # type: ignore[no-untyped-call]
        except OSError:
            socket_.close()
            raise

    def process_conn(self, conn: Any) -> None:
        """A new connection waits in the selector until its client says something: browsers open spare ones."""
        if conn.last_used is None:
            self._connections.put(conn)
        else:
            super().process_conn(conn)

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        logger.log(level, "%s", msg, exc_info=traceback)
