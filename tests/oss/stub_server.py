"""A server that answers each request with bytes written beforehand: for answers that no sound server gives."""

from __future__ import annotations

import base64
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from email.utils import format_datetime
from typing import NamedTuple

from uploads.oss.client import OssClient
from uploads.oss.clock import OssClock, utc_now
from uploads.oss.credentials import Credentials
from uploads.oss.endpoints import Bucket, Endpoint

Reply = bytes | Callable[[socket.socket, threading.Event], None]


class Seen(NamedTuple):
    """A request as it arrived; names of headers in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class StubServer:
    """Replies in order, the last one again and again. A callable gets the socket, after which it is closed."""

    def __init__(self, *replies: Reply) -> None:
        self.seen: list[Seen] = []
        self.connections = 0
        self._replies = list(replies)
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> StubServer:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(timeout=5)
        self._listener.close()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(0.05)
        with connection, suppress(OSError):
            while (seen := self._read_request(connection)) is not None:
                self.seen.append(seen)
                reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
                connection.settimeout(5)
                if callable(reply):
                    reply(connection, self._stopping)
                    return
                connection.sendall(reply)
                connection.settimeout(0.05)

    def _read_request(self, connection: socket.socket) -> Seen | None:
        data = b""
        while b"\r\n\r\n" not in data:
            if not (chunk := self._receive(connection)):
                return None
            data += chunk
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        while len(body) < int(headers.get("content-length", 0)):
            body += self._receive(connection)
        method, target, _ = first.split(" ")
        return Seen(method, target, headers, body)

    def _receive(self, connection: socket.socket) -> bytes:
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                return connection.recv(65536)
        return b""


def answer(status: int, body: bytes = b"", *, length: int | None = None, **headers: str) -> bytes:
    """An answer of OSS. Underscores in the names of headers stand for hyphens; an empty value takes one away."""
    all_headers = {
        "Date": format_datetime(utc_now(), usegmt=True),
        "x-oss-request-id": "5C3D9175B6FC201293AD0000",
        "Content-Length": str(len(body) if length is None else length),
    }
    all_headers |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in all_headers.items() if value)
    return f"HTTP/1.1 {status} Status\r\n{lines}\r\n".encode() + body


def error(status: int, code: str, ec: str = "", **headers: str) -> bytes:
    """An error answer of OSS with its XML."""
    return answer(status, error_xml(code, ec), Content_Type="application/xml", **headers)


def error_xml(code: str, ec: str = "") -> bytes:
    """The body of an error."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>Text of {code}.</Message>'
        f"<RequestId>5C3D9175B6FC201293AD0000</RequestId><HostId>bucket.example</HostId><EC>{ec}</EC></Error>"
    ).encode()


def reset(connection: socket.socket, _: threading.Event) -> None:
    """End the connection with a TCP reset instead of an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def silence(_: socket.socket, stopping: threading.Event) -> None:
    """Never answer."""
    stopping.wait(30)


def drip(head: bytes, body: bytes) -> Reply:
    """Send a body byte by byte, ten of them a second."""

    def send(connection: socket.socket, stopping: threading.Event) -> None:
        connection.sendall(head)
        for byte in body:
            if stopping.wait(0.1):
                return
            connection.sendall(bytes([byte]))

    return send


def client_of(server: StubServer, credentials: Credentials, *, clock: OssClock | None = None, **options) -> OssClient:
    """A client of a bucket on that server."""
    bucket = Bucket("bucket", "cn-hangzhou", Endpoint.parse(server.url))
    return OssClient(bucket, credentials, clock or OssClock(), **options)


def head_error(status: int, code: str, **headers: str) -> bytes:
    """An error answer to a HEAD, which has no body."""
    return answer(status, x_oss_err=base64.b64encode(error_xml(code, "0026-00000001")).decode(), **headers)


PORTAL = b"<!DOCTYPE html><html><body>Sign in to the hotel's network</body></html>"
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
