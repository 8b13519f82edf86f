"""HTTP/1.1 as far as a proxy between our own programs needs it: heads, and bodies with a length."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

PIECE = 256 * 1024
# What a connection holds before its sender has to wait.
LIMIT = 4 * PIECE
# No time to linger: `close` sends a reset.
_NO_LINGER = struct.pack("ii", 1, 0)


class Head(NamedTuple):
    """The first line and the headers, as they came and as they are looked for (names in lower case)."""

    raw: bytes
    first: str
    headers: dict[str, str]

    @property
    def length(self) -> int:
        return int(self.headers.get("content-length", "0"))

    @property
    def method(self) -> str:
        return self.first.split(" ")[0]

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.first.split(" ")[1]).path)

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.first.split(" ")[1]).query, keep_blank_values=True)

    @property
    def status(self) -> int:
        return int(self.first.split(" ")[1])

    def with_header(self, name: str, value: str) -> Head:
        start, _, rest = self.raw.partition(b"\r\n")
        return self._replace(raw=start + f"\r\n{name}: {value}\r\n".encode() + rest)


async def read_head(reader: asyncio.StreamReader) -> Head | None:
    """None when the connection ends instead. Raises OSError and asyncio.LimitOverrunError."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = raw.decode("latin-1").rstrip("\r\n").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return Head(raw, first, {name.lower(): value.strip() for name, _, value in pairs})


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection as a dying line does."""
    sock = writer.get_extra_info("socket")
    if sock is not None and sock.fileno() >= 0:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    writer.transport.abort()
