"""An error of OSS as people hand it on: XML, an HTTP dump, the words of an SDK, or a mail that has mangled them.

Nothing here is parsed as XML: an element is looked for by its name, so that what is cut off, escaped or hostile is
read as far as it goes, and no entity is ever expanded. What comes out has no secrets in it.
https://www.alibabacloud.com/help/en/oss/developer-reference/error-responses
"""

from __future__ import annotations

import base64
import binascii
import html
import quopri
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from uploads.redaction import redacted

# More than the longest true answer, which quotes the request up to five times.
MAX_CHARACTERS = 64 * 1024
MAX_FIELD_CHARACTERS = 16 * 1024
_ELEMENTS = (
    "Code", "Message", "RequestId", "EC", "CanonicalRequest", "ArgumentName", "Expires", "ServerTime", "RequestTime",
    "Endpoint", "BucketName",
)  # fmt: skip
_SIGNATURE_LENGTH = 64
_STATUS = re.compile(r"^[< \t]*HTTP/[0-9.]+ ([2-5][0-9]{2})\b", re.MULTILINE)
_HEADER = re.compile(r"^[< \t]*(x-oss-(?:ec|err|request-id)):[ \t]*(\S+)", re.MULTILINE | re.IGNORECASE)
_QUOTED_LINE = re.compile(r"^(?:[ \t]*>)+[ \t]?", re.MULTILINE)
_EC = re.compile(r"\b[0-9]{4}-[0-9]{8}\b")
# As SDKs print it: Code: X, 'Code': 'X', "code":"X", ErrorCode=X.
_IN_WORDS = {
    "Code": re.compile(r"""\b(?i:error ?code|code)["']?\s*[:=]\s*["']?([A-Z][A-Za-z0-9]{2,60})\b"""),
    "RequestId": re.compile(r"""\b(?i:request ?id)["']?\s*[:=]\s*["']?([0-9A-Fa-f]{4,40})\b"""),
}
_HTTP_STATUS = re.compile(r"""\b(?:http_?)?status(?:_?code)?["']?\s*[:=]\s*["']?([1-5][0-9]{2})\b""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """What was found. Texts are empty, `status` is None where it was not. `fields` are those of this error alone."""

    status: int | None
    code: str
    ec: str
    request_id: str
    message: str
    canonical_request: str = field(default="", repr=False)
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)


def read_error(text: str) -> ErrorBody | None:
    """None where nothing of an error of OSS can be found. Never raises, whatever it is given."""
    text = _plain(text[:MAX_CHARACTERS])
    found = {name: value for name in _ELEMENTS if (value := _element(text, name))}
    headers = {name.lower(): value for name, value in _HEADER.findall(text)}
    if not found and "x-oss-err" in headers:
        text = _decoded(headers["x-oss-err"])
        found = {name: value for name in _ELEMENTS if (value := _element(text, name))}
    if not found.get("Code"):
        in_words = {name: _first(pattern, text) for name, pattern in _IN_WORDS.items()}
        found = {name: value for name, value in in_words.items() if value} | found
    found.setdefault("EC", headers.get("x-oss-ec", "") or _first(_EC, text))
    found.setdefault("RequestId", headers.get("x-oss-request-id", ""))
    # Before the answer may stand `100 Continue`, or a proxy's to CONNECT.
    statuses = _STATUS.findall(text) or [_first(_HTTP_STATUS, text)]
    if not (found.get("Code") or found["EC"]):
        return None
    return _body(
        found, status=int(statuses[-1]) if statuses[-1] else None, signature=_element(text, "SignatureProvided")
    )


def _body(found: Mapping[str, str], *, status: int | None, signature: str) -> ErrorBody:
    clean = {name: redacted(value) for name, value in found.items()}
    own = {name: value[:300] for name, value in clean.items() if name not in {"CanonicalRequest", "Message"}}
    if signature and len(signature) != _SIGNATURE_LENGTH:
        own["SignatureLength"] = str(len(signature))
    return ErrorBody(
        status=status,
        code=own.pop("Code", ""),
        ec=own.pop("EC", ""),
        request_id=own.pop("RequestId", ""),
        message=clean.get("Message", "")[:300],
        canonical_request=clean.get("CanonicalRequest", ""),
        fields=own,
    )


def _plain(text: str) -> str:
    """Without what a mail program, a web page or a log has wrapped around it."""
    text = text.replace("\r\n", "\n").replace("\x00", "")
    lines = [line for line in text.split("\n") if line.strip()]
    if lines and sum(line.lstrip().startswith(">") for line in lines) * 2 > len(lines):
        text = _QUOTED_LINE.sub("", text)
    if "=3D" in text:
        text = quopri.decodestring(text.encode()).decode("utf-8", "replace")
    if "<Code" not in text and "&lt;Code" in text:
        text = html.unescape(text)
    if "<Code" not in text and "\\u003c" in text.lower():
        text = re.sub(r"(?i)\\u003([ce])", lambda match: "<" if match[1] in "cC" else ">", text)
    # A body that was printed as a string of a programming language, on one line.
    return text.replace("\\n", "\n").replace('\\"', '"') if "\n" not in text.strip() else text


def _element(text: str, name: str) -> str:
    """The text of the first element of that name, to its end or as far as it goes."""
    start = text.find(f"<{name}>")
    if start < 0:
        return ""
    start += len(name) + 2
    end = text.find("<", start)
    raw = text[start : end if end >= 0 else None]
    return html.unescape(raw[:MAX_FIELD_CHARACTERS]).strip()


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return (match[1] if match.re.groups else match[0]) if match else ""
