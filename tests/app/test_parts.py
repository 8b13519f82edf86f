"""POST parts: an upload is begun once, each part is written down before it is signed, and what is there is told."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from tests.app.conftest import Visitor, kinds, put
from tests.app.sending_parts import (
    CONTENT,
    UNIT,
    complete,
    granted,
    put_part,
    send_parts,
    sent_in_parts,
    signed,
    spans,
    uploads_in_oss,
)
from uploads.models import GrantEvent, UploadGrant, UploadPart
from uploads.models.pages import UploadPage
from uploads.storage import storage

pytestmark = pytest.mark.django_db


def ask(visitor, file, *pairs, **fields):
    [answer] = visitor.parts({"id": file["id"], "parts": spans(*pairs) if pairs else [], **fields})
    return answer


def test_it_answers_with_exactly_what_the_contract_says(visitor):
    file = granted(visitor)

    answer = ask(visitor, file, (UNIT, UNIT), (2 * UNIT, 1000))

    for part in answer["parts"]:
        assert part.pop("url").startswith(storage().bucket().origin)
    rest = {"method": "PUT", "headers": {}, "expires_in": 900}
    assert answer == {
        "id": file["id"],
        "part_unit": UNIT,
        "parts": [{"offset": UNIT, "size": UNIT, **rest}, {"offset": 2 * UNIT, "size": 1000, **rest}],
    }


def test_a_url_is_for_its_part_and_its_length_alone(visitor):
    [part] = signed(visitor, granted(visitor), (UNIT, UNIT))

    query = parse_qs(urlsplit(part["url"]).query)
    assert query["partNumber"] == ["2"]
    assert query["uploadId"] == [UploadGrant.objects.get().upload_id]
    assert query["x-oss-additional-headers"] == ["content-length"]


@pytest.mark.parametrize(
    "body", [b"", CONTENT[: UNIT - 1], CONTENT[: UNIT + 1]], ids=["nothing", "a byte less", "a byte more"]
)
def test_a_part_of_another_length_is_refused_by_the_storage(visitor, body):
    [part] = signed(visitor, granted(visitor), (0, UNIT))

    assert put_part({**part, "offset": 0, "size": len(body)}).status_code == 403


def test_each_part_is_written_down_once_for_its_number_and_size(visitor):
    file = granted(visitor)
    signed(visitor, file, (0, UNIT), (UNIT, UNIT))
    UploadPart.objects.update(signed_at=datetime(2020, 1, 1, tzinfo=UTC))

    signed(visitor, file, (0, UNIT), (0, 2 * UNIT), (0, UNIT))

    rows = UploadPart.objects.order_by("number", "size_bytes").values_list("number", "offset", "size_bytes")
    assert list(rows) == [(1, 0, UNIT), (1, 0, 2 * UNIT), (2, UNIT, UNIT)]
    assert UploadPart.objects.filter(signed_at__year=2020).get().number == 2


def test_no_url_is_signed_that_was_not_written_down(visitor, monkeypatch):
    file = granted(visitor)

    def fail(*_, **__):
        raise RuntimeError("The database is gone.")

    monkeypatch.setattr(UploadPart.objects, "bulk_create", fail)
    monkeypatch.setattr("uploads.multipart_issuing.sign_part", lambda *_, **__: pytest.fail("It was signed."))
    with pytest.raises(RuntimeError):
        visitor.parts({"id": file["id"], "parts": spans()})


def test_the_upload_is_begun_with_all_that_was_granted(visitor, open_page):
    UploadPage.objects.update(storage_class="IA", metadata={"project": "bridge"})
    file = sent_in_parts(visitor)
    complete(visitor, file)

    facts = storage().client().head_object(UploadGrant.objects.get().object_key)
    assert (facts.content_type, facts.storage_class) == ("video/mp4", "IA")
    assert facts.content_disposition == "attachment; filename*=UTF-8''video.mp4"
    assert facts.metadata == {"grant": UploadGrant.objects.get().grant_id, "project": "bridge"}


def test_it_begins_one_upload_for_all_parts(visitor):
    file = granted(visitor)

    for pair in ((0, UNIT), (UNIT, UNIT)):
        signed(visitor, file, pair)

    grant = UploadGrant.objects.get()
    assert uploads_in_oss() == [grant.upload_id]
    assert kinds(grant) == ["issued", "parts_begun"]


def test_the_end_moves_with_each_part(visitor, clock):
    file = granted(visitor)
    clock.shift(3600)

    signed(visitor, file, (0, UNIT))

    grant = UploadGrant.objects.get()
    assert grant.url_ends_at - timezone.now() == pytest.approx(timedelta(minutes=15), abs=timedelta(seconds=5))
    assert grant.parts_deadline - timezone.now() == pytest.approx(timedelta(days=7), abs=timedelta(seconds=5))
    assert grant.decided_at == grant.parts_deadline


def test_the_end_of_one_file_moves_no_other_ones(visitor):
    long, short = granted(visitor), granted(visitor)
    end = timezone.now() + timedelta(days=7)
    UploadGrant.objects.filter(client_id=long["id"]).update(url_ends_at=end)

    visitor.parts(*[{"id": file["id"], "parts": spans((0, UNIT))} for file in (long, short)])

    assert UploadGrant.objects.get(client_id=long["id"]).url_ends_at == end
    assert UploadGrant.objects.get(client_id=short["id"]).url_ends_at < end - timedelta(days=6)


def test_a_url_lives_no_longer_than_the_security_token(visitor, settings, clock):
    file = granted(visitor)
    settings.OSS_SESSION_TOKEN_EXPIRES_AT = (timezone.now() + timedelta(minutes=5)).isoformat()
    settings.OSS_SESSION_TOKEN = "token"  # The embedded OSS takes no token: the answer is what is looked at.
    UploadGrant.objects.update(upload_id="begun before")

    [part] = signed(visitor, file, (0, UNIT))

    assert 290 <= part["expires_in"] <= 300
    assert parse_qs(urlsplit(part["url"]).query)["x-oss-expires"] == [str(part["expires_in"])]


def test_it_tells_what_is_there(visitor):
    file = granted(visitor)
    send_parts(visitor, file, (0, UNIT), (2 * UNIT, 1000))

    answer = ask(visitor, file, (UNIT, UNIT), list=True)

    assert answer["stored"] == [[0, UNIT], [2 * UNIT, 1000]]
    assert [part["offset"] for part in answer["parts"]] == [UNIT]


def test_asked_only_what_is_there_it_begins_nothing(visitor):
    answer = ask(visitor, granted(visitor), list=True)

    assert (answer["stored"], answer["parts"]) == ([], [])
    assert (uploads_in_oss(), UploadGrant.objects.get().parts_begun_at) == ([], None)


def test_smaller_parts_may_take_the_place_of_a_larger_one(visitor):
    file = granted(visitor)
    signed(visitor, file, (0, 2 * UNIT))

    send_parts(visitor, file)

    assert complete(visitor, file)["file_state"] == "stored"


@pytest.mark.parametrize(
    "pair",
    [
        pytest.param((1, UNIT), id="between two units"),
        pytest.param((0, 1000), id="too short"),
        pytest.param((0, 0), id="empty"),
        pytest.param((-UNIT, UNIT), id="before the file"),
        pytest.param((2 * UNIT, UNIT), id="over the end"),
        pytest.param((3 * UNIT, UNIT), id="behind the end"),
        pytest.param((0, 2**80), id="beyond all numbers"),
    ],
)
def test_a_part_that_is_none_is_refused(visitor, pair):
    file, other = granted(visitor), granted(visitor)

    refused, fine = visitor.parts(
        {"id": file["id"], "parts": spans((0, UNIT), pair)}, {"id": other["id"], "parts": spans((0, UNIT))}
    )

    assert (refused["error"]["code"], len(fine["parts"])) == ("parts_invalid", 1)
    assert UploadPart.objects.count() == len(uploads_in_oss()) == 1


def test_a_file_without_bytes_has_no_parts(visitor):
    file = granted(visitor, size=0)

    assert ask(visitor, file, (0, 0))["error"]["code"] == "parts_invalid"


def test_parts_take_up_no_more_than_a_few_times_the_file(visitor, monkeypatch):
    monkeypatch.setattr("uploads.multipart_issuing.SPARE_BYTES", 0)
    file = granted(visitor, size=10 * UNIT)
    # Each from its place to the end, which is 55 units in all; some may be asked for often.
    overlapping = [(number * UNIT, (10 - number) * UNIT) for number in range(10)]
    for _ in range(3):
        assert len(signed(visitor, file, *overlapping[:2], *overlapping[:1])) == 3
    assert len(signed(visitor, file, *overlapping)) == 10

    refused = ask(visitor, file, *overlapping[:2], (0, 8 * UNIT))
    assert refused["error"]["code"] == "parts_too_many"

    send_parts(visitor, file, overlapping[0], content=b"x" * 10 * UNIT)
    assert complete(visitor, file)["file_state"] == "stored"


def test_a_small_file_may_be_cut_anew_often(visitor):
    file = granted(visitor, size=100 * UNIT)

    for _ in range(3):
        for units in range(1, 60):
            signed(visitor, file, (0, units * UNIT), (units * UNIT, (100 - units) * UNIT))

    assert UploadPart.objects.count() == 2 * 59


def test_another_visitors_file_is_as_unknown_as_none(visitor, open_page):
    file = granted(visitor)
    stranger = Visitor(open_page)

    known = stranger.post("parts", {"files": [{"id": file["id"], "parts": spans((0, UNIT))}]})
    unknown = stranger.post("parts", {"files": [{"id": str(uuid.uuid4()), "parts": spans((0, UNIT))}]})

    assert (known.status_code, known.content) == (404, unknown.content)
    assert uploads_in_oss() == []


def test_an_unknown_file_among_known_ones_has_its_own_answer(visitor):
    file = granted(visitor)

    known, unknown = visitor.parts({"id": file["id"], "parts": []}, {"id": str(uuid.uuid4()), "parts": []})

    assert (known["parts"], unknown["error"]["code"]) == ([], "not_found")


@pytest.mark.parametrize("end", ["stored", "cancelled"])
def test_what_has_ended_gives_its_state_and_no_url(visitor, end):
    file = granted(visitor)
    if end == "stored":
        send_parts(visitor, file)
        complete(visitor, file)
    else:
        visitor.cancel(file["id"])

    answer = ask(visitor, file, (0, UNIT))

    assert (answer["file_state"], "parts" in answer) == (end, False)


def test_a_closed_page_goes_on_signing(visitor):
    file = granted(visitor)
    signed(visitor, file, (0, UNIT))
    UploadPage.objects.update(closed_at=timezone.now() - timedelta(hours=1))

    send_parts(visitor, file)

    assert complete(visitor, file)["file_state"] == "stored"


def test_an_upload_that_is_gone_is_begun_anew(visitor):
    file = granted(visitor)
    send_parts(visitor, file, (0, UNIT))
    lost = UploadGrant.objects.get()
    storage().client().abort_multipart(lost.object_key, lost.upload_id)

    answer = ask(visitor, file, (0, UNIT), list=True)

    grant = UploadGrant.objects.get()
    assert (answer["stored"], len(answer["parts"])) == ([], 1)
    assert uploads_in_oss() == [grant.upload_id] != [lost.upload_id]
    assert kinds(grant) == ["issued", "parts_begun", "parts_begun"]


def test_an_upload_that_was_completed_behind_our_back_is_stored(visitor):
    file = sent_in_parts(visitor)
    grant = UploadGrant.objects.get()
    client = storage().client()
    parts = [(part.number, part.etag) for part in client.list_parts(grant.object_key, grant.upload_id)]
    client.complete_multipart(grant.object_key, grant.upload_id, parts, forbid_overwrite=True)

    answer = ask(visitor, file, (0, UNIT), list=True)

    assert (answer["file_state"], uploads_in_oss()) == ("stored", [])


def test_what_a_put_has_stored_begins_no_upload(visitor):
    file = granted(visitor)
    [answer] = visitor.ask(file)
    put(answer, CONTENT)

    answer = ask(visitor, file, (0, UNIT))

    assert (answer["file_state"], uploads_in_oss()) == ("stored", [])


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (403, "AccessDenied", "storage_refused"),
        (404, "NoSuchBucket", "storage_refused"),
        (503, "Busy", "storage_busy"),
    ],
)
def test_a_storage_that_begins_no_upload_is_said_so_and_noted(visitor, refuse_calls, status, error, code):
    file = granted(visitor)
    refuse_calls("POST", status, error)

    answer = ask(visitor, file, (0, UNIT))

    grant = UploadGrant.objects.get()
    assert answer["error"]["code"] == code
    assert (grant.state, grant.check_error) == ("issued", f"{status} {error}")
    assert (UploadPart.objects.count(), grant.parts_deadline) == (0, None)
    assert kinds(grant) == ["issued", "check_failed"]


def test_a_storage_that_lists_no_parts_gives_up_no_upload(visitor, refuse_calls):
    file = granted(visitor)
    send_parts(visitor, file, (0, UNIT))
    refuse_calls("GET", 503, "Busy")

    answer = ask(visitor, file, (0, UNIT), list=True)

    assert answer["error"]["code"] == "storage_busy"
    assert GrantEvent.objects.filter(kind="parts_begun").count() == 1


def test_one_hundred_parts_are_the_most_of_one_request(visitor):
    file, other = granted(visitor, size=200 * UNIT), granted(visitor, size=200 * UNIT)
    most = [(number * UNIT, UNIT) for number in range(100)]

    answer = visitor.post(
        "parts",
        {"files": [{"id": file["id"], "parts": spans(*most)}, {"id": other["id"], "parts": spans((0, UNIT))}]},
    )

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_request")
    assert len(ask(visitor, file, *most)["parts"]) == 100
