"""Use case: bring every grant to its end, also when no browser ever comes back."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import close_old_connections, transaction
from django.utils import timezone

from uploads.models.grants import UploadGrant
from uploads.outcomes import apply_looks
from uploads.upload_clearing import CLEAR_SECONDS, clear_uploads
from uploads.verification import Look, look_at

BATCH = 50
# What is not answered by then comes again.
LOOK_SECONDS = 45.0
# Two transactions, each of which may wait for the database's other writers: for 20 s with SQLite (settings.py).
WRITE_SECONDS = 60.0
# The same for what was written down of parts (uploads/part_rows.py), in many short ones.
FORGET_SECONDS = 30.0
# For so long a claimed grant is left to its claimer; if that process dies, another one asks after it. Longer than all
# that is done with a batch, or another process would do it a second time.
LEASE = timedelta(seconds=LOOK_SECONDS + WRITE_SECONDS + FORGET_SECONDS + CLEAR_SECONDS)

logger = logging.getLogger(__name__)


def settle_due(
    now: Callable[[], datetime] = timezone.now, *, is_stopped: Callable[[], bool] = lambda: False
) -> Counter[str]:
    """Ask OSS about every grant that is due and write down what follows, until none is left or `is_stopped`.

    Objects whose parts are all there are made of them first, also where nobody came back to say so, and parts that
    nobody needs any more are deleted, and what was written down of them.

    Counts the states in which they were left; what another process settled first is not counted. Any number of
    these may run at once: one claims a grant, and its state changes by compare-and-set.
    """
    outcomes: Counter[str] = Counter()
    while not is_stopped() and (batch := _claimed(now())):
        looks = _looks([grant for grant in batch if grant.is_awaited], now())
        written = apply_looks(batch, looks, now=now(), is_each_alone=True)
        outcomes.update(grant.state for grant in written)
        clear_uploads(batch, now=now())
    return outcomes


def _looks(grants: Sequence[UploadGrant], now: datetime) -> Mapping[int, Look]:
    return look_at(grants, timeout=LOOK_SECONDS, is_left=lambda grant: grant.is_left_in_parts(now))


def settle_forever(*, every_seconds: float, wait: Callable[[float], bool]) -> None:
    """Settle again and again. `wait` sleeps for so many seconds and says whether to stop."""
    while True:
        try:
            outcomes = settle_due(is_stopped=lambda: wait(0))
        except Exception:  # One bad pass must not end the only process that promises an end to every grant.
            logger.exception("A settle pass failed; the next one begins in %s seconds.", every_seconds)
        else:
            if outcomes:
                logger.info("Settled: %s", ", ".join(f"{count} {state}" for state, count in outcomes.items()))
        close_old_connections()
        if wait(every_seconds):
            return


def _claimed(now: datetime) -> Sequence[UploadGrant]:
    """Grants that are due, moved out of other processes' way for the length of a lease."""
    with transaction.atomic():
        due = list(UploadGrant.objects.due(now).select_for_update(skip_locked=True, no_key=True)[:BATCH])
        UploadGrant.objects.filter(pk__in=[grant.pk for grant in due]).update(next_check_at=now + LEASE)
    return due
