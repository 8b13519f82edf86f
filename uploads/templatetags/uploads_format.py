"""Sizes as people read them; the page's script shows the same ones (static/uploads/js/lib/words.js)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from django import template
from django.utils.formats import number_format

register = template.Library()

UNITS = ("B", "KB", "MB", "GB", "TB")
STEP = 1024
_NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


@register.filter
def filesize(size_bytes: int | None) -> str:
    """Three figures with their unit, such as 18.4 MB or 2.84 GB (1 KB is 1,024 bytes); empty for no size."""
    if size_bytes is None:
        return ""
    value, step = _scaled(size_bytes)
    return _with_unit(value, _digits(value, step), step)


@register.filter
def filesize_limit(size_bytes: int | None) -> str:
    """A size that somebody chose: 5 GB, not 5.00 GB."""
    if size_bytes is None:
        return ""
    value, step = _scaled(size_bytes)
    if value != round(value):
        return filesize(size_bytes)
    return _with_unit(value, 0, step)


@register.filter
def grouped(number: int) -> str:
    """A number that is meant to the last digit: 734,003,200."""
    return number_format(number, force_grouping=True)


def _scaled(size_bytes: int) -> tuple[float, int]:
    """Value and power of 1,024. What would be shown as 1,024 of a unit is 1 of the next."""
    value, step = float(size_bytes), 0
    while value >= STEP - 0.5 and step < len(UNITS) - 1:
        value /= STEP
        step += 1
    return value, step


def _digits(value: float, step: int) -> int:
    """Bytes and kilobytes are whole; three figures are enough for the rest."""
    if step < UNITS.index("MB") or value >= 99.95:
        return 0
    return 2 if step > UNITS.index("MB") and value < 9.995 else 1


def _with_unit(value: float, digits: int, step: int) -> str:
    # Django cuts what it does not show; people and browsers round.
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return f"{number_format(rounded, digits, force_grouping=True)}{_NO_BREAK_SPACE}{UNITS[step]}"
