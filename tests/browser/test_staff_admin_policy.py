"""The admin works under the site's Content-Security-Policy: nothing inline, nothing from elsewhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.staff_tab import StaffTab, signed_in
from tests.factories import make_user
from uploads.models.events import EventKind, GrantEvent, SaidBy

VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", event => window.violations.push(event.violatedDirective));
"""


@pytest.fixture
def administrator(browser, site):
    with signed_in(browser, site.url, make_user("root", is_superuser=True)) as staff:
        staff.tab.add_init_script(VIOLATIONS)
        yield staff
        assert staff.tab.evaluate("window.violations") == []
        assert not staff.complaints


@pytest.fixture
def event(grant):
    return GrantEvent.objects.create(grant=grant, kind=EventKind.ISSUED, said_by=SaidBy.SERVER)


def test_signing_in_works(browser, site):
    make_user("root", is_superuser=True)
    tab = browser.new_page(base_url=site.url)
    staff = StaffTab(tab)
    tab.add_init_script(VIOLATIONS)
    tab.goto("/admin/")
    tab.get_by_label("Username").fill("root")
    tab.get_by_label("Password").fill("password")
    tab.get_by_role("button", name="Log in").click()

    expect(tab.get_by_role("link", name="Grants")).to_be_visible()
    assert tab.evaluate("window.violations") == []
    assert not staff.complaints
    tab.close()


def test_grants_can_be_filtered_by_state_and_by_page(administrator, grant):
    tab = administrator.tab
    tab.goto("/admin/uploads/uploadgrant/")
    tab.locator("#changelist-filter").get_by_role("link", name="Issued", exact=True).click()
    tab.get_by_label("Title or page id").fill("survey")
    tab.get_by_role("button", name="Filter").click()

    expect(tab.get_by_role("link", name=grant.grant_id)).to_be_visible()
    assert "state__exact=issued" in tab.url
    assert "of_page=survey" in tab.url


def test_a_grant_can_be_read_and_has_nothing_to_save(administrator, grant, event):
    tab = administrator.tab
    tab.goto("/admin/uploads/uploadgrant/")
    tab.get_by_role("link", name=grant.grant_id).click()

    expect(tab.get_by_text(grant.object_key)).to_be_visible()
    expect(tab.get_by_text("seen by server").first).to_be_visible()
    expect(tab.get_by_role("button", name="Save")).to_have_count(0)
    expect(tab.get_by_role("link", name="Delete")).to_have_count(0)


def test_a_page_can_be_closed_with_the_calendar(administrator, open_page):
    tab = administrator.tab
    tab.goto(f"/admin/uploads/uploadpage/{open_page.pk}/change/")
    tab.get_by_role("link", name="Today").click()
    tab.get_by_role("link", name="Now").click()
    tab.get_by_role("button", name="Save", exact=True).click()

    expect(tab.get_by_text("was changed successfully")).to_be_visible()
    open_page.refresh_from_db()
    assert open_page.closed_at is not None


def test_events_can_be_read(administrator, event):
    administrator.tab.goto("/admin/uploads/grantevent/")

    expect(administrator.tab.get_by_role("cell", name="Issued", exact=True)).to_be_visible()
