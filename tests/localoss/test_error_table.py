"""Every error that the embedded OSS can be brought to give, by raw socket: status, Code, EC, headers and text."""

from __future__ import annotations

from base64 import b64decode
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from tests.localoss.error_rows import NOW, ROWS, Row
from tests.localoss.hand_signing import Hand, error_of, head, signed_url
from tests.localoss.multipart_rows import MULTIPART_ROWS
from tests.servers import BUCKET, RawClient, RunningOss
from uploads.localoss import errors

ALL_ROWS = [*ROWS, *MULTIPART_ROWS]


@pytest.mark.parametrize("row", ALL_ROWS, ids=lambda row: row.sentence)
def test_it_answers_as_the_table_says(oss: RunningOss, row: Row) -> None:
    oss.clock.offset = NOW - datetime.now(UTC)  # The rows were signed when this module was read.
    is_head = row.head.startswith("HEAD ")
    with RawClient(oss.port) as client:
        client.send(row.head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + row.body)
        client.socket.shutdown(1)
        reply = client.reply(is_head=is_head)

    document = b64decode(reply.headers["x-oss-err"]) if is_head else reply.body
    fields = {element.tag: element.text or "" for element in ElementTree.fromstring(document)}
    assert (reply.status, fields["Code"], fields.get("EC", "")) == (row.status, row.code, row.ec)
    assert reply.headers.get("x-oss-ec", "") == row.ec
    assert fields["RequestId"] == reply.headers["x-oss-request-id"]
    assert fields["HostId"] == "127.0.0.1"
    assert fields.get("RecommendDoc") == (f"https://api.aliyun.com/troubleshoot?q={row.ec}" if row.ec else None)


def test_the_rows_provoke_every_cause_but_those_tested_elsewhere() -> None:
    seen = {(row.status, row.code, row.ec) for row in ALL_ROWS}
    causes = {
        name: (cause.status, cause.code, cause.ec)
        for name, cause in vars(errors).items()
        if isinstance(cause, errors.Cause)
    }
    elsewhere = {
        *("SECURITY_TOKEN_EXPIRED", "SECURITY_TOKEN_MISSING"),  # test_auth
        *("FILE_ALREADY_EXISTS", "PRECONDITION_FAILED", "INVALID_RANGE", "INVALID_OBJECT_STATE"),  # test_objects
        "REQUEST_TIMEOUT",  # test_http
        *("INVALID_PART", "INVALID_PART_ORDER", "ENTITY_TOO_SMALL"),  # test_multipart_refusals
        *("COMPLETE_ALL_WITH_BODY", "PARTS_MALFORMED"),  # test_multipart_refusals
        *("CORS_NO_RULE_MATCHES", "CORS_WITHOUT_RULE", "CORS_TOO_MANY_RULES", "MALFORMED_XML"),  # test_cors
    }
    assert {name for name, cause in causes.items() if cause not in seen} == elsewhere


def test_a_mismatch_shows_what_the_server_signed(raw: RawClient) -> None:
    target = signed_url("PUT", "k", hand=Hand(secret="other"))
    fields = error_of(raw.request(head("PUT", target, {"Content-Length": "0", "Content-Type": "text/plain"})))

    assert fields["OSSAccessKeyId"] == "test-key-id"
    assert fields["SignatureProvided"] == target.rpartition("=")[2]
    assert fields["StringToSign"].startswith("OSS4-HMAC-SHA256\n")
    lines = fields["CanonicalRequest"].split("\n")
    assert (lines[0], lines[1], lines[3], lines[-1]) == (
        "PUT",
        f"/{BUCKET}/k",
        "content-type:text/plain",
        "UNSIGNED-PAYLOAD",
    )
