"""The site and the line to the storage, both of which can be made to misbehave."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from django.core.wsgi import get_wsgi_application

from uploads.localoss.server import HttpServer


class Site:
    """The site's WSGI application. `intercept` sees each request first and may answer (status, headers, body)."""

    def __init__(self) -> None:
        self.intercept: Callable[[dict], tuple[str, dict[str, str], bytes] | None] = lambda environ: None
        self.extra_headers: dict[str, str] = {}
        self.url = ""
        self.port = 0
        self._application = get_wsgi_application()

    def __call__(self, environ, start_response):
        answer = self.intercept(environ)
        if answer is None:
            return self._application(environ, self._with_extra_headers(start_response))
        status, headers, body = answer
        start_response(status, [("Content-Length", str(len(body))), *headers.items()])
        return [body]

    def _with_extra_headers(self, start_response):
        def start(status, headers, exc_info=None):
            kept = [(name, value) for name, value in headers if name not in self.extra_headers]
            return start_response(status, [*kept, *self.extra_headers.items()])

        return start


@contextmanager
def running_site() -> Iterator[Site]:
    site = Site()
    with HttpServer(site) as server:
        site.url, site.port = server.url, server.port
        yield site


class Line:
    """A line to a port of this machine. Once `broken`, it takes what is sent and then breaks, without an answer."""

    def __init__(self, port: int) -> None:
        self.broken = threading.Event()
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def serve(self) -> None:
        """Until the listener is closed."""
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._target)
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def close(self) -> None:
        # Closing alone would leave `accept` waiting.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if self.broken.is_set():
                    break
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextmanager
def running_line(port: int) -> Iterator[Line]:
    line = Line(port)
    threading.Thread(target=line.serve, daemon=True).start()
    try:
        yield line
    finally:
        line.close()
