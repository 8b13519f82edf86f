"""POST grants asks the database a dozen times at most, for one file as for a hundred."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.app.conftest import Visitor, a_file, put
from uploads.models import UploadGrant
from uploads.models.grants import GrantState

MOST_QUERIES = 12
pytestmark = pytest.mark.django_db(transaction=True)
sizes = pytest.mark.parametrize("count", [1, 100], ids=["one file", "a hundred files"])


@pytest.fixture
def visitor(open_page):
    return Visitor(open_page)


def asked(visitor, files, *, most=MOST_QUERIES, transactions=1):
    """The answers, after a look at what was asked of the database: BEGIN and COMMIT count."""
    with CaptureQueriesContext(connection) as queries:
        answers = visitor.ask(*files)
    statements = [query["sql"] for query in queries]
    assert len(statements) <= most, "\n".join(statement[:200] for statement in statements)
    assert sum(statement.startswith("BEGIN") for statement in statements) == transactions
    assert sum(statement.startswith("COMMIT") for statement in statements) == transactions
    return answers


def files(count):
    return [a_file(f"{number}.txt", size=10) for number in range(count)]


@sizes
def test_for_new_files(visitor, count):
    assert all("url" in answer for answer in asked(visitor, files(count)))


@sizes
def test_for_a_browser_without_a_key(open_page, count):
    assert all("url" in answer for answer in asked(Visitor(open_page, key=""), files(count)))


@sizes
def test_for_files_asked_for_before(visitor, count):
    batch = files(count)
    first = visitor.ask(*batch)

    again = asked(visitor, batch)

    assert [answer["grant"] for answer in again] == [answer["grant"] for answer in first]


@sizes
@pytest.mark.parametrize("ago", ["a moment ago", "a while ago"])
def test_for_files_whose_put_failed(visitor, count, oss, ago):
    batch = files(count)
    visitor.ask(*batch)
    visitor.report(*[{"id": file["id"], "status": None} for file in batch])
    # A moment ago, OSS has been asked about them already; a while ago, it is asked again.
    UploadGrant.objects.update(looked_at=timezone.now() - timedelta(seconds=60 if ago == "a while ago" else -60))

    # Whose turn it is to ask OSS is written down before.
    transactions = 2 if ago == "a while ago" else 1
    assert all("url" in answer for answer in asked(visitor, batch, transactions=transactions))


@sizes
def test_for_files_that_arrived_although_the_put_failed(visitor, count, oss):
    batch = files(count)
    for answer in visitor.ask(*batch):
        put(answer, b"x" * 10)
    UploadGrant.objects.update(attempts=1)

    # One UPDATE for each that is found.
    answers = asked(visitor, batch, most=13 + count, transactions=3)

    assert {answer["state"] for answer in answers} == {"stored"}


@sizes
def test_for_files_that_are_stored(visitor, count, oss):
    batch = files(count)
    for answer in visitor.ask(*batch):
        put(answer, b"x" * 10)
    visitor.report(*[{"id": file["id"], "status": 200} for file in batch])
    UploadGrant.objects.update(looked_at=None)

    answers = asked(visitor, batch, most=10, transactions=2)

    assert {answer["file_state"] for answer in answers} == {"stored"}


@sizes
def test_for_retries(visitor, count):
    ended = files(count)
    visitor.ask(*ended)
    visitor.cancel(*[file["id"] for file in ended])

    answers = asked(visitor, [a_file(retry_of=file["id"]) for file in ended])

    assert all("url" in answer for answer in answers)
    assert UploadGrant.objects.filter(retry_of__state=GrantState.CANCELLED).count() == count


@sizes
def test_when_the_page_is_full(visitor, count):
    visitor.page.max_files = 1
    visitor.page.save()
    visitor.ask(a_file())

    answers = asked(visitor, files(count))

    assert {answer["error"]["code"] for answer in answers} == {"page_full"}


def test_when_the_page_has_room_for_some(visitor):
    visitor.page.max_files = 37
    visitor.page.save()

    answers = asked(visitor, files(100))

    assert ["url" in answer for answer in answers] == [True] * 37 + [False] * 63


def test_for_everything_at_once(visitor):
    renewed, conflicting, ended = files(20), files(20), files(20)
    visitor.ask(*renewed, *conflicting, *ended)
    visitor.cancel(*[file["id"] for file in ended])
    visitor.page.max_files = 75
    visitor.page.save()

    batch = [
        *renewed,
        *({**file, "size": 11} for file in conflicting),
        *ended,
        *(a_file(retry_of=file["id"]) for file in ended),
        *(a_file(size=size) for size in (-1, 2**70, 0, 1)),
    ]

    assert len(asked(visitor, batch)) == 84
