"""One function for each operation of OSS that the embedded one has. Each takes a verified request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC
from email.utils import format_datetime
from typing import BinaryIO, NamedTuple

from uploads.localoss import conditions, uploading
from uploads.localoss.bodies import CHUNK_SIZE, read_document
from uploads.localoss.conditions import Span
from uploads.localoss.cors import refuse_bad_rules
from uploads.localoss.errors import (
    INVALID_OBJECT_STATE,
    MALFORMED_XML,
    NO_SUCH_BUCKET,
    NO_SUCH_CORS_CONFIGURATION,
    NO_SUCH_KEY,
    Refusal,
    invalid_argument,
)
from uploads.localoss.multipart_store import MultipartStore
from uploads.localoss.records import ObjectRecord
from uploads.localoss.replies import Reply, XmlContent, empty_reply, xml_document, xml_reply
from uploads.localoss.request import Request
from uploads.localoss.store import Store
from uploads.oss.documents import cors_from_xml, cors_to_xml
from uploads.oss.errors import UnreadableAnswer

CORS_DOCUMENT = "cors.xml"
_ARCHIVED = frozenset({"Archive", "ColdArchive", "DeepColdArchive"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# https://www.alibabacloud.com/help/en/oss/developer-reference/getobject
_OVERRIDES = (
    "content-type",
    "content-language",
    "expires",
    "cache-control",
    "content-disposition",
    "content-encoding",
)


class Service(NamedTuple):
    """What operations work on."""

    store: Store
    uploads: MultipartStore
    region: str


# --- Objects --------------------------------------------------------------------------------------------------------


def put_object(request: Request, service: Service) -> Reply:
    record = uploading.put_object(request, service.store)
    return empty_reply(headers={"ETag": record.etag, **_checksums(record)})


def get_object(request: Request, service: Service) -> Reply:
    found = service.store.open(request.bucket, request.key)
    if found is None:
        raise Refusal(NO_SUCH_KEY, {"Key": request.key})
    record, file = found
    try:
        if record.headers.get("x-oss-storage-class") in _ARCHIVED:
            raise Refusal(INVALID_OBJECT_STATE, {"ObjectName": request.key})
        if conditions.is_unchanged(record, request.headers):
            file.close()
            return Reply(304, _object_headers(record))
        span = conditions.span_of(record, request.headers)
        return _content_reply(request, record, FilePart(file, span or Span(0, record.size)), is_part=span is not None)
    except BaseException:
        file.close()
        raise


def head_object(request: Request, service: Service) -> Reply:
    record = service.store.find(request.bucket, request.key)
    if record is None:
        raise Refusal(NO_SUCH_KEY, {"Key": request.key})
    if conditions.is_unchanged(record, request.headers):
        return Reply(304, _object_headers(record))
    return Reply(200, _object_headers(record) | {"Content-Length": str(record.size)})


def delete_object(request: Request, service: Service) -> Reply:
    """204 whether the object was there or not."""
    service.store.delete(request.bucket, request.key)
    return Reply(204)


class FilePart:
    """The bytes of a part of a file, in chunks; closes the file."""

    def __init__(self, file: BinaryIO, span: Span) -> None:
        self._file = file
        self.span = span

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(self.span.start)
        left = self.span.stop - self.span.start
        while left > 0 and (chunk := self._file.read(min(left, CHUNK_SIZE))):
            left -= len(chunk)
            yield chunk

    def close(self) -> None:
        self._file.close()


def _content_reply(request: Request, record: ObjectRecord, part: FilePart, *, is_part: bool) -> Reply:
    start, stop = part.span
    headers = _object_headers(record) | _overrides(request) | {"Content-Length": str(stop - start)}
    if is_part:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{record.size}"
    return Reply(206 if is_part else 200, headers, part)


def _object_headers(record: ObjectRecord) -> dict[str, str]:
    shown = {
        name if name.startswith("x-oss-") else name.title(): value
        for name, value in record.headers.items()
        if name != "x-oss-object-acl"
    }
    return {
        **shown,
        "ETag": record.etag,
        "Last-Modified": format_datetime(record.last_modified.astimezone(UTC), usegmt=True),
        "Accept-Ranges": "bytes",
        "x-oss-object-type": "Multipart" if record.is_multipart else "Normal",
        **_checksums(record),
    }


def _checksums(record: ObjectRecord) -> dict[str, str]:
    """Nobody knows the MD5 of an object that came in parts."""
    known = {} if record.is_multipart else {"Content-MD5": record.content_md5}
    return {**known, "x-oss-hash-crc64ecma": str(record.crc64)}


def _overrides(request: Request) -> dict[str, str]:
    """`response-content-type` and its like; they are part of the query and hence signed."""
    headers = {}
    for name in _OVERRIDES:
        value = request.query.get(f"response-{name}")
        if value:
            if _CONTROL.search(value):
                raise invalid_argument("A header cannot have control characters.", name=f"response-{name}")
            headers[name.title()] = value
    return headers


# --- Buckets --------------------------------------------------------------------------------------------------------


def put_bucket(request: Request, service: Service) -> Reply:
    """Who owns a bucket may create it again; there is one owner here."""
    read_document(request)
    service.store.create_bucket(request.bucket)
    return empty_reply(headers={"Location": f"/{request.bucket}"})


def get_bucket_info(request: Request, service: Service) -> Reply:
    """https://www.alibabacloud.com/help/en/oss/developer-reference/getbucketinfo"""
    region = service.region
    bucket = service.store.bucket(request.bucket)
    if bucket is None:
        raise Refusal(NO_SUCH_BUCKET, {"BucketName": request.bucket})
    info: dict[str, XmlContent] = {
        "CreationDate": bucket.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "ExtranetEndpoint": f"oss-{region}.aliyuncs.com",
        "IntranetEndpoint": f"oss-{region}-internal.aliyuncs.com",
        "Location": f"oss-{region}",
        "Name": bucket.name,
        "DataRedundancyType": "LRS",
        "StorageClass": "Standard",
        "Owner": {"DisplayName": "localoss", "ID": "localoss"},
        "AccessControlList": {"Grant": "private"},
    }
    return xml_reply(xml_document("BucketInfo", {"Bucket": info}))


def get_bucket_location(_: Request, service: Service) -> Reply:
    return xml_reply(xml_document("LocationConstraint", f"oss-{service.region}"))


def put_bucket_cors(request: Request, service: Service) -> Reply:
    """Replaces all rules there were."""
    try:
        configuration = cors_from_xml(read_document(request))
    except UnreadableAnswer:
        raise Refusal(MALFORMED_XML) from None
    refuse_bad_rules(configuration)
    service.store.write_document(request.bucket, CORS_DOCUMENT, cors_to_xml(configuration))
    return empty_reply()


def get_bucket_cors(request: Request, service: Service) -> Reply:
    document = service.store.document(request.bucket, CORS_DOCUMENT)
    if document is None:
        raise Refusal(NO_SUCH_CORS_CONFIGURATION, {"BucketName": request.bucket})
    return xml_reply(document)


def delete_bucket_cors(request: Request, service: Service) -> Reply:
    service.store.delete_document(request.bucket, CORS_DOCUMENT)
    return Reply(204)
