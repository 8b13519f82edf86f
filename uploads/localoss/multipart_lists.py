"""Which uploads there are, and which parts they have, in pages."""

from __future__ import annotations

from datetime import UTC, datetime

from uploads.localoss.errors import invalid_argument, not_implemented
from uploads.localoss.multipart import is_url_encoded, key_text, named_upload, names_of, number_in
from uploads.localoss.operations import Service
from uploads.localoss.records import PartRecord, UploadRecord
from uploads.localoss.replies import Reply, XmlContent, xml_document, xml_reply
from uploads.localoss.request import Request
from uploads.oss.multipart import MAX_PART_NUMBER

MAX_PAGE = 1000


def list_parts(request: Request, service: Service) -> Reply:
    """https://www.alibabacloud.com/help/en/oss/developer-reference/listparts"""
    limit = _number_in_query(request, "max-parts", MAX_PAGE, least=1)
    marker = _number_in_query(request, "part-number-marker", 0, most=MAX_PART_NUMBER)
    with named_upload(request, service) as folder:
        upload = folder.record()
        numbers = [number for number in folder.numbers() if number > marker]
        parts = folder.parts(numbers[:limit])
    content: dict[str, XmlContent] = {
        **names_of(request),
        "UploadId": upload.upload_id,
        "StorageClass": upload.headers["x-oss-storage-class"],
        "PartNumberMarker": str(marker),
        "NextPartNumberMarker": str(parts[-1].number if parts else marker),
        "MaxParts": str(limit),
        "IsTruncated": _truth(len(numbers) > limit),
        "Part": [_part_xml(part) for part in parts],
    }
    return xml_reply(xml_document("ListPartsResult", content))


def list_uploads(request: Request, service: Service) -> Reply:
    """https://www.alibabacloud.com/help/en/oss/developer-reference/listmultipartuploads"""
    if request.query.get("delimiter"):
        raise not_implemented("a delimiter in a list of uploads")
    limit = _number_in_query(request, "max-uploads", MAX_PAGE, least=1)
    names = ("prefix", "key-marker", "upload-id-marker")
    prefix, key_marker, id_marker = (request.query.get(name, "") for name in names)
    found = [
        upload
        for upload in service.uploads.uploads(request.bucket)
        if upload.key.startswith(prefix) and _is_after(upload, key_marker, id_marker)
    ]
    page, is_url = found[:limit], is_url_encoded(request)
    is_truncated = len(found) > limit
    content: dict[str, XmlContent] = {
        "Bucket": request.bucket,
        **({"EncodingType": "url"} if is_url else {}),
        "KeyMarker": key_text(key_marker, is_url=is_url),
        "UploadIdMarker": id_marker,
        "NextKeyMarker": key_text(page[-1].key, is_url=is_url) if is_truncated else "",
        "NextUploadIdMarker": page[-1].upload_id if is_truncated else "",
        "Delimiter": "",
        "Prefix": key_text(prefix, is_url=is_url),
        "MaxUploads": str(limit),
        "IsTruncated": _truth(is_truncated),
        "Upload": [_upload_xml(upload, is_url=is_url) for upload in page],
    }
    return xml_reply(xml_document("ListMultipartUploadsResult", content))


def _part_xml(part: PartRecord) -> XmlContent:
    return {
        "PartNumber": str(part.number),
        "LastModified": _time(part.last_modified),
        "ETag": part.etag,
        "Size": str(part.size),
        "HashCrc64ecma": str(part.crc64),
    }


def _upload_xml(upload: UploadRecord, *, is_url: bool) -> XmlContent:
    return {
        "Key": key_text(upload.key, is_url=is_url),
        "UploadId": upload.upload_id,
        "StorageClass": upload.headers["x-oss-storage-class"],
        "Initiated": _time(upload.initiated_at),
    }


def _is_after(upload: UploadRecord, key_marker: str, id_marker: str) -> bool:
    """Without a key, the id means nothing; without an id, all uploads to the key come before the marker."""
    if not key_marker:
        return True
    is_same_key_and_later = upload.key == key_marker and bool(id_marker) and upload.upload_id > id_marker
    return upload.key > key_marker or is_same_key_and_later


def _number_in_query(request: Request, name: str, default: int, *, least: int = 0, most: int = MAX_PAGE) -> int:
    text = request.query.get(name) or str(default)
    number = number_in(text, least=least, most=most)
    if number is None:
        raise invalid_argument(f"{name} must be an integer between {least} and {most}.", name=name, value=text)
    return number


def _truth(value: bool) -> str:
    return str(value).lower()


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
