"""The XML documents of multipart uploads, in and out, as values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote
from xml.etree.ElementTree import Element, SubElement

from uploads.oss.documents import ErrorDocument, error_from_xml
from uploads.oss.errors import UnreadableAnswer
from uploads.oss.xml_elements import add_all, document_of, flag_of, number_of, root_of, text_of, time_of


@dataclass(frozen=True, slots=True)
class PartFacts:
    """A part that OSS has. `etag` is without its quotes; `crc64` is None where OSS says nothing.

    https://www.alibabacloud.com/help/en/oss/developer-reference/listparts
    """

    number: int
    size_bytes: int
    etag: str
    crc64: int | None
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class PartsPage:
    """Some of an upload's parts, by number; the next page is after `next_marker`, None on the last."""

    parts: tuple[PartFacts, ...]
    next_marker: int | None


@dataclass(frozen=True, slots=True)
class UploadFacts:
    """A multipart upload that was initiated, and neither completed nor aborted."""

    key: str
    upload_id: str
    initiated_at: datetime


@dataclass(frozen=True, slots=True)
class UploadsPage:
    """Some of a bucket's uploads; the next page is after the key and upload id in `next_marker`.

    https://www.alibabacloud.com/help/en/oss/developer-reference/listmultipartuploads
    """

    uploads: tuple[UploadFacts, ...]
    next_marker: tuple[str, str] | None


def upload_id_from_xml(body: bytes) -> str:
    """The answer to InitiateMultipartUpload. Raises UnreadableAnswer."""
    upload_id = text_of(root_of(body, "InitiateMultipartUploadResult"), "UploadId")
    if not upload_id:
        raise UnreadableAnswer("The answer has no UploadId.")
    return upload_id


def parts_page_from_xml(body: bytes) -> PartsPage:
    """The answer to ListParts. Raises UnreadableAnswer."""
    root = root_of(body, "ListPartsResult")
    parts = tuple(_part(element) for element in root.findall("{*}Part"))
    return PartsPage(parts, number_of(root, "NextPartNumberMarker") if flag_of(root, "IsTruncated") else None)


def uploads_page_from_xml(body: bytes) -> UploadsPage:
    """The answer to ListMultipartUploads. Raises UnreadableAnswer."""
    root = root_of(body, "ListMultipartUploadsResult")
    decoded: Callable[[str], str] = unquote if text_of(root, "EncodingType") == "url" else str
    uploads = tuple(
        UploadFacts(decoded(_key(element, "Key")), text_of(element, "UploadId"), _required_time(element, "Initiated"))
        for element in root.findall("{*}Upload")
    )
    if not flag_of(root, "IsTruncated"):
        return UploadsPage(uploads, None)
    return UploadsPage(uploads, (decoded(_key(root, "NextKeyMarker")), text_of(root, "NextUploadIdMarker")))


def parts_to_xml(parts: Iterable[tuple[int, str]]) -> bytes:
    """The body of CompleteMultipartUpload: numbers and ETags (without quotes). Raises RefusedLocally.

    https://www.alibabacloud.com/help/en/oss/developer-reference/completemultipartupload
    """
    root = Element("CompleteMultipartUpload")
    for number, etag in parts:
        element = SubElement(root, "Part")
        add_all(element, "PartNumber", (str(number),))
        add_all(element, "ETag", (f'"{etag}"',))
    return document_of(root)


def parts_from_xml(body: bytes) -> list[tuple[int, str]]:
    """The reverse of `parts_to_xml`. Raises UnreadableAnswer."""
    elements = root_of(body, "CompleteMultipartUpload").findall("{*}Part")
    return [(number_of(element, "PartNumber"), text_of(element, "ETag").strip('"')) for element in elements]


def error_in_success(body: bytes) -> ErrorDocument | None:
    """What went wrong although the status of CompleteMultipartUpload was 200: OSS sends it before it is through.

    None for an object that was made. Raises UnreadableAnswer for what says neither.
    """
    try:
        root_of(body, "CompleteMultipartUploadResult")
    except UnreadableAnswer:
        return error_from_xml(body)
    return None


def _part(element: Element) -> PartFacts:
    return PartFacts(
        number=number_of(element, "PartNumber"),
        size_bytes=number_of(element, "Size"),
        etag=text_of(element, "ETag").strip('"'),
        crc64=number_of(element, "HashCrc64ecma") if text_of(element, "HashCrc64ecma") else None,
        last_modified=_required_time(element, "LastModified"),
    )


def _key(parent: Element, name: str) -> str:
    """Blanks at its ends are part of a key."""
    return parent.findtext(f"{{*}}{name}") or ""


def _required_time(element: Element, name: str) -> datetime:
    moment = time_of(element, name)
    if moment is None or moment.tzinfo is None:
        raise UnreadableAnswer(f"The {name} in the answer is not a time.")
    return moment
