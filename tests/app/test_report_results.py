"""POST results: what the browser says is written down; what the grant becomes, the storage decides."""

from __future__ import annotations

import itertools
import uuid

import fastcrc
import pytest

from tests.app.conftest import a_file, kinds, put, row
from tests.conftest import BUCKET
from uploads.models import GrantEvent
from uploads.models.grants import GrantState

pytestmark = pytest.mark.django_db


def test_it_works(visitor):
    stored = visitor.send(b"hello", name="holiday.png", type="image/png")

    assert stored.pop("stored_at")
    assert stored == {
        "id": stored["id"],
        "grant": stored["grant"],
        "state": "stored",
        "file_state": "stored",
        "name": "holiday.png",
        "name_was_cleaned": False,
        "retry": None,
    }


def test_it_writes_down_what_the_server_has_seen(visitor, oss):
    grant = row(visitor.send(b"hello"))

    record = oss.app.store.find(BUCKET, grant.object_key)
    assert (grant.stored_size_bytes, grant.stored_content_type) == (5, "text/plain")
    assert grant.stored_etag == record.etag.strip('"')
    assert grant.stored_crc64 == str(record.crc64)
    assert grant.stored_at == record.last_modified
    assert grant.checked_at is not None
    assert grant.next_check_at is None
    assert grant.compared == ["length", "content-type", "grant"]


def test_the_history_says_who_said_what(visitor):
    [answer] = visitor.ask(a_file())
    visitor.report({"id": answer["id"], "status": 503, "code": "ServiceUnavailable", "request_id": "A1"})
    visitor.ask(a_file(id=answer["id"]))
    put(answer)
    visitor.report({"id": answer["id"], "status": 200, "request_id": "A2", "etag": '"5D41"'})
    settled = row(answer)
    settled.looked_at = None
    settled.save()
    visitor.status(answer["id"])

    events = [(event.kind, event.said_by, event.request_id) for event in row(answer).events.all()]
    assert events[:4] == [
        ("issued", "server", ""),
        ("attempt_failed", "browser", "A1"),
        ("renewed", "server", ""),
        ("reported", "browser", "A2"),
    ]
    assert events[4][:2] == ("verified", "server")
    assert events[4][2]


def test_a_success_that_left_no_object_is_not_believed(visitor):
    [answer] = visitor.ask(a_file())

    [status] = visitor.report({"id": answer["id"], "status": 200, "etag": '"5D41402ABC4B2A76B9719D911017C592"'})

    assert (status["state"], status["file_state"], status["retry"]) == ("reported", "failed", "same")
    assert status["cause"]["code"] == "not_there"
    assert "stored_at" not in status


def test_a_success_for_another_object_of_the_bucket_is_not_believed(visitor, oss):
    first, second = visitor.ask(a_file(), a_file())
    put(first)

    by_id = {status["id"]: status["state"] for status in visitor.report({"id": second["id"], "status": 200})}

    assert by_id == {second["id"]: "reported"}


LOST = {"status": None}
FORGED = {"status": 403, "code": "SignatureDoesNotMatch", "ec": "0002-00000201"}
DONE = {"status": 200, "etag": '"5D41"', "crc64": str(fastcrc.crc64.xz(b"hello"))}


@pytest.mark.parametrize(
    "order",
    [*itertools.permutations([LOST, FORGED, DONE]), [DONE] * 10, [LOST, LOST, FORGED, FORGED]],
    ids=lambda order: " ".join(str(report["status"]) for report in order),
)
def test_in_whatever_order_reports_come_a_stored_object_stays_stored(visitor, order):
    file = a_file()
    put(visitor.ask(file)[0])

    states = [visitor.report({"id": file["id"], **report})[0] for report in order]

    assert {status["state"] for status in states} == {"stored"}
    assert kinds(row(states[0])).count("verified") == 1


@pytest.mark.parametrize("report", [LOST, FORGED, {**DONE, "crc64": "1"}], ids=["no answer", "refused", "a new CRC"])
def test_a_report_after_the_end_changes_nothing(visitor, report):
    stored = visitor.send()
    visitor.report({"id": stored["id"], **DONE, "crc64": row(stored).stored_crc64})
    before, events = row(stored), GrantEvent.objects.count()

    [again] = visitor.report({"id": stored["id"], **report})

    assert again == stored
    assert (row(stored).changed_at, GrantEvent.objects.count()) == (before.changed_at, events)


def test_the_same_failure_twice_is_one_attempt(visitor):
    [answer] = visitor.ask(a_file())

    for _ in range(3):
        visitor.report({"id": answer["id"], **LOST, "crc64": "11051210869376104954"})

    assert row(answer).attempts == 1
    assert kinds(row(answer)) == ["issued", "attempt_failed"]


def test_a_batch_is_answered_in_its_order(visitor):
    answers = visitor.ask(*[a_file(f"{number}.txt") for number in range(6)])
    for answer in answers[::2]:
        put(answer)

    statuses = visitor.report(*[{"id": answer["id"], "status": 200} for answer in reversed(answers)])

    assert [status["id"] for status in statuses] == [answer["id"] for answer in reversed(answers)]
    assert [status["file_state"] for status in statuses] == ["failed", "stored"] * 3


def test_a_report_before_any_asking_creates_nothing(visitor):
    response = visitor.post("results", {"results": [{"id": str(uuid.uuid4()), "status": 200}]})

    assert response.status_code == 404
    assert GrantEvent.objects.count() == 0


def test_one_head_in_two_seconds_however_often_the_browser_asks(visitor, heads, clock):
    file = a_file()
    visitor.ask(file)
    visitor.report({"id": file["id"], **LOST})
    for status in (500, 502, 503):
        visitor.report({"id": file["id"], "status": status})
        visitor.status(file["id"])
        visitor.ask(file)
    assert len(heads) == 1

    clock.shift(2.1)
    visitor.report({"id": file["id"], **DONE})
    assert len(heads) == 2


def test_status_finds_what_the_report_was_too_early_for(visitor, clock):
    file = a_file()
    [answer] = visitor.ask(file)
    visitor.report({"id": file["id"], **LOST})
    put(answer)

    [early] = visitor.status(file["id"])
    clock.shift(3)
    [later] = visitor.status(file["id"])

    assert (early["file_state"], later["file_state"]) == ("failed", "stored")


def test_status_of_what_nobody_reported_asks_nobody(visitor, heads):
    file = a_file()
    visitor.ask(file)

    assert visitor.status(file["id"])[0]["file_state"] == "waiting"
    assert heads == []


def test_cancelling_ends_what_is_open_and_keeps_its_room(visitor, open_page):
    waiting, tried = a_file(), a_file()
    visitor.ask(waiting, tried)
    visitor.report({"id": tried["id"], "status": 500})
    stored = visitor.send()

    states = visitor.cancel(waiting["id"], tried["id"], stored["id"])

    assert [status["state"] for status in states] == ["cancelled", "cancelled", "stored"]
    assert [status["retry"] for status in states] == ["new", "new", None]
    assert [status.get("cause") for status in states] == [None, None, None]
    open_page.refresh_from_db()
    assert (open_page.used_files, open_page.used_bytes) == (3, 15)


def test_cancelling_twice_is_cancelling_once(visitor):
    file = a_file()
    [answer] = visitor.ask(file)

    first, second = visitor.cancel(file["id"]), visitor.cancel(file["id"])

    assert first == second
    assert kinds(row(answer)) == ["issued", "cancelled"]
    assert row(answer).state == GrantState.CANCELLED
