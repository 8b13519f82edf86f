"""File names and lengths of time as staff read them."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from django import template
from django.utils.translation import ngettext

register = template.Library()

TAIL_CHARACTERS = 12
HAN_TAIL_CHARACTERS = 7
_HAN = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_RIGHT_TO_LEFT = {"R", "AL"}
_JOINED_TO_THE_SIGN_BEFORE = {"Mn", "Mc", "Me", "Sk"}


class SplitName(NamedTuple):
    """A name in two parts: the head gives way where there is no room, the tail stays."""

    head: str
    tail: str


@register.filter
def split_name(name: str) -> SplitName:
    """Head and tail of a file name, so that its ending stays readable in a narrow column.

    A right-to-left name stays whole: its letters join, and two boxes would tear them apart.
    """
    if any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in name):
        return SplitName(name, "")
    cut = len(name) - (HAN_TAIL_CHARACTERS if _HAN.search(name) else TAIL_CHARACTERS)
    while cut > 0 and unicodedata.category(name[cut]) in _JOINED_TO_THE_SIGN_BEFORE:
        cut -= 1
    return SplitName(name[:cut], name[cut:]) if cut > 0 else SplitName(name, "")


@register.filter
def validity(seconds: int) -> str:
    """A length of time in the largest unit in which it is a whole number."""
    if seconds % 86400 == 0:
        return ngettext("%(count)d day", "%(count)d days", seconds // 86400) % {"count": seconds // 86400}
    if seconds % 3600 == 0:
        return ngettext("%(count)d hour", "%(count)d hours", seconds // 3600) % {"count": seconds // 3600}
    if seconds % 60 == 0:
        return ngettext("%(count)d minute", "%(count)d minutes", seconds // 60) % {"count": seconds // 60}
    return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}


@register.filter
def clock(seconds: int) -> str:
    """A time that is left, as staff-countdown.js counts it: 9:12, and 1:00:00 from an hour on."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
