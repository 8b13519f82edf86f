"""Requests with presigned URLs, sent by `requests` or, in the last three, byte by byte."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree

import requests

from tests.localoss.hand_signing import head, signed_url
from tests.servers import BUCKET, CREDENTIALS, RawClient, RunningOss
from uploads.oss.signing import presign


def send(
    oss: RunningOss,
    method: str,
    key: str,
    body: bytes = b"",
    *,
    signed: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    **unsigned: str,
) -> requests.Response:
    """A request with a presigned URL; `signed` headers are sent and signed, `unsigned` ones only sent."""
    url = presign(
        oss.bucket,
        CREDENTIALS,
        method=method,
        key=key,
        expires_in=60,
        at=datetime.now(UTC) + oss.clock.offset,
        headers=signed or {},
        query=query or {},
    ).url
    headers = {**(signed or {}), **{name.replace("_", "-"): value for name, value in unsigned.items()}}
    return requests.request(method, url, data=body, headers=headers, timeout=20)


def code_of(response: requests.Response) -> str:
    return ElementTree.fromstring(response.content).findtext("Code") or ""


def refusal(answer) -> tuple[int, str, str]:
    return answer.status_code, code_of(answer), answer.headers.get("x-oss-ec", "")


def put_head(key: str, **headers: str) -> str:
    return head("PUT", signed_url("PUT", key), {name.replace("_", "-"): value for name, value in headers.items()})


def start(client: RawClient, text: str, body: bytes = b"") -> None:
    client.send(text.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)


def get(client: RawClient, key: str) -> tuple[int, bytes]:
    reply = client.request(head("GET", signed_url("GET", key)))
    return reply.status, reply.body


def wait_for_bodies(oss: RunningOss, count: int) -> None:
    """Until so many bodies are under way: their requests have arrived and been let in."""
    incoming = oss.app.store.root / BUCKET / "incoming"
    while len(list(incoming.iterdir())) < count:
        pass
