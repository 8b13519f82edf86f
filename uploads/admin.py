"""The admin: upload pages can be changed; grants and events are a record, to be read only."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from uploads.admin_filters import OpenFilter, PageFilter
from uploads.admin_records import EventInline, ReadOnly
from uploads.diagnosis import cause_sentence
from uploads.forms import PageAdminForm
from uploads.models.events import GrantEvent
from uploads.models.grants import UploadGrant
from uploads.models.pages import UploadPage
from uploads.search import cleaned_query, grants_found_by
from uploads.templatetags.uploads_format import filesize

SHOWN_TITLE_CHARACTERS = 60

admin.site.site_header = admin.site.site_title = _("Uploads administration")
# Staff have a link to their pages instead; the site has no page at its root.
admin.site.site_url = None


@admin.register(UploadGrant)
class UploadGrantAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("grant_id", "state", "file", "on_page", "short_size", "created_at", "reported_request_id")
    list_filter = ("state", PageFilter, "created_at")
    list_select_related = ("page",)
    list_per_page = 50
    show_full_result_count = False
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")
    # Django shows the search field for these; get_search_results says what it finds.
    search_fields = ("file_name", "object_key", "reported_request_id")
    search_help_text = _("File name, object key, grant or request id.")
    actions = None
    inlines = (EventInline,)
    fieldsets = (
        (None, {"fields": ("grant_id", "state", "cause_in_words", "file", "on_page", "issued_by", "retry")}),
        (_("Agreed"), {"fields": (
            "original_name", "name_was_cleaned", "folder", "bucket", "object_key", "method", "size", "content_type",
            "signed_headers", "additional_headers", "signed_query", "created_at", "signed_at", "url_ends_at",
        )}),
        (_("In parts"), {"fields": (
            "parts_begun_at", "upload_id", "signed_parts", "parts_deadline", "completion_asked_at",
            "uploads_cleared_at",
        )}),
        (_("Said by the sender"), {"fields": (
            "attempts", "reported_at", "reported_status", "reported_code", "reported_ec", "reported_request_id",
            "reported_etag", "reported_crc64", "evidence",
        )}),
        (_("Seen by the server"), {"fields": (
            "checked_at", "compared", "stored_at", "stored_size", "stored_content_type", "stored_etag",
            "stored_crc64", "check_error", "failed_checks", "next_check_at", "changed_at", "ended_at", "released_at",
        )}),
    )  # fmt: skip
    readonly_fields = ("cause_in_words", "file", "on_page", "retry", "size", "stored_size", "signed_parts")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[UploadGrant], search_term: str
    ) -> tuple[QuerySet[UploadGrant], bool]:
        """Ids are looked up as they are, through their indexes; only names and keys are searched inside."""
        return queryset.filter(grants_found_by(cleaned_query(search_term))), False

    @admin.display(description=_("file name"), ordering="file_name")
    def file(self, grant: UploadGrant) -> SafeString:
        return format_html("<bdi>{}</bdi>", grant.file_name or grant.object_key)

    def view_on_site(self, grant: UploadGrant) -> str:
        return reverse("uploads:grant-detail", args=[grant.grant_id])

    @admin.display(description=_("page"))
    def on_page(self, grant: UploadGrant) -> str:
        if grant.page is None:
            return "–"
        url = reverse("uploads:page-detail", args=[grant.page.page_id])
        return format_html(
            '<a href="{}"><bdi>{}</bdi></a>', url, Truncator(grant.page.title).chars(SHOWN_TITLE_CHARACTERS)
        )

    @admin.display(description=_("retry of"))
    def retry(self, grant: UploadGrant) -> str:
        if grant.retry_of_id is None:
            return "–"
        url = reverse("admin:uploads_uploadgrant_change", args=[grant.retry_of_id])
        return format_html('<a href="{}">{}</a>', url, grant.retry_of)

    @admin.display(description=_("size"), ordering="size_bytes")
    def short_size(self, grant: UploadGrant) -> str:
        return filesize(grant.size_bytes) or "–"

    @admin.display(description=_("size"))
    def size(self, grant: UploadGrant) -> str:
        return _exact_size(grant.size_bytes)

    @admin.display(description=_("stored size"))
    def stored_size(self, grant: UploadGrant) -> str:
        return _exact_size(grant.stored_size_bytes)

    @admin.display(description=_("parts signed"))
    def signed_parts(self, grant: UploadGrant) -> str:
        """Their number, not they: there may be ten thousand."""
        if grant.parts_begun_at is None:
            return "–"
        return str(grant.parts.count() if grant.parts_signed is None else grant.parts_signed)

    @admin.display(description=_("cause"))
    def cause_in_words(self, grant: UploadGrant) -> str:
        return cause_sentence(grant.cause, grant.cause_details) or "–"


@admin.register(GrantEvent)
class GrantEventAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("at", "kind", "said_by", "of_grant", "actor", "request_id")
    list_filter = ("kind", "said_by", "at")
    list_select_related = ("grant", "actor")
    list_per_page = 50
    show_full_result_count = False
    date_hierarchy = "at"
    ordering = ("-at", "-id")
    search_fields = ("=request_id", "=grant__grant_id", "grant__object_key", "data__key")
    search_help_text = _("Request id, grant or object key.")
    actions = None
    fields = ("at", "kind", "said_by", "actor", "of_grant", "request_id", "data")
    readonly_fields = ("of_grant",)

    @admin.display(description=_("grant or object key"))
    def of_grant(self, event: GrantEvent) -> str:
        if event.grant is None:
            # A URL that stores nothing is an event alone: then its key is what it was about.
            key = event.data.get("key", "")
            return format_html("{} <bdi>{}</bdi>", event.data.get("method", ""), key) if key else "–"
        url = reverse("admin:uploads_uploadgrant_change", args=[event.grant.pk])
        return format_html('<a href="{}"><bdi>{}</bdi></a>', url, str(event.grant))


@admin.register(UploadPage)
class UploadPageAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = PageAdminForm
    list_display = ("title", "owner", "is_open", "used_files", "short_size", "its_grants", "created_at")
    list_filter = (OpenFilter, "created_at")
    list_select_related = ("owner",)
    list_per_page = 50
    show_full_result_count = False
    date_hierarchy = "created_at"
    search_fields = ("title", "=page_id", "owner__username")
    raw_id_fields = ("owner",)
    view_on_site = False
    fields = (
        "title", "owner", "instructions", "prefix", "max_files", "max_bytes", "url_validity_seconds", "storage_class",
        "metadata", "is_attachment", "closed_at", "page_id", "used_files", "size", "its_grants", "created_at",
    )  # fmt: skip
    readonly_fields = ("page_id", "used_files", "size", "its_grants", "created_at", "link")

    def get_fields(self, request: HttpRequest, obj: UploadPage | None = None) -> Any:
        """The link is the key to the page: only those who may change the page see it."""
        sees_link = obj is not None and self.has_change_permission(request, obj)
        return (*self.fields, "link") if sees_link else self.fields

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """The admin filters by whatever the address names: a link could be guessed from it sign by sign."""
        return lookup.partition("__")[0] != "token" and super().lookup_allowed(lookup, value, request)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"owner": str(request.user.pk), **super().get_changeform_initial_data(request)}

    def save_model(  # noqa: PLR0917 - the signature is Django's.
        self, request: HttpRequest, obj: UploadPage, form: ModelForm[UploadPage], change: bool
    ) -> None:
        """Only what was edited: saving everything would put back the counters that uploads have moved meanwhile."""
        obj.save(update_fields=form.changed_data if change else None)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Deleting goes one by one, where the reason for a refusal can be read."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        page = self.get_object(request, unquote(object_id))
        if page is None or not page.grants.exists() or not self.has_delete_permission(request, page):
            return super().delete_view(request, object_id, extra_context)
        refusal = gettext(
            "This page has grants. They are the record of what was signed, so it stays. Close it instead."
        )
        self.message_user(request, refusal, messages.ERROR)
        return redirect("admin:uploads_uploadpage_changelist")

    @admin.display(description=_("open"), boolean=True, ordering="closed_at")
    def is_open(self, page: UploadPage) -> bool:
        return page.is_open(timezone.now())

    @admin.display(description=_("bytes reserved"), ordering="used_bytes")
    def short_size(self, page: UploadPage) -> str:
        return filesize(page.used_bytes)

    @admin.display(description=_("bytes reserved"))
    def size(self, page: UploadPage) -> str:
        return _exact_size(page.used_bytes)

    @admin.display(description=_("grants"))
    def its_grants(self, page: UploadPage) -> SafeString:
        url = reverse("admin:uploads_uploadgrant_changelist")
        query = urlencode({PageFilter.parameter_name: page.page_id})
        return format_html('<a href="{}?{}">{}</a>', url, query, _("grants"))

    @admin.display(description=_("link"))
    def link(self, page: UploadPage) -> SafeString:
        url = settings.SITE_URL + reverse("uploads:upload-page", args=[page.token])
        return format_html('<a href="{}">{}</a>', url, url)


def _exact_size(size_bytes: int | None) -> str:
    """For people and for comparing: 18.4 MB (19,293,798 bytes)."""
    if size_bytes is None:
        return "–"
    return f"{filesize(size_bytes)} ({size_bytes:,} B)" if size_bytes >= 1024 else filesize(size_bytes)
