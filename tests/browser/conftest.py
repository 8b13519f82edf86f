"""The real page in a real browser, on the real site and the embedded OSS, over real sockets."""

from __future__ import annotations

import os

import pytest

from tests.browser.chromium import running_chromium
from tests.browser.mishaps import Mishaps
from tests.browser.pretending import pretend
from tests.browser.site import running_line, running_site
from tests.browser.visitor import Visitor


@pytest.fixture(scope="session")
def browser():
    with running_chromium() as browser:
        # Playwright runs an event loop in this thread, at which Django's ORM takes fright; nothing here is async.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        yield browser


@pytest.fixture
def site(transactional_db, settings, oss, allow_origin):
    """The site; the bucket's CORS rules allow it, under its address and as `upload.test`."""
    settings.ALLOWED_HOSTS = ["127.0.0.1", "upload.test"]
    with running_site() as site:
        allow_origin(site.url, site.url.replace("127.0.0.1", "upload.test"))
        yield site


@pytest.fixture
def new_visitor(browser, site):
    """Makes visitors, each with a browser profile of the own."""
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


@pytest.fixture
def pretended(new_visitor, open_page):
    """Has opened a page whose engine is a pretended one: its files go as far as the test says."""
    visitor = new_visitor()
    pretend(visitor.tab)
    visitor.open(open_page)
    return visitor


@pytest.fixture
def mishaps(oss):
    """What goes wrong in the storage."""
    mishaps = Mishaps()
    oss.app.intercept = mishaps
    yield mishaps
    mishaps.release()


@pytest.fixture
def line(oss, settings):
    """Browsers reach the storage by a line that can break; the site has its own."""
    settings.OSS_INTERNAL_ENDPOINT = oss.url
    with running_line(oss.port) as line:
        settings.OSS_ENDPOINT = line.url
        yield line
