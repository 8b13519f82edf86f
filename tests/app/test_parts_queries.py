"""POST parts and POST complete ask the database as often for a hundred parts as for one."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.app.sending_parts import UNIT, complete, granted, put_part, signed
from uploads.models import UploadPart

MOST_QUERIES = 12
pytestmark = pytest.mark.django_db(transaction=True)
counts = pytest.mark.parametrize("count", [1, 100], ids=["one part", "a hundred parts"])


class Queries(CaptureQueriesContext):
    """What was asked of the database in the block; BEGIN, COMMIT and savepoints count."""

    def __init__(self, most=MOST_QUERIES):
        super().__init__(connection)
        self.most = most

    def __exit__(self, *raised):
        super().__exit__(*raised)
        statements = [query["sql"] for query in self]
        assert len(statements) <= self.most, "\n".join(statement[:200] for statement in statements)


def pairs(count, begin=0):
    return [((begin + number) * UNIT, UNIT) for number in range(count)]


@counts
def test_for_the_first_parts(visitor, count):
    file = granted(visitor, size=200 * UNIT)

    # Once, before its upload is begun, the file is marked in a transaction of its own.
    with Queries(most=MOST_QUERIES + 3):
        assert len(signed(visitor, file, *pairs(count))) == count


@counts
def test_for_further_parts_and_some_again(visitor, count):
    file = granted(visitor, size=200 * UNIT)
    signed(visitor, file, *pairs(100))

    with Queries():
        signed(visitor, file, *pairs(count, begin=50))

    assert UploadPart.objects.count() == (150 if count == 100 else 100)


@counts
def test_for_completing(visitor, count):
    file = granted(visitor, size=count * UNIT)
    content = b"x" * UNIT * count
    for part in signed(visitor, file, *pairs(count)):
        put_part(part, content)

    with Queries(most=13):
        assert complete(visitor, file)["file_state"] == "stored"


def test_for_a_hundred_files(visitor):
    files = [granted(visitor) for _ in range(100)]
    asked = [{"id": file["id"], "parts": [{"offset": 0, "size": UNIT}]} for file in files]
    visitor.parts(*asked)

    with Queries():
        answers = visitor.parts(*asked)
    assert [len(answer["parts"]) for answer in answers] == [1] * 100
