"""The body of a request: read in chunks, its end made sure of, its Content-MD5 compared."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator
from hashlib import md5

from uploads.localoss.errors import (
    ENTITY_TOO_LARGE,
    INCOMPLETE_BODY,
    INVALID_DIGEST,
    MISSING_CONTENT_LENGTH,
    REQUEST_TIMEOUT,
    Refusal,
)
from uploads.localoss.request import Request

CHUNK_SIZE = 256 * 1024
# https://www.alibabacloud.com/help/en/oss/developer-reference/putbucketcors
MAX_DOCUMENT_SIZE = 16 * 1024


def refuse_bad_length(request: Request, *, longest: int) -> None:
    """Before anything is read: neither a length nor chunks, or more than `longest` bytes."""
    if request.content_length is None and not request.is_chunked:
        raise Refusal(MISSING_CONTENT_LENGTH)
    if (request.content_length or 0) > longest:
        raise _too_large(longest)


def chunks_of(request: Request, *, longest: int) -> Iterator[memoryview]:
    """The whole body, or Refusal before its end. Each chunk is good until the next one, which takes its place."""
    buffer = memoryview(bytearray(CHUNK_SIZE))
    size = 0
    try:
        while count := request.body.readinto(buffer):
            size += count
            if size > longest:
                raise _too_large(longest)
            yield buffer[:count]
    except TimeoutError:
        raise Refusal(REQUEST_TIMEOUT) from None
    except ConnectionError:
        raise Refusal(INCOMPLETE_BODY) from None
    if request.content_length is not None and size != request.content_length:
        raise Refusal(INCOMPLETE_BODY)


def read_document(request: Request, *, longest: int = MAX_DOCUMENT_SIZE) -> bytes:
    """A small body, whole; empty where there is none."""
    wanted = wanted_md5(request)
    content = b"".join(bytes(chunk) for chunk in chunks_of(request, longest=longest))
    refuse_other_md5(request, wanted, md5(content, usedforsecurity=False).digest())
    return content


def wanted_md5(request: Request) -> bytes | None:
    """The digest in Content-MD5. Raises Refusal for what is no digest."""
    text = request.headers.get("content-md5")
    if text is None:
        return None
    try:
        digest = b64decode(text, validate=True)
    except (NotBase64, ValueError):
        digest = b""
    if len(digest) != 16:
        raise Refusal(INVALID_DIGEST, {"Content-MD5": text})
    return digest


def refuse_other_md5(request: Request, wanted: bytes | None, received: bytes) -> None:
    if wanted is not None and wanted != received:
        raise Refusal(INVALID_DIGEST, {"Content-MD5": request.headers["content-md5"]})


def _too_large(longest: int) -> Refusal:
    return Refusal(ENTITY_TOO_LARGE, {"MaxSizeAllowed": str(longest)})
