"""What the embedded OSS answers, as values, and OSS's XML for it."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from uploads.localoss.errors import Refusal

# https://www.w3.org/TR/xml/#charsets
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# A list is an element that occurs so many times.
XmlContent = str | Mapping[str, "XmlContent"] | list["XmlContent"]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `body` gives chunks and is closed after; without a Content-Length among `headers` it has none."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Iterable[bytes] = ()


def empty_reply(status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(status, {"Content-Length": "0", **(headers or {})})


def xml_reply(document: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    own = {"Content-Type": "application/xml", "Content-Length": str(len(document))}
    return Reply(status, {**own, **(headers or {})}, (document,))


def error_reply(refusal: Refusal, *, request_id: str, host: str, is_head: bool) -> Reply:
    """OSS's error: XML in the body, or base64 of it in `x-oss-err` where an answer has none."""
    document = _error_document(refusal, request_id, host)
    headers = {"x-oss-ec": refusal.cause.ec} if refusal.cause.ec else {}
    if is_head:
        return empty_reply(refusal.cause.status, {**headers, "x-oss-err": b64encode(document).decode()})
    return xml_reply(document, refusal.cause.status, headers)


def xml_document(name: str, content: XmlContent) -> bytes:
    """An element with texts or elements inside. What XML cannot carry becomes a question mark."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_element(name, content)}\n'.encode()


def _error_document(refusal: Refusal, request_id: str, host: str) -> bytes:
    cause = refusal.cause
    content: dict[str, XmlContent] = {
        "Code": cause.code,
        "Message": cause.message,
        "RequestId": request_id,
        "HostId": host,
        **refusal.fields,
    }
    if cause.ec:
        content |= {"EC": cause.ec, "RecommendDoc": f"https://api.aliyun.com/troubleshoot?q={cause.ec}"}
    return xml_document("Error", content)


def _element(name: str, content: XmlContent) -> str:
    if isinstance(content, list):
        return "\n".join(_element(name, one) for one in content)
    if isinstance(content, str):
        return f"<{name}>{escape(_NOT_XML.sub('?', content))}</{name}>"
    inner = "\n".join(_element(child, grandchild) for child, grandchild in content.items())
    return f"<{name}>\n{inner}\n</{name}>"
