"""Signing in, making a page and copying its link, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.staff_tab import StaffTab, signed_in
from tests.factories import make_page
from uploads.models.pages import UploadPage


@pytest.fixture
def staff(browser, site, owner):
    with signed_in(browser, site.url, owner) as staff:
        yield staff
        assert not staff.complaints


def make_a_page(staff: StaffTab, title: str = "Supplier invoices") -> None:
    staff.tab.goto("/staff/pages/new/")
    staff.tab.get_by_label("Title").fill(title)
    staff.tab.get_by_role("button", name="Make the page").click()
    expect(staff.tab.get_by_role("heading", level=1)).to_have_text(title)


def test_it_works(browser, site, owner):
    tab = browser.new_page(base_url=site.url)
    tab.goto("/staff/")
    tab.get_by_label("Username").fill("owner")
    tab.get_by_label("Password").fill("password")
    tab.get_by_role("button", name="Sign in").click()
    tab.get_by_role("link", name="New upload page").click()
    tab.get_by_label("Title").fill("Supplier invoices")
    tab.get_by_role("button", name="Make the page").click()
    tab.get_by_role("link", name="Open").click()

    expect(tab.get_by_role("heading", level=1)).to_have_text("Supplier invoices")
    assert tab.url == f"{site.url}/u/{UploadPage.objects.get().token}/"
    tab.close()


def test_what_was_written_in_the_folded_part_is_not_folded_away_by_an_error_elsewhere(staff):
    staff.tab.goto("/staff/pages/new/")
    staff.tab.get_by_text("More: limits, storage, metadata").click()
    staff.tab.get_by_label("Most files").fill("3")
    staff.tab.get_by_role("button", name="Make the page").click()

    expect(staff.tab.get_by_text("Visitors read the title first.")).to_be_visible()
    expect(staff.tab.get_by_label("Most files")).to_be_visible()
    expect(staff.tab.get_by_label("Most files")).to_have_value("3")


def test_a_double_click_makes_one_page(staff):
    staff.tab.goto("/staff/pages/new/")
    staff.tab.get_by_label("Title").fill("Once")
    staff.tab.get_by_role("button", name="Make the page").dblclick()

    expect(staff.tab.get_by_role("heading", level=1)).to_have_text("Once")
    assert UploadPage.objects.count() == 1


def test_the_folded_part_opens_by_keyboard_and_its_limits_are_kept(staff):
    staff.tab.goto("/staff/pages/new/")
    staff.tab.get_by_label("Title").fill("Limited")
    staff.tab.get_by_text("More: limits").press("Enter")
    staff.tab.get_by_label("Most bytes in all").fill("1.5")
    staff.tab.get_by_label("Unit").select_option("TB")
    staff.tab.get_by_label("Title").press("Enter")

    expect(staff.tab.get_by_text("of 1.50 TB")).to_be_visible()


def test_after_an_error_the_first_wrong_field_has_the_focus(staff):
    staff.tab.goto("/staff/pages/new/")
    staff.tab.get_by_label("Title").fill("Right")
    staff.tab.get_by_text("More: limits").click()
    staff.tab.get_by_label("Metadata").fill("no equals sign")
    staff.tab.get_by_role("button", name="Make the page").click()

    metadata = staff.tab.get_by_label("Metadata")
    expect(metadata).to_be_focused()
    expect(metadata).to_have_accessible_description(re.compile("Line 1 has no equals sign"))


def test_copying_says_so_for_a_moment(staff):
    staff.tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    staff.tab.clock.install()
    make_a_page(staff)
    button = staff.tab.locator("[data-copy]")

    button.click()
    expect(button).to_have_text("✓ Copied")
    staff.tab.clock.run_for(2100)

    expect(button).to_have_text("Copy link")
    link = staff.tab.locator("#page-link").inner_text()
    assert staff.tab.evaluate("navigator.clipboard.readText()") == link
    assert link.endswith(f"/u/{UploadPage.objects.get().token}/")


def test_copying_works_at_an_address_without_a_clipboard_interface(browser, site, owner):
    page = make_page(owner=owner)
    address = site.url.replace("127.0.0.1", "upload.test")
    with signed_in(browser, address, owner) as staff:
        staff.tab.goto(f"/staff/pages/{page.page_id}/")
        assert staff.tab.evaluate("navigator.clipboard === undefined")

        staff.tab.get_by_role("button", name="Copy link").click()
        expect(staff.tab.get_by_role("button", name="✓ Copied")).to_be_visible()
        search = staff.tab.get_by_role("searchbox")
        search.press("Control+v")

        expect(search).to_have_value(f"{address}/u/{page.token}/")


@pytest.mark.parametrize("path", ["/staff/", "/staff/pages/new/", "/staff/pages/plong/", "/staff/pages/plong/edit/"])
def test_nothing_scrolls_sideways(staff, owner, path):
    make_page(owner=owner, page_id="plong", title="W" * 200, prefix="p" * 300, instructions="i" * 300)
    staff.tab.goto(path)

    for width in (320, 390, 1440):
        staff.tab.set_viewport_size({"width": width, "height": 800})
        assert staff.tab.evaluate("document.documentElement.scrollWidth") <= width
