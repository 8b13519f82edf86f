"""Requests at the same moment: real threads against the real database, SQLite or what DATABASE_URL names."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.utils import timezone

from tests.app.conftest import Visitor, a_file, kinds, put, used
from tests.factories import make_grant, make_page
from uploads import issuing, outcomes
from uploads.key_signing import UrlTerms
from uploads.models import GrantEvent, UploadGrant, UploadPage
from uploads.models.grants import GrantState
from uploads.results import cancel_grants
from uploads.settle import settle_due
from uploads.staff_signing import CannotSignError, sign_again, sign_for
from uploads.verification import Look

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 6


def all_at_once(*calls):
    """What the calls return, all begun in the same moment, each in a thread with a connection of its own."""
    barrier = threading.Barrier(len(calls))
    with ThreadPoolExecutor(len(calls)) as pool:
        futures = [pool.submit(in_a_thread, call, barrier.wait) for call in calls]
        return [future.result() for future in futures]


def in_a_thread(call, before=lambda: None):
    try:
        before()
        return call()
    finally:
        connection.close()


def again(visitor):
    """The same browser, for another thread: Django's test client is not made for two."""
    return Visitor(visitor.page, key=visitor.key)


def test_equal_batches_make_one_set_of_grants_and_one_reservation(visitor, open_page):
    batch = [a_file(f"{number}.txt", size=10) for number in range(20)]

    results = all_at_once(*[lambda: again(visitor).ask(*batch)] * THREADS)

    grants = {tuple(answer["grant"] for answer in answers) for answers in results}
    assert len(grants) == 1
    assert UploadGrant.objects.count() == 20
    assert used(open_page) == (20, 200)
    assert GrantEvent.objects.filter(kind="issued").count() == 20
    assert GrantEvent.objects.filter(kind="renewed").count() == 20 * (THREADS - 1)


def test_batches_that_overlap_in_another_order_do_not_wait_for_each_other(visitor, open_page):
    batch = [a_file(f"{number}.txt", size=10) for number in range(20)]
    visitor.ask(*batch)

    results = all_at_once(
        *[lambda: again(visitor).ask(*batch)] * 3, *[lambda: again(visitor).ask(*reversed(batch))] * 3
    )

    assert all("url" in answer for answers in results for answer in answers)
    assert used(open_page) == (20, 200)


@pytest.mark.parametrize("limits", [{"max_files": 7}, {"max_bytes": 70}], ids=["files", "bytes"])
def test_the_limit_is_never_passed(open_page, oss, limits):
    type(open_page).objects.update(**limits)

    def ask_eight():
        me = Visitor(open_page)
        return [answer for _ in range(2) for answer in me.ask(*[a_file(size=10) for _ in range(4)])]

    results = all_at_once(*[ask_eight] * THREADS)

    granted = [answer for answers in results for answer in answers if "url" in answer]
    assert len(granted) == 7
    assert UploadGrant.objects.count() == 7
    assert used(open_page) == (7, 70)


def test_single_files_fill_the_page_to_the_last_place(open_page, oss):
    type(open_page).objects.update(max_files=11)

    all_at_once(*[lambda: [Visitor(open_page).ask(a_file()) for _ in range(4)]] * THREADS)

    assert used(open_page) == (11, 55)
    assert UploadGrant.objects.count() == 11


def test_the_same_report_from_all_sides_is_one_attempt(visitor, oss):
    file = a_file()
    put(visitor.ask(file)[0])

    results = all_at_once(*[lambda: again(visitor).report({"id": file["id"], "status": 200})] * THREADS)

    grant = UploadGrant.objects.get()
    assert grant.state == GrantState.STORED
    assert kinds(grant) == ["issued", "reported", "verified"]
    assert {answer["file_state"] for [answer] in results} <= {"stored", "checking"}


