"""An error as people hand it on: whole, mangled, cut off, hostile. What comes out has no secrets in it."""

from __future__ import annotations

import base64
import html
import json
import quopri
import textwrap
import time

import pytest

from uploads.canonical_requests import parsed_canonical_request
from uploads.error_bodies import MAX_CHARACTERS, read_error
from uploads.evidence import cleaned_evidence
from uploads.redaction import redacted

# Made up, and in two pieces: whole, searches for leaked keys would find it.
KEY_ID = "LTAI" + "5tSecretKeyId000001"
TOKEN = "CAIS" + "t0ken/+%" * 40
SIGNATURE = "5094a6182f4db30d0a0a34f62036cabd6e26eff26c70a437c046d7872a258fde"
CANONICAL = "\n".join(
    [
        "PUT",
        "/test-bucket/reports/%E5%B9%B4%20report.csv",
        "x-oss-additional-headers=content-disposition&"
        f"x-oss-credential={KEY_ID}%2F20261120%2Fcn-hangzhou%2Foss%2Faliyun_v4_request&x-oss-date=20261120T100000Z"
        f"&x-oss-expires=900&x-oss-security-token={TOKEN.replace('/', '%2F').replace('+', '%2B')}"
        "&x-oss-signature-version=OSS4-HMAC-SHA256",
        "content-disposition:attachment; filename*=UTF-8''report.csv",
        "content-type:application/vnd.ms-excel",
        "x-oss-meta-grant:gabc",
        "",
        "content-disposition",
        "UNSIGNED-PAYLOAD",
    ]
)
BODY = f"""<?xml version="1.0" encoding="UTF-8"?>
<Error>
  <Code>SignatureDoesNotMatch</Code>
  <Message>The request signature we calculated does not match the signature you provided.</Message>
  <RequestId>6745A1F3C2D84B3031A7E5C9</RequestId>
  <HostId>test-bucket.oss-cn-hangzhou.aliyuncs.com</HostId>
  <OSSAccessKeyId>{KEY_ID}</OSSAccessKeyId>
  <SignatureProvided>{SIGNATURE}</SignatureProvided>
  <StringToSign>OSS4-HMAC-SHA256
20261120T100000Z</StringToSign>
  <CanonicalRequest>{html.escape(CANONICAL, quote=False)}</CanonicalRequest>
  <EC>0002-00000201</EC>
  <RecommendDoc>https://api.aliyun.com/troubleshoot?q=0002-00000201</RecommendDoc>
</Error>
"""
SECRETS = (KEY_ID, TOKEN[:60], TOKEN.replace("/", "%2F")[:60], SIGNATURE, "t0ken")


def wrapped(text: str) -> str:
    """As a mail program breaks lines, with blanks at their beginnings gone."""
    return "\n".join(part for line in text.split("\n") for part in (textwrap.wrap(line, 76) or [""]))


MANGLED = {
    "as it came": BODY,
    "with the line breaks of Windows": BODY.replace("\n", "\r\n"),
    "on one line": BODY.replace("\n", " "),
    "quoted in a mail": "".join(f"> {line}\n" for line in BODY.splitlines()),
    "quoted twice, with a word before": "See below.\n" + "".join(f">> {line}\n" for line in BODY.splitlines()),
    "escaped for HTML": html.escape(BODY),
    "as quoted-printable": quopri.encodestring(BODY.encode()).decode(),
    "as a string of JSON": json.dumps({"body": BODY}),
    "wrapped by a mail program": wrapped(BODY),
    "in an HTTP dump": f"< HTTP/1.1 403 Forbidden\n< x-oss-ec: 0002-00000201\n<\n{BODY}",
    "without its end": BODY[: BODY.index("<EC>")] + "\n(EC 0002-00000201)",
    "in a log line": "2026-11-20 ERROR upload failed: 403 " + BODY,
}


@pytest.mark.parametrize(
    "before", ["", "HTTP/1.1 100 Continue\n\n", "HTTP/1.1 200 Connection established\n\n< HTTP/1.1 100 Continue\n\n"]
)
def test_the_status_is_that_of_the_last_answer(before):
    assert read_error(f"{before}HTTP/1.1 403 Forbidden\nx-oss-ec: 0002-00000201\n\n{BODY}").status == 403


@pytest.mark.parametrize("text", MANGLED.values(), ids=MANGLED.keys())
def test_it_reads_a_signature_error(text):
    body = read_error(text)

    assert (body.code, body.ec) == ("SignatureDoesNotMatch", "0002-00000201")
    assert body.request_id == "6745A1F3C2D84B3031A7E5C9"
    sent = parsed_canonical_request(body.canonical_request)
    assert (sent.method, sent.bucket, sent.key) == ("PUT", "test-bucket", "reports/年 report.csv")
    assert sent.headers == {
        "content-disposition": "attachment; filename*=UTF-8''report.csv",
        "content-type": "application/vnd.ms-excel",
        "x-oss-meta-grant": "gabc",
    }
    assert (sent.query["x-oss-expires"], sent.query["x-oss-date"]) == ("900", "20261120T100000Z")


