"""Whom the page talks to, where it works, and how it behaves for whom."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.mishaps import BUSY
from tests.browser.visitor import file
from tests.factories import make_page
from uploads.models.grants import UploadGrant
from uploads.storage import storage

LONG_NAME = "IMG_20261119_143207_starboard-frame-42-close-up-with-scale-bar-and-caption.jpg"


def test_the_page_talks_to_the_site_and_to_the_bucket_and_to_nobody_else(visitor, site):
    visitor.choose(file("hello.txt"))
    visitor.sees_queue("done")
    origins = {"{0.scheme}://{0.netloc}".format(urlsplit(line.split(" ")[1])) for line in visitor.requested}
    assert origins == {site.url, storage().bucket().origin}
    assert not visitor.complaints


def test_nothing_is_kept_in_the_browser_but_its_own_key_and_what_was_sent(visitor):
    visitor.choose(file("hello.txt"))
    visitor.sees_queue("done")
    visitor.waits_until(lambda: visitor.tab.evaluate("localStorage.length") == 2)
    kept = dict(visitor.tab.evaluate("Object.entries({ ...localStorage, ...sessionStorage })"))
    assert sorted(name.split(" ")[0] for name in kept) == ["sent-files", "visitor-key"]
    [sent] = json.loads(next(value for name, value in kept.items() if name.startswith("sent-files")))
    assert (sent["name"], sent["state"], "signature" in json.dumps(sent)) == ("hello.txt", "stored", False)
    assert visitor.tab.context.cookies() == []


def test_it_works_on_plain_http_where_browsers_give_less(new_visitor, site, open_page):
    visitor = new_visitor()
    visitor.tab.goto(site.url.replace("127.0.0.1", "upload.test") + open_page.link_path())
    assert visitor.tab.evaluate("[isSecureContext, typeof crypto.randomUUID]") == [False, "undefined"]
    visitor.choose(file("hello.txt"))
    visitor.sees("hello.txt", "stored")
    assert visitor.complaints == []


def test_it_works_where_nothing_may_be_kept(new_visitor, open_page):
    visitor = new_visitor()
    visitor.tab.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('', 'SecurityError'); } });"
    )
    visitor.open(open_page)
    visitor.choose(file("hello.txt"))
    visitor.sees("hello.txt", "stored")


@pytest.mark.parametrize("state", ["idle", "working", "attention", "done"])
def test_nothing_scrolls_sideways(new_visitor, owner, mishaps, state):
    page = make_page(owner=owner, title="Gesamtschadensbegutachtungsfotografien" * 3, instructions="w" * 300)
    visitor = new_visitor()
    visitor.open(page)
    if state == "working":
        mishaps.hold("PUT")
    if state == "attention":
        mishaps.refuse("PUT", BUSY)
    visitor.hurry()
    if state != "idle":
        visitor.choose(file(LONG_NAME), file("x" * 200), file("短" * 80 + ".pdf"))
        expect(visitor.rows).to_have_count(3)
    visitor.sees_queue(state)
    for width in (320, 390, 900, 1440):
        visitor.tab.set_viewport_size({"width": width, "height": 800})
        assert visitor.tab.evaluate("document.documentElement.scrollWidth") == width


def test_a_long_name_loses_its_middle(new_visitor, open_page):
    visitor = new_visitor(viewport={"width": 320, "height": 800})
    visitor.open(open_page)
    visitor.choose(file(LONG_NAME))
    visitor.sees(LONG_NAME, "stored")
    head, tail = visitor.row(LONG_NAME).locator(".file__name span").all()
    assert tail.text_content() == LONG_NAME[-12:]
    assert head.evaluate("(element) => element.scrollWidth > element.clientWidth")
    expect(tail).to_be_in_viewport(ratio=1)


def test_files_can_be_chosen_and_sent_again_by_keyboard(visitor, mishaps):
    mishaps.refuse("PUT", BUSY)
    visitor.tab.keyboard.press("Tab")
    expect(visitor.tab.get_by_role("button", name="Drop files here Choose files")).to_be_focused()
    visitor.hurry()
    visitor.choose(file("hello.txt"))
    visitor.sees("hello.txt", "failed")
    mishaps.release()
    visitor.tab.get_by_role("button", name="Retry hello.txt").focus()
    visitor.tab.keyboard.press("Enter")
    visitor.sees("hello.txt", "stored")
    expect(visitor.row("hello.txt")).to_be_focused()


def test_milestones_are_read_aloud(visitor, mishaps):
    live = visitor.tab.get_by_role("status").and_(visitor.tab.locator("[data-part=live]"))
    mishaps.refuse("PUT", BUSY, "bad")
    visitor.hurry()
    visitor.choose(file("good.txt"), file("bad.txt"))
    expect(live).to_have_text("1 of 2 received and verified. One needs you.")
    mishaps.release()
    visitor.press("Retry", "bad.txt")
    expect(live).to_have_text("2 of 2 received and verified")


def test_the_tab_says_how_far_it_is(visitor, mishaps):
    mishaps.hold("PUT", "slow")
    visitor.choose(file("quick.txt"), file("slow.txt"))
    expect(visitor.tab).to_have_title("50% · Survey photographs")
    mishaps.release()
    expect(visitor.tab).to_have_title("Survey photographs")


def test_what_can_be_pressed_is_large_enough_for_a_finger(new_visitor, open_page, mishaps):
    mishaps.refuse("PUT", BUSY)
    visitor = new_visitor(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    visitor.open(open_page)
    visitor.hurry()
    visitor.choose(file("one.txt"), file("two.txt"))
    visitor.sees_queue("attention")
    buttons = visitor.tab.get_by_role("button").all()
    assert len(buttons) > 2
    for button in buttons:
        box = button.bounding_box()
        assert box["height"] >= 44, button.text_content()
        assert box["width"] >= 44, button.text_content()


def test_titles_and_instructions_are_text_and_nothing_else(new_visitor, owner):
    page = make_page(owner=owner, title="<script>alert(1)</script>", instructions="<img src=x onerror=alert(2)>")
    visitor = new_visitor()
    visitor.open(page)
    expect(visitor.tab.get_by_role("heading", name="<script>alert(1)</script>")).to_be_visible()
    expect(visitor.tab.get_by_text("<img src=x onerror=alert(2)>")).to_be_visible()
    assert not visitor.complaints


def test_without_script_the_page_says_what_it_needs(new_visitor, open_page):
    visitor = new_visitor(java_script_enabled=False)
    visitor.open(open_page)
    # Playwright looks into no <noscript> for words, so the paragraph is found by its place.
    notice = visitor.tab.locator("noscript > p")
    expect(notice).to_be_visible()
    assert "This page needs JavaScript to send files." in notice.evaluate("(element) => element.textContent")
    expect(visitor.tab.locator(".drop")).to_be_hidden()


def test_a_closed_page_says_since_when_and_whom_to_ask(new_visitor, owner):
    page = make_page(owner=owner, closed_at=timezone.now() - timedelta(days=1))
    visitor = new_visitor()
    visitor.open(page)
    expect(visitor.tab.get_by_role("heading")).to_contain_text("This page closed on")
    expect(visitor.tab.get_by_text("Ask Ingrid Dahl to open the page again")).to_be_visible()
    assert visitor.tab.locator("input").count() == 0


def test_a_page_that_closes_meanwhile_takes_what_was_granted_and_refuses_the_rest(visitor, open_page, mishaps):
    mishaps.hold("PUT")
    visitor.choose(file("granted.txt"))
    visitor.sees("granted.txt", "sending")
    open_page.closed_at = timezone.now()
    open_page.save()
    visitor.choose(file("late.txt"))
    visitor.sees("late.txt", "failed", "Not accepted The page is closed; it takes no more files.")
    mishaps.release()
    visitor.sees("granted.txt", "stored")
    assert UploadGrant.objects.count() == 1


def test_an_unknown_link_says_only_that_it_is_unknown(new_visitor):
    visitor = new_visitor()
    response = visitor.tab.goto("/u/nobody-knows-this-one/")
    assert response.status == 404
    expect(visitor.tab.get_by_role("heading", name="This link is not known here")).to_be_visible()


def test_times_are_the_readers_own(new_visitor, owner):
    page = make_page(owner=owner, closed_at=timezone.now() + timedelta(days=300))
    visitor = new_visitor(timezone_id="Asia/Shanghai")
    visitor.open(page)
    hour = (page.closed_at + timedelta(hours=8)).strftime("%-I:%M %p")
    expect(visitor.tab.locator("time")).to_contain_text(hour)
    expect(visitor.tab.get_by_text("your time")).to_be_visible()


def test_a_page_whose_script_was_lost_on_the_way_says_so_and_loads_again(new_visitor, open_page):
    visitor = new_visitor()
    lost = "**/engine/lanes*.js"
    visitor.tab.route(lost, lambda route: route.abort())
    visitor.open(open_page)
    notice = visitor.tab.get_by_text("This page has not loaded completely.")
    expect(notice).to_be_hidden()
    # Ten seconds, which a slow line may take, have passed.
    visitor.tab.evaluate("for (const animation of document.getAnimations()) animation.finish()")
    expect(notice).to_be_visible()
    visitor.tab.unroute(lost)
    visitor.tab.get_by_role("link", name="Load it again").click()
    visitor.choose(file("hello.txt"))
    visitor.sees("hello.txt", "stored")
    expect(notice).to_have_count(0)
