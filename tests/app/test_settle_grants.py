"""Settle: every grant comes to its end, late enough, once, also when no browser ever comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.app.conftest import a_file, kinds, put, row, settle_for, used
from uploads.models import UploadGrant
from uploads.models.grants import GrantState
from uploads.settle import settle_due

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

URL_SECONDS = 15 * 60
CLOCK_SECONDS = 15 * 60
GB = 1024**3


def test_a_tab_that_was_killed_after_the_put_ends_stored(visitor, clock, open_page):
    [answer] = visitor.ask(a_file())
    put(answer)
    clock.shift(90)

    assert settle_due() == {"stored": 1}

    assert kinds(row(answer)) == ["issued", "verified"]
    assert used(open_page) == (1, 5)


def test_a_tab_that_was_killed_in_mid_put_gives_its_room_back_once(visitor, clock, open_page):
    [answer] = visitor.ask(a_file())
    settle_for(clock, 3 * 3600)

    assert row(answer).state == GrantState.EXPIRED
    assert row(answer).cause == "never_arrived"
    assert kinds(row(answer)) == ["issued", "expired", "released"]
    assert used(open_page) == (0, 0)

    settle_for(clock, 3 * 24 * 3600, step=12 * 3600)
    assert used(open_page) == (0, 0)
    assert row(answer).next_check_at is None


@pytest.mark.parametrize(
    ("size", "transfer_seconds"),
    [(0, 600), (5, 600), (30_000_000, 600), (45_000_000, 900), (5 * GB, 5 * GB / 50_000)],
    ids=["no bytes", "five bytes", "just the shortest", "45 MB", "5 GB"],
)
def test_it_decides_when_the_slowest_upload_must_be_over(visitor, clock, size, transfer_seconds, open_page):
    [answer] = visitor.ask(a_file(size=size))
    decision = URL_SECONDS + CLOCK_SECONDS + transfer_seconds

    clock.shift(decision - 5)
    settle_due()
    assert (row(answer).state, used(open_page)) == (GrantState.ISSUED, (1, size))

    clock.shift(10)
    settle_due()
    assert (row(answer).state, used(open_page)) == (GrantState.EXPIRED, (0, 0))


def test_a_renewal_moves_the_decision(visitor, clock):
    file = a_file()
    visitor.ask(file)
    clock.shift(35 * 60)
    [answer] = visitor.ask(file)

    clock.shift(39 * 60)
    settle_due()
    assert row(answer).state == GrantState.ISSUED

    clock.shift(2 * 60)
    settle_due()
    assert row(answer).state == GrantState.EXPIRED


@pytest.mark.parametrize("end", ["cancelled", "failed"])
def test_what_ended_otherwise_gives_its_room_back_in_the_same_way(visitor, clock, open_page, end):
    file = a_file()
    [answer] = visitor.ask(file)
    if end == "cancelled":
        visitor.cancel(file["id"])
    else:
        visitor.report({"id": file["id"], "status": 403, "code": "SignatureDoesNotMatch"})
    before = row(answer).cause

    settle_for(clock, 39 * 60, step=60)
    assert (row(answer).state, used(open_page)) == (end, (1, 5))

    settle_for(clock, 120, step=60)
    assert (row(answer).state, used(open_page), row(answer).cause) == (end, (0, 0), before)
    assert kinds(row(answer)).count("released") == 1


def test_a_failure_that_is_seen_after_the_decision_gives_its_room_back_at_once(visitor, clock, open_page):
    [answer] = visitor.ask(a_file())
    UploadGrant.objects.update(
        state="reported", attempts=1, reported_at=timezone.now(), reported_status=403, reported_code="AccessDenied"
    )
    clock.shift(2 * 3600)

    settle_due()

    assert (row(answer).state, used(open_page)) == (GrantState.FAILED, (0, 0))
    assert row(answer).next_check_at - timezone.now() > timedelta(hours=22)


def test_after_days_without_settle_everything_ends_in_one_pass(visitor, clock, open_page):
    files = [a_file() for _ in range(120)]
    answers = visitor.ask(*files[:60]) + visitor.ask(*files[60:])
    visitor.cancel(*[file["id"] for file in files[:10]])
    put(answers[-1])
    clock.shift(10 * 24 * 3600)

    settle_due()

    assert used(open_page) == (1, 5)
    assert UploadGrant.objects.exclude(next_check_at=None).count() == 0
