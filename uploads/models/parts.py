"""Parts: what was signed of a file that is sent piece by piece."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from django.db import models
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from uploads.models.grants import UploadGrant


class UploadPartQuerySet(models.QuerySet["UploadPart"]):
    def signed_bytes(self, grants: Iterable[UploadGrant]) -> dict[int, int]:
        """By the grants' primary keys: how many bytes all their different parts have together."""
        sums = self.filter(grant__in=list(grants)).order_by().values_list("grant").annotate(Sum("size_bytes"))
        return dict(sums)


class UploadPart(models.Model):
    """One part for which a URL was signed, written down before it was; its number and size say what the URL takes."""

    grant = models.ForeignKey(
        "uploads.UploadGrant", on_delete=models.PROTECT, related_name="parts", db_index=False, verbose_name=_("grant")
    )
    number = models.PositiveSmallIntegerField(_("part number"))
    offset = models.PositiveBigIntegerField(_("offset in bytes"))
    size_bytes = models.PositiveBigIntegerField(_("size in bytes"))
    signed_at = models.DateTimeField(_("signed"), default=timezone.now)

    objects = UploadPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("part")
        verbose_name_plural = _("parts")
        constraints: ClassVar = [
            # Signed again is the same part; smaller ones in its place are others.
            models.UniqueConstraint(fields=["grant", "number", "size_bytes"], name="one_part_a_number_and_size"),
            models.CheckConstraint(condition=models.Q(number__range=(1, 10_000)), name="part_number_in_range"),
        ]

    def __str__(self) -> str:
        return f"{self.number} ({self.size_bytes} B)"
