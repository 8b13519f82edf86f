"""Grants: one signed permission to store one object, and its result."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from uploads.models.events import EventKind, SaidBy
from uploads.models.grant_queries import UploadGrantQuerySet
from uploads.models.history import History
from uploads.models.in_parts import InParts
from uploads.models.pages import UploadPage
from uploads.models.states import (
    GIVEN_UP_STATES,
    KEPT_STATES,
    NEXT_STATES,
    OPEN_STATES,
    GrantState,
    IllegalChangeError,
)
from uploads.part_plan import MAX_PUT_BYTES
from uploads.random_ids import new_grant_id

# When a grant may be given up. OSS checks a URL when the request arrives, so an upload that began in the last second
# of the URL's life may still be on its way: a margin for clocks, and time for the bytes at a slow line's rate.
CLOCK_MARGIN = timedelta(minutes=15)
SHORTEST_TRANSFER = timedelta(minutes=10)
SLOWEST_BYTES_PER_SECOND = 50_000


__all__ = [
    "GIVEN_UP_STATES",
    "KEPT_STATES",
    "NEXT_STATES",
    "OPEN_STATES",
    "GrantState",
    "IllegalChangeError",
    "UploadGrant",
]


class UploadGrant(InParts):
    """One signed permission to store one object, and its result."""

    grant_id = models.CharField(_("grant"), max_length=24, unique=True, default=new_grant_id, editable=False)
    page = models.ForeignKey(
        UploadPage, null=True, blank=True, on_delete=models.PROTECT, related_name="grants", verbose_name=_("page")
    )
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        verbose_name=_("issued by"),
    )  # fmt: skip
    # Who asked: the SHA-256 of the browser's key, and the browser's own id for the file.
    visitor = models.CharField(_("visitor"), max_length=64, blank=True)
    client_id = models.UUIDField(_("client's id"), null=True, blank=True)
    retry_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="retries", verbose_name=_("retry of")
    )

    # What the file was called, and what was agreed.
    original_name = models.TextField(_("name as sent"), blank=True)
    file_name = models.CharField(_("file name"), max_length=255, blank=True)
    folder = models.CharField(_("folder on the visitor's machine"), max_length=1024, blank=True)
    name_was_cleaned = models.BooleanField(_("hidden characters taken out"), default=False)
    bucket = models.CharField(_("bucket"), max_length=63)
    object_key = models.CharField(_("object key"), max_length=1023)
    method = models.CharField(_("method"), max_length=8, default="PUT")
    size_bytes = models.PositiveBigIntegerField(_("size in bytes"), null=True, blank=True)
    content_type = models.CharField(_("Content-Type"), max_length=255, blank=True)

    # What the URL was made of; the URL itself is a key to the bucket and is not kept.
    signed_headers = models.JSONField(_("signed headers"), default=dict)
    additional_headers = models.JSONField(_("additional headers"), default=list)
    signed_query = models.JSONField(_("signed query"), default=dict, blank=True)
    signed_at = models.DateTimeField(_("signed"))
    url_ends_at = models.DateTimeField(_("latest URL ends"))

    state = models.CharField(_("state"), max_length=10, choices=GrantState.choices, default=GrantState.ISSUED)
    created_at = models.DateTimeField(_("issued"), default=timezone.now)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    released_at = models.DateTimeField(_("reservation given back"), null=True, blank=True)

    # What the browser says of its last attempt.
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    reported_at = models.DateTimeField(_("reported"), null=True, blank=True)
    reported_status = models.PositiveSmallIntegerField(_("status"), null=True, blank=True)
    reported_code = models.CharField(_("code"), max_length=64, blank=True)
    reported_ec = models.CharField(_("EC"), max_length=32, blank=True)
    reported_request_id = models.CharField(_("request id"), max_length=64, blank=True)
    reported_etag = models.CharField(_("ETag, as reported"), max_length=128, blank=True)
    # As decimal digits: SQLite keeps 15 digits of a number as large as these.
    reported_crc64 = models.CharField(_("CRC-64, as reported"), max_length=20, blank=True)

    # What it handed in beside, without secrets (uploads/evidence.py), and what the bucket's CORS rules say to it.
    evidence = models.JSONField(_("evidence"), default=dict, blank=True)

    # What the server has seen by its own HEAD.
    looked_at = models.DateTimeField(_("last asked on a browser's word"), null=True, blank=True)
    checked_at = models.DateTimeField(_("asked OSS"), null=True, blank=True)
    next_check_at = models.DateTimeField(_("to be asked again"), null=True, blank=True)
    failed_checks = models.PositiveIntegerField(_("failed checks in a row"), default=0)
    check_error = models.CharField(_("why the check failed"), max_length=200, blank=True)
    stored_size_bytes = models.PositiveBigIntegerField(_("stored size"), null=True, blank=True)
    stored_content_type = models.CharField(_("stored Content-Type"), max_length=255, blank=True)
    stored_etag = models.CharField(_("stored ETag"), max_length=128, blank=True)
    stored_crc64 = models.CharField(_("stored CRC-64"), max_length=20, blank=True)
    stored_at = models.DateTimeField(_("stored"), null=True, blank=True)
    compared = models.JSONField(_("compared"), default=list, blank=True)
    cause = models.CharField(_("cause"), max_length=40, blank=True)
    # What was found in this one case (uploads/diagnosis.py).
    cause_details = models.JSONField(_("details of the cause"), default=dict, blank=True)

    objects = UploadGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        ordering: ClassVar = ["-created_at", "-id"]
        permissions: ClassVar = [("sign_any_key", _("Can sign URLs for any key, for reading and for overwriting"))]
        indexes: ClassVar = [
            models.Index(fields=["page", "-created_at"], name="grant_by_page"),
            models.Index(fields=["page", "-changed_at"], name="grant_by_change"),
            models.Index(fields=["state", "-created_at"], name="grant_by_state"),
            models.Index(fields=["-created_at"], name="grant_by_date"),
            models.Index(fields=["object_key"], name="grant_by_key"),
            models.Index(fields=["file_name"], name="grant_by_name"),
            models.Index(fields=["reported_request_id"], name="grant_by_request"),
            models.Index(fields=["next_check_at"], name="grant_due", condition=Q(next_check_at__isnull=False)),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["bucket", "object_key"],
                condition=Q(state__in=["issued", "reported"]),
                name="one_open_grant_a_key",
            ),
            models.UniqueConstraint(
                fields=["page", "visitor", "client_id"], condition=~Q(visitor=""), name="one_grant_an_asked_file"
            ),
            models.CheckConstraint(condition=Q(state__in=GrantState.values), name="grant_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state="stored") | Q(stored_at__isnull=False, checked_at__isnull=False),
                name="stored_was_seen_by_server",
            ),
            models.CheckConstraint(
                condition=Q(released_at=None) | Q(state__in=["failed", "cancelled", "expired"]),
                name="only_given_up_grants_are_released",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["issued", "reported"], ended_at=None)
                | (~Q(state__in=["issued", "reported"]) & Q(ended_at__isnull=False)),
                name="ended_grants_have_an_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grant_id} {self.file_name or self.object_key}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def lapsed_at(self) -> datetime:
        """From when on no URL can bring anything any more: the latest one's end and a margin for the line."""
        sent_by_one_url = min(self.size_bytes or 0, MAX_PUT_BYTES)
        transfer = timedelta(seconds=sent_by_one_url / SLOWEST_BYTES_PER_SECOND)
        return self.url_ends_at + CLOCK_MARGIN + max(SHORTEST_TRANSFER, transfer)

    @property
    def decided_at(self) -> datetime:
        """From when on a missing object means that none will come. Parts wait for their sender until the deadline."""
        if self.is_open and self.parts_deadline:
            return max(self.lapsed_at, self.parts_deadline)
        return self.lapsed_at

    @property
    def is_awaited(self) -> bool:
        """Whether an object may still come."""
        return self.state in {*OPEN_STATES, *GIVEN_UP_STATES}

    @property
    def is_to_be_completed(self) -> bool:
        """Whether the visitor has said that all parts are there, and no object has been seen yet."""
        return self.is_open and bool(self.upload_id) and self.completion_asked_at is not None

    def is_left_in_parts(self, now: datetime) -> bool:
        """Whether a file was begun in parts, and its visitor has no URL any more to send one of them by."""
        return self.is_open and bool(self.upload_id) and self.url_ends_at <= now

    def change_state(
        self,
        to: GrantState,
        *,
        event: EventKind,
        said_by: SaidBy,
        history: History,
        data: Mapping[str, Any] | None = None,
        fields: Mapping[str, Any] | None = None,
        request_id: str = "",
    ) -> bool:
        """Compare-and-set, with the event, in the transaction of the history; False as `write_if_unchanged`.

        Raises IllegalChangeError for a way that the life of a grant does not have.
        """
        if to not in NEXT_STATES[self.state]:
            raise IllegalChangeError(f"A grant that is {self.state} does not become {to}.")
        ended_at = None if to in OPEN_STATES else history.now
        if not self.write_if_unchanged({**(fields or {}), "state": to, "ended_at": ended_at}, now=history.now):
            return False
        history.add(self, event, said_by=said_by, data=data, request_id=request_id)
        return True

    def write_if_unchanged(self, fields: Mapping[str, Any], *, now: datetime) -> bool:
        """Compare-and-set from what this instance was read as; False, and nothing written, if that has changed.

        The state alone does not tell: what OSS said of a grant before a renewal or a report says nothing after it,
        although the grant is as open as it was.
        """
        changes = {**fields, "changed_at": now}
        as_it_was = UploadGrant.objects.filter(pk=self.pk, state=self.state, changed_at=self.changed_at)
        if as_it_was.update(**changes) != 1:
            return False
        for name, value in changes.items():
            setattr(self, name, value)
        return True
