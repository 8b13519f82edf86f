"""What is known of a stored object beside its bytes."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256


def name_of(key: str) -> str:
    """The name under which a key is kept: safe on any file system, equal for equal keys only."""
    return sha256(key.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ObjectRecord:
    """`size` is in bytes; `headers` have names in lower case and are served with the object."""

    key: str
    version: str
    size: int
    md5: bytes
    crc64: int
    last_modified: datetime
    headers: Mapping[str, str]

    @property
    def etag(self) -> str:
        return f'"{self.md5.hex().upper()}"'

    @property
    def content_md5(self) -> str:
        return b64encode(self.md5).decode()

    def to_json(self) -> bytes:
        fields = asdict(self) | {"md5": self.md5.hex(), "last_modified": self.last_modified.isoformat()}
        return json.dumps(fields, indent=1).encode()

    @classmethod
    def from_json(cls, content: bytes) -> ObjectRecord:
        fields = json.loads(content)
        fields["md5"] = bytes.fromhex(fields["md5"])
        fields["last_modified"] = datetime.fromisoformat(fields["last_modified"])
        return cls(**fields)
