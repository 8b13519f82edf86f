"""A bucket behind a custom domain, from the visitor's choice to the tick, through `oss_server --cname`."""

from __future__ import annotations

import pytest

from tests.browser.site import running_site
from tests.browser.visitor import Visitor, file
from tests.conftest import BUCKET
from tests.servers import oss_process
from uploads.models.grants import UploadGrant

DOMAIN = "files.example.test"


@pytest.fixture
def site(transactional_db, settings, tmp_path):
    with running_site() as site:
        options = ("--cname", f"{DOMAIN}={BUCKET}", "--cors-origin", site.url)
        with oss_process(tmp_path / "oss", *options) as oss:
            # No name server knows the domain: the browser is told where it is, the server goes by the address.
            settings.OSS_ENDPOINT = f"http://{DOMAIN}:{oss.port}"
            settings.OSS_CNAME = True
            settings.OSS_INTERNAL_ENDPOINT = oss.url
            yield site


def test_a_file_arrives_through_the_buckets_own_domain(browser, site, open_page, tmp_path):
    with browser.new_context(base_url=site.url) as context:
        visitor = Visitor(context.new_page())
        visitor.open(open_page)
        visitor.choose(file("hello.txt", b"hello", "text/plain"))
        visitor.sees("hello.txt", "stored")

    grant = UploadGrant.objects.get()
    puts = [request for request in visitor.requests_to(DOMAIN) if request.startswith("PUT")]
    assert [f"/{grant.object_key}?" in put and BUCKET not in put for put in puts] == [True]
    assert (grant.state, grant.stored_content_type) == ("stored", "text/plain")
    assert b"hello" in {path.read_bytes() for path in (tmp_path / "oss").rglob("*") if path.is_file()}
    assert visitor.complaints == []
