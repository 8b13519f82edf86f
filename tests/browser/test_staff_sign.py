"""As a new user tries it: the page shows a command, it is pasted into a shell, and the file is there."""

from __future__ import annotations

import re
import subprocess

import pytest
from playwright.sync_api import expect

from tests.browser.staff_tab import signed_in
from tests.conftest import BUCKET
from uploads.models import UploadGrant

CONTENT = b"frame;x;y\n1;2;3\n"


@pytest.fixture
def staff(browser, site, survey_page):
    with signed_in(browser, site.url, survey_page.owner) as staff:
        yield staff
        assert not staff.complaints


def sign(tab, name="frames.csv", **fields):
    tab.goto("/staff/sign/?page=pmine")
    tab.get_by_label("Object key").press("End")
    tab.get_by_label("Object key").press_sequentially(name)
    if fields:
        tab.get_by_text("More: size").click()
    for label, value in fields.items():
        tab.get_by_label(label.replace("_", " ")).fill(value)
    tab.get_by_role("button", name="Sign the URL").click()
    expect(tab.get_by_role("heading", name="Headers to send")).to_be_visible()


def pasted(tab, directory):
    """Run the curl command that the page shows, in a shell."""
    command = tab.locator("pre", has_text="curl --").first.text_content()
    run = subprocess.run(
        ["bash", "-c", command], cwd=directory, capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, f"{command}\n{run.stdout}\n{run.stderr}"


def test_it_works(staff, oss, tmp_path):
    (tmp_path / "frames.csv").write_bytes(CONTENT)
    sign(staff.tab, Exact_size_in_bytes=str(len(CONTENT)), Metadata="Operator=Åse Ødegård\nnote=a\"b'c\\d$e%f`g;h&i!")
    expect(staff.tab.get_by_text("Nothing has arrived yet.")).to_be_visible()

    pasted(staff.tab, tmp_path)

    assert oss.app.store.path_of(BUCKET, "surveys/pmine/frames.csv").read_bytes() == CONTENT
    expect(staff.tab.locator("[data-live=signed-state] .state")).to_have_text("Stored", timeout=10_000)
    expect(staff.tab.get_by_role("button", name="Sign again")).to_be_hidden()
    staff.tab.goto(f"/staff/grants/{UploadGrant.objects.get().grant_id}/")
    expect(staff.tab.locator("[data-file-state=stored]").first).to_be_visible()


def test_the_type_is_suggested_while_the_key_is_written(staff):
    staff.tab.goto("/staff/sign/?page=pmine")
    key, content_type = (
        staff.tab.get_by_label("Object key"),
        staff.tab.get_by_label("Content-Type", exact=False).first,
    )

    for name, suggested in (
        ("a.tar.gz", "application/gzip"),
        ("A.PDF", "application/pdf"),
        ("b", "application/octet-stream"),
    ):
        key.fill(f"surveys/pmine/{name}")
        expect(content_type).to_have_attribute("placeholder", suggested)


def test_the_time_runs_down_and_then_it_says_that_the_url_has_lapsed(staff):
    staff.tab.clock.install()
    sign(staff.tab)
    figure = staff.tab.locator("[data-part=figure]")
    # The page itself says 1:00:00; before its script counts, there is no time that could go by.
    expect(figure).to_have_text(re.compile(r"59:\d\d"))

    staff.tab.clock.run_for(600_000)
    expect(figure).to_have_text(re.compile(r"50:00|49:\d\d"))
    staff.tab.clock.run_for(3_600_000)

    expect(figure).to_have_text("0:00")
    expect(staff.tab.get_by_text("This URL has lapsed.")).to_be_visible()


def test_a_url_that_lapses_while_the_machine_sleeps_is_shown_as_lapsed(staff):
    staff.tab.clock.install()
    sign(staff.tab)
    expect(staff.tab.locator("[data-part=figure]")).to_have_text(re.compile(r"59:\d\d"))
    # Some browsers stop this clock meanwhile.
    staff.tab.evaluate("const now = performance.now(); performance.now = () => now")
    staff.tab.clock.fast_forward(3_700_000)

    expect(staff.tab.get_by_text("This URL has lapsed.")).to_be_visible()


def test_a_double_click_signs_once(staff):
    staff.tab.goto("/staff/sign/?page=pmine")
    staff.tab.get_by_label("Object key").fill("surveys/pmine/a.csv")
    staff.tab.get_by_role("button", name="Sign the URL").dblclick()

    expect(staff.tab.get_by_role("heading", name="Headers to send")).to_be_visible()
    assert [event.kind for event in UploadGrant.objects.get().events.all()] == ["issued"]


def test_going_back_shows_the_form_and_no_url(staff):
    sign(staff.tab)
    staff.tab.go_back()

    expect(staff.tab.get_by_role("button", name="Sign the URL")).to_be_visible()
    assert "x-oss-signature" not in staff.tab.content()


def test_signing_again_gives_another_url_of_the_same_grant(staff):
    sign(staff.tab)
    first = staff.tab.locator("#signed-url").text_content()

    staff.tab.get_by_role("button", name="Sign again").click()

    expect(staff.tab.get_by_role("heading", name="Headers to send")).to_be_visible()
    assert staff.tab.locator("#signed-url").text_content().split("?")[0] == first.split("?")[0]
    assert [event.kind for event in UploadGrant.objects.get().events.all()] == ["issued", "renewed"]


def test_the_copied_url_is_the_signed_one(browser, site, survey_page, oss):
    with signed_in(browser, site.url, survey_page.owner, permissions=["clipboard-read", "clipboard-write"]) as staff:
        sign(staff.tab)
        staff.tab.get_by_role("button", name="Copy URL").click()
        expect(staff.tab.get_by_role("button", name="✓ Copied")).to_be_visible()
        copied = staff.tab.evaluate("navigator.clipboard.readText()")

    assert copied.startswith(f"{oss.url}/{BUCKET}/surveys/pmine/frames.csv?x-oss-credential=")
    assert copied.count("x-oss-signature=") == 1


def test_without_script_all_of_it_is_there(browser, site, survey_page):
    with signed_in(browser, site.url, survey_page.owner, java_script_enabled=False) as staff:
        sign(staff.tab)
        assert "x-oss-signature=" in staff.tab.locator("#signed-url").text_content()
        expect(staff.tab.locator("pre", has_text="curl --").first).to_be_visible()


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_nothing_needs_scrolling_sideways(browser, site, survey_page, width):
    with signed_in(browser, site.url, survey_page.owner, viewport={"width": width, "height": 800}) as staff:
        for name in ("a.csv", "x" * 230 + ".csv"):
            sign(staff.tab, name, Metadata="note=" + "y" * 300)
            staff.tab.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
            assert staff.tab.evaluate("document.documentElement.scrollWidth") <= width
        staff.tab.goto("/staff/sign/")
        staff.tab.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
        assert staff.tab.evaluate("document.documentElement.scrollWidth") <= width
