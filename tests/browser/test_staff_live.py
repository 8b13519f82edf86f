"""The list of a page's grants follows what the server has verified, and disturbs nobody."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.staff_tab import signed_in
from tests.factories import make_grant, make_user
from uploads.models.events import EventKind, SaidBy
from uploads.models.grants import GrantState, UploadGrant
from uploads.models.history import recorded

HIDE = """hidden => {
  Object.defineProperty(document, "hidden", {get: () => hidden, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def administrator(browser, site):
    """Follows links into the admin from the rows."""
    with signed_in(browser, site.url, make_user("administrator", is_superuser=True)) as staff:
        yield staff


@pytest.fixture
def watch(administrator, open_page):
    """Opens the page of `open_page`, and gives back its tab."""

    def watch(query: str = ""):
        administrator.tab.goto(f"/staff/pages/{open_page.page_id}/{query}")
        expect(administrator.tab.locator("[data-live-note]")).to_be_visible()
        return administrator.tab

    return watch


@pytest.fixture
def still_clock(administrator):
    """Timers of the tab run only when the test says so."""
    administrator.tab.clock.install()
    return administrator.tab.clock


def verify(grant: UploadGrant) -> None:
    now = timezone.now()
    fields = {"stored_at": now, "checked_at": now}
    with recorded(now) as history:
        assert grant.change_state(
            GrantState.STORED, event=EventKind.VERIFIED, said_by=SaidBy.SERVER, history=history, fields=fields
        )


def state_of(tab, grant):
    return tab.locator(f"#row-{grant.grant_id} .state")


def test_a_verified_grant_is_shown_within_three_seconds(administrator, watch, grant):
    tab = watch()
    expect(state_of(tab, grant)).to_have_text("Issued")

    verify(grant)

    expect(state_of(tab, grant)).to_have_text("Stored", timeout=3000)
    expect(tab.locator("#pick-stored")).to_have_text("Stored 1")
    assert not administrator.complaints


def test_a_new_grant_comes_to_the_top_and_takes_the_place_of_the_empty_sentence(watch, open_page):
    tab = watch()
    expect(tab.get_by_text("Nothing has been sent yet")).to_be_visible()

    first = make_grant(page=open_page)
    expect(state_of(tab, first)).to_be_visible(timeout=3000)
    second = make_grant(page=open_page)
    expect(state_of(tab, second)).to_be_visible(timeout=3000)

    ids = tab.locator("[data-live-rows] tr").evaluate_all("rows => rows.map(row => row.id)")
    assert ids == [f"row-{second.grant_id}", f"row-{first.grant_id}"]


def test_it_asks_once_in_two_seconds_and_is_answered_with_304(administrator, still_clock, watch, grant):
    tab = watch()

    for _ in range(3):
        with tab.expect_response("**/grants/") as answer:
            still_clock.run_for(2000)
        assert answer.value.status == 304

    assert len(administrator.live_requests()) == 3
    assert all(request.header_value("if-none-match") for request in administrator.live_requests())


def test_it_asks_nothing_while_hidden_and_at_once_when_seen_again(administrator, still_clock, watch, grant):
    tab = watch()
    tab.evaluate(HIDE, True)
    still_clock.run_for(60_000)
    assert administrator.live_requests() == []

    with tab.expect_response("**/grants/"):
        tab.evaluate(HIDE, False)


def test_filter_and_search_stay(watch, open_page):
    tab = watch("?show=need-you&q=wanted")
    make_grant(page=open_page, file_name="other.pdf", state="failed", cause="signature")
    make_grant(page=open_page, file_name="wanted-stored.pdf", state="stored")
    wanted = make_grant(page=open_page, file_name="wanted.pdf", state="failed", cause="signature")

    expect(state_of(tab, wanted)).to_be_visible(timeout=3000)
    expect(tab.locator("[data-live-rows] tr")).to_have_count(1)
    expect(tab.locator("#pick-need-you")).to_have_attribute("aria-current", "true")


def test_it_takes_away_neither_focus_nor_what_is_being_typed(watch, grant):
    tab = watch()
    link = tab.locator(f"#link-{grant.grant_id}")
    tab.get_by_role("searchbox").fill("half a wo")
    link.focus()

    verify(grant)

    expect(state_of(tab, grant)).to_have_text("Stored", timeout=3000)
    expect(link).to_be_focused()
    expect(tab.get_by_role("searchbox")).to_have_value("half a wo")


def test_rows_that_did_not_change_are_not_touched(watch, open_page):
    quiet, loud = make_grant(page=open_page), make_grant(page=open_page)
    tab = watch()
    row = tab.locator(f"#row-{quiet.grant_id}").element_handle()
    cell = tab.locator(f"#row-{quiet.grant_id} td").first.element_handle()

    verify(loud)

    expect(state_of(tab, loud)).to_have_text("Stored", timeout=3000)
    assert row.evaluate("row => row.isConnected")
    assert cell.evaluate("cell => cell.isConnected")


def test_what_is_being_read_keeps_its_place(watch, open_page):
    grants = [make_grant(page=open_page) for _ in range(40)]
    tab = watch()
    read = tab.locator(f"#row-{grants[5].grant_id}")
    read.scroll_into_view_if_needed()
    before = read.bounding_box()

    newest = make_grant(page=open_page)

    expect(state_of(tab, newest)).to_be_attached(timeout=3000)
    assert read.bounding_box()["y"] == pytest.approx(before["y"], abs=2)


def test_a_name_with_markup_arrives_as_text(administrator, watch, open_page):
    tab = watch()
    name = "<img src=x onerror=alert(1)>.pdf"
    grant = make_grant(page=open_page, file_name=name)

    expect(tab.locator(f"#row-{grant.grant_id} .file__name")).to_have_text(name, timeout=3000)
    assert tab.locator("img").count() == 0
    assert not administrator.complaints


def test_without_a_connection_it_says_so_and_goes_on_by_itself(watch, grant):
    tab = watch()
    word = tab.locator("[data-live-word]")

    tab.context.set_offline(True)
    expect(word).to_have_text("No connection to the server. Trying again.", timeout=4000)
    tab.context.set_offline(False)

    expect(word).to_have_text("live", timeout=4000)


def test_it_asks_less_and_less_while_the_server_fails(administrator, still_clock, watch, grant):
    tab = watch()
    tab.route("**/grants/", lambda route: route.fulfill(status=503))
    failures = []
    # What the page itself is made of may still be on its way.
    tab.on("response", lambda response: failures.append(response) if response.status == 503 else None)

    for wait_ms in (2000, 4000, 8000, 16_000, 30_000, 30_000):
        still_clock.run_for(wait_ms - 10)
        before = len(failures)
        with tab.expect_response("**/grants/"):
            still_clock.run_for(10)
        assert len(failures) == before + 1


def test_when_the_session_has_ended_it_says_so_and_stops(administrator, still_clock, watch, grant):
    tab = watch()
    Session.objects.all().delete()
    still_clock.run_for(2000)
    expect(tab.locator("[data-live-word]")).to_have_text("No longer live. Load this page again.")
    asked = len(administrator.live_requests())

    still_clock.run_for(60_000)

    assert len(administrator.live_requests()) == asked
