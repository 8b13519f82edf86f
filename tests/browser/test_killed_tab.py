"""A tab that dies without a word, and is never opened again: the server brings its grants to their end."""

from __future__ import annotations

import os
import signal
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.browser.visitor import file
from tests.conftest import BUCKET
from uploads.models.events import EventKind
from uploads.models.grants import GrantState, UploadGrant
from uploads.settle import settle_due

# More than the buffers of any connection hold, so that a held PUT cannot have been sent whole.
LARGE = 64 * 1024 * 1024


@pytest.fixture
def kill(browser, visitor):
    """Kill the renderers of the browser, the tab's among them: no handler runs, and its requests break off."""

    def kill_now():
        processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
        with visitor.tab.expect_event("crash"):
            for process in processes:
                if process["type"] == "renderer":
                    os.kill(process["id"], signal.SIGKILL)

    return kill_now


def test_after_the_put_its_file_ends_stored(visitor, kill, site, oss):
    site.intercept = lambda environ: (
        ("503 Service Unavailable", {"Retry-After": "60"}, b"") if environ["PATH_INFO"].endswith("/results") else None
    )
    visitor.choose(file("hello.txt"))
    visitor.waits_until(lambda: oss.app.store.keys(BUCKET))
    kill()
    grant = UploadGrant.objects.get()
    assert grant.state == GrantState.ISSUED

    settle_due(now=lambda: grant.created_at + timedelta(minutes=1))

    grant.refresh_from_db()
    assert (grant.state, grant.reported_at) == (GrantState.STORED, None)


def test_in_mid_put_its_file_expires_and_gives_its_room_back_once_and_late_enough(
    visitor, kill, mishaps, open_page, tmp_path
):
    large = tmp_path / "large.bin"
    with large.open("wb") as target:
        target.truncate(LARGE)
    mishaps.hold("PUT")
    visitor.choose(large)
    visitor.waits_until(lambda: mishaps.seen["PUT"])
    kill()
    mishaps.release()
    grant = UploadGrant.objects.get()
    decided_at = grant.decided_at
    assert decided_at - grant.url_ends_at >= timedelta(minutes=15, seconds=LARGE / 50_000)

    for moment in (timezone.now() + timedelta(minutes=1), grant.url_ends_at, decided_at - timedelta(seconds=1)):
        settle_due(now=lambda moment=moment: moment)
        open_page.refresh_from_db()
        assert (open_page.used_files, open_page.used_bytes) == (1, LARGE)

    for moment in (decided_at, decided_at + timedelta(hours=24), decided_at + timedelta(hours=48)):
        settle_due(now=lambda moment=moment: moment)
        open_page.refresh_from_db()
        assert (open_page.used_files, open_page.used_bytes) == (0, 0)

    grant.refresh_from_db()
    assert grant.state == GrantState.EXPIRED
    assert grant.events.filter(kind=EventKind.RELEASED).count() == 1
