"""Settle among others: claimers that die, rows that cannot be written, answers that are out of date."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.app.conftest import a_file, kinds, put, row, used
from uploads import outcomes, settle, upload_clearing, verification
from uploads.models import UploadGrant
from uploads.models.grants import GrantState
from uploads.settle import settle_due, settle_forever
from uploads.verification import Look

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_a_claimer_that_dies_is_followed_by_another_after_the_lease(visitor, clock, monkeypatch):
    [answer] = visitor.ask(a_file())
    put(answer)
    clock.shift(90)

    def die(batch, **_):
        raise SystemExit

    monkeypatch.setattr(settle, "look_at", die)
    with pytest.raises(SystemExit):
        settle_due()
    monkeypatch.undo()

    clock.shift(settle.LEASE.total_seconds() - 5)
    assert settle_due() == {}
    clock.shift(6)
    assert settle_due() == {"stored": 1}


def test_a_batch_that_takes_all_its_time_is_nobody_elses(visitor, clock, monkeypatch):
    """OSS answers no look, and is slow to throw parts away; the database is busy in between."""
    [answer] = visitor.ask(a_file())
    UploadGrant.objects.update(parts_begun_at=timezone.now())
    visitor.cancel(answer["id"])
    clock.shift(3600)
    left_to_others = []

    def look(batch, *, timeout, **_):
        clock.shift(timeout)
        return {}

    def clear(calls, *, timeout):
        clock.shift(settle.WRITE_SECONDS / 2 + timeout)
        left_to_others.append(UploadGrant.objects.due(timezone.now()).count())
        return {}

    monkeypatch.setattr(settle, "look_at", look)
    monkeypatch.setattr(upload_clearing, "answers_of", clear)
    settle_due(is_stopped=iter([False, True]).__next__)

    assert left_to_others == [0]


def test_one_row_that_cannot_be_written_keeps_no_other_from_its_end(visitor, clock, monkeypatch, caplog):
    bad, *others = visitor.ask(*[a_file() for _ in range(5)])
    for answer in others:
        put(answer)
    clock.shift(3600)
    whole = outcomes._apply

    def apply(grant, look, history):
        written = whole(grant, look, history)
        if grant.grant_id == bad["grant"]:
            raise ValueError("This row is poison.")
        return written

    monkeypatch.setattr(outcomes, "_apply", apply)
    assert settle_due() == {"stored": 4}
    assert bad["grant"] in caplog.text
    assert (row(bad).state, kinds(row(bad))) == ("issued", ["issued"])
    assert {kinds(row(answer))[-1] for answer in others} == {"verified"}


def test_one_grant_that_cannot_be_asked_about_keeps_no_other_from_its_end(visitor, clock, monkeypatch, caplog):
    """By a mistake of ours, not by what OSS said."""
    bad, *others = visitor.ask(*[a_file() for _ in range(5)])
    for answer in others:
        put(answer)
    clock.shift(3600)
    whole = verification.head

    def head(grant):
        if grant.grant_id == bad["grant"]:
            raise ValueError("This answer is poison.")
        return whole(grant)

    monkeypatch.setattr(verification, "head", head)
    assert settle_due() == {"stored": 4, "issued": 1}
    assert (bad["grant"] in caplog.text, "This answer is poison." in caplog.text) == (True, True)
    assert (row(bad).check_error, kinds(row(bad))) == ("ValueError", ["issued", "check_failed"])
    assert row(bad).next_check_at > timezone.now()
    assert {kinds(row(answer))[-1] for answer in others} == {"verified"}


def test_the_loop_survives_a_bad_pass_and_stops_when_told(monkeypatch, caplog):
    passes = []

    def bad_pass(**_):
        passes.append(1)
        raise ConnectionError("The database is away.")

    monkeypatch.setattr(settle, "settle_due", bad_pass)
    waits = iter([False, False, True])
    settle_forever(every_seconds=7, wait=lambda seconds: next(waits))

    assert len(passes) == 3
    assert "A settle pass failed" in caplog.text


def test_a_loop_with_much_to_do_stops_between_batches(visitor, clock):
    for _ in range(2):
        visitor.ask(*[a_file() for _ in range(60)])
    clock.shift(3600)
    told = iter([False, True])

    assert settle_due(is_stopped=lambda: next(told)) == {"expired": settle.BATCH}


def test_no_transaction_is_open_while_it_asks(visitor, clock, monkeypatch, transactional_db):
    visitor.ask(a_file())
    clock.shift(3600)
    open_transactions = []

    def look(batch, **_):
        open_transactions.append(connection.in_atomic_block)
        return {}

    monkeypatch.setattr(settle, "look_at", look)
    settle_due()
    assert open_transactions == [False]


def test_a_batch_is_claimed_in_one_transaction_and_written_in_another(visitor, clock, transactional_db):
    visitor.ask(*[a_file() for _ in range(settle.BATCH)])
    clock.shift(3600)

    with CaptureQueriesContext(connection) as queries:
        assert settle_due() == {"expired": settle.BATCH}

    # The third finds that nothing is left.
    assert sum(query["sql"].startswith("BEGIN") for query in queries) == 3
    assert sum(query["sql"].startswith("INSERT") for query in queries) == 1


def test_a_renewal_while_settle_asks_is_not_overruled(visitor, clock, open_page, monkeypatch):
    """Settle read the grant, and its URL had lapsed; by the time of the answer there is a fresh one."""
    file = a_file()
    [answer] = visitor.ask(file)
    clock.shift(3600)

    def look_slowly(batch, **_):
        visitor.ask(file)
        return {grant.pk: Look() for grant in batch}

    monkeypatch.setattr(settle, "look_at", look_slowly)
    assert settle_due() == {}
    monkeypatch.undo()

    assert row(answer).state == GrantState.ISSUED
    assert used(open_page) == (1, 5)
    [fresh] = visitor.ask(file)
    assert put(fresh).status_code == 200
    assert visitor.report({"id": file["id"], "status": 200})[0]["state"] == "stored"


def test_a_report_while_settle_asks_is_not_overruled(visitor, clock, monkeypatch):
    """The attempt before had failed for good; the one after it has arrived."""
    file = a_file()
    [answer] = visitor.ask(file)
    UploadGrant.objects.update(
        state="reported", attempts=1, reported_at=timezone.now(), reported_status=403, reported_code="AccessDenied"
    )
    clock.shift(90)

    def look_slowly(batch, **_):
        put(answer)
        visitor.report({"id": file["id"], "status": 200})
        return {grant.pk: Look() for grant in batch}

    monkeypatch.setattr(settle, "look_at", look_slowly)
    settle_due()

    assert row(answer).state == GrantState.STORED
