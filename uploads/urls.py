"""URLs, grouped by trust."""

from django.urls import URLPattern, path

from uploads.views import grants, public

app_name = "uploads"

# Anyone.
public_patterns: list[URLPattern] = [
    path("healthz", public.healthz, name="healthz"),
    path("robots.txt", public.robots, name="robots"),
]

# Whoever has the link of a page.
page_patterns: list[URLPattern] = [
    path("u/<str:token>/", public.upload_page, name="upload-page"),
    path("u/<str:token>/grants", grants.issue, name="issue-grants"),
    path("u/<str:token>/results", grants.report, name="report-results"),
    path("u/<str:token>/status", grants.status, name="grant-status"),
    path("u/<str:token>/cancel", grants.cancel, name="cancel-grants"),
]

# Staff with an account.
staff_patterns: list[URLPattern] = []

urlpatterns = [*public_patterns, *page_patterns, *staff_patterns]
