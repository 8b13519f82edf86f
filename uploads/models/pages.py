"""Upload pages: what is asked for, where the files go, and how much room is left."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from uploads.object_keys import PrefixError, checked_prefix
from uploads.random_ids import new_page_id, new_token
from uploads.user_metadata import MetadataError, wire_headers

DEFAULT_URL_VALIDITY_SECONDS = 15 * 60
MAX_URL_VALIDITY_SECONDS = 7 * 24 * 3600
# What a column for bytes can count: also a page without a limit is full then.
MOST_BYTES = 2**63 - 1


def validate_prefix(value: str) -> None:
    try:
        checked_prefix(value)
    except PrefixError as error:
        raise ValidationError(str(error)) from error


def validate_metadata(value: object) -> None:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise ValidationError(_("Metadata is a list of names, each with a text."))
    try:
        wire_headers(value)
    except MetadataError as error:
        raise ValidationError(str(error)) from error


class StorageClass(models.TextChoices):
    """https://www.alibabacloud.com/help/en/oss/user-guide/overview-53"""

    BUCKET_DEFAULT = "", _("The bucket's own")
    STANDARD = "Standard", _("Standard")
    IA = "IA", _("Infrequent Access")
    ARCHIVE = "Archive", _("Archive")
    COLD_ARCHIVE = "ColdArchive", _("Cold Archive")
    DEEP_COLD_ARCHIVE = "DeepColdArchive", _("Deep Cold Archive")


class UploadPageQuerySet(models.QuerySet["UploadPage"]):
    def visible_to(self, user: User | AnonymousUser) -> UploadPageQuerySet:
        """An owner sees the own pages, a reviewer (permission `uploads.view_uploadpage`) everybody's."""
        if user.has_perm("uploads.view_uploadpage"):
            return self
        return self.filter(owner=user.pk)

    def locked(self) -> UploadPageQuerySet:
        """Kept as they are until the transaction ends, always in this order, and before any of their grants.

        Not their keys: PostgreSQL looks these up at the end of a transaction that has written a grant twice, which
        would wait for whoever has locked the page and waits for the grant.
        """
        return self.order_by("pk").select_for_update(no_key=True)

    def reserve(self, page_id: int, *, files: int, size_bytes: int, now: datetime) -> bool:
        """Take room for grants, if the page is open and has it: one statement, right under any concurrency."""
        has_room = Q(max_files=None) | Q(max_files__gte=F("used_files") + files)
        has_room &= Q(used_bytes__lte=MOST_BYTES - size_bytes)
        has_room &= Q(max_bytes=None) | Q(used_bytes__lte=F("max_bytes") - size_bytes)
        is_open = Q(closed_at=None) | Q(closed_at__gt=now)
        reserved = self.filter(is_open, has_room, pk=page_id).update(
            used_files=F("used_files") + files, used_bytes=F("used_bytes") + size_bytes
        )
        return reserved == 1


class UploadPage(models.Model):
    """What an owner shares: a link, what is asked for, and where the files go."""

    page_id = models.CharField(_("page id"), max_length=16, unique=True, default=new_page_id, editable=False)
    token = models.CharField(_("token"), max_length=43, unique=True, default=new_token, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="upload_pages", verbose_name=_("owner")
    )
    title = models.CharField(_("title"), max_length=200)
    instructions = models.TextField(
        _("instructions"), blank=True, max_length=5000, help_text=_("What you ask for. Shown to visitors.")
    )
    prefix = models.CharField(
        _("prefix"),
        max_length=512,
        blank=True,
        validators=[validate_prefix],
        help_text=_("Folder in the bucket, such as invoices/2026. The rest of an object key is made by the server."),
    )
    max_files = models.PositiveIntegerField(_("most files"), null=True, blank=True, validators=[MinValueValidator(1)])
    max_bytes = models.PositiveBigIntegerField(
        _("most bytes in all"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    used_files = models.PositiveIntegerField(_("files reserved"), default=0, editable=False)
    used_bytes = models.PositiveBigIntegerField(_("bytes reserved"), default=0, editable=False)
    url_validity_seconds = models.PositiveIntegerField(
        _("validity of a URL in seconds"),
        default=DEFAULT_URL_VALIDITY_SECONDS,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_URL_VALIDITY_SECONDS)],
        help_text=_("URLs are signed just in time, so a short life is enough."),
    )
    storage_class = models.CharField(
        _("storage class"),
        max_length=20,
        blank=True,
        choices=StorageClass.choices,
        default=StorageClass.BUCKET_DEFAULT,
    )
    metadata = models.JSONField(
        _("metadata"),
        default=dict,
        blank=True,
        validators=[validate_metadata],
        help_text=_("Stored with each object as x-oss-meta-NAME."),
    )
    is_attachment = models.BooleanField(
        _("stored as attachment"),
        default=True,
        help_text=_("Signs Content-Disposition: attachment, so that stored HTML or SVG never runs in a browser."),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects = UploadPageQuerySet.as_manager()

    class Meta:
        verbose_name = _("upload page")
        verbose_name_plural = _("upload pages")
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [models.Index(fields=["owner", "-created_at"], name="page_by_owner")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(url_validity_seconds__range=(1, MAX_URL_VALIDITY_SECONDS)), name="page_validity_in_range"
            ),
            models.CheckConstraint(
                condition=Q(max_files=None) | Q(max_files__gte=1), name="page_max_files_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(max_bytes=None) | Q(max_bytes__gte=1), name="page_max_bytes_is_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def link_path(self) -> str:
        """Not `get_absolute_url`: the admin redirects every staff account to that, and this link is a secret."""
        return reverse("uploads:upload-page", args=[self.token])

    def clean(self) -> None:
        self.prefix = self.prefix.strip().strip("/")

    def is_open(self, now: datetime) -> bool:
        return self.closed_at is None or self.closed_at > now
