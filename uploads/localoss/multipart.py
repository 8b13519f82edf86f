"""One function for each operation on multipart uploads. Each takes a verified request.

https://www.alibabacloud.com/help/en/oss/developer-reference/multipart-upload-operations
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

from uploads.localoss import uploading
from uploads.localoss.bodies import read_document
from uploads.localoss.errors import (
    COMPLETE_ALL_WITH_BODY,
    ENTITY_TOO_SMALL,
    FILE_ALREADY_EXISTS,
    INVALID_CRC64,
    INVALID_PART,
    INVALID_PART_NUMBER,
    INVALID_PART_ORDER,
    NO_SUCH_UPLOAD,
    PARTS_MALFORMED,
    Refusal,
    invalid_argument,
)
from uploads.localoss.operations import Service
from uploads.localoss.records import PartRecord, crc64_of
from uploads.localoss.replies import Reply, XmlContent, empty_reply, xml_document, xml_reply
from uploads.localoss.request import Request
from uploads.localoss.store import ObjectExists
from uploads.localoss.upload_folder import UploadFolder, UploadGone
from uploads.oss.errors import UnreadableAnswer
from uploads.oss.multipart import MAX_PART_NUMBER, MIN_PART_BYTES
from uploads.oss.multipart_documents import parts_from_xml
from uploads.oss.signing import percent_encoded

# 10,000 parts with room for generous indenting. What OSS takes is not known.
MAX_PARTS_DOCUMENT_SIZE = 4 * 1024**2

_NUMBER = re.compile(r"[0-9]{1,9}")


def initiate(request: Request, service: Service) -> Reply:
    """What the object is to have is said, checked and kept here."""
    uploading.refuse_unsupported(request)
    headers = uploading.headers_to_store(request)
    uploading.refuse_to_overwrite(request, service.store)
    names = names_of(request)
    upload_id = service.uploads.initiate(request.bucket, request.key, headers)
    return xml_reply(xml_document("InitiateMultipartUploadResult", {**names, "UploadId": upload_id}))


def upload_part(request: Request, service: Service) -> Reply:
    """A part with a number that is there already replaces it. How small a part may be is seen at the end only."""
    uploading.refuse_unsupported(request)
    number = number_in(request.query.get("partNumber", ""), most=MAX_PART_NUMBER)
    if number is None:
        raise Refusal(
            INVALID_PART_NUMBER,
            {"ArgumentName": "PartNumber", "ArgumentValue": request.query.get("partNumber", "")},
        )
    with named_upload(request, service) as folder, uploading.received(request, service.store) as incoming:
        part = service.uploads.put_part(folder, number, incoming)
    checksums = {"Content-MD5": part.content_md5, "x-oss-hash-crc64ecma": str(part.crc64)}
    return empty_reply(headers={"ETag": part.etag, **checksums})


def complete(request: Request, service: Service) -> Reply:
    """https://www.alibabacloud.com/help/en/oss/developer-reference/completemultipartupload"""
    uploading.refuse_unsupported(request)
    names = names_of(request)
    wanted_crc64 = request.headers.get("x-oss-hash-crc64ecma")
    with named_upload(request, service) as folder:
        wanted = _wanted_parts(request)

        def choose(parts: list[PartRecord]) -> Sequence[PartRecord]:
            chosen = parts if wanted is None else _found(parts, wanted)
            _refuse_bad_sizes(chosen)
            if wanted_crc64 not in {None, str(crc64_of(chosen))}:
                raise Refusal(INVALID_CRC64)
            return chosen

        is_overwrite_forbidden = uploading.refuse_to_overwrite(request, service.store)
        try:
            record = service.uploads.complete(request.bucket, folder, choose, forbid_overwrite=is_overwrite_forbidden)
        except ObjectExists:
            raise Refusal(FILE_ALREADY_EXISTS) from None
    host = f"{request.bucket}.oss-{service.region}.aliyuncs.com"
    content: dict[str, XmlContent] = {
        **names,
        "Location": f"http://{host}/{percent_encoded(request.key)}",
        "ETag": record.etag,
    }
    headers = {"ETag": record.etag, "x-oss-hash-crc64ecma": str(record.crc64)}
    return xml_reply(xml_document("CompleteMultipartUploadResult", content), headers=headers)


def abort(request: Request, service: Service) -> Reply:
    with named_upload(request, service) as folder:
        service.uploads.abort(folder)
    return Reply(204)


@contextmanager
def named_upload(request: Request, service: Service) -> Iterator[UploadFolder]:
    """The upload that the request names. Raises Refusal when it is not there, or not any more."""
    upload_id = request.query["uploadId"]
    try:
        yield service.uploads.find(request.bucket, request.key, upload_id)
    except UploadGone:
        raise Refusal(NO_SUCH_UPLOAD, {"UploadId": upload_id}) from None


def _wanted_parts(request: Request) -> list[tuple[int, str]] | None:
    """Numbers and ETags in the order of the body; None for all parts that are there. Raises Refusal."""
    complete_all = request.headers.get("x-oss-complete-all")
    if complete_all not in {None, "yes"}:
        raise invalid_argument("x-oss-complete-all must be yes.", name="x-oss-complete-all")  # The text is ours.
    body = read_document(request, longest=MAX_PARTS_DOCUMENT_SIZE)
    if complete_all is not None:
        if body:
            raise Refusal(COMPLETE_ALL_WITH_BODY)
        return None
    try:
        wanted = parts_from_xml(body)
    except UnreadableAnswer:
        raise Refusal(PARTS_MALFORMED) from None
    if not wanted:
        raise Refusal(PARTS_MALFORMED)  # Inferred.
    if any(number >= following for (number, _), (following, _) in pairwise(wanted)):
        raise Refusal(INVALID_PART_ORDER)
    return wanted


def _found(parts: list[PartRecord], wanted: list[tuple[int, str]]) -> list[PartRecord]:
    by_number = {part.number: part for part in parts}
    found = []
    for number, etag in wanted:
        part = by_number.get(number)
        if part is None or part.etag.strip('"') != etag.upper():
            raise Refusal(INVALID_PART, {"PartNumber": str(number), "ETag": etag})
        found.append(part)
    return found


def _refuse_bad_sizes(parts: Sequence[PartRecord]) -> None:
    if not parts:
        raise Refusal(INVALID_PART)  # With x-oss-complete-all; inferred.
    for part in parts[:-1]:
        if part.size < MIN_PART_BYTES:
            fields = {"MinSizeAllowed": MIN_PART_BYTES, "ProposedSize": part.size, "PartNumber": part.number}
            raise Refusal(ENTITY_TOO_SMALL, {name: str(value) for name, value in fields.items()})


def names_of(request: Request) -> dict[str, XmlContent]:
    is_url = is_url_encoded(request)
    encoding: dict[str, XmlContent] = {"EncodingType": "url"} if is_url else {}
    return {**encoding, "Bucket": request.bucket, "Key": key_text(request.key, is_url=is_url)}


def is_url_encoded(request: Request) -> bool:
    """Keys in answers may be asked for percent-encoded, because XML cannot carry every character."""
    encoding = request.query.get("encoding-type", "")
    if encoding not in {"", "url"}:
        raise invalid_argument("No such encoding type.", name="encoding-type", value=encoding)  # The text is ours.
    return encoding == "url"


def key_text(key: str, *, is_url: bool) -> str:
    return percent_encoded(key, safe="~") if is_url else key


def number_in(text: str, *, least: int = 1, most: int) -> int | None:
    number = int(text) if _NUMBER.fullmatch(text) else -1
    return number if least <= number <= most else None