def test_reports_of_the_same_files_in_another_order_do_not_wait_for_each_other(visitor, oss):
    batch = [a_file(f"{number}.txt") for number in range(10)]
    for answer in visitor.ask(*batch):
        put(answer)
    reports = [{"id": file["id"], "status": 200} for file in batch]

    all_at_once(
        lambda: again(visitor).report(*reports),
        lambda: again(visitor).report(*reversed(reports)),
        lambda: again(visitor).ask(*batch),
        lambda: again(visitor).ask(*reversed(batch)),
        lambda: again(visitor).status(*[file["id"] for file in batch]),
        settle_due,
    )
    settle_due(lambda: UploadGrant.objects.latest("next_check_at").decided_at)

    assert set(UploadGrant.objects.values_list("state", flat=True)) == {"stored"}
    assert GrantEvent.objects.filter(kind="verified").count() == 10


# SQLite locks no rows: there, who writes waits for every other writer. `make test-slow` runs it, with PostgreSQL.
@pytest.mark.skipif(connection.vendor == "sqlite", reason="Row locks need PostgreSQL.")
def test_a_report_does_not_wait_for_who_has_locked_the_page(visitor, open_page):
    """Who has locked it waits for the grants, as issuing does."""
    file = a_file()
    put(visitor.ask(file)[0])

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        UploadPage.objects.locked().get()
        reported = pool.submit(in_a_thread, lambda: again(visitor).report({"id": file["id"], "status": 200}))
        [answer] = reported.result(timeout=4)

    assert answer["state"] == "stored"


def test_a_report_beside_a_cancel_loses_nothing(visitor, oss):
    file = a_file()
    put(visitor.ask(file)[0])

    all_at_once(
        lambda: again(visitor).report({"id": file["id"], "status": 200}),
        lambda: again(visitor).cancel(file["id"]),
    )

    grant = UploadGrant.objects.get()
    assert grant.state in {GrantState.STORED, GrantState.CANCELLED}
    assert grant.next_check_at is not None or grant.state == GrantState.STORED
    assert ("cancelled" in kinds(grant)) is (grant.state == GrantState.CANCELLED)


def test_settling_and_issuing_do_not_wait_for_each_other(visitor, open_page, oss, clock):
    """Both change the page's room and the same grants; whoever is first, nothing is counted twice."""
    for _ in range(3):
        batch = [a_file(f"{number}.txt") for number in range(10)]
        visitor.ask(*batch)
        clock.shift(24 * 3600)

        all_at_once(settle_due, lambda batch=batch: again(visitor).ask(*batch), settle_due)

    held = UploadGrant.objects.filter(released_at=None)
    assert used(open_page) == (held.count(), 5 * held.count())
    released = UploadGrant.objects.exclude(released_at=None).count()
    assert GrantEvent.objects.filter(kind="released").count() == released
    assert released + held.count() == 30


def test_settle_and_a_renewal_lock_the_page_before_the_grant(visitor, open_page, clock, monkeypatch):
    """Settle has written the grant and stops before it gives the room back, while the same grant is asked for."""
    file = a_file()
    visitor.ask(file)
    clock.shift(3 * 3600)
    is_releasing, is_renewing = threading.Event(), threading.Event()
    release, known_grants = outcomes._release, issuing._Batch._known_grants

    def slow_release(grant, history):
        is_releasing.set()
        is_renewing.wait(0.5)
        release(grant, history)

    def noted_known_grants(batch):
        is_renewing.set()
        return known_grants(batch)

    def ask():
        assert is_releasing.wait(5)
        return again(visitor).ask(file)

    monkeypatch.setattr(outcomes, "_release", slow_release)
    monkeypatch.setattr(issuing._Batch, "_known_grants", noted_known_grants)
    settled, [answer] = all_at_once(settle_due, ask)

    assert (settled, answer["state"]) == ({"expired": 1}, "expired")
    assert used(open_page) == (0, 0)


