"""Limits of a page: partial batches, the room that a grant takes, and refusals that hinder no other file."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest

from tests.app.conftest import Visitor, a_file, used
from uploads.models import GrantEvent, UploadGrant
from uploads.models.pages import MOST_BYTES, UploadPage
from uploads.part_plan import MAX_FILE_BYTES, part_unit

pytestmark = pytest.mark.django_db

GB = 1024**3


@pytest.fixture
def visitor(open_page):
    return Visitor(open_page)


def limit(page, **limits):
    UploadPage.objects.filter(pk=page.pk).update(**limits)


def outcomes(answers):
    return [answer["error"]["code"] if "error" in answer else "granted" for answer in answers]


def test_a_page_without_limits_takes_any_number(visitor, open_page):
    assert outcomes(visitor.ask(*[a_file(size=5 * GB) for _ in range(100)])) == ["granted"] * 100
    assert used(open_page) == (100, 500 * GB)


def test_the_first_files_of_a_batch_get_the_room_that_is_left(visitor, open_page):
    limit(open_page, max_files=2)

    assert outcomes(visitor.ask(a_file(), a_file(), a_file())) == ["granted", "granted", "page_full"]
    assert outcomes(visitor.ask(a_file())) == ["page_full"]
    assert used(open_page) == (2, 10)


def test_a_file_that_is_too_large_for_the_room_hinders_no_smaller_one(visitor, open_page):
    limit(open_page, max_bytes=10)

    answers = visitor.ask(a_file(size=6), a_file(size=5), a_file(size=4), a_file(size=0), a_file(size=1))

    assert outcomes(answers) == ["granted", "page_full", "granted", "granted", "page_full"]
    assert used(open_page) == (3, 10)


def test_a_page_without_limits_is_full_when_nobody_can_count_any_further(visitor, open_page):
    """A visitor may ask for 48.8 TB again and again without sending a byte; the others get answers all the same."""
    limit(open_page, used_bytes=MOST_BYTES - 10)

    assert outcomes(visitor.ask(a_file(size=11), a_file(size=10), a_file(size=1))) == [
        "page_full",
        "granted",
        "page_full",
    ]


def test_a_file_of_exactly_the_room_that_is_left_fits(visitor, open_page):
    limit(open_page, max_bytes=10, max_files=1)

    assert outcomes(visitor.ask(a_file(size=10))) == ["granted"]


def test_a_limit_that_was_lowered_below_use_lets_nothing_in(visitor, open_page):
    visitor.ask(a_file(), a_file())
    limit(open_page, max_files=1)

    assert outcomes(visitor.ask(a_file(size=0))) == ["page_full"]
    assert used(open_page) == (2, 10)


def test_what_was_refused_may_be_asked_again_when_there_is_room(visitor, open_page):
    limit(open_page, max_files=1)
    first, second = a_file(), a_file()
    visitor.ask(first, second)
    limit(open_page, max_files=2)

    assert outcomes(visitor.ask(second)) == ["granted"]
    assert used(open_page) == (2, 10)


@pytest.mark.parametrize(
    ("size", "code"),
    [
        (-1, "size_invalid"),
        (-(2**70), "size_invalid"),
        (2**63, "size_invalid"),
        (2**70, "size_invalid"),
        (10**4000, "size_invalid"),
        (MAX_FILE_BYTES + 1, "too_large"),
        (2**63 - 1, "too_large"),
        (5 * GB, "granted"),
        (5 * GB + 1, "granted"),
        (MAX_FILE_BYTES, "granted"),
        (0, "granted"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_every_size_has_its_own_answer(visitor, open_page, size, code):
    before, odd, after = visitor.ask(a_file(), a_file(size=size), a_file())

    assert outcomes([before, odd, after]) == ["granted", code, "granted"]
    assert used(open_page)[0] == 2 + (code == "granted")


def test_the_limit_of_all_parts_is_named(visitor):
    [answer] = visitor.ask(a_file(size=MAX_FILE_BYTES + 1))

    assert "48.8 TB" in answer["error"]["message"]


@pytest.mark.parametrize("size", [5 * GB + 1, MAX_FILE_BYTES], ids=["one byte more than a PUT takes", "the largest"])
def test_what_no_put_takes_gets_a_grant_without_a_url(visitor, size):
    [answer] = visitor.ask(a_file(size=size))

    assert (answer["file_state"], answer["part_unit"]) == ("waiting", part_unit(size))
    assert not answer.keys() & {"url", "method", "headers", "content_length", "expires_in", "expires_at"}


def test_a_refused_file_leaves_nothing_behind(visitor, open_page):
    limit(open_page, max_files=1, used_files=1)

    visitor.ask(a_file(), a_file(size=-1), a_file(name=""), a_file(retry_of=str(uuid.uuid4())))

    assert (UploadGrant.objects.count(), GrantEvent.objects.count(), used(open_page)) == (0, 0, (1, 0))


@pytest.mark.parametrize(
    ("limits", "files", "size_bytes", "is_reserved"),
    [
        ({"max_files": 3}, 1, 0, True),
        ({"max_files": 3}, 2, 0, False),
        ({"max_bytes": 30}, 1, 10, True),
        ({"max_bytes": 30}, 1, 11, False),
        ({"closed_at": "2026-11-20T10:00:00Z"}, 1, 0, False),
        ({"closed_at": "2026-11-20T10:00:01Z"}, 1, 0, True),
        ({}, 100, 2**60, True),
    ],
    ids=str,
)
def test_the_reservation_is_guarded_by_itself(open_page, limits, files, size_bytes, is_reserved):
    limit(open_page, used_files=2, used_bytes=20, **limits)
    now = datetime(2026, 11, 20, 10, tzinfo=UTC)

    reserved = UploadPage.objects.reserve(open_page.pk, files=files, size_bytes=size_bytes, now=now)

    assert reserved is is_reserved
    assert used(open_page) == ((2 + files, 20 + size_bytes) if is_reserved else (2, 20))


def test_asking_again_takes_no_room(visitor, open_page):
    limit(open_page, max_files=1)
    file = a_file()

    for _ in range(3):
        assert outcomes(visitor.ask(file)) == ["granted"]
    assert used(open_page) == (1, 5)
