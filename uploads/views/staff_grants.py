"""The grants of one page: filters, search, and the version by which a browser asks whether anything is new."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Max, QuerySet, TextChoices
from django.http import QueryDict
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from uploads.diagnosis import cause_sentence
from uploads.models.grants import GrantState, UploadGrant
from uploads.models.pages import UploadPage
from uploads.search import cleaned_query, grants_found_by
from uploads.views.staff_states import COMPARED, NEED_YOU, Mark, mark_of_grant

GRANTS_AT_ONCE = 50


class Filter(TextChoices):
    ALL = "all", _("All")
    NEED_YOU = "need-you", _("Need you")
    STORED = "stored", _("Stored")


_STATES = {Filter.ALL: tuple(GrantState), Filter.NEED_YOU: NEED_YOU, Filter.STORED: (GrantState.STORED,)}


class Asked(NamedTuple):
    """What the address asks for; anything unknown in it means the whole list."""

    show: Filter
    query: str
    number: str

    @classmethod
    def in_address(cls, parameters: QueryDict) -> Asked:
        show = parameters.get("show", "")
        return cls(
            show=Filter(show) if show in Filter.values else Filter.ALL,
            query=cleaned_query(parameters.get("q", "")),
            number=parameters.get("page", "1"),
        )

    def address(self, *, show: Filter | None = None, number: int = 1) -> str:
        """The part of an address that asks for the same with another filter or page."""
        wanted = {"show": show or self.show, "q": self.query, "page": number}
        usual = {"show": Filter.ALL, "q": "", "page": 1}
        return "?" + urlencode({name: value for name, value in wanted.items() if value != usual[name]})


class Version(NamedTuple):
    """How many grants a page has in each state, and when one changed last."""

    counts: dict[str, int]
    changed_at: datetime | None

    def of(self, show: Filter) -> int:
        return sum(self.counts.get(state, 0) for state in _STATES[show])


@dataclass(frozen=True, slots=True)
class Pick:
    """One filter and how many grants it leaves."""

    show: Filter
    count: int
    address: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class GrantRow:
    """One line of the list."""

    grant: UploadGrant
    state: Mark
    cause: str


@dataclass(frozen=True, slots=True)
class GrantList:
    """A page of the list with its filters."""

    rows: list[GrantRow]
    picks: list[Pick]
    paging: Page[UploadGrant]
    asked: Asked

    @property
    def previous_address(self) -> str:
        return self.asked.address(number=self.paging.previous_page_number()) if self.paging.has_previous() else ""

    @property
    def next_address(self) -> str:
        return self.asked.address(number=self.paging.next_page_number()) if self.paging.has_next() else ""


def version_of(page: UploadPage) -> Version:
    """One query. The counts belong to it: two servers may commit out of the order of their clocks, and then the
    newest time alone would hide the second change."""
    groups = list(page.grants.order_by().values("state").annotate(count=Count("pk"), changed_at=Max("changed_at")))
    return Version(
        counts={group["state"]: group["count"] for group in groups},
        changed_at=max((group["changed_at"] for group in groups), default=None),
    )


def etag_of(page: UploadPage, version: Version, *, asked: Asked) -> str:
    """Made of everything that the fragment is made of; weak, because times in it may be written otherwise."""
    limits = (page.used_files, page.used_bytes, page.max_files, page.max_bytes, page.closed_at)
    grants = (sorted(version.counts.items()), version.changed_at)
    made_of = (page.pk, limits, grants, tuple(asked), get_language())
    return f'W/"{hashlib.sha256(repr(made_of).encode()).hexdigest()[:32]}"'


def grant_list(page: UploadPage, version: Version, *, asked: Asked) -> GrantList:
    """The part of a page's grants that the address asks for, newest first."""
    found = _found(page, asked)
    paging = Paginator(found, GRANTS_AT_ONCE).get_page(asked.number)
    return GrantList(
        rows=[GrantRow(grant, mark_of_grant(grant), _cause(grant)) for grant in paging.object_list],
        picks=[
            Pick(show, version.of(show), asked.address(show=show), is_current=show == asked.show) for show in Filter
        ],
        paging=paging,
        asked=asked,
    )


def _found(page: UploadPage, asked: Asked) -> QuerySet[UploadGrant]:
    # Evidence is long, and no list shows it.
    grants = UploadGrant.objects.filter(grants_found_by(asked.query), page=page).defer("evidence")
    return grants if asked.show is Filter.ALL else grants.filter(state__in=_STATES[asked.show])


def _cause(grant: UploadGrant) -> str:
    if grant.cause:
        return cause_sentence(grant.cause, grant.cause_details)
    if grant.is_open and grant.check_error:
        return gettext("OSS could not be asked and will be asked again: %(error)s") % {"error": grant.check_error}
    if grant.compared:
        names = ", ".join(str(COMPARED.get(name, name)) for name in grant.compared)
        return gettext("Compared with what was granted: %(names)s.") % {"names": names}
    return ""