def test_a_batch_of_looks_locks_its_pages_before_its_first_grant(visitor, open_page, clock, monkeypatch):
    """The first grant gives no room back and the second does; the first is asked for while it is being written."""
    first, lapsed = a_file(), a_file()
    visitor.ask(first, lapsed)
    clock.shift(3 * 3600)
    visitor.ask(first)
    is_writing, is_renewing = threading.Event(), threading.Event()
    apply, known_grants = outcomes._apply, issuing._Batch._known_grants

    def slow_apply(grant, look, history):
        written = apply(grant, look, history)
        is_writing.set()
        is_renewing.wait(0.5)
        return written

    def noted_known_grants(batch):
        is_renewing.set()
        return known_grants(batch)

    def look():
        grants = list(UploadGrant.objects.all())
        return outcomes.apply_looks(grants, {grant.pk: Look() for grant in grants}, now=timezone.now())

    monkeypatch.setattr(outcomes, "_apply", slow_apply)
    monkeypatch.setattr(issuing._Batch, "_known_grants", noted_known_grants)
    written, [answer] = all_at_once(look, lambda: is_writing.wait(5) and again(visitor).ask(first))

    assert ([grant.state for grant in written], answer["state"]) == (["issued", "expired"], "issued")
    assert used(open_page) == (1, 5)


def test_what_is_just_being_stored_is_not_signed_again(visitor, open_page):
    file = a_file()
    visitor.ask(file)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            seen = timezone.now()
            UploadGrant.objects.update(state="stored", ended_at=seen, stored_at=seen, checked_at=seen)
            asked = pool.submit(in_a_thread, lambda: again(visitor).ask(file))
            with pytest.raises(TimeoutError):
                asked.result(timeout=0.5)
        [answer] = asked.result()

    assert (answer["state"], "url" in answer) == ("stored", False)
    assert kinds(UploadGrant.objects.get()) == ["issued"]


def test_grants_are_locked_in_one_order(visitor, open_page):
    answers = visitor.ask(*[a_file(f"{number}.txt") for number in range(50)])
    ids = [uuid.UUID(answer["id"]) for answer in answers]
    key_hash = UploadGrant.objects.first().visitor

    def cancel_often(ids):
        for _ in range(40):
            cancel_grants(open_page, key_hash, ids)

    all_at_once(*[lambda: cancel_often(ids), lambda: cancel_often(ids[::-1])] * 2)

    assert GrantEvent.objects.filter(kind="cancelled").count() == 50


def test_two_settles_end_each_grant_once(visitor, open_page, heads, clock):
    stored = [a_file() for _ in range(10)]
    for answer in visitor.ask(*stored):
        put(answer)
    visitor.ask(*[a_file() for _ in range(30)])
    clock.shift(3 * 3600)

    results = all_at_once(*[settle_due] * 4)

    assert len(heads) == len(set(heads)) == 40
    total = sum((counter for counter in results), start=type(results[0])())
    assert total == {"stored": 10, "expired": 30}
    assert used(open_page) == (10, 50)
    assert GrantEvent.objects.filter(kind="released").count() == 30
    assert GrantEvent.objects.filter(kind="verified").count() == 10


def test_forms_for_one_key_make_one_grant(oss, owner):
    page = make_page(owner=owner)
    terms = UrlTerms(key=f"{page.prefix}/{page.page_id}/a.txt", headers={"x-oss-forbid-overwrite": "true"})

    results = all_at_once(*[lambda: sign_for(owner, terms)] * THREADS)

    assert {done.result.grant.pk for done in results} == {UploadGrant.objects.get().pk}
    assert sorted(kinds(UploadGrant.objects.get())) == ["issued", *["renewed"] * (THREADS - 1)]


def test_a_grant_that_ends_while_it_is_signed_again_stays_ended(oss, owner):
    """The look at the storage takes time, and settle does not wait for it."""
    grant = make_grant(page=make_page(owner=owner))
    UploadGrant.objects.update(state="expired", ended_at=timezone.now())

    with pytest.raises(CannotSignError):
        sign_again(owner, grant)

    assert kinds(grant) == []
