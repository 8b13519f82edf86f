"""Multipart uploads with presigned URLs: the few requests that many tests make."""

from __future__ import annotations

import random
from collections.abc import Iterable
from xml.etree import ElementTree

import requests

from tests.localoss.sending import send
from tests.servers import BUCKET, RunningOss
from uploads.localoss.upload_folder import UploadFolder

PART_BYTES = 100 * 1024


def content_of(number: int, size: int = PART_BYTES) -> bytes:
    """Bytes that no other part has."""
    return random.Random(number).randbytes(size)


def initiate(oss: RunningOss, key: str, **signed: str) -> str:
    named = {name.replace("_", "-"): value for name, value in signed.items()}
    answer = send(oss, "POST", key, signed=named, query={"uploads": ""})
    assert answer.status_code == 200, answer.text
    return ElementTree.fromstring(answer.content).findtext("UploadId") or ""


def send_part(
    oss: RunningOss, key: str, upload_id: str, number: int, content: bytes, **unsigned: str
) -> requests.Response:
    query = {"partNumber": str(number), "uploadId": upload_id}
    return send(oss, "PUT", key, content, query=query, **unsigned)


def send_parts(oss: RunningOss, key: str, upload_id: str, numbers: Iterable[int]) -> list[tuple[int, str]]:
    """Numbers and ETags, as a completion wants them."""
    return [
        (number, send_part(oss, key, upload_id, number, content_of(number)).headers["ETag"]) for number in numbers
    ]


def parts_xml(parts: Iterable[tuple[int, str]]) -> bytes:
    rows = "".join(f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>" for number, etag in parts)
    return f"<CompleteMultipartUpload>{rows}</CompleteMultipartUpload>".encode()


def complete(
    oss: RunningOss, key: str, upload_id: str, parts: Iterable[tuple[int, str]], **signed: str
) -> requests.Response:
    return complete_with(oss, key, upload_id, parts_xml(parts), **signed)


def complete_with(oss: RunningOss, key: str, upload_id: str, body: bytes, **signed: str) -> requests.Response:
    named = {name.replace("_", "-"): value for name, value in signed.items()}
    return send(oss, "POST", key, body, signed=named, query={"uploadId": upload_id})


def list_parts(oss: RunningOss, key: str, upload_id: str, **query: str) -> requests.Response:
    named = {name.replace("_", "-"): value for name, value in query.items()}
    return send(oss, "GET", key, query={"uploadId": upload_id, **named})


def abort(oss: RunningOss, key: str, upload_id: str) -> requests.Response:
    return send(oss, "DELETE", key, query={"uploadId": upload_id})


def folder_of(oss: RunningOss, upload_id: str) -> UploadFolder:
    return oss.app.store.upload_folder(BUCKET, upload_id)
