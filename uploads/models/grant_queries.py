"""Which grants: a visitor's, those to ask OSS about, and those to lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest

from uploads.models.pages import UploadPage
from uploads.models.states import OPEN_STATES, GrantState

if TYPE_CHECKING:
    from uploads.models.grants import UploadGrant

# At most one HEAD for a grant in this time on a browser's word.
BETWEEN_LOOKS = timedelta(seconds=2)


class UploadGrantQuerySet(models.QuerySet["UploadGrant"]):
    def of_visitor(self, page: UploadPage, visitor: str) -> UploadGrantQuerySet:
        """The grants of one page that one browser (its hashed key) has asked for; none without a key."""
        return self.filter(page=page, visitor=visitor).exclude(visitor="")

    def claim_looks(
        self, grants: Sequence[UploadGrant], now: datetime, *, states: Sequence[GrantState] = OPEN_STATES
    ) -> list[UploadGrant]:
        """Those of the grants that the caller is to ask OSS about now, on somebody's word: none too often."""
        rested = [g for g in grants if g.looked_at is None or g.looked_at <= now - BETWEEN_LOOKS]
        if not rested:
            return []
        claimable = Q(looked_at=None) | Q(looked_at__lte=now - BETWEEN_LOOKS)
        mine = self.filter(claimable, pk__in=[grant.pk for grant in rested], state__in=states)
        with transaction.atomic(savepoint=False):
            claimed = set(mine.locked().values_list("pk", flat=True))
            self.filter(pk__in=claimed).update(looked_at=now)
        return [grant for grant in rested if grant.pk in claimed]

    def renew(self, grants: Sequence[UploadGrant], fields: Mapping[str, Any], *, url_ends_at: datetime) -> None:
        """Write the fields to all, which are locked, and to each the end of a URL that was just signed, if it is
        the latest."""
        latest = Greatest(F("url_ends_at"), Value(url_ends_at, output_field=models.DateTimeField()))
        self.filter(pk__in=[grant.pk for grant in grants]).update(**fields, url_ends_at=latest)
        for grant in grants:
            for name, value in fields.items():
                setattr(grant, name, value)
            grant.url_ends_at = max(grant.url_ends_at, url_ends_at)

    def locked(self) -> UploadGrantQuerySet:
        """Kept as they are until the transaction ends, always in this order: whoever writes to several grants locks
        them so first, or two would each wait for the other. Who needs the page too locks it before them.
        """
        return self.order_by("pk").select_for_update(no_key=True)

    def due(self, now: datetime) -> UploadGrantQuerySet:
        """What settle has to ask OSS about, the longest waiting first."""
        return self.filter(next_check_at__lte=now).order_by("next_check_at", "id")
