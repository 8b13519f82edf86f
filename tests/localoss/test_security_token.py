"""Temporary credentials: the token goes with every request and dies at its time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.localoss.hand_signing import Hand, error_of, head, signed_headers, signed_url
from tests.servers import BUCKET, CREDENTIALS, RawClient, RunningOss, running_oss
from uploads.oss.credentials import Credentials

TOKEN = "token/with+odd=characters"


@pytest.fixture(scope="module")
def module_oss(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningOss]:
    credentials = Credentials(
        CREDENTIALS.access_key_id,
        CREDENTIALS.access_key_secret,
        security_token=TOKEN,
        expires_at=datetime.now(UTC) + timedelta(hours=13),
    )
    with running_oss(tmp_path_factory.mktemp("oss"), credentials=credentials) as oss:
        yield oss


def put(raw: RawClient, **signing) -> tuple[int, str, str]:
    reply = raw.request(head("PUT", signed_url("PUT", "k", **signing), {"Content-Length": "0"}))
    return reply.status, error_of(reply)["Code"] if reply.body else "", reply.headers.get("x-oss-ec", "")


def test_it_takes_a_url_with_the_token(raw: RawClient) -> None:
    assert put(raw, hand=Hand(token=TOKEN)) == (200, "", "")


def test_it_takes_a_header_with_the_token(raw: RawClient) -> None:
    headers = signed_headers("PUT", "k", hand=Hand(token=TOKEN))

    assert raw.request(head("PUT", f"/{BUCKET}/k", {**headers, "Content-Length": "0"})).status == 200


def test_it_refuses_a_url_without_it(raw: RawClient) -> None:
    assert put(raw) == (403, "AccessDenied", "0002-00000005")


def test_it_refuses_a_header_without_it(raw: RawClient) -> None:
    reply = raw.request(head("GET", f"/{BUCKET}/k", signed_headers("GET", "k")))

    assert (reply.status, error_of(reply)["Code"]) == (403, "InvalidAccessKeyId")


def test_it_refuses_another_token(raw: RawClient) -> None:
    assert put(raw, hand=Hand(token="other")) == (403, "InvalidSecurityToken", "")


def test_it_refuses_more_than_twelve_hours(raw: RawClient) -> None:
    assert put(raw, hand=Hand(token=TOKEN), expires="43201")[2] == "0002-00000232"
    assert put(raw, hand=Hand(token=TOKEN), expires="43200")[0] == 200


def test_a_url_dies_with_its_token(oss: RunningOss, raw: RawClient) -> None:
    target = signed_url("PUT", "k", hand=Hand(token=TOKEN, at=datetime.now(UTC) + timedelta(hours=13)))
    oss.clock.offset = timedelta(hours=13)

    reply = raw.request(head("PUT", target, {"Content-Length": "0"}))
    assert (reply.status, error_of(reply)["Code"]) == (403, "SecurityTokenExpired")
