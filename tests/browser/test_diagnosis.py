"""Where a PUT fails in a real browser, the visitor reads what to do, and the owner reads why."""

from __future__ import annotations

import socket

import pytest
from playwright.sync_api import expect

from tests.browser.mishaps import BUSY
from tests.browser.staff_tab import signed_in
from tests.browser.visitor import file
from uploads.diagnosis import cause_sentence
from uploads.models.events import GrantEvent
from uploads.models.grants import UploadGrant


def staff_sentence() -> str:
    grant = UploadGrant.objects.get()
    return cause_sentence(grant.cause, grant.cause_details)


@pytest.fixture
def closed_port():
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_a_bucket_without_a_rule_for_the_site_is_named_with_the_origin_that_is_missing(
    new_visitor, open_page, allow_origin, site, browser, owner
):
    allow_origin("https://upload.example.com")
    visitor = new_visitor()
    visitor.open(open_page)

    visitor.choose(file("hello.txt"))

    visitor.sees("hello.txt", "failed", "The storage does not take files from this site yet.")
    visitor.sees("hello.txt", "failed", f"please tell Ingrid Dahl: {UploadGrant.objects.get().grant_id}.")
    with signed_in(browser, site.url, owner) as staff:
        staff.tab.goto(f"/staff/pages/{open_page.page_id}/")
        sentence = f"According to the sender: No CORS rule of the bucket allows PUT from the origin {site.url}."
        expect(staff.tab.locator(".cause")).to_have_text(sentence)


@pytest.mark.parametrize(
    "endpoint", ["http://127.0.0.1:{port}", pytest.param("http://storage.invalid:{port}", marks=pytest.mark.slow)]
)
def test_a_host_that_cannot_be_reached_is_no_fault_of_the_rules(
    new_visitor, open_page, oss, settings, closed_port, endpoint
):
    settings.OSS_ENDPOINT, settings.OSS_INTERNAL_ENDPOINT = endpoint.format(port=closed_port), oss.url
    visitor = new_visitor()
    visitor.open(open_page)
    visitor.hurry()

    visitor.choose(file("hello.txt"))

    # It is tried ten times, and each time the server asks the storage whether the file arrived after all.
    visitor.sees("hello.txt", "failed", "The storage cannot be reached from your network.", timeout_ms=90_000)
    assert "cannot reach the storage's host" in staff_sentence()


def test_a_network_that_goes_away_in_the_middle_is_outlived_and_said_to_have_gone(
    line, new_visitor, open_page, mishaps
):
    visitor = new_visitor()
    visitor.open(open_page)
    mishaps.refuse("PUT", BUSY)
    mishaps.hold("PUT")
    visitor.choose(file("hello.txt"))
    visitor.waits_until(lambda: mishaps.seen["PUT"])
    visitor.tab.context.set_offline(True)
    line.broken.set()
    mishaps.let_go()
    visitor.sees("hello.txt", "checking")

    mishaps.release()
    line.broken.clear()
    visitor.tab.context.set_offline(False)

    visitor.sees("hello.txt", "stored", timeout_ms=20_000)
    failed = GrantEvent.objects.get(kind="attempt_failed")
    assert failed.data["evidence"]["online"] is False


def test_a_header_that_something_on_the_way_changes_is_named(visitor, oss):
    def change(route):
        route.continue_(headers={**route.request.headers, "content-type": "application/vnd.ms-excel"})

    visitor.tab.route(f"{oss.url}/**", change)

    visitor.choose(file("stock.csv", content_type="text/csv"))

    visitor.sees("stock.csv", "failed", "Send it again with exactly the headers and the URL that you were given")
    assert "signed Content-Type text/csv, sent application/vnd.ms-excel." in staff_sentence()
    assert "test-key-id" not in str(UploadGrant.objects.get().evidence)
