"""One object after another under one key, and at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.localoss.hand_signing import head, signed_url
from tests.localoss.sending import code_of, send, wait_for_bodies
from tests.servers import RawClient, RunningOss


def test_a_second_put_replaces_bytes_and_headers(oss: RunningOss, key: str) -> None:
    send(oss, "PUT", key, b"first", signed={"x-oss-meta-a": "1"})
    send(oss, "PUT", key, b"2nd", signed={"Content-Type": "text/plain"})

    answer = send(oss, "GET", key)
    assert (answer.content, answer.headers["Content-Type"]) == (b"2nd", "text/plain")
    assert "x-oss-meta-a" not in answer.headers


def test_forbid_overwrite_lets_the_first_in_only(oss: RunningOss, key: str) -> None:
    signed = {"x-oss-forbid-overwrite": "true"}

    assert send(oss, "PUT", key, b"first", signed=signed).status_code == 200
    again = send(oss, "PUT", key, b"second", signed=signed)

    assert (again.status_code, code_of(again), again.headers["x-oss-ec"]) == (
        409,
        "FileAlreadyExists",
        "0026-00000002",
    )
    assert send(oss, "GET", key).content == b"first"


def test_forbid_overwrite_false_forbids_nothing(oss: RunningOss, key: str) -> None:
    for content in (b"first", b"second"):
        assert send(oss, "PUT", key, content, signed={"x-oss-forbid-overwrite": "false"}).status_code == 200


def test_of_puts_at_the_same_moment_exactly_one_wins(oss: RunningOss, key: str) -> None:
    """Each is held after its last byte but one, so that all have passed the early look at what is there."""
    clients = [RawClient(oss.port) for _ in range(8)]
    target = signed_url("PUT", key, headers={"x-oss-forbid-overwrite": "true"})
    text = head("PUT", target, {"Content-Length": "2", "x-oss-forbid-overwrite": "true"}).replace("\n", "\r\n")
    for number, client in enumerate(clients):
        client.send(f"{text}\r\n\r\n{number}".encode())
    wait_for_bodies(oss, len(clients))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda client: client.send(b"!"), clients))
        statuses = [reply.status for reply in pool.map(lambda client: client.reply(), clients)]
    for client in clients:
        client.__exit__()

    assert sorted(statuses) == [200] + [409] * 7
    assert send(oss, "GET", key).content == f"{statuses.index(200)}!".encode()
