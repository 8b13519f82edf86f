"""The real page in a real browser, on the real site and the embedded OSS, over real sockets."""

from __future__ import annotations

import os

import pytest
from django.core.wsgi import get_wsgi_application

from tests.browser.chromium import running_chromium
from tests.browser.visitor import Visitor
from uploads.localoss.server import HttpServer


@pytest.fixture(scope="session")
def browser():
    with running_chromium() as browser:
        # Playwright runs an event loop in this thread, at which Django's ORM takes fright; nothing here is async.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        yield browser


@pytest.fixture
def site(transactional_db, settings, oss, allow_origin):
    """The site's address; the bucket's CORS rules allow it."""
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost", "upload.test"]
    with HttpServer(get_wsgi_application()) as server:
        allow_origin(server.url, f"http://upload.test:{server.port}")
        yield server


@pytest.fixture
def new_visitor(browser, site):
    """Makes visitors, each with a browser profile of the own. At the end: whether their browsers complained."""
    contexts = []

    def make(**options):
        context = browser.new_context(base_url=site.url, **options)
        contexts.append(context)
        return Visitor(context.new_page())

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def visitor(new_visitor, open_page):
    """Has opened the page of `open_page`."""
    visitor = new_visitor()
    visitor.open(open_page)
    return visitor
