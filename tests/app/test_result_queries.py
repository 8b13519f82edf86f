"""POST results and POST status write what follows for a hundred files in as many transactions as for one."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.app.conftest import a_file, put
from tests.app.taking_evidence import evidence_of
from uploads.models import GrantEvent, UploadGrant

pytestmark = pytest.mark.django_db(transaction=True)
sizes = pytest.mark.parametrize("count", [1, 100], ids=["one file", "a hundred files"])


@pytest.fixture
def batch(visitor, count):
    """Files that were sent, and of which nobody has said anything."""
    files = [a_file(f"{number}.txt") for number in range(count)]
    for answer in visitor.ask(*files):
        put(answer)
    return files


class Queries(CaptureQueriesContext):
    """What was asked of the database in the block, by its first word; BEGIN and COMMIT count."""

    def __init__(self, most):
        super().__init__(connection)
        self.most = most

    def __exit__(self, *raised):
        super().__exit__(*raised)
        words = Counter(query["sql"].split()[0] for query in self)
        assert words.total() <= self.most, [query["sql"][:200] for query in self]
        self.transactions = words["BEGIN"]
        self.updates = words["UPDATE"]
        assert words["COMMIT"] == words["BEGIN"]
        assert not words["SAVEPOINT"]


def reports(batch, **said):
    return [{"id": file["id"], "status": 200, **said} for file in batch]


@sizes
def test_for_reports(visitor, batch, count):
    """One UPDATE of a grant for what the browser says and one for what OSS says, and whose turn it is to ask."""
    with Queries(most=10 + 2 * count) as queries:
        answers = visitor.report(*reports(batch))

    assert {answer["state"] for answer in answers} == {"stored"}
    assert (queries.transactions, queries.updates) == (2, 2 * count + 1)
    assert GrantEvent.objects.count() == 3 * count


@sizes
def test_for_reports_of_what_is_known(visitor, batch, count):
    visitor.report(*reports(batch))

    with Queries(most=4) as queries:
        visitor.report(*reports(batch))

    assert (queries.transactions, queries.updates) == (1, 0)


@sizes
def test_for_the_states_of_what_was_not_confirmed_yet(visitor, batch, count, refuse_calls):
    refuse_calls("HEAD", 503, "ServiceUnavailable")
    visitor.report(*reports(batch))
    refuse_calls("NONE", 500, "")
    UploadGrant.objects.update(looked_at=timezone.now() - timedelta(seconds=60))

    with Queries(most=10 + count) as queries:
        answers = visitor.status(*[file["id"] for file in batch])

    assert {answer["state"] for answer in answers} == {"stored"}
    assert (queries.transactions, queries.updates) == (2, count + 1)


@sizes
def test_for_attempts_whose_signature_did_not_match(visitor, count):
    """What differs is told by what was once signed, which is in the history."""
    answers = visitor.ask(*[a_file(f"{number}.txt") for number in range(count)])
    refused = put(answers[0], content_type="text/html")
    said = {"status": 403, "code": "SignatureDoesNotMatch", "evidence": evidence_of(refused)}

    with Queries(most=12 + 2 * count) as queries:
        reported = visitor.report(*[{"id": answer["id"], **said} for answer in answers])

    assert {answer["state"] for answer in reported} == {"failed"}
    assert (queries.transactions, queries.updates) == (2, 2 * count + 1)


@sizes
def test_for_the_states_of_what_is_stored(visitor, batch, count):
    visitor.report(*reports(batch))

    with Queries(most=2) as queries:
        answers = visitor.status(*[file["id"] for file in batch])

    assert {answer["state"] for answer in answers} == {"stored"}
    assert queries.transactions == 0
