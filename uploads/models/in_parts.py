"""What is kept of a file that goes to OSS in parts."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

# For so long after the last part was signed a file may be gone on with, before its parts are thrown away.
PARTS_KEPT = timedelta(days=7)


class InParts(models.Model):
    """The columns of a grant for its multipart upload."""

    # Set before OSS hears of it, so that an upload whose id was lost is looked for (uploads/upload_clearing.py).
    parts_begun_at = models.DateTimeField(_("sent in parts since"), null=True, blank=True)
    # By compare-and-set. Empty again where OSS no longer knows the upload, and has no object.
    upload_id = models.CharField(_("upload id"), max_length=128, blank=True)
    parts_deadline = models.DateTimeField(_("parts are kept until"), null=True, blank=True)
    completion_asked_at = models.DateTimeField(_("said to be complete"), null=True, blank=True)
    # Their number, from when on the parts themselves are deleted (uploads/part_rows.py).
    parts_signed = models.PositiveIntegerField(_("parts signed"), null=True, blank=True)
    uploads_cleared_at = models.DateTimeField(_("left-over parts deleted"), null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def may_have_uploads(self) -> bool:
        """Whether there may be parts in OSS that no object has taken up."""
        return self.parts_begun_at is not None and self.uploads_cleared_at is None
