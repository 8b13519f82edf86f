"""Staff pages: signing in, the list of upload pages, and making, changing, closing and reopening one."""

from __future__ import annotations

from django.contrib.auth.views import LoginView
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from uploads.forms import NewPageForm, PageForm, SignInForm
from uploads.models.pages import UploadPage
from uploads.search import cleaned_query
from uploads.views.staff_access import StaffRequest, changeable_page, staff_only
from uploads.views.staff_overview import overview


class SignInView(LoginView):
    """Django's own, in our look and for staff accounts only."""

    authentication_form = SignInForm
    template_name = "uploads/staff/sign_in.html"


@require_safe
@staff_only
def page_list(request: StaffRequest) -> HttpResponse:
    query = cleaned_query(request.GET.get("q", ""))
    listed = overview(request.user, query=query, number=request.GET.get("page", "1"), now=timezone.now())
    return render(request, "uploads/staff/page_list.html", {"listed": listed, "query": query})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def page_new(request: StaffRequest) -> HttpResponse:
    form = NewPageForm(request.POST if request.method == "POST" else None, instance=UploadPage(owner=request.user))
    if request.method == "POST" and form.is_valid():
        page_id = form.page_id_for(request.user)
        _make_page(form, page_id)
        return redirect("uploads:page-detail", page_id)
    return render(request, "uploads/staff/page_form.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def page_edit(request: StaffRequest, page_id: str) -> HttpResponse:
    page = changeable_page(request.user, page_id)
    title = page.title
    form = PageForm(request.POST if request.method == "POST" else None, instance=page)
    if request.method == "POST" and form.is_valid():
        # Only what was edited: saving everything would put back the counters that uploads have moved meanwhile.
        page.save(update_fields=list(form.fields))
        return redirect("uploads:page-detail", page.page_id)
    return render(request, "uploads/staff/page_form.html", {"form": form, "page": page, "title": title})


@require_POST
@staff_only
def page_close(request: StaffRequest, page_id: str) -> HttpResponse:
    """No new grants from now on. Closing twice keeps the first time."""
    page = changeable_page(request.user, page_id)
    now = timezone.now()
    if page.is_open(now):
        UploadPage.objects.filter(pk=page.pk).update(closed_at=now)
    return redirect("uploads:page-detail", page.page_id)


@require_POST
@staff_only
def page_reopen(request: StaffRequest, page_id: str) -> HttpResponse:
    page = changeable_page(request.user, page_id)
    UploadPage.objects.filter(pk=page.pk).update(closed_at=None)
    return redirect("uploads:page-detail", page.page_id)


def _make_page(form: NewPageForm, page_id: str) -> None:
    form.instance.page_id = page_id
    try:
        with transaction.atomic():
            form.save()
    except IntegrityError:
        # The same form was sent before, and that request has made the page; anything else is an error.
        if not UploadPage.objects.filter(page_id=page_id, owner=form.instance.owner).exists():
            raise
