"""The cast of the tests: an embedded OSS, pages, and people."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from tests.clients.table import pytest_runtest_logreport, pytest_terminal_summary  # noqa: F401 - hooks.
from tests.factories import make_grant, make_page, make_user
from uploads.localoss.app import LocalOss
from uploads.localoss.server import OssServer
from uploads.oss.credentials import Credentials
from uploads.oss.documents import CorsRule

BUCKET = "test-bucket"
REGION = "cn-hangzhou"
CREDENTIALS = Credentials("test-key-id", "test-key-secret")


@pytest.fixture(autouse=True)
def empty_cache():
    """What one test has learned of a bucket is not true in the next."""
    cache.clear()


@pytest.fixture
def oss(tmp_path, settings):
    """A running embedded OSS with the bucket of the settings, which point at it."""
    app = LocalOss(tmp_path / "oss", credentials=CREDENTIALS, region=REGION)
    app.create_bucket(BUCKET)
    with OssServer(app) as server:
        settings.OSS_ENDPOINT = server.url
        server.app = app
        yield server


@pytest.fixture
def allow_origin(oss):
    """Let the bucket's CORS rules allow an origin, as a site's owner would."""

    def allow(*origins: str) -> None:
        rule = CorsRule(
            allowed_origins=origins,
            allowed_methods=("PUT",),
            allowed_headers=("*",),
            expose_headers=("ETag", "x-oss-request-id", "x-oss-hash-crc64ecma", "x-oss-ec"),
            max_age_seconds=600,
        )
        oss.app.set_cors(BUCKET, [rule], response_vary=True)

    return allow


@pytest.fixture
def owner(db):
    """Has an account and pages of the own."""
    return make_user("owner", first_name="Ingrid", last_name="Dahl")


@pytest.fixture
def stranger(db):
    """Staff too, but with no right to other people's pages."""
    return make_user("stranger")


@pytest.fixture
def open_page(owner):
    return make_page(owner=owner)


@pytest.fixture
def grant(open_page):
    return make_grant(page=open_page)
