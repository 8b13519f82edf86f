"""Use case: parts that no object has taken up are billed until somebody throws them away."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence, Set
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from uploads.at_once import answers_of
from uploads.models.grants import UploadGrant
from uploads.multipart_calls import abort_all_uploads
from uploads.part_rows import forget_parts

# Settle's lease counts with it (uploads/settle.py).
CLEAR_SECONDS = 45.0
NEXT_TRY = timedelta(hours=1)
NEXT_ROWS = timedelta(minutes=1)
# After that it is left to the bucket's lifecycle rule.
TRIED_FOR = timedelta(hours=24)

logger = logging.getLogger(__name__)


def clear_uploads(grants: Sequence[UploadGrant], *, now: datetime) -> None:
    """Abort what is left of the multipart uploads of those grants that have ended, once no part can come any more.

    Found by the grants' keys, so that nothing is left of an upload whose id was lost: by a crash between its
    beginning and ours knowing of it, or by an answer that did not come.
    """
    ended = {grant.pk: grant for grant in grants if _is_to_be_cleared(grant, now)}
    if not ended:
        return
    # Whatever OSS says: what we wrote down of the parts is of no use any more either.
    unfinished = forget_parts(ended)
    answers = answers_of({pk: partial(abort_all_uploads, ended[pk]) for pk in ended}, timeout=CLEAR_SECONDS)
    cleared = {pk for pk, is_cleared in answers.items() if is_cleared}
    _write(ended, cleared - unfinished, unfinished, now=now)


def _is_to_be_cleared(grant: UploadGrant, now: datetime) -> bool:
    return not grant.is_open and grant.may_have_uploads and grant.lapsed_at <= now


def _write(ended: Mapping[int, UploadGrant], cleared: Set[int], unfinished: Set[int], *, now: datetime) -> None:
    """No state changes here, nor does what OSS says of the object: no compare-and-set is needed."""
    given_up = {pk for pk, grant in ended.items() if now >= grant.lapsed_at + TRIED_FOR}
    over = cleared | (given_up - unfinished)
    for pk in over - cleared:
        logger.warning("Parts of the grant %s could not be deleted; a lifecycle rule will.", ended[pk].grant_id)
    # The next look at what is awaited comes anyway, and with it the next try.
    timed = {pk for pk, grant in ended.items() if not grant.is_awaited}
    with transaction.atomic():
        rows = UploadGrant.objects.all()
        list(rows.filter(pk__in=ended).locked().values_list("pk"))
        rows.filter(pk__in=cleared).update(uploads_cleared_at=now)
        rows.filter(pk__in=timed & over).update(next_check_at=None)
        rows.filter(pk__in=timed - over - unfinished).update(next_check_at=now + NEXT_TRY)
        rows.filter(pk__in=unfinished).update(next_check_at=now + NEXT_ROWS)
