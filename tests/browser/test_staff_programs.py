"""The client programs on a staff page: tabs, copying, downloading, and all of it without a script."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.programs_page import INSTRUCTIONS
from tests.browser.staff_tab import signed_in
from uploads.snippets import PROGRAM_CODES, program


@pytest.fixture
def programs_site(site, settings):
    settings.ROOT_URLCONF = "tests.browser.programs_page"
    return site


@pytest.fixture
def staff(browser, programs_site, owner):
    with signed_in(browser, programs_site.url, owner) as staff:
        staff.tab.goto("/programs/")
        yield staff
        assert not staff.complaints


def panel(staff, name):
    return staff.tab.get_by_role("tabpanel", name=name, exact=True)


def test_it_works(staff):
    expect(panel(staff, "curl")).to_be_visible()
    staff.tab.get_by_role("tab", name="C#", exact=True).click()

    expect(panel(staff, "C#")).to_be_visible()
    expect(panel(staff, "curl")).to_be_hidden()
    assert staff.tab.locator("#source-csharp").text_content() == program("csharp", INSTRUCTIONS).source


def test_arrow_keys_go_round_the_tabs(staff):
    staff.tab.get_by_role("tab", name="curl", exact=True).focus()
    staff.tab.keyboard.press("ArrowLeft")
    expect(staff.tab.get_by_role("tab", name="Android")).to_be_focused()
    expect(panel(staff, "Android")).to_be_visible()

    staff.tab.keyboard.press("ArrowRight")
    staff.tab.keyboard.press("Tab")
    expect(panel(staff, "curl").get_by_role("button", name="Copy")).to_be_focused()


def test_the_client_looked_at_last_is_shown_first(staff):
    staff.tab.get_by_role("tab", name="Go", exact=True).click()
    staff.tab.reload()

    expect(panel(staff, "Go")).to_be_visible()


@pytest.mark.parametrize("code", ["curl", "browser", "python"])
def test_a_download_has_the_program_byte_for_byte(staff, code):
    written = program(code, INSTRUCTIONS)
    staff.tab.get_by_role("tab", name=written.label, exact=True).click()
    with staff.tab.expect_download() as download:
        panel(staff, written.label).get_by_role("button", name=written.file_name).click()

    assert download.value.suggested_filename == written.file_name
    assert Path(download.value.path()).read_text(encoding="utf-8") == written.source


def test_what_is_copied_is_the_program(staff):
    staff.tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    panel(staff, "curl").get_by_role("button", name="Copy").click()

    expect(panel(staff, "curl").get_by_text("✓ Copied")).to_be_visible()
    assert staff.tab.evaluate("navigator.clipboard.readText()") == program("curl", INSTRUCTIONS).source


def test_without_a_script_all_programs_stand_one_below_the_other(browser, programs_site, owner):
    with signed_in(browser, programs_site.url, owner, java_script_enabled=False) as staff:
        staff.tab.goto("/programs/")
        for code in PROGRAM_CODES:
            expect(staff.tab.locator(f"#source-{code}")).to_be_visible()
        expect(staff.tab.get_by_role("heading", name="Android")).to_be_visible()
        expect(staff.tab.get_by_role("tab")).to_have_count(0)


@pytest.mark.parametrize("width", [320, 390, 768, 1440])
def test_nothing_scrolls_sideways_but_the_code(browser, programs_site, owner, width):
    with signed_in(browser, programs_site.url, owner, viewport={"width": width, "height": 800}) as staff:
        staff.tab.goto("/programs/")
        assert staff.tab.evaluate("document.documentElement.scrollWidth") <= width
