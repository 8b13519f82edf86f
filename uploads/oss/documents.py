"""OSS's XML documents, in and out, as values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement

from uploads.oss.errors import UnreadableAnswer
from uploads.oss.xml_elements import add_all, document_of, flag_of, local_name, root_of, text_of, texts_of, time_of


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
        add_all(element, "AllowedOrigin", rule.allowed_origins)
        add_all(element, "AllowedMethod", rule.allowed_methods)
        add_all(element, "AllowedHeader", rule.allowed_headers)
        add_all(element, "ExposeHeader", rule.expose_headers)
        if rule.max_age_seconds is not None:
            add_all(element, "MaxAgeSeconds", (str(rule.max_age_seconds),))
    add_all(root, "ResponseVary", (str(configuration.response_vary).lower(),))
    return document_of(root)


def cors_from_xml(body: bytes) -> CorsConfiguration:
    """The reverse of `cors_to_xml`. Raises UnreadableAnswer."""
    root = root_of(body, "CORSConfiguration")
    rules = tuple(_cors_rule(element) for element in root.findall("{*}CORSRule"))
    return CorsConfiguration(rules, response_vary=flag_of(root, "ResponseVary"))


def bucket_info_from_xml(body: bytes) -> BucketInfo:
    """The answer to GetBucketInfo. Raises UnreadableAnswer."""
    bucket = root_of(body, "BucketInfo").find("{*}Bucket")
    if bucket is None:
        raise UnreadableAnswer("The bucket info has no Bucket.")
    return BucketInfo(
        name=text_of(bucket, "Name"),
        location=text_of(bucket, "Location"),
        extranet_endpoint=text_of(bucket, "ExtranetEndpoint"),
        intranet_endpoint=text_of(bucket, "IntranetEndpoint"),
        created_at=time_of(bucket, "CreationDate"),
        storage_class=text_of(bucket, "StorageClass"),
        acl=text_of(bucket, "AccessControlList/{*}Grant"),
        versioning=text_of(bucket, "Versioning"),
    )


def error_from_xml(body: bytes) -> ErrorDocument:
    """The body of an error answer, or the decoded `x-oss-err`. Raises UnreadableAnswer and nothing else."""
    texts = {local_name(element): (element.text or "").strip() for element in root_of(body, "Error")}
    return ErrorDocument(
        code=texts.pop("Code", ""),
        message=texts.pop("Message", ""),
        ec=texts.pop("EC", ""),
        request_id=texts.pop("RequestId", ""),
        host_id=texts.pop("HostId", ""),
        fields=texts,
    )


def _cors_rule(element: Element) -> CorsRule:
    max_age = text_of(element, "MaxAgeSeconds")
    if max_age and not re.fullmatch(r"[0-9]{1,18}", max_age):
        raise UnreadableAnswer("The MaxAgeSeconds of a CORS rule is not a number.")
    return CorsRule(
        allowed_origins=texts_of(element, "AllowedOrigin"),
        allowed_methods=texts_of(element, "AllowedMethod"),
        allowed_headers=texts_of(element, "AllowedHeader"),
        expose_headers=texts_of(element, "ExposeHeader"),
        max_age_seconds=int(max_age) if max_age else None,
    )
