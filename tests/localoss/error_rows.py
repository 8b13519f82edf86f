"""Requests that must be refused, each with the answer that it must get."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from tests.localoss.hand_signing import Hand, head, signed_headers, signed_url
from tests.servers import BUCKET

KEY = "a/key.txt"
NOW = datetime.now(UTC)
DAY = NOW.strftime("%Y%m%d")


class Row(NamedTuple):
    """A request that must be refused, and how. `{method}` in `head` is filled in."""

    sentence: str
    status: int
    code: str
    ec: str
    head: str
    body: bytes = b""


def url_row(sentence: str, status: int, code: str, ec: str, **signing) -> list[Row]:
    """One row for GET and one for HEAD: both are told the same, in the body or in x-oss-err."""
    return [
        Row(f"URL: {sentence} ({method})", status, code, ec, head(method, signed_url(method, KEY, **signing)))
        for method in ("GET", "HEAD")
    ]


def header_row(sentence: str, status: int, code: str, ec: str, **changed) -> list[Row]:
    rows = []
    for method in ("GET", "HEAD"):
        own = signed_headers(method, KEY, hand=changed.get("hand"))
        own |= {name: value for name, value in changed.items() if name not in {"hand", "authorization", "drop"}}
        if "authorization" in changed:
            own["Authorization"] = changed["authorization"](own["Authorization"])
        for name in changed.get("drop", ()):
            del own[name]
        rows.append(Row(f"header: {sentence} ({method})", status, code, ec, head(method, f"/{BUCKET}/{KEY}", own)))
    return rows


def put_row(sentence: str, status: int, code: str, ec: str, **headers: str) -> list[Row]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    target = signed_url("PUT", KEY, headers=named)
    sized = {"Content-Length": "3", **named}
    return [Row(f"{sentence} (PUT)", status, code, ec, head("PUT", target, sized), b"abc")]


def credential(text: str) -> dict[str, str | None]:
    return {"x-oss-credential": text}


SIGNATURE_ROWS = [
    *url_row("wrong secret", 403, "SignatureDoesNotMatch", "0002-00000201", hand=Hand(secret="other")),
    *url_row("expired", 403, "AccessDenied", "0002-00000236", hand=Hand(at=NOW - timedelta(hours=2))),
    *url_row("too early", 403, "AccessDenied", "0002-00000235", hand=Hand(at=NOW + timedelta(minutes=20))),
    *url_row("zero seconds", 400, "InvalidArgument", "0002-00000232", expires="0"),
    *url_row("negative seconds", 400, "InvalidArgument", "0002-00000232", expires="-5"),
    *url_row("eight days", 400, "InvalidArgument", "0002-00000232", expires="604801"),
    *url_row("no number of seconds", 400, "InvalidArgument", "0002-00000232", expires="60s"),
    *url_row("expires missing", 400, "InvalidArgument", "0002-00000215", change={"x-oss-expires": None}),
    *url_row("expires empty", 400, "InvalidArgument", "0002-00000216", expires=""),
    *url_row("credential missing", 400, "InvalidArgument", "0002-00000217", change={"x-oss-credential": None}),
    *url_row("credential empty", 400, "InvalidArgument", "0002-00000218", change=credential("")),
    *url_row("key id with bad characters", 400, "InvalidArgument", "0002-00000222", hand=Hand(key_id="\rabc")),
    *url_row(
        "credential with a dashed date",
        400,
        "InvalidArgument",
        "0002-00000223",
        change=credential("test-key-id/2022-12-20/cn-hangzhou/oss/aliyun_v4_request"),
    ),
    *url_row("credential of another end", 400, "InvalidArgument", "0002-00000224", hand=Hand(end="abc")),
    *url_row("credential of another product", 400, "InvalidArgument", "0002-00000224", hand=Hand(product="s3")),
    *url_row("credential too short", 400, "InvalidArgument", "0002-00000224", change=credential("test-key-id")),
    *url_row("wrong region", 400, "InvalidArgument", "0002-00000228", hand=Hand(region="cn-beijing")),
    *url_row("region with oss-", 400, "InvalidArgument", "0002-00000228", hand=Hand(region="oss-cn-hangzhou")),
    *url_row("unknown key id", 403, "InvalidAccessKeyId", "0002-00000902", hand=Hand(key_id="nobody")),
    *url_row("unexpected token", 403, "InvalidSecurityToken", "", hand=Hand(token="token")),
    *url_row("header listed, not sent", 400, "InvalidArgument", "0002-00000211", additional=("cache-control",)),
    *url_row("header listed with underscore", 400, "InvalidArgument", "0002-00000211", additional=("a_b",)),
    *url_row(
        "header listed in capitals",
        400,
        "InvalidArgument",
        "0002-00000211",
        change={"x-oss-additional-headers": "Host"},
    ),
    *url_row(
        "list of headers empty", 400, "InvalidArgument", "0002-00000209", change={"x-oss-additional-headers": ""}
    ),
    *url_row(
        "empty name in the list",
        400,
        "InvalidArgument",
        "0002-00000210",
        change={"x-oss-additional-headers": "host;"},
    ),
    *url_row("date missing", 400, "InvalidArgument", "", change={"x-oss-date": None}),
    *url_row("date of no calendar", 400, "InvalidArgument", "", change={"x-oss-date": f"{DAY[:4]}1399T000000Z"}),
    *url_row("date of another day", 400, "InvalidArgument", "", change={"x-oss-date": "20200101T000000Z"}),
    *url_row("version missing", 400, "InvalidArgument", "", change={"x-oss-signature-version": None}),
    *url_row("version 2", 400, "InvalidArgument", "", change={"x-oss-signature-version": "OSS2"}),
]
AUTHORIZATION_ROWS = [
    *header_row("wrong secret", 403, "SignatureDoesNotMatch", "0002-00000201", hand=Hand(secret="other")),
    *header_row("an old request", 403, "RequestTimeTooSkewed", "0002-00000504", hand=Hand(at=NOW - timedelta(1))),
    *header_row("a future one", 403, "RequestTimeTooSkewed", "0002-00000504", hand=Hand(at=NOW + timedelta(1))),
    *header_row("wrong region", 400, "InvalidArgument", "0002-00000226", hand=Hand(region="cn-beijing")),
    *header_row("unknown key id", 403, "InvalidAccessKeyId", "0002-00000902", hand=Hand(key_id="nobody")),
    *header_row(
        "no signature", 400, "InvalidArgument", "0002-00000207", authorization=lambda a: a[: a.index(",Sig")]
    ),
    *header_row("bad end", 400, "InvalidArgument", "0002-00000213", hand=Hand(end="abc")),
    *header_row(
        "bad date in it",
        400,
        "InvalidArgument",
        "0002-00000212",
        authorization=lambda a: a.replace(DAY, "2022-12-20"),
    ),
    *header_row(
        "empty list",
        400,
        "InvalidArgument",
        "0002-00000209",
        authorization=lambda a: a.replace(",Sig", ",AdditionalHeaders=,Sig"),
    ),
    *header_row(
        "header listed, not sent",
        400,
        "InvalidArgument",
        "0002-00000211",
        authorization=lambda a: a.replace(",Sig", ",AdditionalHeaders=range,Sig"),
    ),
    *header_row("no date", 403, "AccessDenied", "0002-00000503", drop=("x-oss-date",)),
    *header_row("a date in another form", 403, "AccessDenied", "0002-00000502", **{"x-oss-date": "2022-12-20"}),
    *header_row("a hash", 400, "InvalidArgument", "0002-00000214", **{"x-oss-content-sha256": "78a1"}),
    *header_row("version 1", 400, "InvalidArgument", "", authorization=lambda _: "OSS test-key-id:c2lnbmF0dXJl"),
    *header_row("no hash", 400, "InvalidArgument", "", drop=("x-oss-content-sha256",)),
]
OTHER_ROWS = [
    Row("anonymous", 403, "AccessDenied", "0003-00000905", head("GET", f"/{BUCKET}/{KEY}")),
    Row("anonymous HEAD", 403, "AccessDenied", "0003-00000905", head("HEAD", f"/{BUCKET}/{KEY}")),
    Row(
        "version 1 in the URL",
        400,
        "InvalidArgument",
        "",
        head("GET", f"/{BUCKET}/{KEY}?OSSAccessKeyId=test-key-id&Expires=1141889120&Signature=abc"),
    ),
    Row(
        "signed twice over",
        400,
        "InvalidArgument",
        "",
        head("GET", signed_url("GET", KEY), {"Authorization": "OSS4-HMAC-SHA256 Signature=a"}),
    ),
    Row(
        "a signing parameter twice",
        400,
        "InvalidArgument",
        "",
        head("GET", signed_url("GET", KEY) + "&x-oss-expires=60"),
    ),
    Row("no such key", 404, "NoSuchKey", "0026-00000001", head("GET", signed_url("GET", "none"))),
    Row("no such key, HEAD", 404, "NoSuchKey", "0026-00000001", head("HEAD", signed_url("HEAD", "none"))),
    Row(
        "no such bucket",
        404,
        "NoSuchBucket",
        "0015-00000101",
        head("GET", signed_url("GET", KEY, bucket="other-bucket")),
    ),
    Row(
        "bad bucket name",
        400,
        "InvalidBucketName",
        "0015-00000001",
        head("GET", signed_url("GET", KEY, bucket="Bad_Bucket")),
    ),
    Row("key with a slash first", 400, "InvalidObjectName", "0016-00000005", head("GET", signed_url("GET", "/key"))),
    Row(
        "key with a backslash first", 400, "InvalidObjectName", "0016-00000005", head("GET", signed_url("GET", "\\k"))
    ),
    Row("key too long", 400, "InvalidObjectName", "0016-00000003", head("GET", signed_url("GET", "é" * 512))),
    Row("key not UTF-8", 400, "InvalidObjectName", "0016-00000002", head("GET", f"/{BUCKET}/%FF")),
    Row("POST to an object", 405, "MethodNotAllowed", "", head("POST", signed_url("POST", KEY)), b""),
    Row("PATCH of an object", 405, "MethodNotAllowed", "", head("PATCH", signed_url("PATCH", KEY))),
    Row("list of objects", 501, "NotImplemented", "", head("GET", signed_url("GET", ""))),
    Row("the ACL of an object", 501, "NotImplemented", "", head("GET", signed_url("GET", KEY, query={"acl": ""}))),
    Row(
        "start of a sequential multipart upload",
        501,
        "NotImplemented",
        "",
        head("POST", signed_url("POST", KEY, query={"uploads": "", "sequential": ""})),
    ),
    Row(
        "no length, no chunks",
        411,
        "MissingContentLength",
        "0017-00000101",
        head("PUT", signed_url("PUT", KEY)),
    ),
    Row(
        "more than 5 GB",
        400,
        "EntityTooLarge",
        "",
        head("PUT", signed_url("PUT", KEY), {"Content-Length": str(5 * 1024**3 + 1)}),
    ),
    Row(
        "pinned length, chunked body",
        400,
        "InvalidArgument",
        "0002-00000211",
        head("PUT", signed_url("PUT", KEY, additional=("content-length",)), {"Transfer-Encoding": "chunked"}),
        b"3\r\nabc\r\n0\r\n\r\n",
    ),
    *put_row("If-Match", 400, "NotImplemented", "0017-00000245", If_Match='"abc"'),
    *put_row("If-None-Match", 400, "NotImplemented", "0017-00000245", If_None_Match="*"),
    *put_row("odd forbid-overwrite", 400, "InvalidArgument", "0017-00000279", x_oss_forbid_overwrite="abc"),
    *put_row("odd storage class", 400, "InvalidArgument", "", x_oss_storage_class="Cold"),
    *put_row("odd ACL", 400, "InvalidArgument", "", x_oss_object_acl="public"),
    *put_row("bad digest", 400, "InvalidDigest", "", Content_MD5="abc"),
    *put_row("other digest", 400, "InvalidDigest", "", Content_MD5=b64encode(b"0" * 16).decode()),
    *put_row("other CRC", 400, "InvalidCRC64", "", x_oss_hash_crc64ecma="1"),
    *put_row("much metadata", 400, "InvalidArgument", "", x_oss_meta_a="a" * 8192),
    *put_row("callback", 501, "NotImplemented", "", x_oss_callback="e30="),
    Row(
        "underscore in metadata",
        400,
        "InvalidArgument",
        "",
        head(
            "PUT",
            signed_url("PUT", KEY, headers={"x-oss-meta-a_b": "c"}),
            {"Content-Length": "0", "x-oss-meta-a_b": "c"},
        ),
    ),
    Row(
        "body cut short",
        400,
        "IncompleteBody",
        "",
        head("PUT", signed_url("PUT", KEY), {"Content-Length": "10"}),
        b"abc",
    ),
    Row("preflight without Origin", 400, "BadRequest", "0034-00000101", head("OPTIONS", f"/{BUCKET}/{KEY}")),
    Row(
        "preflight without method",
        400,
        "BadRequest",
        "0034-00000102",
        head("OPTIONS", f"/{BUCKET}/{KEY}", {"Origin": "http://a.example"}),
    ),
    Row(
        "preflight without rules",
        403,
        "AccessForbidden",
        "0003-00000601",
        head("OPTIONS", f"/{BUCKET}/{KEY}", {"Origin": "http://a.example", "Access-Control-Request-Method": "PUT"}),
    ),
    Row(
        "no CORS rules to get",
        404,
        "NoSuchCORSConfiguration",
        "0034-00000001",
        head("GET", signed_url("GET", "", query={"cors": ""})),
    ),
]
ROWS = [*SIGNATURE_ROWS, *AUTHORIZATION_ROWS, *OTHER_ROWS]
