"""An HTTP/1.1 server for a WSGI application, run in threads of this process: the embedded OSS's, and the demo's."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Self

from uploads.localoss.strict_http import StrictServer

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class HttpServer:
    """Serves between `start` and `stop`, or inside a `with`. Port 0 takes a free one."""

    def __init__(
        self, app: WsgiApp, host: str = "127.0.0.1", port: int = 0, *, threads: int = 16, timeout: int = 60
    ) -> None:
        """`timeout`: seconds without a byte after which a client is given up, in a body and between requests."""
        self._server = StrictServer((host, port), app, threads=threads, timeout=timeout)
        self._host = host
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port served on; known after `start`."""
        port: int = self._server.bind_addr[1]
        return port

    @property
    def url(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self.port}"

    def start(self) -> Self:
        """Bind and serve. Raises OSError when the address is taken or is not ours."""
        self._server.prepare()
        self._thread = threading.Thread(target=self._server.serve, name=f"http {self.port}", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Answer what has been read, cut what does not end within two seconds, free the port."""
        self._server.stop()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class OssServer(HttpServer):
    """The embedded OSS on a port, hence an origin, of its own: browsers apply CORS to it as to the real one."""


@contextmanager
def held_stop_signals() -> Iterator[Callable[[], int]]:
    """Hold SIGTERM and SIGINT back, in threads started inside as well; what it gives waits for one of them.

    A handler that sets an event would not do: a signal that comes just before the main thread begins to wait, or that
    the kernel gives to another thread, wakes nobody.
    """
    numbers = {signal.SIGTERM, signal.SIGINT}
    old = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield lambda: signal.sigwait(numbers)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, old)
