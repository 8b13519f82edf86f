"""What a grant signs, and its URL made from what is kept of it."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from uploads.models.grants import UploadGrant
from uploads.models.pages import UploadPage
from uploads.oss.endpoints import Endpoint
from uploads.oss.signing import Presigned, presign
from uploads.part_plan import Span, part_number, part_unit
from uploads.storage import storage
from uploads.user_metadata import GRANT_NAME, PREFIX, wire_headers


def sign_grant(grant: UploadGrant, *, expires_in: int, at: datetime, endpoint: Endpoint | None = None) -> Presigned:
    """The URL of a grant, made from what is kept of it. `at` is OSS's time; `endpoint` by default the visitors'."""
    return presign(
        storage().bucket_at(endpoint, grant.bucket) if endpoint else storage().bucket(grant.bucket),
        storage().credentials,
        method=grant.method,
        key=grant.object_key,
        expires_in=expires_in,
        at=at,
        headers=grant.signed_headers,
        additional_headers=grant.additional_headers,
        query=grant.signed_query,
    )


def granted_headers(page: UploadPage, grant: UploadGrant) -> tuple[dict[str, str], list[str]]:
    """What a page's grant signs, and which of it as additional headers."""
    headers = {
        "Content-Type": grant.content_type,
        "Content-Length": str(grant.size_bytes),
        # A URL that was used, leaked or replayed cannot change what is stored.
        "x-oss-forbid-overwrite": "true",
        PREFIX + GRANT_NAME: grant.grant_id,
        **wire_headers(page.metadata),
    }
    additional = ["content-length"]
    if page.storage_class:
        headers["x-oss-storage-class"] = page.storage_class
    if page.is_attachment:
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(grant.file_name, safe='')}"
        additional.append("content-disposition")
    return headers, additional


def sign_part(grant: UploadGrant, span: Span, *, expires_in: int, at: datetime) -> Presigned:
    """The URL of one part, for exactly its length; all else was said when its upload was begun."""
    number = part_number(span.offset, part_unit(grant.size_bytes or 0))
    return presign(
        storage().bucket(grant.bucket),
        storage().credentials,
        method="PUT",
        key=grant.object_key,
        expires_in=expires_in,
        at=at,
        headers={"Content-Length": str(span.size_bytes)},
        additional_headers=["content-length"],
        query={"partNumber": str(number), "uploadId": grant.upload_id},
    )
