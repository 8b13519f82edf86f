"""What was signed for an object, held against what OSS has stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from uploads.models.events import EventKind, GrantEvent
from uploads.models.grants import UploadGrant
from uploads.signature_diff import signed_part
from uploads.user_metadata import GRANT_NAME, PREFIX, decoded

_SEEN = (EventKind.VERIFIED, EventKind.MISMATCHED, EventKind.ARRIVED_LATE)
# As people write them; signed names are in lower case.
_NAMES = {"cache-control": "Cache-Control", "content-disposition": "Content-Disposition"}
# Shown in rows of their own, or gone with the request.
_NOT_SHOWN = frozenset({"content-type", "content-length", "host", "x-oss-forbid-overwrite"})


class MatchRow(NamedTuple):
    """None for what was not signed, or not seen."""

    name: str
    signed: str | None
    stored: str | None

    @property
    def decoded(self) -> str:
        """The text of metadata that is percent-encoded, where both halves have the same."""
        return "" if self.differs or self.signed is None else decoded(self.name, self.signed)

    @property
    def is_compared(self) -> bool:
        return self.signed is not None and self.stored is not None

    @property
    def differs(self) -> bool:
        return self.is_compared and self.signed != self.stored


class Match(NamedTuple):
    """The table. `is_time_right`: None where nothing is stored."""

    rows: list[MatchRow]
    is_time_right: bool | None

    @property
    def compared(self) -> int:
        return sum(row.is_compared for row in self.rows) + (self.is_time_right is not None)

    @property
    def agreeing(self) -> int:
        return self.compared - sum(row.differs for row in self.rows) - (self.is_time_right is False)


def match_of(grant: UploadGrant, events: Sequence[GrantEvent]) -> Match:
    """From what is kept of the grant and of the server's last look at its object."""
    seen: Mapping[str, Any] = next((event.data for event in reversed(events) if event.kind in _SEEN), {})
    is_stored = grant.stored_at is not None
    rows = [MatchRow(_("Object key"), grant.object_key, grant.object_key if is_stored else None)]
    if grant.content_type:
        rows.append(MatchRow("Content-Type", grant.content_type, grant.stored_content_type if is_stored else None))
    if grant.size_bytes is not None or is_stored:
        rows.append(MatchRow(_("Length"), _bytes(grant.size_bytes), _bytes(grant.stored_size_bytes)))
    if grant.reported_crc64 or grant.stored_crc64:
        rows.append(MatchRow("CRC-64", grant.reported_crc64 or None, grant.stored_crc64 or None))
    rows += _header_rows(grant, seen)
    is_time_right = "last-modified" not in seen.get("differences", {}) if is_stored else None
    return Match(rows, is_time_right)


def _header_rows(grant: UploadGrant, seen: Mapping[str, Any]) -> list[MatchRow]:
    stored = dict(seen.get("stored", {}))
    grant_header = PREFIX + GRANT_NAME
    if "grant" in seen.get("differences", {}):
        stored[grant_header] = seen["differences"]["grant"][1]
    elif "grant" in seen.get("compared", ()):
        stored[grant_header] = grant.signed_headers.get(grant_header)
    signed = signed_part(grant.signed_headers, tuple(grant.additional_headers))
    return [
        MatchRow(_NAMES.get(name, name), value, stored.get(name))
        for name, value in sorted(signed.items())
        if name not in _NOT_SHOWN
    ]


def _bytes(number: int | None) -> str | None:
    if number is None:
        return None
    return ngettext("%(count)s byte", "%(count)s bytes", number) % {"count": f"{number:,}"}
