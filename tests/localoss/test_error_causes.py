"""Every error that the embedded OSS can be brought to give is explained, from its answer as it came over the wire."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.localoss.error_rows import NOW, ROWS, Row
from tests.servers import RawClient, RunningOss
from uploads.causes import CAUSES
from uploads.diagnosis import OssAnswer, diagnose_attempt, diagnose_error
from uploads.error_bodies import read_error

# By EC where there is one, else by code.
CAUSE_OF = {
    "0002-00000201": "signature",
    "0002-00000236": "url_lapsed",
    "0002-00000235": "not_yet_valid",
    "0002-00000232": "bad_validity",
    **dict.fromkeys(("0002-00000215", "0002-00000216", "0002-00000217", "0002-00000218"), "query_cut"),
    **dict.fromkeys(("0002-00000222", "0002-00000223", "0002-00000224"), "parameters"),
    **dict.fromkeys(("0002-00000207", "0002-00000209", "0002-00000210", "0002-00000212"), "parameters"),
    **dict.fromkeys(("0002-00000213", "0002-00000214", "0002-00000502", "0002-00000503"), "parameters"),
    **dict.fromkeys(("0002-00000226", "0002-00000228"), "region"),
    "0002-00000211": "header_missing",
    "0002-00000504": "clock_drift",
    "0002-00000902": "access_key",
    "0003-00000601": "cors",
    "0003-00000905": "query_cut",
    "0015-00000001": "no_bucket",
    "0015-00000101": "no_bucket",
    **dict.fromkeys(("0016-00000002", "0016-00000003", "0016-00000005"), "object_name"),
    "0017-00000101": "no_length",
    "0026-00000001": "no_object",
    "InvalidSecurityToken": "token_invalid",
    "MethodNotAllowed": "method_not_allowed",
    "EntityTooLarge": "too_large",
    "InvalidDigest": "digest",
    "InvalidCRC64": "digest",
    "IncompleteBody": "connection_broke",
}
# Which argument it was decides; and what no upload can run into is a refusal of an unknown kind.
BY_SENTENCE = {"version missing": "query_cut", "odd": "parameters", "date": "parameters"}


def expected(row: Row) -> set[str]:
    if cause := CAUSE_OF.get(row.ec or row.code):
        return {cause}
    return {BY_SENTENCE[part] for part in BY_SENTENCE if part in row.sentence} or {"refused", "parameters"}


@pytest.mark.parametrize("row", [row for row in ROWS if "HEAD" not in row.sentence], ids=lambda row: row.sentence)
def test_it_names_the_cause_of(oss: RunningOss, row: Row) -> None:
    oss.clock.offset = NOW - datetime.now(UTC)  # The rows were signed when this module was read.
    with RawClient(oss.port) as client:
        client.send(row.head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + row.body)
        client.socket.shutdown(1)
        reply = client.reply()

    body = read_error(reply.body.decode())
    assert body is not None
    assert (body.code, body.ec) == (row.code, row.ec)
    assert body.request_id == reply.headers["x-oss-request-id"]
    assert diagnose_error(OssAnswer(row.status, body.code, body.ec, body.fields)).code in expected(row)


# What the embedded OSS has no account, policy or domain for.
@pytest.mark.parametrize(
    ("status", "code", "ec", "cause"),
    [
        (403, "AccessDenied", "0002-00000069", "url_lapsed"),
        (403, "SignatureDoesNotMatch", "0002-00000040", "signature"),
        (403, "SecurityTokenExpired", "", "token_expired"),
        (403, "AccessKeyIdAndSecurityTokenNotMatch", "", "token_invalid"),
        (403, "AccessDenied", "0002-00000005", "token_missing"),
        (403, "AccessDenied", "0003-00000101", "denied_by_bucket"),
        (403, "AccessDenied", "0003-00000201", "denied"),
        (403, "AccessDenied", "0003-00000301", "denied_by_session"),
        (403, "AccessDenied", "0003-00001403", "endpoint"),
        (400, "PublicEndpointForbidden", "0048-00000401", "public_endpoint"),
        (403, "SecondLevelDomainForbidden", "", "second_level_domain"),
        (403, "NonStandardHostForbidden", "", "endpoint"),
        (403, "TransferAccelerationDisabled", "", "acceleration_off"),
        (403, "UserDisable", "0003-00000801", "account"),
        (403, "AccessForbidden", "0003-00000602", "cors"),
        (409, "FileAlreadyExists", "0026-00000002", "overwrite"),
        (409, "FileImmutable", "", "immutable"),
        (400, "EntityTooSmall", "", "parts"),
        (400, "InvalidPartOrder", "", "parts"),
        (404, "NoSuchUpload", "0042-00000002", "parts_lost"),
        (203, "CallbackFailed", "0007-00000203", "callback"),
        (400, "ApkDownloadForbidden", "", "download_domain"),
        (400, "RequestTimeout", "", "connection_broke"),
        (503, "QpsLimitExceeded", "", "storage_busy"),
        (500, "", "", "storage_busy"),
        (403, "SomethingNew", "0099-00000001", "refused"),
    ],
)
def test_a_code_that_only_the_true_oss_gives_has_a_cause_too(status, code, ec, cause) -> None:
    assert diagnose_error(OssAnswer(status, code, ec)).code == cause


@pytest.mark.parametrize("status", [400, 403, 404, 411])
def test_what_a_repetition_cannot_help_is_final_and_what_it_can_is_not(status) -> None:
    passing = {"0002-00000235", "0002-00000236", "0002-00000504", "IncompleteBody"}
    rows = [row for row in ROWS if row.status == status]
    assert rows
    for row in rows:
        diagnosis = diagnose_attempt(OssAnswer(row.status, row.code, row.ec))
        assert CAUSES[diagnosis.code].is_final == ((row.ec or row.code) not in passing), row.sentence
