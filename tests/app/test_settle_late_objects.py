"""Objects that come although their grant was given up: found, charged, and no way around the limits."""

from __future__ import annotations

import pytest

from tests.app.conftest import a_file, kinds, put, row, settle_for, used
from tests.conftest import BUCKET
from uploads.models.grants import GrantState

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.mark.parametrize("end", ["cancelled", "expired", "failed"])
def test_what_comes_after_the_room_was_given_back_is_late_and_charged(visitor, clock, open_page, oss, end):
    file = a_file()
    [answer] = visitor.ask(file)
    if end == "cancelled":
        visitor.cancel(file["id"])
    if end == "failed":
        visitor.report({"id": file["id"], "status": 403})
    settle_for(clock, 3600)
    assert (row(answer).state, used(open_page)) == (end, (0, 0))
    granted = {"content_type": "text/plain", "x_oss_meta_grant": answer["grant"]}
    oss.app.store.put_bytes(BUCKET, row(answer).object_key, b"hello", **granted)

    settle_for(clock, 25 * 3600, step=3600)

    assert (row(answer).state, used(open_page)) == (GrantState.LATE, (1, 5))
    assert visitor.status(file["id"])[0]["file_state"] == "stored"
    settle_for(clock, 48 * 3600, step=6 * 3600)
    assert used(open_page) == (1, 5)
    assert kinds(row(answer)).count("arrived_late") == 1


def test_what_comes_before_the_room_is_given_back_is_late_and_charged_once(visitor, clock, open_page):
    file = a_file()
    [answer] = visitor.ask(file)
    visitor.cancel(file["id"])
    put(answer)

    settle_for(clock, 3600)

    assert (row(answer).state, used(open_page)) == (GrantState.LATE, (1, 5))
    assert "released" not in kinds(row(answer))


def test_cancelling_again_and_again_gets_nobody_over_the_limit(visitor, clock, open_page, oss):
    """Ask, cancel, PUT with the live URL, repeat."""
    open_page.max_files = 3
    open_page.save()
    for _ in range(6):
        for answer in visitor.ask(a_file()):
            if "url" in answer:
                visitor.cancel(answer["id"])
                put(answer)

    settle_for(clock, 2 * 24 * 3600, step=3600)

    assert len(oss.app.store.keys(BUCKET)) == 3
    assert used(open_page) == (3, 15)


def test_a_late_object_that_is_not_what_was_granted_is_said_to_differ(visitor, clock, oss):
    file = a_file()
    [answer] = visitor.ask(file)
    visitor.cancel(file["id"])
    oss.app.store.put_bytes(BUCKET, row(answer).object_key, b"alien")

    settle_for(clock, 3600)

    assert row(answer).state == GrantState.LATE
    assert visitor.status(file["id"])[0]["file_state"] == "mismatch"
