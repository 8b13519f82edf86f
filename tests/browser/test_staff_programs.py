"""The client programs on the page of a signed URL: tabs, copying, downloading, and all of it without a script."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.staff_tab import signed_in
from uploads.snippets import PROGRAM_CODES, Instructions, program

HEADERS = {
    "Content-Type": "text/csv",
    "x-oss-forbid-overwrite": "true",
    "x-oss-meta-note": "a\"b'c\\d$e`f;g<h>&i!",
}


@pytest.fixture
def staff(browser, site, survey_page):
    with signed_in(browser, site.url, survey_page.owner) as staff:
        sign(staff.tab)
        yield staff
        assert not staff.complaints


def sign(tab):
    tab.goto("/staff/sign/?page=pmine")
    tab.get_by_label("Object key").fill("surveys/pmine/frames.csv")
    tab.get_by_text("More: size").click()
    tab.get_by_label("Metadata").fill(f"note={HEADERS['x-oss-meta-note']}")
    tab.get_by_role("button", name="Sign the URL").click()
    expect(tab.get_by_role("heading", name="Headers to send")).to_be_visible()


def panel(staff, name):
    return staff.tab.get_by_role("tabpanel", name=name, exact=True)


def written(staff, code):
    """The program as it has to be for the URL on the page."""
    url = staff.tab.locator("#signed-url").text_content()
    return program(code, Instructions("PUT", url, HEADERS, None, "frames.csv"))


def test_it_works(staff):
    expect(panel(staff, "curl")).to_be_visible()
    staff.tab.get_by_role("tab", name="C#", exact=True).click()

    expect(panel(staff, "C#")).to_be_visible()
    expect(panel(staff, "curl")).to_be_hidden()
    assert staff.tab.locator("#source-csharp").text_content() == written(staff, "csharp").source


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
    staff.tab.get_by_role("button", name="Sign again").click()

    expect(panel(staff, "Go")).to_be_visible()


@pytest.mark.parametrize("code", ["curl", "browser", "python"])
def test_a_download_has_the_program_byte_for_byte(staff, code):
    expected = written(staff, code)
    staff.tab.get_by_role("tab", name=expected.label, exact=True).click()
    with staff.tab.expect_download() as download:
        panel(staff, expected.label).get_by_role("button", name=expected.file_name).click()

    assert download.value.suggested_filename == expected.file_name
    assert Path(download.value.path()).read_text(encoding="utf-8") == expected.source


def test_what_is_copied_is_the_program(staff):
    staff.tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    panel(staff, "curl").get_by_role("button", name="Copy").click()

    expect(panel(staff, "curl").get_by_text("✓ Copied")).to_be_visible()
    assert staff.tab.evaluate("navigator.clipboard.readText()") == written(staff, "curl").source


def test_without_a_script_all_programs_stand_one_below_the_other(browser, site, survey_page):
    with signed_in(browser, site.url, survey_page.owner, java_script_enabled=False) as staff:
        sign(staff.tab)
        for code in PROGRAM_CODES:
            expect(staff.tab.locator(f"#source-{code}")).to_be_visible()
        expect(staff.tab.get_by_role("heading", name="Android")).to_be_visible()
        expect(staff.tab.get_by_role("tab")).to_have_count(0)
