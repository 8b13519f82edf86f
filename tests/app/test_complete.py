"""POST complete: the object is made of the parts that make the file, and compared; what is missing is named."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.utils import timezone

from tests.app.conftest import Visitor, kinds, put
from tests.app.sending_parts import (
    CONTENT,
    SIZE,
    UNIT,
    complete,
    granted,
    send_parts,
    sent_in_parts,
    signed,
    stored_bytes,
    uploads_in_oss,
)
from uploads.models import UploadGrant
from uploads.models.grant_queries import BETWEEN_LOOKS
from uploads.oss.client import OssClient
from uploads.oss.crc64 import update
from uploads.oss.errors import ErrorAnswer, NoAnswer
from uploads.storage import storage

pytestmark = pytest.mark.django_db

CRC64 = str(update(0, CONTENT))


def rested():
    """As if nobody had asked OSS about any grant for a while."""
    UploadGrant.objects.update(looked_at=timezone.now() - BETWEEN_LOOKS)


def test_it_works(visitor):
    file = sent_in_parts(visitor)

    answer = complete(visitor, file, crc64=CRC64)

    grant = UploadGrant.objects.get()
    assert (answer["file_state"], grant.state) == ("stored", "stored")
    assert stored_bytes(grant.object_key) == CONTENT
    assert grant.compared == ["length", "content-type", "grant", "crc64", "parts-crc64"]
    assert kinds(grant) == ["issued", "parts_begun", "reported", "verified"]
    assert uploads_in_oss() == []


def test_without_a_checksum_of_the_browser_the_parts_are_compared(visitor):
    complete(visitor, sent_in_parts(visitor))

    assert UploadGrant.objects.get().compared == ["length", "content-type", "grant", "parts-crc64"]


def test_another_checksum_than_the_browsers_is_a_mismatch(visitor):
    answer = complete(visitor, sent_in_parts(visitor), crc64="1")

    grant = UploadGrant.objects.get()
    assert (answer["file_state"], answer["cause"]["code"]) == ("mismatch", "differs")
    assert grant.events.get(kind="mismatched").data["differences"] == {"crc64": ["1", CRC64]}


def test_another_checksum_than_that_of_the_parts_is_a_mismatch(visitor, monkeypatch):
    monkeypatch.setattr("uploads.multipart_calls.combined", lambda *_: 1)

    answer = complete(visitor, sent_in_parts(visitor))

    assert answer["file_state"] == "mismatch"


def test_the_browsers_checksum_may_come_afterwards(visitor):
    file = sent_in_parts(visitor)
    complete(visitor, file)

    assert complete(visitor, file, crc64="1")["file_state"] == "mismatch"


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        pytest.param([], [[0, SIZE]], id="nothing is there"),
        pytest.param([(UNIT, UNIT), (2 * UNIT, 1000)], [[0, UNIT]], id="the beginning"),
        pytest.param([(0, UNIT), (2 * UNIT, 1000)], [[UNIT, UNIT]], id="the middle"),
        pytest.param([(0, 2 * UNIT)], [[2 * UNIT, 1000]], id="the end"),
        pytest.param([(UNIT, UNIT)], [[0, UNIT], [2 * UNIT, 1000]], id="both ends"),
    ],
)
def test_missing_parts_are_named_and_can_be_sent(visitor, there, missing):
    file = granted(visitor)
    signed(visitor, file, (0, UNIT))
    if there:
        send_parts(visitor, file, *there)

    answer = complete(visitor, file)

    assert (answer["error"]["code"], answer["missing"]) == ("parts_missing", missing)
    assert UploadGrant.objects.get().cause == "parts_missing"
    send_parts(visitor, file, *[tuple(span) for span in missing])
    rested()
    assert complete(visitor, file)["file_state"] == "stored"


def test_new_parts_take_back_that_it_was_complete(visitor):
    file = granted(visitor)
    send_parts(visitor, file, (0, UNIT))
    complete(visitor, file)

    signed(visitor, file, (UNIT, UNIT))

    [status] = visitor.status(file["id"])
    assert (status["file_state"], "cause" in status) == ("waiting", False)
    assert UploadGrant.objects.get().completion_asked_at is None


def test_without_any_part_asked_for_all_is_missing(visitor):
    file = granted(visitor)

    assert complete(visitor, file)["missing"] == [[0, SIZE]]
    assert kinds(UploadGrant.objects.get()) == ["issued"]


def test_what_went_by_a_put_and_is_not_yet_confirmed_is_not_missing(visitor, refuse_heads):
    file = granted(visitor)
    refuse_heads(403, "AccessDenied")
    visitor.report({"id": file["id"], "status": 200})

    assert complete(visitor, file)["file_state"] == "checking"


def test_a_put_and_parts_are_one_file(visitor):
    file = sent_in_parts(visitor)
    [answer] = visitor.ask(file)
    assert put(answer, CONTENT).status_code == 200

    assert complete(visitor, file, crc64=CRC64)["file_state"] == "stored"


def test_a_put_of_another_content_wins_no_tick(visitor):
    file = sent_in_parts(visitor)
    [answer] = visitor.ask(file)
    put(answer, b"x" * SIZE)

    assert complete(visitor, file, crc64=CRC64)["file_state"] == "mismatch"


def test_saying_it_twice_changes_nothing(visitor):
    file = sent_in_parts(visitor)

    answers = [complete(visitor, file, crc64=CRC64) for _ in range(2)]

    assert answers[0] == answers[1]
    assert kinds(UploadGrant.objects.get()) == ["issued", "parts_begun", "reported", "verified"]


def test_a_lost_upload_is_all_missing_and_can_be_begun_anew(visitor):
    file = sent_in_parts(visitor)
    lost = UploadGrant.objects.get()
    storage().client().abort_multipart(lost.object_key, lost.upload_id)

    answer = complete(visitor, file)

    assert answer["missing"] == [[0, SIZE]]
    assert UploadGrant.objects.get().cause == "parts_lost"
    send_parts(visitor, file)
    rested()
    assert complete(visitor, file)["file_state"] == "stored"


def completing_goes_wrong(monkeypatch, error, *, is_done):
    """Let the answer to Complete be this error, after it was done or not."""
    complete_multipart = OssClient.complete_multipart

    def answer(client, *args, **kwargs):
        if is_done:
            complete_multipart(client, *args, **kwargs)
        raise error

    monkeypatch.setattr(OssClient, "complete_multipart", answer)


@pytest.mark.parametrize(
    "error",
    [NoAnswer("Nothing came."), ErrorAnswer(status=409, code="FileAlreadyExists"), ErrorAnswer(status=500)],
    ids=["nothing", "that it is there", "a passing error"],
)
def test_a_lost_answer_is_settled_by_a_look(visitor, monkeypatch, error):
    completing_goes_wrong(monkeypatch, error, is_done=True)

    assert complete(visitor, sent_in_parts(visitor), crc64=CRC64)["file_state"] == "stored"


def test_an_answer_lost_before_it_was_done_leaves_it_to_the_next_look(visitor, monkeypatch):
    with monkeypatch.context() as patched:
        completing_goes_wrong(patched, NoAnswer("Nothing came."), is_done=False)
        file = sent_in_parts(visitor)
        assert complete(visitor, file, crc64=CRC64)["file_state"] == "checking"
        assert UploadGrant.objects.get().check_error == "NoAnswer"
    rested()

    [status] = visitor.status(file["id"])

    assert status["file_state"] == "stored"


def test_what_is_not_listed_is_not_said_to_be_missing(visitor, refuse_calls):
    file = sent_in_parts(visitor)
    refuse_calls("GET", 403, "AccessDenied")

    answer = complete(visitor, file)

    assert (answer["file_state"], "error" in answer) == ("checking", False)
    assert UploadGrant.objects.get().check_error == "403 AccessDenied"


@pytest.fixture
def slow_completion(oss, monkeypatch):
    """A storage that takes its time to make an object of parts, until the test lets it."""
    is_let = threading.Event()

    def hang(environ):
        if environ["REQUEST_METHOD"] == "POST" and "uploadId" in environ["QUERY_STRING"]:
            is_let.wait(20)

    oss.app.intercept = hang
    monkeypatch.setattr("uploads.multipart_completing.TOTAL_SECONDS", 0.3)
    monkeypatch.setattr("uploads.results.LOOK_SECONDS", 20)
    yield is_let
    is_let.set()


def test_an_object_that_is_long_in_the_making_holds_nobody_up(visitor, slow_completion):
    file = sent_in_parts(visitor)

    assert complete(visitor, file)["file_state"] == "checking"

    slow_completion.set()
    rested()
    [status] = visitor.status(file["id"])
    assert status["file_state"] == "stored"


def test_a_part_that_a_larger_one_has_overtaken_is_left_out(visitor):
    file = sent_in_parts(visitor)
    send_parts(visitor, file, (0, 2 * UNIT))

    assert complete(visitor, file, crc64=CRC64)["file_state"] == "stored"


def test_every_file_has_its_own_answer(visitor):
    sent, begun = sent_in_parts(visitor), granted(visitor)
    signed(visitor, begun, (0, UNIT))

    stored, missing, unknown = visitor.complete({"id": sent["id"]}, {"id": begun["id"]}, {"id": str(uuid.uuid4())})

    assert stored["file_state"] == "stored"
    assert (missing["error"]["code"], unknown["error"]["code"]) == ("parts_missing", "not_found")


def test_another_visitor_completes_nothing(visitor, open_page):
    file = sent_in_parts(visitor)

    response = Visitor(open_page).post("complete", {"files": [{"id": file["id"]}]})

    assert response.status_code == 404
    assert UploadGrant.objects.get().state == "issued"


def test_a_cancelled_file_is_not_completed(visitor):
    file = sent_in_parts(visitor)
    visitor.cancel(file["id"])

    assert complete(visitor, file)["file_state"] == "cancelled"
    assert UploadGrant.objects.get().reported_at is None


def test_a_file_of_more_than_a_put_takes_is_completed_like_any(visitor, monkeypatch):
    monkeypatch.setattr("uploads.issuing.MAX_PUT_BYTES", UNIT)

    assert complete(visitor, sent_in_parts(visitor), crc64=CRC64)["file_state"] == "stored"
