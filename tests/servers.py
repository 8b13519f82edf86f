"""Real servers for tests: the embedded OSS in this process or in one of its own, and raw sockets to talk to them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from uploads.localoss.app import LocalOss
from uploads.localoss.server import OssServer
from uploads.oss.credentials import Credentials
from uploads.oss.documents import CorsRule
from uploads.oss.endpoints import AddressStyle, Bucket, Endpoint

REPOSITORY = Path(__file__).resolve().parent.parent
CREDENTIALS = Credentials("test-key-id", "test-key-secret")
REGION = "cn-hangzhou"
BUCKET = "test-bucket"


class MovableClock:
    """A clock that goes as ours does, and can be set forward and back."""

    def __init__(self) -> None:
        self.offset = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.offset


class RunningOss(NamedTuple):
    """An embedded OSS with one bucket, and how to reach it."""

    app: LocalOss
    url: str
    port: int
    clock: MovableClock

    @property
    def bucket(self) -> Bucket:
        return Bucket(BUCKET, REGION, Endpoint.parse(self.url))

    def bucket_at(self, host: str, style: AddressStyle) -> Bucket:
        """The bucket by another name of the host, on the same port."""
        return Bucket(BUCKET, REGION, Endpoint("http", f"{host}:{self.port}", style))


@contextmanager
def running_oss(
    root: Path,
    *,
    cors: tuple[CorsRule, ...] = (),
    credentials: Credentials = CREDENTIALS,
    cnames: dict[str, str] | None = None,
    timeout: int = 60,
    threads: int = 16,
) -> Iterator[RunningOss]:
    """The embedded OSS on a free port of this process, with `BUCKET` in it."""
    clock = MovableClock()
    app = LocalOss(root, credentials=credentials, region=REGION, cnames=cnames, now=clock)
    app.create_bucket(BUCKET)
    if cors:
        app.set_cors(BUCKET, cors)
    with OssServer(app, timeout=timeout, threads=threads) as server:
        yield RunningOss(app, server.url, server.port, clock)


class OssProcess(NamedTuple):
    """`manage.py oss_server` in a process of its own."""

    process: subprocess.Popen[str]
    url: str

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def kill(self) -> None:
        """As a power cut would."""
        self.process.kill()
        self.process.wait()

    def terminate(self) -> int:
        """Ask it to stop; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)


@contextmanager
def oss_process(root: Path, *options: str, **environment: str) -> Iterator[OssProcess]:
    """Killed at the end if it still runs. Fails with what it wrote when it does not come up."""
    command = [sys.executable, "manage.py", "oss_server", "--port", "0", "--root", str(root), *options]
    own = {
        "ENV_FILE": "",
        "DEBUG": "true",
        "SECRET_KEY": "for a process of the tests",
        "OSS_ACCESS_KEY_ID": CREDENTIALS.access_key_id,
        "OSS_ACCESS_KEY_SECRET": CREDENTIALS.access_key_secret,
        "OSS_REGION": REGION,
        "OSS_BUCKET": BUCKET,
    }
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
    with subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env=kept | own | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield OssProcess(process, _url_it_prints(process))
        finally:
            process.kill()


def _url_it_prints(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    lines: list[str] = []
    watchdog = threading.Timer(30, process.kill)
    watchdog.start()
    try:
        for line in process.stdout:
            lines.append(line)
            label, _, url = line.strip().partition(": ")
            if label == "Embedded OSS":
                return url
    finally:
        watchdog.cancel()
    raise AssertionError("The embedded OSS did not start:\n" + "".join(lines))


class RawReply(NamedTuple):
    """What came back over a socket. Names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class RawClient:
    """A connection on which a test says exactly what it wants, right or wrong."""

    def __init__(self, port: int, timeout: float = 20) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self._file = self.socket.makefile("rb")

    def __enter__(self) -> RawClient:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def request(self, head: str, body: bytes = b"") -> RawReply:
        """`head` is the request line and headers, with plain line breaks and no blank line."""
        self.send(head.strip().replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        return self.reply(is_head=head.lstrip().startswith("HEAD "))

    def stream(self, head: str) -> Iterator[bytes]:
        """The body of an answer in pieces, for what is too large to hold."""
        self.send(head.strip().replace("\n", "\r\n").encode() + b"\r\n\r\n")
        left = int(self._reply_head().headers["content-length"])
        while left:
            piece = self._file.read(min(left, 1024 * 1024))
            left -= len(piece)
            yield piece

    def reply(self, *, is_head: bool = False) -> RawReply:
        """Read one answer. Raises EOFError when the connection ended instead."""
        reply = self._reply_head()
        length = 0 if is_head else int(reply.headers.get("content-length", "0"))
        return reply._replace(body=self._file.read(length))

    def _reply_head(self) -> RawReply:
        status_line = self._file.readline()
        if not status_line:
            raise EOFError
        headers = {}
        while (line := self._file.readline().strip()) != b"":
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        return RawReply(int(status_line.split()[1]), headers, b"")

    def is_closed(self) -> bool:
        """Whether the server closes the connection (waits for it)."""
        try:
            return self._file.read(1) == b""
        except ConnectionError:
            return True
