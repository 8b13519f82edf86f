"""The storage that the site works with. The only reader of the OSS_* settings."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.dispatch import receiver
from django.utils.dateparse import parse_datetime

from uploads.oss.client import OssClient
from uploads.oss.clock import OssClock
from uploads.oss.credentials import Credentials
from uploads.oss.endpoints import Bucket, Endpoint, public_endpoint
from uploads.oss.errors import RefusedLocally

# A call of ours ends after so long, with all its tries: a visitor or a worker waits for it.
TOTAL_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Storage:
    """Who signs, at whose time, and the two ways to OSS: the visitors' and our own."""

    region: str
    default_bucket: str
    credentials: Credentials
    public_endpoint: Endpoint
    own_endpoint: Endpoint
    clock: OssClock = field(default_factory=OssClock)
    _clients: dict[str, OssClient] = field(default_factory=dict, repr=False)

    def bucket(self, name: str = "") -> Bucket:
        """A bucket as visitors reach it; by default that of OSS_BUCKET. Raises ImproperlyConfigured without one."""
        return self._bucket(name, self.public_endpoint)

    def bucket_at(self, endpoint: Endpoint, name: str = "") -> Bucket:
        """A bucket by another of its endpoints. Raises RefusedLocally for one that does not fit its name."""
        return replace(self.bucket(name), endpoint=endpoint)

    def client(self, bucket_name: str = "") -> OssClient:
        """For the server's own calls to a bucket; one for all threads, so that connections are kept."""
        name = bucket_name or self.default_bucket
        if name not in self._clients:
            client = OssClient(
                self._bucket(name, self.own_endpoint),
                self.credentials,
                self.clock,
                total_seconds=TOTAL_SECONDS,
                public_bucket=self.bucket(name),
            )
            self._clients.setdefault(name, client)
        return self._clients[name]

    def _bucket(self, name: str, endpoint: Endpoint) -> Bucket:
        if not (name or self.default_bucket):
            raise ImproperlyConfigured("OSS_BUCKET is not set.")
        try:
            return Bucket(name or self.default_bucket, self.region, endpoint)
        except RefusedLocally as error:
            raise ImproperlyConfigured(f"OSS settings: {error}") from error


@cache
def storage() -> Storage:
    """Built once from the settings. Raises ImproperlyConfigured with the sentence that says what is wrong."""
    try:
        public = Endpoint.parse(
            settings.OSS_ENDPOINT or public_endpoint(settings.OSS_REGION), is_cname=settings.OSS_CNAME
        )
        own = Endpoint.parse(settings.OSS_INTERNAL_ENDPOINT) if settings.OSS_INTERNAL_ENDPOINT else public
        built = Storage(
            region=settings.OSS_REGION,
            default_bucket=settings.OSS_BUCKET,
            credentials=_credentials(),
            public_endpoint=public,
            own_endpoint=own,
        )
    except RefusedLocally as error:
        raise ImproperlyConfigured(f"OSS settings: {error}") from error
    return built


@receiver(setting_changed)
def _forget(*, setting: str, **kwargs: Any) -> None:
    if setting.startswith("OSS_"):
        storage.cache_clear()


def _credentials() -> Credentials:
    return Credentials(
        access_key_id=settings.OSS_ACCESS_KEY_ID,
        access_key_secret=settings.OSS_ACCESS_KEY_SECRET,
        security_token=settings.OSS_SESSION_TOKEN,
        expires_at=_token_end(settings.OSS_SESSION_TOKEN_EXPIRES_AT),
    )


def _token_end(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise RefusedLocally("OSS_SESSION_TOKEN_EXPIRES_AT is not a time such as 2026-01-01T12:00:00Z.")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
