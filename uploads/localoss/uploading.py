"""Bodies that become objects or parts: what is checked before the body, the body, and what is checked after it.

https://www.alibabacloud.com/help/en/oss/developer-reference/putobject
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from uploads.localoss import bodies
from uploads.localoss.errors import (
    CONDITIONAL_PUT,
    FILE_ALREADY_EXISTS,
    INVALID_CRC64,
    Refusal,
    invalid_argument,
    not_implemented,
)
from uploads.localoss.incoming import Incoming
from uploads.localoss.records import ObjectRecord
from uploads.localoss.request import Request
from uploads.localoss.store import ObjectExists, Store

MAX_OBJECT_SIZE = 5 * 1024**3
MAX_METADATA_SIZE = 8 * 1024

STORAGE_CLASSES = frozenset({"Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive"})
ACLS = frozenset({"default", "private", "public-read", "public-read-write"})
# Content-Language is not in the manual's list; the SDKs have it.
STORED_HEADERS = (
    "content-type",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "expires",
)
_CONDITIONS = ("if-modified-since", "if-unmodified-since", "if-match", "if-none-match")
_UNSUPPORTED = (
    "x-oss-callback",
    "x-oss-callback-var",
    "x-oss-copy-source",
    "x-oss-server-side-encryption",
    "x-oss-server-side-data-encryption",
    "x-oss-tagging",
)
_META_NAME = re.compile(r"x-oss-meta-[a-z0-9-]+")


def put_object(request: Request, store: Store) -> ObjectRecord:
    """Store the body. Raises Refusal, after which the object is as it was."""
    refuse_unsupported(request)
    headers = headers_to_store(request)
    is_overwrite_forbidden = refuse_to_overwrite(request, store)
    with received(request, store) as incoming:
        try:
            return store.put(
                request.bucket, request.key, incoming, headers=headers, forbid_overwrite=is_overwrite_forbidden
            )
        except ObjectExists:
            raise Refusal(FILE_ALREADY_EXISTS) from None


@contextmanager
def received(request: Request, store: Store) -> Iterator[Incoming]:
    """The whole body, with the checksums that it was announced with. Raises Refusal."""
    wanted_md5 = bodies.wanted_md5(request)
    wanted_crc64 = request.headers.get("x-oss-hash-crc64ecma")
    bodies.refuse_bad_length(request, longest=MAX_OBJECT_SIZE)
    with store.receive(request.bucket) as incoming:
        for chunk in bodies.chunks_of(request, longest=MAX_OBJECT_SIZE):
            incoming.write(chunk)
        bodies.refuse_other_md5(request, wanted_md5, incoming.md5)
        if wanted_crc64 not in {None, str(incoming.crc64)}:
            raise Refusal(INVALID_CRC64)
        yield incoming


def refuse_to_overwrite(request: Request, store: Store) -> bool:
    """Whether the request forbids to overwrite. Raises Refusal where that already tells the answer."""
    is_overwrite_forbidden = _flag(request, "x-oss-forbid-overwrite")
    if is_overwrite_forbidden and store.find(request.bucket, request.key) is not None:
        raise Refusal(FILE_ALREADY_EXISTS)
    return is_overwrite_forbidden


def refuse_unsupported(request: Request) -> None:
    """Headers that OSS has for this and we have not, or that it does not take here."""
    for name in _CONDITIONS:
        if name in request.headers:
            raise Refusal(CONDITIONAL_PUT, {"Header": name.title()})
    for name in _UNSUPPORTED:
        if name in request.headers:
            raise not_implemented(f"the header {name}")


def headers_to_store(request: Request) -> dict[str, str]:
    """What is kept with the object and served with it."""
    _refuse_unknown_value(request, "x-oss-storage-class", STORAGE_CLASSES)
    _refuse_unknown_value(request, "x-oss-object-acl", ACLS)
    metadata = {name: value for name, value in request.headers.items() if name.startswith("x-oss-meta-")}
    _refuse_bad_metadata(metadata)
    stored = {name: request.headers[name] for name in STORED_HEADERS if request.headers.get(name)}
    return {
        "content-type": "application/octet-stream",
        **stored,
        "x-oss-storage-class": request.headers.get("x-oss-storage-class", "Standard"),
        "x-oss-object-acl": request.headers.get("x-oss-object-acl", "default"),
        **metadata,
    }


def _refuse_unknown_value(request: Request, name: str, known: frozenset[str]) -> None:
    value = request.headers.get(name)
    if value is not None and value not in known:
        raise invalid_argument(f"no such value for {name}", name=name, value=value)  # The text is ours.


def _refuse_bad_metadata(metadata: dict[str, str]) -> None:
    """Code and text are ours: the manual gives the limits, not the answers."""
    for name in metadata:
        if not _META_NAME.fullmatch(name):
            raise invalid_argument("Names of user metadata have letters, digits and hyphens only.", name=name)
    if sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items()) > MAX_METADATA_SIZE:
        raise invalid_argument("The user metadata is larger than 8 KB.")


def _flag(request: Request, name: str) -> bool:
    value = request.headers.get(name, "false")
    if value not in {"true", "false"}:
        raise invalid_argument(f"{name} must be true or false.", "0017-00000279", name=name, value=value)
    return value == "true"
