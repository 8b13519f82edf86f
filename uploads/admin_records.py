"""Records in the admin: to be read only."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from uploads.models.events import GrantEvent
from uploads.models.grants import UploadGrant


class ReadOnly:
    """A record: nobody adds, changes or deletes it here, whatever their permissions."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class EventInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """The history belongs to the grant: whoever may see that sees this."""

    model = GrantEvent
    fields = ("at", "kind", "said_by", "actor", "request_id", "data")
    readonly_fields = fields
    ordering = ("at", "id")
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: UploadGrant | None = None) -> bool:
        return bool(request.user.has_perm("uploads.view_uploadgrant"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[GrantEvent]:
        return super().get_queryset(request).select_related("actor")
