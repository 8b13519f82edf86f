"""Who may open which staff page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from uploads.models.grant_queries import UploadGrantQuerySet
from uploads.models.grants import UploadGrant
from uploads.models.pages import UploadPage
from uploads.signing_rights import ANY_KEY

_P = ParamSpec("_P")


class StaffRequest(HttpRequest):
    """A request that `staff_only` has let through."""

    user: User


def staff_only(
    view: Callable[Concatenate[StaffRequest, _P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, _P], HttpResponseBase]:
    """Anonymous people are asked to sign in; other accounts read what they lack. Nothing here may be cached."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not request.user.is_staff:
            return render(request, "uploads/staff/not_staff.html", status=403)
        response = view(cast(StaffRequest, request), *args, **kwargs)
        response.headers["Cache-Control"] = "private, no-store"
        return response

    return cast(Callable[Concatenate[HttpRequest, _P], HttpResponseBase], guarded)


def visible_page(user: User, page_id: str) -> UploadPage:
    """The page, or a 404: whether other people's pages are there is nobody's business."""
    return get_object_or_404(UploadPage.objects.visible_to(user).select_related("owner"), page_id=page_id)


def visible_grants(user: User) -> UploadGrantQuerySet:
    """Of the pages that the user sees or may change, those that the user has signed or may sign again, or all."""
    if user.has_perm("uploads.view_uploadgrant"):
        return UploadGrant.objects.all()
    visible = Q(page__in=UploadPage.objects.visible_to(user)) | Q(issued_by=user.pk)
    if user.has_perm("uploads.change_uploadpage"):
        visible |= Q(page__isnull=False)
    if user.has_perm(ANY_KEY):
        visible |= Q(page=None)
    return UploadGrant.objects.filter(visible)


def visible_grant(user: User, grant_id: str) -> UploadGrant:
    """The grant, or a 404."""
    return get_object_or_404(visible_grants(user).select_related("page", "retry_of"), grant_id=grant_id)


def changeable_page(user: User, page_id: str) -> UploadPage:
    """The page, or a 404 where the user may not even see it, or a 403 where seeing is all."""
    page = visible_page(user, page_id)
    if not may_change(user, page):
        raise PermissionDenied(_("You may see this page, but only its owner may change it."))
    return page


def may_change(user: User, page: UploadPage) -> bool:
    """Owners and those with the permission. They are also the ones who see the link: it is the key to the page."""
    return page.owner_id == user.pk or user.has_perm("uploads.change_uploadpage")
