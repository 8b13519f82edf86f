"""The life of a grant: which ways it has, who may write its history, and what the database itself refuses."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from tests.factories import make_grant
from uploads.models import GrantEvent, UploadGrant, UploadPage
from uploads.models.events import AppendOnlyError, EventKind, SaidBy
from uploads.models.grants import GrantState, IllegalChangeError
from uploads.models.history import recorded

pytestmark = pytest.mark.django_db

OPEN = {"issued", "reported"}
LEGAL = {
    *itertools.product(OPEN, ["reported", "stored", "mismatch", "failed", "cancelled", "expired"]),
    ("failed", "late"),
    ("cancelled", "late"),
    ("expired", "late"),
    ("stored", "mismatch"),
}


def change(grant, to, **fields):
    seen = {"stored_at": timezone.now(), "checked_at": timezone.now()} if to == "stored" else {}
    with recorded(timezone.now()) as history:
        return grant.change_state(
            GrantState(to),
            event=EventKind.VERIFIED,
            said_by=SaidBy.SERVER,
            history=history,
            fields={**seen, **fields},
        )


@pytest.mark.parametrize(("before", "after"), sorted(itertools.product(GrantState.values, repeat=2)), ids=str)
def test_only_the_ways_of_the_design_are_open(open_page, before, after):
    grant = make_grant(page=open_page, state=before)

    if (before, after) in LEGAL:
        assert change(grant, after)
        assert UploadGrant.objects.get().state == after
        return
    with pytest.raises(IllegalChangeError, match=f"{before} does not become {after}"):
        change(grant, after)
    assert UploadGrant.objects.get().state == before
    assert GrantEvent.objects.count() == 0


def test_of_two_that_change_the_same_grant_the_second_changes_nothing(grant):
    mine, theirs = UploadGrant.objects.get(), UploadGrant.objects.get()
    assert change(theirs, "stored")

    assert not change(mine, "failed", cause="denied")

    assert (mine.state, mine.cause) == ("issued", "")
    assert UploadGrant.objects.get().state == "stored"
    assert GrantEvent.objects.count() == 1


def test_a_write_that_leaves_the_state_as_it_was_counts_as_a_change_too(grant):
    mine, theirs = UploadGrant.objects.get(), UploadGrant.objects.get()
    theirs.write_if_unchanged({"url_ends_at": timezone.now() + timedelta(days=1)}, now=timezone.now())

    assert not change(mine, "expired")


def test_the_state_and_its_event_are_written_together_or_not_at_all(grant, monkeypatch):
    def fail(_):
        raise IntegrityError

    monkeypatch.setattr(GrantEvent.objects, "bulk_create", fail)

    with pytest.raises(IntegrityError):
        change(grant, "stored")
    assert UploadGrant.objects.get().state == "issued"


@pytest.mark.parametrize(
    ("constraint", "state", "fields"),
    [
        ("grant_state_is_known", "failed", {"state": "done"}),
        ("stored_was_seen_by_server", "stored", {"stored_at": None}),
        ("stored_was_seen_by_server", "stored", {"checked_at": None}),
        ("only_given_up_grants_are_released", "issued", {"released_at": timezone.now()}),
        ("only_given_up_grants_are_released", "stored", {"released_at": timezone.now()}),
        ("ended_grants_have_an_end", "issued", {"ended_at": timezone.now()}),
        ("ended_grants_have_an_end", "stored", {"ended_at": None}),
    ],
)
def test_the_database_refuses_a_grant_that_cannot_be(open_page, constraint, state, fields):
    make_grant(page=open_page, state=state)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        UploadGrant.objects.update(**fields)


def test_the_database_refuses_a_second_open_grant_for_a_key(open_page):
    make_grant(page=open_page, object_key="a")

    with pytest.raises(IntegrityError), transaction.atomic():
        make_grant(page=open_page, object_key="a", state="reported")
    make_grant(page=open_page, object_key="a", bucket="other-bucket")
    make_grant(page=open_page, object_key="a", state="failed")


def test_the_database_refuses_the_same_file_of_a_visitor_twice(open_page):
    first = make_grant(page=open_page)

    with pytest.raises(IntegrityError), transaction.atomic():
        make_grant(page=open_page, client_id=first.client_id, state="cancelled")
    make_grant(page=open_page, client_id=first.client_id, visitor="1" * 64)
    for _ in range(2):
        make_grant(page=open_page, client_id=first.client_id, visitor="")


@pytest.mark.parametrize(
    "fields",
    [
        {"used_files": -1},
        {"used_bytes": -1},
        {"max_files": 0},
        {"max_bytes": 0},
        {"url_validity_seconds": 0},
        {"url_validity_seconds": 604_801},
    ],
    ids=str,
)
def test_the_database_refuses_a_page_that_cannot_be(open_page, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        UploadPage.objects.update(**fields)


def test_history_is_only_added_to(grant):
    change(grant, "stored")
    event = GrantEvent.objects.get()

    for rewrite in (
        event.save,
        event.delete,
        GrantEvent.objects.all().delete,
        lambda: GrantEvent.objects.update(kind="failed"),
        lambda: grant.events.update(kind="failed"),
        lambda: GrantEvent.objects.bulk_update([event], ["kind"]),
        lambda: GrantEvent.objects.update_or_create(pk=event.pk, defaults={"kind": "failed"}),
    ):
        with pytest.raises(AppendOnlyError), transaction.atomic():
            rewrite()
    with pytest.raises(ProtectedError):
        grant.delete()
    assert GrantEvent.objects.values_list("kind", flat=True).get() == "verified"


def test_an_event_without_a_grant_is_a_url_that_stores_nothing(db):
    GrantEvent.objects.create(kind=EventKind.URL_SIGNED, said_by=SaidBy.STAFF)

    with pytest.raises(IntegrityError, match="event_belongs_to_a_grant"), transaction.atomic():
        GrantEvent.objects.create(kind=EventKind.ISSUED, said_by=SaidBy.SERVER)


def test_a_person_may_go_and_the_history_stays(grant, stranger):
    event = GrantEvent.objects.create(grant=grant, kind=EventKind.URL_SIGNED, said_by=SaidBy.STAFF, actor=stranger)

    stranger.delete()

    event.refresh_from_db()
    assert event.actor is None
