"""URLs, grouped by trust."""

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, path
from django.views.generic import RedirectView

from uploads.views import (
    grants,
    parts,
    public,
    staff,
    staff_detail,
    staff_explain,
    staff_grant,
    staff_sign,
    staff_signed,
    terminal,
)

app_name = "uploads"

# Anyone.
public_patterns: list[URLPattern] = [
    path("", RedirectView.as_view(pattern_name="uploads:page-list"), name="home"),
    path("healthz", public.healthz, name="healthz"),
    path("robots.txt", public.robots, name="robots"),
]

# Whoever has the link of a page.
page_patterns: list[URLPattern] = [
    path("u/<slug:token>/", public.upload_page, name="upload-page"),
    path("u/<slug:token>/grants", grants.issue, name="issue-grants"),
    path("u/<slug:token>/results", grants.report, name="report-results"),
    path("u/<slug:token>/status", grants.status, name="grant-status"),
    path("u/<slug:token>/parts", parts.parts, name="sign-parts"),
    path("u/<slug:token>/complete", parts.complete, name="complete-files"),
    path("u/<slug:token>/cancel", grants.cancel, name="cancel-grants"),
    path("u/<slug:token>/terminal/grant", terminal.grant, name="terminal-grant"),
    path("u/<slug:token>/terminal/result", terminal.result, name="terminal-result"),
]

# Staff with an account.
staff_patterns: list[URLPattern] = [
    path("staff/sign-in/", staff.SignInView.as_view(), name="sign-in"),
    path("staff/sign-out/", LogoutView.as_view(), name="sign-out"),
    path("staff/", staff.page_list, name="page-list"),
    path("staff/pages/new/", staff.page_new, name="page-new"),
    path("staff/pages/<slug:page_id>/", staff_detail.page_detail, name="page-detail"),
    path("staff/pages/<slug:page_id>/grants/", staff_detail.page_grants, name="page-grants"),
    path("staff/pages/<slug:page_id>/edit/", staff.page_edit, name="page-edit"),
    path("staff/pages/<slug:page_id>/close/", staff.page_close, name="page-close"),
    path("staff/pages/<slug:page_id>/reopen/", staff.page_reopen, name="page-reopen"),
    path("staff/sign/", staff_sign.sign_url, name="sign-url"),
    path("staff/grants/<slug:grant_id>/", staff_grant.grant_detail, name="grant-detail"),
    path("staff/grants/<slug:grant_id>/verify/", staff_grant.grant_verify, name="grant-verify"),
    path("staff/grants/<slug:grant_id>/sign/", staff_signed.grant_sign, name="grant-sign"),
    path("staff/grants/<slug:grant_id>/state/", staff_signed.grant_state, name="grant-state"),
    path("staff/explain/", staff_explain.explain_error, name="explain-error"),
]

urlpatterns = [*public_patterns, *page_patterns, *staff_patterns]
