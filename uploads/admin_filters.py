"""The admin's filters: grants by their page, pages by whether they are open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from uploads.models.pages import UploadPage
from uploads.search import cleaned_query

SUGGESTED_PAGES = 10


class PageFilter(admin.SimpleListFilter):
    """The newest pages as links, and a field for any other: there may be thousands."""

    title = _("page")
    parameter_name = "of_page"
    template = "admin/uploads/page_filter.html"
    other_parameters: list[tuple[str, str]]

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        return list(UploadPage.objects.values_list("page_id", "title")[:SUGGESTED_PAGES])

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        kept = changelist.get_filters_params()
        self.other_parameters = [
            (name, value) for name, values in kept.items() if name != self.parameter_name for value in values
        ]
        return super().choices(changelist)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = cleaned_query(self.value() or "")
        return queryset.filter(Q(page__page_id=value) | Q(page__title__icontains=value)) if value else queryset


class OpenFilter(admin.SimpleListFilter):
    """Pages that take files, and those that were closed."""

    title = _("state")
    parameter_name = "is"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [("open", _("Open")), ("closed", _("Closed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[UploadPage]) -> QuerySet[UploadPage]:
        is_closed = Q(closed_at__lte=timezone.now())
        wanted = {"open": ~is_closed | Q(closed_at=None), "closed": is_closed}
        return queryset.filter(wanted.get(self.value() or "", Q()))
