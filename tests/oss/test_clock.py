"""OSS's time, as its answers tell it."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from uploads.oss.clock import OssClock

LOCAL = datetime(2026, 1, 1, 12, 0, 0, 400_000, tzinfo=UTC)


def clock() -> OssClock:
    return OssClock(lambda: LOCAL)


def date(difference: timedelta) -> str:
    return format_datetime((LOCAL + difference).replace(microsecond=0), usegmt=True)


def test_it_works():
    told = clock()

    told.learn(date(timedelta(minutes=20)))

    assert told.now() == datetime(2026, 1, 1, 12, 20, tzinfo=UTC)
    assert told.offset == timedelta(minutes=19, seconds=59.6)


def test_before_the_first_answer_our_time_counts():
    assert clock().now() == LOCAL


@pytest.mark.parametrize("seconds", [-1, 0, 1, 2])
def test_a_difference_below_two_seconds_says_nothing(seconds):
    told = clock()

    told.learn(date(timedelta(seconds=seconds)))

    assert told.offset == timedelta(0)


def test_the_last_answer_counts():
    told = clock()

    told.learn(date(timedelta(minutes=20)))
    told.learn(date(timedelta(0)))

    assert told.now() == LOCAL


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="an empty one"),
        pytest.param("yesterday", id="words"),
        pytest.param("2026-01-01T12:00:00Z", id="another form"),
        pytest.param("Thu, 01 Jan 2026 12:20:00 -0000", id="one without a zone"),
        pytest.param("Thu, 99 Jan 2026 12:20:00 GMT", id="a day that is none"),
        pytest.param("Thu, 01 Jan 99999999999999999999 12:20:00 GMT", id="a year out of bounds"),
    ],
)
def test_a_date_that_cannot_be_read_teaches_nothing(header):
    told = clock()

    told.learn(header)

    assert told.offset == timedelta(0)


def test_a_large_offset_is_logged_once(caplog):
    told = clock()

    with caplog.at_level(logging.WARNING, logger="uploads.oss.clock"):
        told.learn(date(timedelta(seconds=30)))
        assert caplog.messages == []
        told.learn(date(timedelta(minutes=20)))
        told.learn(date(timedelta(minutes=20)))

    assert caplog.messages == ["Our clock is off by -1199 seconds from the storage's; signing with the storage's."]
