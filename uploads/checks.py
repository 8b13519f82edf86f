"""System checks: what can be known to be wrong without asking anybody."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured

from uploads.storage import storage

NO_SECRET_KEY = Error(
    "SECRET_KEY is not set.",
    hint="Set SECRET_KEY (or SECRET_KEY_FILE) in the environment. With DEBUG=true one is made up.",
    id="uploads.E001",
)


@register()
def check_secret_key(**kwargs: Any) -> list[CheckMessage]:
    try:
        return [] if settings.SECRET_KEY else [NO_SECRET_KEY]
    except ImproperlyConfigured:
        return [NO_SECRET_KEY]


@register()
def check_storage(**kwargs: Any) -> list[CheckMessage]:
    """A warning, not an error: migrations and accounts need no bucket."""
    try:
        storage().bucket()
    except ImproperlyConfigured as error:
        return [Warning(str(error), hint="See .env.example for the OSS_* settings.", id="uploads.W001")]
    return []


@register(deploy=True)
def check_storage_is_encrypted(**kwargs: Any) -> list[CheckMessage]:
    if settings.OSS_ENDPOINT.startswith("http://"):
        return [
            Warning("OSS_ENDPOINT is plain http: files and signed URLs can be read on the way.", id="uploads.W002")
        ]
    return []
