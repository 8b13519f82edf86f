"""One request and its answer, on their way through the proxy: the steps that the faults are made of."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress

from tests.faults.line import Line
from tests.faults.wire import LIMIT, PIECE, Head, read_head, reset

_NO_BODY = {204, 304}


class ClientGone(Exception):
    """The client ended the connection in the middle of its request."""


class ServerGone(Exception):
    """The server ended the connection without a whole answer."""


class Exchange:
    """`share` says how far on a fault is to come about, from 0 to 1."""

    def __init__(
        self, head: Head, client: tuple[asyncio.StreamReader, asyncio.StreamWriter], line: Line, target: int
    ) -> None:
        self.head = head
        self.share = 0.0
        self.client = client[1]
        self.server: asyncio.StreamWriter | None = None
        self._from_client = client[0]
        self._from_server: asyncio.StreamReader | None = None
        self._socket: socket.socket | None = None
        self._line = line
        self._target = target
        self._unread = head.length

    @property
    def is_whole(self) -> bool:
        """Whether the next request may follow: of this one, nothing is left in the connection."""
        return not self._unread

    # --- Upwards ---

    async def send_head(self, head: Head | None = None) -> None:
        """Open a connection to the server and send the head, or another one in its place."""
        await self._line.travel()
        await self._connect()
        assert self.server is not None
        self.server.write((head or self.head).raw)

    async def _connect(self) -> None:
        """Over a socket of our own: one whose opening is cancelled is closed as well."""
        self._socket = socket.socket()
        self._socket.setblocking(False)
        await asyncio.get_running_loop().sock_connect(self._socket, ("127.0.0.1", self._target))
        self._from_server, self.server = await asyncio.open_connection(sock=self._socket, limit=LIMIT)

    async def send_body(self, share: float = 1.0) -> None:
        """Send the body, or the first part of it; an early answer ends it. Raises ClientGone."""
        stop_at = self.head.length - int(self.head.length * share)
        with suppress(ConnectionError):
            while self._unread > stop_at:
                piece = await self._read_piece(self._unread - stop_at)
                if self.server is not None:
                    self.server.write(piece)
                    await self.server.drain()

    async def drain_body(self) -> None:
        """Take the body from the client and throw it away."""
        while self._unread:
            await self._read_piece(self._unread)

    async def _read_piece(self, most: int) -> bytes:
        try:
            piece = await self._from_client.read(min(most, self._line.piece))
        except ConnectionError as error:
            raise ClientGone from error
        if not piece:
            raise ClientGone
        self._unread -= len(piece)
        await self._line.carry(len(piece))
        return piece

    # --- Downwards ---

    async def answer(self) -> tuple[Head, bytes]:
        """The server's whole answer; only for small ones. Raises ServerGone."""
        head = await self._answer_head()
        return head, b"".join([piece async for piece in self._answer_body(head)])

    async def relay_answer(self) -> None:
        """Pass the server's answer on as it comes. Raises ServerGone."""
        head = await self._answer_head()
        await self._line.travel()
        self.client.write(head.raw)
        async for piece in self._answer_body(head):
            self.client.write(piece)
            await self.client.drain()
        await self.client.drain()

    async def relay(self, head: Head | None = None) -> None:
        """The whole exchange, nothing changed but perhaps the head."""
        await self.send_head(head)
        await self.send_body()
        await self.relay_answer()

    async def reply(self, raw: bytes) -> None:
        """Answer in the server's place."""
        await self._line.travel()
        self.client.write(raw)
        await self.client.drain()

    async def _answer_head(self) -> Head:
        assert self._from_server is not None
        try:
            head = await read_head(self._from_server)
        except ConnectionError as error:
            raise ServerGone from error
        if head is None:
            raise ServerGone
        return head

    async def _answer_body(self, head: Head) -> AsyncIterator[bytes]:
        assert self._from_server is not None
        if self.head.method == "HEAD" or head.status in _NO_BODY:
            return
        left = head.length if "content-length" in head.headers else None
        while left is None or left > 0:
            piece = await self._from_server.read(PIECE if left is None else min(left, PIECE))
            if not piece and left is None:
                return
            if not piece:
                raise ServerGone
            left = None if left is None else left - len(piece)
            yield piece

    # --- Ends ---

    def reset(self) -> None:
        """Both ends break off."""
        reset(self.client)
        self.end()

    async def close(self) -> None:
        """The client's end is closed in good order, whatever it is still sending."""
        with suppress(OSError):
            self.client.close()
        self.end()

    def end(self) -> None:
        """The server's end, whether it has got everything or not."""
        if self.server is not None:
            self.server.transport.abort()
        elif self._socket is not None:
            self._socket.close()

    async def wait_until_client_leaves(self, seconds: float) -> None:
        """When nothing more is read of what it sends, it cannot be noticed to leave: then so long."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._from_client.read(1) if not self._unread else asyncio.sleep(seconds), seconds)