@pytest.mark.parametrize("text", MANGLED.values(), ids=MANGLED.keys())
def test_no_secret_of_it_comes_out(text):
    body = read_error(text)

    out = repr((body.code, body.message, body.fields, parsed_canonical_request(body.canonical_request)))
    sent = parsed_canonical_request(body.canonical_request)
    out += repr((sent.query, sent.headers))
    assert [secret for secret in SECRETS if secret in out] == []


@pytest.mark.parametrize("end", range(60, len(BODY), 97))
def test_it_reads_as_far_as_the_text_goes(end):
    body = read_error(BODY[:end])

    sent = parsed_canonical_request(body.canonical_request) if body else None
    assert body is None or "SignatureDoesNotMatch".startswith(body.code)
    assert "</Code>" not in BODY[:end] or body.code == "SignatureDoesNotMatch"
    assert sent is None or sent.headers.get("content-type") in {None, "application/vnd.ms-excel"}
    assert sent is None or sent.query.get("x-oss-expires") in {None, "900"}


@pytest.mark.parametrize(
    ("text", "code", "ec", "status"),
    [
        ("HTTP/1.1 403 Forbidden\nx-oss-ec: 0003-00000905\nx-oss-request-id: 65F1\n\n", "", "0003-00000905", 403),
        ("oss: service returned error: StatusCode=403, ErrorCode=AccessDenied", "AccessDenied", "", 403),
        ("{'status': 403, 'Code': 'AccessDenied', 'RequestId': '65F1', 'EC': '0003-00000001'}", "AccessDenied",
         "0003-00000001", 403),
        ("Error Code: NoSuchBucket. Request Id: 65F1.", "NoSuchBucket", "", None),
        ("Please help, it says 0048-00000401 and nothing more", "", "0048-00000401", None),
    ],
    ids=["headers alone", "words of Go's SDK", "words of Python's SDK", "words of the new SDK", "an EC in a mail"],
)  # fmt: skip
def test_it_reads_what_is_no_xml(text, code, ec, status):
    body = read_error(text)

    assert (body.code, body.ec, body.status) == (code, ec, status)


def test_it_reads_the_header_of_a_head_that_has_no_body():
    error = base64.b64encode(BODY.encode()).decode()

    assert read_error(f"HTTP/1.1 403 Forbidden\nx-oss-err: {error}\n\n").code == "SignatureDoesNotMatch"


HOSTILE = {
    "nothing": "",
    "another text": "The quick brown fox.",
    "an entity bomb": '<!DOCTYPE e [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]><Error><Code>&b;</Code></Error>',
    "a file of the server": '<!DOCTYPE e [<!ENTITY x SYSTEM "file:///etc/passwd">]><Error><Code>&x;</Code></Error>',
    "elements without an end": "<Code>" * 10_000,
    "elements in each other": "<Error>" * 10_000 + "<Code>A</Code>",
    "ampersands": "&" * MAX_CHARACTERS,
    "quotes": ">" * MAX_CHARACTERS,
    "colons": "<CanonicalRequest>PUT /a " + "a:" * 30_000 + "</CanonicalRequest><Code>A</Code>",
    "blanks": "<CanonicalRequest>PUT /" + " \n" * 30_000 + "</CanonicalRequest><Code>A</Code>",
    "code code": "Code " * 13_000,
    "credentials": "x-oss-credential=" * 4_000 + "<Code>A</Code>",
    "NUL and half characters": "<Code>A\x00\ud800</Code>",
    "a megabyte": BODY + "x" * 1_000_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_it_survives(text):
    started = time.monotonic()

    body = read_error(text)
    if body:
        parsed_canonical_request(body.canonical_request)

    assert time.monotonic() - started < 2
    assert body is None or ("root:" not in body.code and len(body.code) < 100)


def test_evidence_is_cut_down_to_what_is_known():
    given = {
        "canonical_request": html.escape(CANONICAL),
        "online": True,
        "reached": None,
        "cookies": "a",
        "origin": "b",
    }

    evidence = cleaned_evidence(json.dumps(given))

    assert evidence == {"canonical_request": redacted(CANONICAL), "online": True}
    assert [secret for secret in SECRETS if secret in json.dumps(evidence)] == []
    assert "content-type:application/vnd.ms-excel" in evidence["canonical_request"]


@pytest.mark.parametrize(
    "text", ["", "no JSON", "[]", "null", '{"online": "yes", "canonical_request": 7}', "[" * 8000, '{"reached": 1}']
)
def test_evidence_of_another_kind_is_none(text):
    assert cleaned_evidence(text) == {}


def test_taking_secrets_out_twice_changes_nothing_more():
    once = redacted(BODY)

    assert redacted(once) == once
    assert redacted("Authorization: OSS4-HMAC-SHA256 Credential=abc/2026,Signature=def") == "Authorization:…"
