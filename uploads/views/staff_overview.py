"""The list of upload pages, each with what has arrived, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Max, Q, Sum

from uploads.models.grants import GrantState, UploadGrant
from uploads.models.pages import UploadPage
from uploads.search import SHOWN_TOKEN_CHARACTERS, pages_found_by
from uploads.views.staff_access import may_change
from uploads.views.staff_states import NEED_YOU, Mark, mark_of_page

PAGES_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What has arrived on a page."""

    files: int = 0
    size_bytes: int = 0
    need_you: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PageRow:
    """One line of the list."""

    page: UploadPage
    state: Mark
    arrivals: Arrivals
    shown_link: str


@dataclass(frozen=True, slots=True)
class Overview:
    """One screen of the list; how many pages there are in all and how many take files; whether owners differ."""

    rows: list[PageRow]
    paging: Page[UploadPage]
    total: int
    total_open: int
    has_owners: bool


def overview(user: User, *, query: str, number: str, now: datetime) -> Overview:
    """The pages that the user may see and the query finds, newest first."""
    visible = UploadPage.objects.visible_to(user)
    is_open = Q(closed_at=None) | Q(closed_at__gt=now)
    has_room = (Q(max_files=None) | Q(used_files__lt=F("max_files"))) & (
        Q(max_bytes=None) | Q(used_bytes__lt=F("max_bytes"))
    )
    totals = visible.aggregate(total=Count("pk"), total_open=Count("pk", filter=is_open & has_room))
    found = visible.filter(pages_found_by(query, own=_own_pages(user))).select_related("owner")
    paging = Paginator(found, PAGES_AT_ONCE).get_page(number)
    sees_all = user.has_perm("uploads.view_uploadpage")
    return Overview(rows=_rows(user, paging.object_list, now=now), paging=paging, has_owners=sees_all, **totals)


def _own_pages(user: User) -> Q:
    """Those whose link the user may see, as `may_change` says of one page."""
    return Q(pk__isnull=False) if user.has_perm("uploads.change_uploadpage") else Q(owner=user)


def _rows(user: User, pages: Iterable[UploadPage], *, now: datetime) -> list[PageRow]:
    pages = list(pages)
    arrivals = _arrivals_by_page([page.pk for page in pages])
    return [
        PageRow(page, mark_of_page(page, now), arrivals.get(page.pk, Arrivals()), _shown_link(user, page))
        for page in pages
    ]


def _shown_link(user: User, page: UploadPage) -> str:
    return f"/u/{page.token[:SHOWN_TOKEN_CHARACTERS]}…" if may_change(user, page) else page.page_id


def _arrivals_by_page(page_pks: list[int]) -> dict[int, Arrivals]:
    is_stored = Q(state=GrantState.STORED)
    rows = (
        UploadGrant.objects.filter(page__in=page_pks)
        .order_by()
        .values_list("page")
        .annotate(
            files=Count("pk", filter=is_stored),
            size_bytes=Sum("stored_size_bytes", filter=is_stored, default=0),
            need_you=Count("pk", filter=Q(state__in=NEED_YOU)),
            last_at=Max("stored_at"),
        )
    )
    return {page: Arrivals(*figures) for page, *figures in rows}
