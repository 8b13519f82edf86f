"""The embedded OSS keeps nothing of a body in memory."""

from __future__ import annotations

from hashlib import md5
from pathlib import Path

import pytest

from tests.localoss.hand_signing import head, signed_url
from tests.servers import OssProcess, RawClient, oss_process
from uploads.localoss.store import Store

MIB = 1024 * 1024
SIZE = 2048 * MIB
ALLOWED_GROWTH = 64 * MIB
BLOCK = bytes(range(256)) * 4096

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def peak_memory(oss: OssProcess) -> int:
    """The most memory that the process has ever had resident, in bytes."""
    status = Path(f"/proc/{oss.process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def warm_up(client: RawClient) -> None:
    assert client.request(head("PUT", signed_url("PUT", "warm"), {"Content-Length": "3"}), b"abc").status == 200
    assert client.request(head("GET", signed_url("GET", "warm"))).body == b"abc"


def send_blocks(client: RawClient, *, in_one_chunk: bool) -> None:
    if in_one_chunk:
        client.send(b"%x\r\n" % SIZE)
    for _ in range(SIZE // len(BLOCK)):
        client.send(BLOCK)
    if in_one_chunk:
        client.send(b"\r\n0\r\n\r\n")


@pytest.mark.parametrize("is_chunked", [False, True], ids=["with a length", "in one chunk"])
def test_a_put_and_a_get_of_2_gb_do_not_grow_memory(tmp_path: Path, is_chunked: bool) -> None:
    with oss_process(tmp_path) as oss, RawClient(oss.port, timeout=300) as client:
        warm_up(client)
        before = peak_memory(oss)
        length = {"Transfer-Encoding": "chunked"} if is_chunked else {"Content-Length": str(SIZE)}
        client.send(head("PUT", signed_url("PUT", "big"), length).replace("\n", "\r\n").encode() + b"\r\n\r\n")
        send_blocks(client, in_one_chunk=is_chunked)
        reply = client.reply()

        assert reply.status == 200
        assert peak_memory(oss) - before < ALLOWED_GROWTH
        etag = reply.headers["etag"].strip('"').lower()
        assert received_md5(client, "big") == etag == md5_of_blocks()
        assert peak_memory(oss) - before < ALLOWED_GROWTH
    path = Store(tmp_path).path_of("test-bucket", "big")
    assert path is not None
    assert path.stat().st_size == SIZE


def test_refusing_2_gb_does_not_grow_memory(tmp_path: Path) -> None:
    with oss_process(tmp_path) as oss, RawClient(oss.port, timeout=300) as client:
        warm_up(client)
        before = peak_memory(oss)
        unsigned = {"Content-Length": str(SIZE), "Content-Type": "text/plain"}
        client.send(head("PUT", signed_url("PUT", "big"), unsigned).replace("\n", "\r\n").encode() + b"\r\n\r\n")
        with pytest.raises(ConnectionError):
            send_blocks(client, in_one_chunk=False)

        assert peak_memory(oss) - before < ALLOWED_GROWTH


def received_md5(client: RawClient, key: str) -> str:
    digest = md5(usedforsecurity=False)
    for piece in client.stream(head("GET", signed_url("GET", key))):
        digest.update(piece)
    return digest.hexdigest()


def md5_of_blocks() -> str:
    digest = md5(usedforsecurity=False)
    for _ in range(SIZE // len(BLOCK)):
        digest.update(BLOCK)
    return digest.hexdigest()
