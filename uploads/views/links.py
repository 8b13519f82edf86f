"""Addresses that leave the site: copied by staff, or typed into a terminal."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def absolute(request: HttpRequest, path: str) -> str:
    """A configured SITE_URL goes before the Host header, which comes from outside."""
    return f"{settings.SITE_URL}{path}" if settings.SITE_URL else request.build_absolute_uri(path)
