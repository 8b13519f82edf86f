"""OSS's time, as far as its answers have told us."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LARGE_OFFSET = timedelta(seconds=60)

logger = logging.getLogger(__name__)


def utc_now() -> datetime:
    return datetime.now(UTC)


def oss_time(at: datetime) -> str:
    """A time as signatures write it, in UTC: 20260101T000000Z."""
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


class OssClock:
    """Our clock, corrected by the `Date` of the last answer. Shared by threads.

    A URL signed with a clock that is wrong by more than 15 minutes is refused, so we sign with OSS's time.
    """

    def __init__(self, local_now: Callable[[], datetime] = utc_now) -> None:
        self._local_now = local_now
        self._offset = timedelta(0)
        self._lock = threading.Lock()

    @property
    def offset(self) -> timedelta:
        """OSS's time minus ours."""
        return self._offset

    def now(self) -> datetime:
        return self._local_now() + self._offset

    def learn(self, date_header: str | None) -> None:
        """Take over the time of an answer. `Date` has whole seconds: a smaller difference says nothing."""
        try:
            offset = parsedate_to_datetime(date_header or "") - self._local_now()
        except (ValueError, TypeError, OverflowError):
            return
        with self._lock:
            was_large = abs(self._offset) > LARGE_OFFSET
            self._offset = offset if abs(offset) >= timedelta(seconds=2) else timedelta(0)
        if abs(offset) > LARGE_OFFSET and not was_large:
            logger.warning(
                "Our clock is off by %d seconds from the storage's; signing with the storage's.",
                -offset.total_seconds(),
            )
