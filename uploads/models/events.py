"""Events: the append-only history of a grant."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class EventKind(models.TextChoices):
    ISSUED = "issued", _("Issued")
    RENEWED = "renewed", _("Signed again")
    PARTS_BEGUN = "parts_begun", _("Begun in parts")
    REPORTED = "reported", _("Reported")
    ATTEMPT_FAILED = "attempt_failed", _("Attempt failed")
    CHECK_FAILED = "check_failed", _("Could not ask the storage")
    VERIFIED = "verified", _("Verified")
    MISMATCHED = "mismatched", _("Differs from what was granted")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")
    ARRIVED_LATE = "arrived_late", _("Arrived late")
    RELEASED = "released", _("Reservation given back")
    URL_SIGNED = "url_signed", _("URL signed")


class SaidBy(models.TextChoices):
    BROWSER = "browser", _("said by browser")
    SERVER = "server", _("seen by server")
    STAFF = "staff", _("done by staff")


class AppendOnlyError(RuntimeError):
    """History was about to be rewritten."""


class GrantEventQuerySet(models.QuerySet["GrantEvent"]):
    def update(self, **kwargs: object) -> int:
        raise AppendOnlyError("Events are never changed.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError("Events are never deleted.")


class GrantEvent(models.Model):
    """Append-only history. Without a grant it is a signed URL that creates no object (GET, HEAD)."""

    grant = models.ForeignKey(
        "uploads.UploadGrant",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="events",
        verbose_name=_("grant"),
    )
    kind = models.CharField(_("event"), max_length=20, choices=EventKind.choices)
    said_by = models.CharField(_("source"), max_length=10, choices=SaidBy.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        verbose_name=_("person"),
    )  # fmt: skip
    at = models.DateTimeField(_("time"), default=timezone.now)
    request_id = models.CharField(_("request id"), max_length=64, blank=True)
    data = models.JSONField(_("details"), default=dict, blank=True)

    objects = GrantEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering: ClassVar = ["at", "id"]
        indexes: ClassVar = [
            models.Index(fields=["grant", "at"], name="event_by_grant"),
            models.Index(fields=["kind", "-at"], name="event_by_kind"),
            models.Index(fields=["-at"], name="event_by_date"),
            models.Index(fields=["request_id"], name="event_by_request"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(grant__isnull=False) | Q(kind="url_signed"), name="event_belongs_to_a_grant"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.get_said_by_display()})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError("Events are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError("Events are never deleted.")
