"""What was written down of parts goes when no part can come any more; how many they were stays."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.app.conftest import put
from tests.app.sending_parts import (
    CONTENT,
    UNIT,
    complete,
    granted,
    send_parts,
    signed,
    uploads_in_oss,
)
from tests.app.settling import WEEK, die, wait
from tests.app.test_at_the_same_moment import all_at_once
from uploads import part_rows, upload_clearing
from uploads.models import UploadGrant, UploadPart
from uploads.part_rows import forget_parts
from uploads.settle import settle_due

pytestmark = pytest.mark.django_db

LAPSED = 41 * 60


def kept():
    """The parts that are written down, and how many the grant says that there were."""
    return UploadPart.objects.count(), UploadGrant.objects.get().parts_signed


def ended(visitor, end):
    """A file of three parts that has come to this end, or has not."""
    file = granted(visitor)
    if end == "whole, by a PUT":
        signed(visitor, file)
        [answer] = visitor.ask(file)
        put(answer, CONTENT)
        visitor.report({"id": file["id"], "status": 200})
        return
    send_parts(visitor, file)
    if end == "stored":
        complete(visitor, file)
    if end == "mismatch":
        complete(visitor, file, crc64="1")
    if end == "cancelled":
        visitor.cancel(file["id"])
    if end == "failed":
        visitor.report({"id": file["id"], "status": 403, "code": "SignatureDoesNotMatch"})


def plan_of(sql):
    """The steps of a statement; PostgreSQL is told to avoid what so few rows would make it prefer to an index."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{sql}")
        return [step[-1] for step in cursor.fetchall()]


@pytest.mark.parametrize("end", ["stored", "mismatch", "cancelled", "failed", "whole, by a PUT"])
def test_they_go_when_the_last_url_has_lapsed(clock, visitor, end):
    ended(visitor, end)
    wait(clock, LAPSED - 2 * 60)
    assert kept() == (3, None)

    wait(clock, 2 * 60)

    assert kept() == (0, 3)
    assert UploadGrant.objects.get().uploads_cleared_at


def test_they_stay_while_the_file_may_be_gone_on_with(clock, visitor):
    send_parts(visitor, granted(visitor), (0, UNIT))

    wait(clock, WEEK - 60)
    assert kept() == (1, None)
    wait(clock, 120)

    assert (UploadGrant.objects.get().state, *kept()) == ("expired", 0, 1)


def test_other_files_keep_theirs(clock, visitor):
    gone_on_with = granted(visitor)
    signed(visitor, gone_on_with)
    ended(visitor, "stored")

    wait(clock, LAPSED)

    assert set(UploadPart.objects.values_list("grant__client_id", flat=True).distinct()) == {
        UploadGrant.objects.get(parts_signed=None).client_id
    }


def test_they_go_although_the_storage_clears_nothing(clock, visitor, refuse_calls):
    ended(visitor, "stored")
    refuse_calls("GET", 503, "ServiceUnavailable")

    wait(clock, LAPSED)

    assert kept() == (0, 3)
    assert UploadGrant.objects.get().uploads_cleared_at is None


@pytest.mark.parametrize("end", ["stored", "cancelled"])
def test_of_very_many_some_go_at_a_time(clock, visitor, monkeypatch, end):
    monkeypatch.setattr(part_rows, "ROWS_AT_ONCE", 1)
    monkeypatch.setattr(part_rows, "MOST_ROWS", 2)
    ended(visitor, end)

    wait(clock, LAPSED)
    assert kept() == (1, 3)
    wait(clock, 61)

    assert kept() == (0, 3)
    assert UploadGrant.objects.get().uploads_cleared_at


def test_killed_on_the_way_it_is_gone_on_with_and_still_knows_the_number(clock, visitor, monkeypatch):
    monkeypatch.setattr(part_rows, "ROWS_AT_ONCE", 1)
    ended(visitor, "stored")
    monkeypatch.setattr(upload_clearing, "answers_of", die)
    monkeypatch.setattr(part_rows, "MOST_ROWS", 2)
    with pytest.raises(SystemExit):
        wait(clock, LAPSED)
    assert kept() == (1, 3)
    monkeypatch.undo()

    wait(clock, 200)

    assert kept() == (0, 3)


@pytest.mark.django_db(transaction=True)
def test_several_at_once_count_once_and_delete_all(visitor, monkeypatch):
    monkeypatch.setattr(part_rows, "ROWS_AT_ONCE", 2)
    for _ in range(3):
        ended(visitor, "stored")
    grants = list(UploadGrant.objects.values_list("pk", flat=True))

    all_at_once(*[lambda: forget_parts(grants), lambda: forget_parts(grants[::-1])] * 3)

    assert UploadPart.objects.count() == 0
    assert set(UploadGrant.objects.values_list("parts_signed", flat=True)) == {3}


def test_no_statement_reads_the_whole_table(visitor):
    ended(visitor, "stored")
    with CaptureQueriesContext(connection) as queries:
        forget_parts([UploadGrant.objects.get().pk])

    ours = [query["sql"] for query in queries if "uploads_uploadpart" in query["sql"]]
    plans = [plan_of(sql) for sql in ours]
    by_grant = "SEARCH U0 USING COVERING INDEX" if connection.vendor == "sqlite" else "Index Cond: (grant_id ="
    assert [any(by_grant in step for step in plan) for plan in plans] == [True, True]
    assert not [step for plan in plans for step in plan if step.startswith("SCAN") or "Seq Scan" in step]


def test_what_was_put_back_in_line_is_not_asked_for_at_once(clock, visitor, monkeypatch):
    monkeypatch.setattr(part_rows, "MOST_ROWS", 0)
    ended(visitor, "cancelled")

    wait(clock, LAPSED)

    assert (kept(), uploads_in_oss(), settle_due()) == ((3, 3), [], {})
