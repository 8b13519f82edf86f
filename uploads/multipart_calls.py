"""What the server itself says to OSS about one grant's multipart upload. No database: these run in threads."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

from django.core.exceptions import ImproperlyConfigured

from uploads.models.grants import UploadGrant
from uploads.oss.client import OssClient
from uploads.oss.crc64 import combined
from uploads.oss.errors import AccessRefused, NotFound, OssError, summary
from uploads.oss.multipart_documents import PartFacts
from uploads.part_plan import Cover, Span, covered, part_number, part_unit
from uploads.storage import storage

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why OSS did not do it; `is_passing` when it may a moment later."""

    summary: str
    is_passing: bool


@dataclass(frozen=True, slots=True)
class Begun:
    """A new upload, or why there is none; `is_taken`: an object is already there."""

    upload_id: str = ""
    is_taken: bool = False
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """What OSS has of a file; `is_lost`: it knows no such upload, which was completed, or thrown away."""

    parts: tuple[Span, ...] = ()
    is_lost: bool = False
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """What became of the wish to make an object of the parts; whether it is there, HEAD tells.

    `is_covered`: all bytes were there in parts, whose CRC-64 one after the other is `parts_crc64`, None where OSS did
    not give each part's.
    """

    missing: tuple[Span, ...] = ()
    is_lost: bool = False
    is_covered: bool = False
    parts_crc64: int | None = None
    failure: Failure | None = None


def begin_upload(grant: UploadGrant) -> Begun:
    """Initiate with all that the object is to have: parts carry nothing but their bytes."""
    headers = {name: value for name, value in grant.signed_headers.items() if name.lower() != "content-length"}
    try:
        return Begun(storage().client(grant.bucket).initiate_multipart(grant.object_key, headers))
    except (OssError, ImproperlyConfigured) as error:
        if getattr(error, "code", "") == "FileAlreadyExists":
            return Begun(is_taken=True)
        return Begun(failure=_noted(error))


def listed_parts(grant: UploadGrant) -> Listed:
    """Those of the stored parts that will make the file, from its first byte on."""
    try:
        parts = storage().client(grant.bucket).list_parts(grant.object_key, grant.upload_id)
    except (OssError, ImproperlyConfigured) as error:
        return Listed(is_lost=True) if _is_lost(error) else Listed(failure=_noted(error))
    return Listed(_cover(grant, parts).parts)


def complete_upload(grant: UploadGrant) -> Completion:
    """Make the object, if all its bytes are there: of exactly the parts that make the file, if there is none.

    Any number of these may run at once, and after an answer that was lost.
    """
    try:
        client = storage().client(grant.bucket)
        listed = client.list_parts(grant.object_key, grant.upload_id)
    except (OssError, ImproperlyConfigured) as error:
        return Completion(is_lost=True) if _is_lost(error) else Completion(failure=_noted(error))
    cover = _cover(grant, listed)
    if cover.missing:
        return Completion(cover.missing)
    return _completed(client, grant, _facts_of(grant, cover, listed))


def abort_upload(grant: UploadGrant, upload_id: str) -> None:
    """Throw away the parts of one upload, if OSS can be asked; when the grant has ended, settle comes back to it."""
    try:
        storage().client(grant.bucket).abort_multipart(grant.object_key, upload_id)
    except (OssError, ImproperlyConfigured) as error:
        _noted(error)


def abort_all_uploads(grant: UploadGrant) -> bool:
    """Throw away all uploads to the grant's key, also those whose id was lost on the way to us; whether it is done.

    Nobody else has uploads to this key: it was made for this grant.
    """
    try:
        client = storage().client(grant.bucket)
        for upload_id in _upload_ids(client, grant):
            client.abort_multipart(grant.object_key, upload_id)
    except (OssError, ImproperlyConfigured) as error:
        _noted(error)
        return False
    return True


def _cover(grant: UploadGrant, listed: Sequence[PartFacts]) -> Cover:
    return covered([(part.number, part.size_bytes) for part in listed], grant.size_bytes or 0)


def _facts_of(grant: UploadGrant, cover: Cover, listed: Sequence[PartFacts]) -> list[PartFacts]:
    by_number = {part.number: part for part in listed}
    unit = part_unit(grant.size_bytes or 0)
    return [by_number[part_number(span.offset, unit)] for span in cover.parts]


def _completed(client: OssClient, grant: UploadGrant, parts: Sequence[PartFacts]) -> Completion:
    etags = [(part.number, part.etag) for part in parts]
    completion = Completion(is_covered=True, parts_crc64=_crc64_of(parts))
    try:
        client.complete_multipart(grant.object_key, grant.upload_id, etags, forbid_overwrite=True)
    except OssError as error:
        if _is_lost(error):
            return replace(completion, is_lost=True)
        return replace(completion, failure=_noted(error))
    return completion


def _crc64_of(parts: Sequence[PartFacts]) -> int | None:
    known = [(part.crc64, part.size_bytes) for part in parts if part.crc64 is not None]
    if len(known) != len(parts):
        return None
    return reduce(lambda checksum, part: combined(checksum, *part), known, 0)


def _upload_ids(client: OssClient, grant: UploadGrant) -> set[str]:
    known = {grant.upload_id} - {""}
    try:
        uploads = client.list_multipart_uploads(grant.object_key)
    except AccessRefused as error:
        # Who may not list can still throw away what it knows of.
        logger.info("Uploads could not be listed: %s", error)
        return known
    return known | {upload.upload_id for upload in uploads if upload.key == grant.object_key}


def _is_lost(error: Exception) -> bool:
    return isinstance(error, NotFound) and error.code == "NoSuchUpload"


def _noted(error: Exception) -> Failure:
    logger.warning("A call about an upload in parts failed: %s", error)
    return Failure(summary(error), is_passing=isinstance(error, OssError) and error.retryable)
