"""OSS's XML documents, in and out, as values. The only module that touches XML.

What comes in is foreign: entities, document types and external references are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml.ElementTree import fromstring

from uploads.oss.errors import RefusedLocally, UnreadableAnswer

XML_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
# https://www.w3.org/TR/xml/#charsets
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class CorsRule:
    """Which origins may send what. https://www.alibabacloud.com/help/en/oss/developer-reference/putbucketcors"""

    allowed_origins: tuple[str, ...]
    allowed_methods: tuple[str, ...]
    allowed_headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    max_age_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class CorsConfiguration:
    """A bucket's rules, in the order in which OSS tries them. `response_vary` sends `Vary: Origin` always."""

    rules: tuple[CorsRule, ...]
    response_vary: bool = False


@dataclass(frozen=True, slots=True)
class BucketInfo:
    """What OSS says of a bucket; texts are empty where it says nothing. `location` has the `oss-` of endpoints.

    https://www.alibabacloud.com/help/en/oss/developer-reference/getbucketinfo
    """

    name: str
    location: str
    extranet_endpoint: str
    intranet_endpoint: str
    created_at: datetime | None
    storage_class: str
    acl: str
    versioning: str

    @property
    def region(self) -> str:
        """The region as signatures name it, `cn-hangzhou`."""
        return self.location.removeprefix("oss-")


@dataclass(frozen=True, slots=True)
class ErrorDocument:
    """The body of an error. `fields` are those of this error alone; never log them, they can hold a security token.

    https://www.alibabacloud.com/help/en/oss/developer-reference/error-responses
    """

    code: str
    message: str
    ec: str
    request_id: str
    host_id: str
    fields: Mapping[str, str] = field(repr=False)


def cors_to_xml(configuration: CorsConfiguration) -> bytes:
    """The body of PutBucketCors, and of the answer to GetBucketCors.

    Raises RefusedLocally for a text that XML cannot carry.
    """
    root = Element("CORSConfiguration")
    for rule in configuration.rules:
        element = SubElement(root, "CORSRule")
        _add_all(element, "AllowedOrigin", rule.allowed_origins)
        _add_all(element, "AllowedMethod", rule.allowed_methods)
        _add_all(element, "AllowedHeader", rule.allowed_headers)
        _add_all(element, "ExposeHeader", rule.expose_headers)
        if rule.max_age_seconds is not None:
            _add_all(element, "MaxAgeSeconds", (str(rule.max_age_seconds),))
    _add_all(root, "ResponseVary", (str(configuration.response_vary).lower(),))
    body: bytes = tostring(root, encoding="utf-8")
    return XML_DECLARATION + body


def cors_from_xml(body: bytes) -> CorsConfiguration:
    """The reverse of `cors_to_xml`. Raises UnreadableAnswer."""
    root = _root(body, "CORSConfiguration")
    rules = tuple(_cors_rule(element) for element in root.findall("{*}CORSRule"))
    return CorsConfiguration(rules, response_vary=_text(root, "ResponseVary").lower() == "true")


def bucket_info_from_xml(body: bytes) -> BucketInfo:
    """The answer to GetBucketInfo. Raises UnreadableAnswer."""
    bucket = _root(body, "BucketInfo").find("{*}Bucket")
    if bucket is None:
        raise UnreadableAnswer("The bucket info has no Bucket.")
    return BucketInfo(
        name=_text(bucket, "Name"),
        location=_text(bucket, "Location"),
        extranet_endpoint=_text(bucket, "ExtranetEndpoint"),
        intranet_endpoint=_text(bucket, "IntranetEndpoint"),
        created_at=_time(_text(bucket, "CreationDate")),
        storage_class=_text(bucket, "StorageClass"),
        acl=_text(bucket, "AccessControlList/{*}Grant"),
        versioning=_text(bucket, "Versioning"),
    )


def error_from_xml(body: bytes) -> ErrorDocument:
    """The body of an error answer, or the decoded `x-oss-err`. Raises UnreadableAnswer and nothing else."""
    texts = {_local_name(element): (element.text or "").strip() for element in _root(body, "Error")}
    return ErrorDocument(
        code=texts.pop("Code", ""),
        message=texts.pop("Message", ""),
        ec=texts.pop("EC", ""),
        request_id=texts.pop("RequestId", ""),
        host_id=texts.pop("HostId", ""),
        fields=texts,
    )


def _cors_rule(element: Element) -> CorsRule:
    max_age = _text(element, "MaxAgeSeconds")
    if max_age and not re.fullmatch(r"[0-9]{1,18}", max_age):
        raise UnreadableAnswer("The MaxAgeSeconds of a CORS rule is not a number.")
    return CorsRule(
        allowed_origins=_texts(element, "AllowedOrigin"),
        allowed_methods=_texts(element, "AllowedMethod"),
        allowed_headers=_texts(element, "AllowedHeader"),
        expose_headers=_texts(element, "ExposeHeader"),
        max_age_seconds=int(max_age) if max_age else None,
    )


def _root(body: bytes, name: str) -> Element:
    """The document's outermost element, which must have that name. Its namespace, if any, does not matter."""
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, ValueError, LookupError) as error:  # ValueError: refused by defusedxml, or a bad encoding.
        # Neither the message nor the chain repeats the body: it can hold a security token.
        raise UnreadableAnswer(f"The answer is not readable XML ({type(error).__name__}).") from None
    if _local_name(root) != name:
        raise UnreadableAnswer(f"The answer is XML, but no {name}.")
    return root


def _local_name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _text(parent: Element, path: str) -> str:
    return (parent.findtext(f"{{*}}{path}") or "").strip()


def _texts(parent: Element, name: str) -> tuple[str, ...]:
    return tuple((element.text or "").strip() for element in parent.findall(f"{{*}}{name}"))


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _add_all(parent: Element, name: str, texts: tuple[str, ...]) -> None:
    for text in texts:
        if _NOT_XML.search(text):
            raise RefusedLocally(f"The {name} {text!r} has a character that XML cannot carry.")
        SubElement(parent, name).text = text
