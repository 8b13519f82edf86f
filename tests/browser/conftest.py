"""The real page in a real browser, on the real site and the embedded OSS, over real sockets."""

from __future__ import annotations

import pytest

from tests.browser.pretending import pretend
from tests.browser.site import running_site
from tests.browser.visitor import Visitor


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
