"""What is known of stored objects, and of uploads and their parts, beside the bytes."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import md5, sha256
from typing import Any, Self

from uploads.oss import crc64


def name_of(key: str) -> str:
    """The name under which a key is kept: safe on any file system, equal for equal keys only."""
    return sha256(key.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Record:
    """What is kept in a file of its own, as JSON."""

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), indent=1, default=_as_text).encode()

    @classmethod
    def from_json(cls, content: bytes) -> Self:
        return cls(**_fields(content))


@dataclass(frozen=True, slots=True)
class ObjectRecord(_Record):
    """`size` is in bytes; `headers` have names in lower case and are served with the object.

    Of an object made of parts, `md5` is that of the parts' MD5s, and `upload_id` the upload that it was made by.
    """

    key: str
    version: str
    size: int
    md5: bytes
    crc64: int
    last_modified: datetime
    headers: Mapping[str, str]
    part_count: int = 0
    upload_id: str = ""

    @property
    def is_multipart(self) -> bool:
        return self.part_count > 0

    @property
    def etag(self) -> str:
        return _etag(self.md5, f"-{self.part_count}" if self.is_multipart else "")

    @property
    def content_md5(self) -> str:
        return b64encode(self.md5).decode()


@dataclass(frozen=True, slots=True)
class UploadRecord(_Record):
    """A multipart upload under way. `headers` are what the object is to have."""

    upload_id: str
    key: str
    initiated_at: datetime
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PartRecord(_Record):
    """One part of an upload. `size` is in bytes."""

    number: int
    version: str
    size: int
    md5: bytes
    crc64: int
    last_modified: datetime

    @property
    def etag(self) -> str:
        return _etag(self.md5)

    @property
    def content_md5(self) -> str:
        return b64encode(self.md5).decode()


def crc64_of(parts: Sequence[PartRecord]) -> int:
    """Of all their bytes, one part after the other."""
    checksum = 0
    for part in parts:
        checksum = crc64.combined(checksum, part.crc64, part.size)
    return checksum


def md5_of(parts: Sequence[PartRecord]) -> bytes:
    """Of the parts' MD5s, as in the ETags of multipart objects."""
    return md5(b"".join(part.md5 for part in parts), usedforsecurity=False).digest()


def _etag(digest: bytes, suffix: str = "") -> str:
    return f'"{digest.hex().upper()}{suffix}"'


def _as_text(value: bytes | datetime) -> str:
    return value.hex() if isinstance(value, bytes) else value.isoformat()


def _fields(content: bytes) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(content)
    if "md5" in fields:
        fields["md5"] = bytes.fromhex(fields["md5"])
    for name in fields.keys() & {"last_modified", "initiated_at"}:
        fields[name] = datetime.fromisoformat(fields[name])
    return fields
