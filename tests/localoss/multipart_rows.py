"""Multipart requests that must be refused whatever uploads there are, each with the answer that it must get."""

from __future__ import annotations

from tests.localoss.error_rows import KEY, Row
from tests.localoss.hand_signing import head, signed_url


def multipart_row(sentence: str, error: tuple[int, str, str], method: str, **query: str) -> Row:
    named = {name.replace("_", "-"): value for name, value in query.items()}
    key = "" if "uploads" in query and method == "GET" else KEY
    return Row(sentence, *error, head(method, signed_url(method, key, query=named), {"Content-Length": "0"}))


NO_UPLOAD = {"uploadId": "0" * 32}
GONE = (404, "NoSuchUpload", "0042-00000002")
BAD_NUMBER = (400, "InvalidArgument", "0017-00000220")
INVALID = (400, "InvalidArgument", "")
MULTIPART_ROWS = [
    multipart_row("a part of no upload", GONE, "PUT", partNumber="1", **NO_UPLOAD),
    multipart_row("the parts of no upload", GONE, "GET", **NO_UPLOAD),
    multipart_row("completion of no upload", GONE, "POST", **NO_UPLOAD),
    multipart_row("abortion of no upload", GONE, "DELETE", **NO_UPLOAD),
    *[
        multipart_row(f"the part number {number!r}", BAD_NUMBER, "PUT", partNumber=number, **NO_UPLOAD)
        for number in ("0", "10001", "-1", "1.0", "one", "", "1" * 5000)
    ],
    multipart_row("a part without a number", BAD_NUMBER, "PUT", **NO_UPLOAD),
    multipart_row("a page of no parts", INVALID, "GET", max_parts="0", **NO_UPLOAD),
    multipart_row("a page of 1,001 parts", INVALID, "GET", max_parts="1001", **NO_UPLOAD),
    multipart_row("a marker that is no number", INVALID, "GET", part_number_marker="one", **NO_UPLOAD),
    multipart_row("a page of no uploads", INVALID, "GET", uploads="", max_uploads="0"),
    multipart_row("a page of 1,001 uploads", INVALID, "GET", uploads="", max_uploads="1001"),
    multipart_row("an odd encoding of keys", INVALID, "GET", uploads="", encoding_type="base64"),
    multipart_row("an odd encoding of a key", INVALID, "POST", uploads="", encoding_type="base64"),
    multipart_row("folders of uploads", (501, "NotImplemented", ""), "GET", uploads="", delimiter="/"),
    multipart_row("a part number alone", (501, "NotImplemented", ""), "PUT", partNumber="1"),
    multipart_row("the head of an upload", (501, "NotImplemented", ""), "HEAD", **NO_UPLOAD),
]
