"""The misbehaving proxy: stands in front of the site and of the storage, and does to requests what a plan says."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from tests.faults.effects import EFFECTS, Effect, killed_workers
from tests.faults.exchange import ClientGone, Exchange, ServerGone
from tests.faults.line import Line
from tests.faults.plan import Kind, Plan, Request
from tests.faults.wire import LIMIT, Head, read_head

# CancelledError: the proxy stops.
_LOST = (OSError, ClientGone, ServerGone, asyncio.CancelledError)


class Proxy:
    """Listens on one port for each line, in a thread of its own. What `plan` says holds from the next request on."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.plan = Plan(seed=0, odds={})
        self._sockets = {name: socket.create_server(("127.0.0.1", 0), backlog=256) for name in names}
        self.ports = {name: listener.getsockname()[1] for name, listener in self._sockets.items()}
        self._targets: dict[str, int] = {}
        self._loop = asyncio.new_event_loop()
        # The site's own calls go by a line of their own: a visitor's line that is down does not stop the server.
        self._lines = {name: Line() for name in names}
        self._effects: dict[Kind | None, Effect] = dict(EFFECTS)
        self._thread: threading.Thread | None = None

    def kill_by(self, kill: Callable[[], None]) -> None:
        """What `KILLED_WORKERS` is to call."""
        self._effects[Kind.KILLED_WORKERS] = killed_workers(kill)

    def share_line(self, names: tuple[str, ...], *, rate: float | None = None, delay: float = 0.0) -> None:
        """One line for what a visitor's machine sends, whoever it is for: see `Line`."""
        self._lines |= dict.fromkeys(names, Line(rate=rate, delay=delay))

    def time(self) -> float:
        """By the clock that the lines go by."""
        return self._loop.time()

    def hang(self, name: str, seconds: float) -> None:
        """A line stands still for a while; returns at once."""
        self._soon(self._lines[name].hang(seconds))

    def die(self, name: str, seconds: float) -> None:
        """All connections of a line are lost for a while; returns at once."""
        self._soon(self._lines[name].die(seconds))

    def _soon(self, what: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop)

    # --- Life ---

    def start(self, **targets: int) -> None:
        """Begin to serve: each name leads to a port."""
        self._targets = targets
        self._thread = threading.Thread(target=self._run, name="proxy")
        self._thread.start()

    def stop(self) -> None:
        """Cut whatever is on its way."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        for listener in self._sockets.values():
            listener.close()
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        for name, listener in self._sockets.items():
            self._loop.run_until_complete(
                asyncio.start_server(partial(self._serve, name), sock=listener, limit=LIMIT)
            )
        self._loop.run_forever()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        # What was aborted closes its socket in the next rounds of the loop.
        self._loop.run_until_complete(asyncio.sleep(0.1))

    # --- Work ---

    async def _serve(self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, request after request."""
        line = self._lines[name]
        if not line.enter(writer):
            return
        try:
            with suppress(*_LOST):
                while await self._serve_one(name, reader, writer):
                    pass
        finally:
            line.leave(writer)

    async def _serve_one(self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether another request may follow."""
        head = await read_head(reader)
        if head is None or writer.is_closing():
            return False
        exchange = Exchange(head, (reader, writer), self._lines[name], self._targets[name])
        try:
            await self._pass(name, exchange)
        finally:
            exchange.end()
        return exchange.is_whole

    async def _pass(self, name: str, exchange: Exchange) -> None:
        decision = self.plan.decide(identified(name, exchange.head))
        exchange.share = decision.share
        await self._effects[decision.kind](exchange)


def identified(line: str, head: Head) -> Request:
    """What a request is, apart from when it came: see `tests.faults.plan`."""
    names = PurePosixPath(head.path).parts
    part = head.query.get("partNumber", [""])[0]
    return Request(line, head.method, names[-1] if names else "", part)


@contextmanager
def running_proxy(*names: str) -> Iterator[Proxy]:
    """Not serving yet: the ports are there, so that others can be told of them; `start` says where they lead."""
    proxy = Proxy(names)
    try:
        yield proxy
    finally:
        proxy.stop()
