"""Whether this machine's clock agrees with the storage's."""

from __future__ import annotations

from django import template
from django.core.exceptions import ImproperlyConfigured

from uploads.oss.clock import LARGE_OFFSET
from uploads.storage import storage

register = template.Library()


@register.simple_tag
def seconds_ahead_of_storage() -> int:
    """By how much our clock is fast (negative: slow); 0 up to a minute, and while OSS has not been asked yet."""
    try:
        offset = storage().clock.offset
    except ImproperlyConfigured:
        return 0
    return -round(offset.total_seconds()) if abs(offset) > LARGE_OFFSET else 0
