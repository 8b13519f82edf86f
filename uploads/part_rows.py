"""Use case: parts are written down to judge what may still be signed; when nothing may, their number is enough."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

from uploads.models.grant_queries import UploadGrantQuerySet
from uploads.models.grants import UploadGrant
from uploads.models.parts import UploadPart

# A statement that other writers, who stand in line with SQLite, do not notice.
ROWS_AT_ONCE = 1_000
# Of one batch of grants. A file of the largest sizes has 10,000; all that is more waits for the next time.
MOST_ROWS = 20_000


def forget_parts(grants: Collection[int]) -> set[int]:
    """Delete the parts of grants (primary keys) that have ended and whose last URL has lapsed; keep their number.

    Returns the grants of which some are left. Safe against being killed, and beside others: the number is written
    before the first part goes, and only once.
    """
    _keep_numbers(grants)
    for _ in range(MOST_ROWS // ROWS_AT_ONCE):
        if _delete_some(grants) < ROWS_AT_ONCE:
            return set()
    left = UploadGrant.objects.filter(pk__in=grants).filter(Exists(UploadPart.objects.filter(grant=OuterRef("pk"))))
    return set(left.values_list("pk", flat=True))


def _keep_numbers(grants: Collection[int]) -> None:
    with transaction.atomic():
        counted = _locked(grants).filter(parts_signed=None)
        number = (
            UploadPart.objects.filter(grant=OuterRef("pk")).order_by().values("grant").annotate(number=Count("*"))
        )
        UploadGrant.objects.filter(pk__in=list(counted.values_list("pk", flat=True))).update(
            parts_signed=Coalesce(Subquery(number.values("number")), 0)
        )


def _delete_some(grants: Collection[int]) -> int:
    with transaction.atomic():
        list(_locked(grants).values_list("pk"))
        some = UploadPart.objects.filter(grant__in=grants).order_by().values("pk")[:ROWS_AT_ONCE]
        return UploadPart.objects.filter(pk__in=some).delete()[0]


def _locked(grants: Collection[int]) -> UploadGrantQuerySet:
    return UploadGrant.objects.filter(pk__in=grants).locked()
