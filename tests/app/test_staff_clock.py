"""Staff are told when the server's clock and the storage's differ."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from uploads.storage import storage


@pytest.mark.parametrize(
    ("storage_is_ahead", "is_said"),
    [
        pytest.param(timedelta(seconds=50), False, id="less than a minute is no news"),
        pytest.param(timedelta(minutes=20), True, id="our clock is slow"),
        pytest.param(timedelta(minutes=-20), True, id="our clock is fast"),
    ],
)
def test_a_clock_that_is_off_by_more_than_a_minute_is_said_so(client, owner, settings, storage_is_ahead, is_said):
    settings.OSS_BUCKET = "clock-bucket"  # A storage of its own, which has learned nothing yet.
    storage().clock.learn(format_datetime(datetime.now(UTC) + storage_is_ahead, usegmt=True))
    client.force_login(owner)

    page = client.get("/staff/").content.decode()

    said = re.search(r"storage's by (-?\d+) seconds", page.replace("&#x27;", "'"))
    assert bool(said) == is_said
    # A `Date` has whole seconds, so the last one is not certain.
    assert said is None or abs(int(said[1]) + storage_is_ahead.total_seconds()) <= 1
