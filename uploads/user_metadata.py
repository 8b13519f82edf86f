"""User metadata (`x-oss-meta-*`): text as people enter it, and as it goes over the wire.

https://www.alibabacloud.com/help/en/oss/user-guide/manage-object-metadata-10
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

from uploads.oss.rules import is_unicode

PREFIX = "x-oss-meta-"
MAX_METADATA_BYTES = 8 * 1024
# Ours: ties an object to the grant that allowed it.
GRANT_NAME = "grant"
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class MetadataError(ValueError):
    """The metadata cannot be signed; the message is a whole sentence."""


def wire_headers(metadata: Mapping[str, str]) -> dict[str, str]:
    """Headers for the metadata. OSS takes printable ASCII, so other text is percent-encoded.

    Raises MetadataError for names with anything but letters, digits and inner hyphens, for the name `grant`, for
    empty values (OSS and its clients sign them differently), for NUL and lone surrogates (PostgreSQL and UTF-8 cannot
    hold them), and for more than 8 KB in all.
    """
    headers = {}
    for name, value in metadata.items():
        if not _NAME.fullmatch(name.lower()):
            raise MetadataError(f"The metadata name {name!r} may have letters, digits and inner hyphens only.")
        if name.lower() == GRANT_NAME:
            raise MetadataError("The metadata name 'grant' is used for the grant's own id.")
        if not value.strip():
            raise MetadataError(f"The metadata {name!r} has no value.")
        if "\x00" in value or not is_unicode(value):
            raise MetadataError(f"The metadata {name!r} has a character that cannot be stored.")
        headers[PREFIX + name.lower()] = encoded(value.strip())
    if sum(len(name) + len(value) for name, value in headers.items()) > MAX_METADATA_BYTES:
        raise MetadataError("All metadata together has at most 8 KB.")
    return headers


def decoded(name: str, value: str) -> str:
    """The text that a header of metadata stands for; empty where it stands for itself, and for other headers."""
    text = unquote(value) if name.lower().startswith(PREFIX) else value
    return text if text != value else ""


def encoded(value: str) -> str:
    """Printable ASCII stays as it is, unless decoding would change it; anything else is percent-encoded."""
    if value.isascii() and value.isprintable() and unquote(value) == value:
        return value
    return quote(value, safe="")
