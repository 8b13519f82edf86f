"""The cast of the tests: an embedded OSS and what goes wrong in it, a browser, pages, and people."""

from __future__ import annotations

import os

import pytest
from django.core.cache import cache

from tests.browser.chromium import running_chromium
from tests.browser.mishaps import Mishaps
from tests.browser.site import running_line
from tests.clients.table import pytest_runtest_logreport, pytest_terminal_summary  # noqa: F401 - hooks.
from tests.factories import make_grant, make_page, make_user
from tests.servers import BUCKET, CREDENTIALS, REGION
from uploads.localoss.app import LocalOss
from uploads.localoss.server import OssServer
from uploads.oss.documents import CorsRule


@pytest.fixture(autouse=True)
def empty_cache():
    """What one test has learned of a bucket is not true in the next."""
    cache.clear()


@pytest.fixture(scope="session")
def oss_server():
    """One port for all tests: stopping a server takes longer than most of them."""

    def current_app(environ, start_response):
        return server.app(environ, start_response)

    server = OssServer(current_app)
    with server:
        yield server


@pytest.fixture
def oss(oss_server, tmp_path, settings):
    """A running embedded OSS, new, with the empty bucket of the settings, which point at it."""
    oss_server.app = LocalOss(tmp_path / "oss", credentials=CREDENTIALS, region=REGION)
    oss_server.app.create_bucket(BUCKET)
    settings.OSS_ENDPOINT = oss_server.url
    return oss_server


@pytest.fixture
def mishaps(oss):
    """What goes wrong in the storage."""
    mishaps = Mishaps()
    oss.app.intercept = mishaps
    yield mishaps
    mishaps.release()


@pytest.fixture
def line(oss, settings):
    """Visitors reach the storage by a line that can break; the site has its own."""
    settings.OSS_INTERNAL_ENDPOINT = oss.url
    with running_line(oss.port) as line:
        settings.OSS_ENDPOINT = line.url
        yield line


@pytest.fixture(scope="session")
def browser():
    with running_chromium() as browser:
        # Playwright runs an event loop in this thread, at which Django's ORM takes fright; nothing here is async.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        yield browser


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
def survey_page(owner):
    """The owner's, who may sign for the keys below surveys/pmine/."""
    return make_page(owner=owner, page_id="pmine", prefix="surveys")


@pytest.fixture
def grant(open_page):
    return make_grant(page=open_page)
