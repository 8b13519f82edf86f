"""The browser's CRC-64, before and after the server's look. Numbers beyond 2^63 keep all their digits."""

from __future__ import annotations

import fastcrc
import pytest

from tests.app.conftest import a_file, kinds, put, row
from uploads.models.grants import GrantState
from uploads.settle import settle_due

pytestmark = pytest.mark.django_db

CONTENT = b"123456789"
# From the catalogue of parametrised CRC algorithms (CRC-64/XZ), as OSS gives it for these nine bytes.
CHECKSUM = "11051210869376104954"


@pytest.fixture
def answer(visitor):
    [answer] = visitor.ask(a_file(size=9))
    put(answer, CONTENT)
    return answer


def test_the_storage_agrees_with_the_catalogue(answer, visitor):
    visitor.report({"id": answer["id"], "status": 200})

    assert row(answer).stored_crc64 == CHECKSUM == str(fastcrc.crc64.xz(CONTENT))


def test_one_that_agrees_is_among_what_was_compared(visitor, answer):
    [status] = visitor.report({"id": answer["id"], "status": 200, "crc64": CHECKSUM})

    assert status["state"] == "stored"
    assert row(answer).compared == ["length", "content-type", "grant", "crc64"]


def test_one_with_zeros_in_front_is_the_same_number(visitor):
    [empty] = visitor.ask(a_file(size=0))
    put(empty, b"")

    assert visitor.report({"id": empty["id"], "status": 200, "crc64": "0000"})[0]["state"] == "stored"
    assert row(empty).compared[-1] == "crc64"


@pytest.mark.parametrize("checksum", ["11051210869376104955", "0", "18446744073709551615"])
def test_one_that_disagrees_is_a_mismatch(visitor, answer, checksum):
    [status] = visitor.report({"id": answer["id"], "status": 200, "crc64": checksum})

    assert status["state"] == "mismatch"
    assert row(answer).events.last().data["differences"] == {"crc64": [checksum, CHECKSUM]}


def test_one_that_agrees_afterwards_is_noted(visitor, answer):
    visitor.report({"id": answer["id"], "status": 200})

    [status] = visitor.report({"id": answer["id"], "status": 200, "crc64": CHECKSUM})

    assert status["state"] == "stored"
    assert row(answer).compared[-1] == "crc64"
    assert row(answer).reported_crc64 == CHECKSUM


def test_one_that_disagrees_afterwards_turns_stored_into_a_mismatch(visitor, answer):
    visitor.report({"id": answer["id"], "status": 200})

    [status] = visitor.report({"id": answer["id"], "status": 200, "crc64": "11051210869376104955"})

    assert (status["state"], status["file_state"], status["cause"]["code"]) == ("mismatch", "mismatch", "differs")
    event = row(answer).events.last()
    assert (event.kind, event.said_by) == ("mismatched", "browser")


def test_only_the_first_one_afterwards_counts(visitor, answer):
    visitor.report({"id": answer["id"], "status": 200})
    visitor.report({"id": answer["id"], "status": 200, "crc64": CHECKSUM})

    [status] = visitor.report({"id": answer["id"], "status": 200, "crc64": "5"})

    assert status["state"] == "stored"
    assert row(answer).compared.count("crc64") == 1


def test_one_that_was_written_down_keeps_all_its_digits_until_settle(visitor, clock, answer, refuse_heads, oss):
    refuse_heads(503, "ServiceUnavailable")
    visitor.report({"id": answer["id"], "status": 200, "crc64": CHECKSUM})
    oss.app.intercept = None

    clock.shift(60)
    settle_due()

    assert (row(answer).state, row(answer).compared[-1]) == (GrantState.STORED, "crc64")


def test_the_same_report_with_one_twice_is_one_attempt(visitor, refuse_heads):
    [answer] = visitor.ask(a_file())
    refuse_heads(403, "AccessDenied")

    for _ in range(2):
        visitor.report({"id": answer["id"], "status": 200, "crc64": CHECKSUM})

    assert kinds(row(answer)).count("reported") == 1


@pytest.mark.parametrize("checksum", ["18446744073709551616", "99999999999999999999"])
def test_one_that_is_too_large_to_be_one_is_as_good_as_none(visitor, answer, checksum):
    [status] = visitor.report({"id": answer["id"], "status": 200, "crc64": checksum})

    assert status["state"] == "stored"
    assert (row(answer).reported_crc64, "crc64" in row(answer).compared) == ("", False)
