"""States of pages and grants as staff see them: a word, a shape and a colour."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from uploads.models.grants import GrantState, UploadGrant
from uploads.models.pages import UploadPage

# What a person has to look at: nothing arrived, something else arrived, or it arrived after it was given up.
NEED_YOU = (GrantState.FAILED, GrantState.MISMATCH, GrantState.LATE)
# What verification compares, by its names for it.
COMPARED = {
    "length": _("length"),
    "content-type": _("Content-Type"),
    "grant": _("grant id"),
    "crc64": _("CRC-64"),
    "parts-crc64": _("CRC-64 of the parts"),
    "last-modified": _("time"),
}


class Mark(NamedTuple):
    """`code` is for CSS and tests; `glyph` names a symbol of the icon sprite."""

    code: str
    glyph: str
    word: str | Promise


class PageState(TextChoices):
    OPEN = "open", _("Open")
    FULL = "full", _("Full")
    CLOSED = "closed", _("Closed")


_PAGE_GLYPHS = {PageState.OPEN: "s-open", PageState.FULL: "s-full", PageState.CLOSED: "s-cancelled"}


def mark_of_page(page: UploadPage, now: datetime) -> Mark:
    state = _state_of_page(page, now)
    return Mark(state.value, _PAGE_GLYPHS[state], state.label)


def mark_of_grant(grant: UploadGrant) -> Mark:
    """Each state of a grant has a symbol of its own name."""
    state = GrantState(grant.state)
    return Mark(state.value, f"s-{state.value}", state.label)


def _state_of_page(page: UploadPage, now: datetime) -> PageState:
    if not page.is_open(now):
        return PageState.CLOSED
    is_full = page.max_files is not None and page.used_files >= page.max_files
    is_full |= page.max_bytes is not None and page.used_bytes >= page.max_bytes
    return PageState.FULL if is_full else PageState.OPEN
