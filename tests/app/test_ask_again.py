"""POST grants for a file that was asked for before: the same grant, its state, or a new attempt."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from tests.app.conftest import Visitor, a_file, kinds, put, row, used
from uploads.models import UploadGrant
from uploads.models.grants import GrantState
from uploads.storage import storage

pytestmark = pytest.mark.django_db


def test_it_gives_the_same_grant_with_a_fresh_url(visitor, open_page, clock):
    file = a_file()
    [first] = visitor.ask(file)
    clock.shift(600)

    [second] = visitor.ask(file)

    assert second["grant"] == first["grant"]
    assert second["url"] != first["url"]
    assert (second["expires_in"], second["file_state"]) == (900, "waiting")
    assert used(open_page) == (1, 5)
    assert kinds(row(second)) == ["issued", "renewed"]
    assert put(second).status_code == 200


def test_the_later_url_moves_the_end_of_the_grant(visitor, clock):
    file = a_file()
    first = row(visitor.ask(file)[0])
    clock.shift(600)

    second = row(visitor.ask(file)[0])

    assert timedelta(seconds=599) < second.decided_at - first.decided_at < timedelta(seconds=601)


def test_a_shorter_url_does_not_bring_the_end_nearer(visitor, open_page, clock):
    file = a_file()
    first = row(visitor.ask(file)[0])
    open_page.url_validity_seconds = 60
    open_page.save()

    visitor.ask(file)

    assert row({"grant": first.grant_id}).url_ends_at == first.url_ends_at


def test_one_url_that_lives_long_makes_no_other_file_of_its_batch_wait(visitor, open_page):
    """The owner has lowered the validity since, or staff have signed one of them for longer."""
    long, short = a_file(), a_file()
    open_page.url_validity_seconds = 7 * 24 * 3600
    open_page.save()
    visitor.ask(long)
    open_page.url_validity_seconds = 60
    open_page.save()

    again = [row(answer) for answer in visitor.ask(long, short)] + [
        row(answer) for answer in visitor.ask(long, short)
    ]

    left = [(grant.url_ends_at - grant.created_at).days for grant in again]
    assert left == [7, 0, 7, 0]


def test_a_stored_file_gets_its_state_and_no_url(visitor, open_page):
    file = a_file()
    put(visitor.ask(file)[0])
    visitor.report({"id": file["id"], "status": 200})

    [again] = visitor.ask(file)

    assert (again["state"], again["file_state"], again["retry"]) == ("stored", "stored", None)
    assert again["stored_at"]
    assert not again.keys() & {"url", "method", "headers", "expires_in"}
    assert used(open_page) == (1, 5)


@pytest.fixture
def stored(visitor, clock):
    """A file that was stored a while ago, as it was asked for."""
    file = a_file()
    put(visitor.ask(file)[0])
    assert visitor.report({"id": file["id"], "status": 200})[0]["state"] == "stored"
    clock.shift(60)
    return file


def delete_objects():
    for key in UploadGrant.objects.values_list("object_key", flat=True):
        storage().client().delete_object(key)


def test_a_file_whose_object_was_deleted_is_sent_again(visitor, open_page, stored):
    delete_objects()

    [gone] = visitor.ask(stored)
    assert (gone["state"], gone["file_state"], gone["retry"]) == ("stored", "failed", "new")
    assert gone["cause"]["code"] == "object_gone"
    assert not gone.keys() & {"url", "stored_at"}

    second = a_file(retry_of=stored["id"])
    [retry] = visitor.ask(second)
    put(retry)
    assert visitor.report({"id": second["id"], "status": 200})[0]["file_state"] == "stored"
    assert visitor.ask(second)[0]["file_state"] == "stored"
    assert row(retry).retry_of == row(gone)
    assert used(open_page) == (2, 10)


def test_that_an_object_was_deleted_changes_nothing_of_its_history(visitor, stored):
    before = UploadGrant.objects.values().get()
    delete_objects()

    [gone] = visitor.ask(stored)

    assert {**before, "looked_at": None} == {**UploadGrant.objects.values().get(), "looked_at": None}
    assert kinds(row(gone)) == ["issued", "reported", "verified"]
    assert visitor.status(stored["id"])[0]["file_state"] == "stored"


def test_a_late_file_whose_object_was_deleted_is_sent_again(visitor, stored):
    UploadGrant.objects.update(state="late")
    assert visitor.ask(stored)[0]["retry"] is None
    UploadGrant.objects.update(looked_at=None)
    delete_objects()

    assert visitor.ask(stored)[0]["retry"] == "new"


@pytest.mark.parametrize("error", [(403, "AccessDenied"), (404, "NoSuchBucket"), (500, "InternalError")], ids=str)
def test_where_the_storage_does_not_say_a_stored_file_stays_stored(visitor, stored, refuse_heads, error):
    delete_objects()
    refuse_heads(*error)

    [again] = visitor.ask(stored)

    assert (again["file_state"], again["retry"]) == ("stored", None)


def test_where_the_storage_does_not_answer_in_time_a_stored_file_stays_stored(visitor, stored, monkeypatch):
    delete_objects()
    monkeypatch.setattr("uploads.issuing.look_at", lambda *_, **__: {})

    assert visitor.ask(stored)[0]["file_state"] == "stored"


def test_the_storage_is_asked_about_a_stored_file_once_in_two_seconds(visitor, stored, heads):
    for _ in range(5):
        visitor.ask(stored)

    assert len(heads) == 1


def test_an_ended_file_gets_its_state_and_no_url(visitor):
    file = a_file()
    visitor.ask(file)
    visitor.cancel(file["id"])

    [again] = visitor.ask(file)

    assert (again["state"], again["file_state"], again["retry"]) == ("cancelled", "cancelled", "new")
    assert "url" not in again


def test_a_lost_answer_is_found_before_anything_is_signed_again(visitor, clock):
    file = a_file()
    [answer] = visitor.ask(file)
    visitor.report({"id": file["id"], "status": None})
    put(answer)  # The request was only slow: it arrives after the browser had given up.
    clock.shift(3)

    [again] = visitor.ask(file)

    assert (again["state"], "url" in again) == ("stored", False)
    assert kinds(row(again)) == ["issued", "attempt_failed", "verified"]


def test_a_file_that_was_never_tried_is_signed_without_asking_the_storage(visitor, heads):
    file = a_file()
    visitor.ask(file)

    visitor.ask(file)

    assert heads == []


def test_asking_again_and_again_asks_the_storage_once_in_two_seconds(visitor, heads, clock):
    file = a_file()
    visitor.ask(file)
    visitor.report({"id": file["id"], "status": None})

    for _ in range(5):
        visitor.ask(file)
    assert len(heads) == 1
    clock.shift(3)
    visitor.ask(file)
    assert len(heads) == 2


def test_a_storage_that_cannot_be_asked_hinders_no_new_url(visitor, refuse_heads, clock):
    file = a_file()
    visitor.ask(file)
    visitor.report({"id": file["id"], "status": 500})
    refuse_heads(403, "AccessDenied")
    clock.shift(3)

    [again] = visitor.ask(file)

    assert put(again).status_code == 200


def test_a_renewed_file_is_waiting_again(visitor):
    file = a_file()
    visitor.ask(file)
    [failed] = visitor.report({"id": file["id"], "status": 503})
    assert (failed["file_state"], failed["retry"]) == ("failed", "same")

    [again] = visitor.ask(file)

    assert (again["state"], again["file_state"], again["retry"]) == ("reported", "waiting", None)
    assert "cause" not in again


@pytest.mark.parametrize("changed", [{"name": "other.txt"}, {"size": 6}, {"type": "text/html"}], ids=str)
@pytest.mark.parametrize("is_ended", [False, True], ids=["open", "ended"])
def test_another_file_under_the_same_id_is_a_conflict(visitor, open_page, changed, is_ended):
    file = a_file()
    visitor.ask(file)
    if is_ended:
        visitor.cancel(file["id"])

    response = visitor.post("grants", {"files": [{**file, **changed}]})

    assert (response.status_code, response.json()["error"]["code"]) == (409, "id_conflict")
    assert used(open_page) == (1, 5)
    assert UploadGrant.objects.get().original_name == "report.txt"


def test_a_type_that_we_chose_stays_when_we_would_choose_another_since(visitor):
    file = a_file(name="scan.new", type="")
    visitor.ask(file)
    UploadGrant.objects.update(
        content_type="image/x-chosen-before", signed_headers={"Content-Type": "image/x-chosen-before"}
    )

    [again] = visitor.ask(file)

    assert again["headers"]["Content-Type"] == "image/x-chosen-before"
    assert UploadGrant.objects.count() == 1


def test_a_conflict_hinders_no_other_file(visitor):
    file = a_file()
    visitor.ask(file)

    conflict, fine = visitor.ask({**file, "size": 6}, a_file())

    assert (conflict["error"]["code"], "url" in fine) == ("id_conflict", True)


def test_a_retry_is_a_new_grant_with_a_reservation_of_its_own(visitor, open_page):
    file = a_file()
    [first] = visitor.ask(file)
    visitor.cancel(file["id"])

    [retry] = visitor.ask(a_file(retry_of=file["id"]))

    assert row(retry).retry_of == row(first)
    assert row(retry).object_key != row(first).object_key
    assert used(open_page) == (2, 10)


@pytest.mark.parametrize(
    ("state", "is_allowed"),
    [
        (GrantState.ISSUED, False),
        (GrantState.REPORTED, False),
        (GrantState.STORED, True),
        (GrantState.LATE, True),
        (GrantState.MISMATCH, True),
        (GrantState.FAILED, True),
        (GrantState.CANCELLED, True),
        (GrantState.EXPIRED, True),
    ],
)
def test_only_what_has_ended_can_be_sent_again(visitor, state, is_allowed):
    file = a_file()
    grant = row(visitor.ask(file)[0])
    if state not in {GrantState.ISSUED, GrantState.REPORTED}:
        grant.ended_at = grant.stored_at = grant.checked_at = grant.created_at
    grant.state = state
    grant.save()

    [answer] = visitor.ask(a_file(retry_of=file["id"]))

    assert ("url" in answer) is is_allowed
    assert is_allowed or answer["error"]["code"] == "retry_invalid"


def test_a_retry_of_nothing_of_itself_or_of_a_strangers_is_refused(visitor, open_page):
    theirs = a_file()
    stranger = Visitor(open_page)
    stranger.ask(theirs)
    stranger.cancel(theirs["id"])
    own = str(uuid.uuid4())

    answers = visitor.ask(
        a_file(retry_of=str(uuid.uuid4())), a_file(id=own, retry_of=own), a_file(retry_of=theirs["id"])
    )

    assert {answer["error"]["code"] for answer in answers} == {"retry_invalid"}
    assert used(open_page) == (1, 5)


def test_after_the_page_has_closed_only_new_grants_are_refused(visitor, open_page, clock):
    file, ended = a_file(), a_file()
    visitor.ask(file, ended)
    visitor.cancel(ended["id"])
    clock.shift(60)
    open_page.closed_at = row(visitor.ask(file)[0]).changed_at
    open_page.save()

    renewed, refused, retry = visitor.ask(file, a_file(), a_file(retry_of=ended["id"]))

    assert put(renewed).status_code == 200
    assert (refused["error"]["code"], retry["error"]["code"]) == ("page_closed", "page_closed")
    assert visitor.report({"id": file["id"], "status": 200})[0]["state"] == "stored"
