"""Whether the bucket's CORS rules let a site's visitors send: asked of OSS, not more often than once a minute."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured

from uploads.oss.cors_rules import first_match
from uploads.oss.documents import CorsConfiguration
from uploads.oss.errors import NotFound, OssError
from uploads.storage import storage

KEPT_SECONDS = 60
# While one process asks, the others go without: a storage that hangs must not be asked by all of them.
ASKING_SECONDS = 10
NO_RULES = CorsConfiguration(rules=())
_UNKNOWN = "unknown"
# Set by the browser itself, or sent with any request.
_NOT_ASKED_FOR = frozenset({"content-length", "host"})
_SIMPLE_TYPES = frozenset({"text/plain", "application/x-www-form-urlencoded", "multipart/form-data"})

logger = logging.getLogger(__name__)


def cors_rules(bucket: str) -> CorsConfiguration | None:
    """The bucket's rules as they were within the last minute; None where they are not known. Never raises.

    Asks OSS when nobody has for a minute (permission `oss:GetBucketCors`), which may take seconds: not for use inside
    a transaction.
    """
    key = f"uploads:cors:{bucket}"
    known = cache.get(key)
    if known is None and cache.add(f"{key}:asking", 1, ASKING_SECONDS):
        known = _asked(bucket)
        cache.set(key, known, KEPT_SECONDS)
        cache.delete(f"{key}:asking")
    return known if isinstance(known, CorsConfiguration) else None


def cors_verdict(rules: CorsConfiguration, *, origin: str, method: str, headers: Mapping[str, str]) -> str:
    """Empty when a rule lets the origin send; "origin" when none knows it; else the headers that no rule allows."""
    asked = [name.lower() for name, value in headers.items() if _is_asked_for(name.lower(), value)]
    if first_match(rules.rules, origin=origin, method=method, headers=asked):
        return ""
    refused = [name for name in asked if not first_match(rules.rules, origin=origin, method=method, headers=[name])]
    if not first_match(rules.rules, origin=origin, method=method):
        return "origin"
    return ", ".join(refused or asked)


def _is_asked_for(name: str, value: str) -> bool:
    """Whether the browser's preflight names the header. https://fetch.spec.whatwg.org/#cors-safelisted-request-header"""
    if name == "content-type":
        return value.partition(";")[0].strip().lower() not in _SIMPLE_TYPES
    return name not in _NOT_ASKED_FOR


def _asked(bucket: str) -> CorsConfiguration | str:
    try:
        return storage().client(bucket).get_cors()
    except NotFound as error:
        return NO_RULES if error.code == "NoSuchCORSConfiguration" else _UNKNOWN
    except (OssError, ImproperlyConfigured) as error:
        logger.warning("The CORS rules could not be read: %s", error)
        return _UNKNOWN
