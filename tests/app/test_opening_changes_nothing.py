"""Mail scanners, link previews and search engines open links: that changes nothing at all."""

from __future__ import annotations

import pytest
from django.apps import apps

from tests.app.conftest import a_file
from tests.factories import make_page

pytestmark = pytest.mark.django_db

METHODS = ["get", "head", "options"]
PATHS = ["", "grants", "results", "status", "cancel", "terminal/grant", "terminal/result"]


def everything():
    """Every row of every table."""
    models = apps.get_models(include_auto_created=True)
    return {model._meta.label: list(model.objects.order_by("pk").values()) for model in models}


@pytest.mark.parametrize("method", METHODS)
def test_no_row_changes_whatever_is_opened(visitor, method):
    visitor.ask(a_file())
    before = everything()

    for path in PATHS:
        for _ in range(3):
            response = getattr(visitor.client, method)(f"/u/{visitor.page.token}/{path}")
            assert response.status_code in {200, 405}
            assert not response.cookies
    for path in ("/healthz", "/robots.txt", "/u/unknown/", "/staff/", "/admin/login/", "/nothing"):
        getattr(visitor.client, method)(path)

    assert everything() == before


def test_the_page_can_be_sent_to_after_a_hundred_openings(visitor):
    for _ in range(100):
        visitor.client.head(f"/u/{visitor.page.token}/")

    assert "url" in visitor.ask(a_file())[0]


def test_the_page_is_kept_out_of_caches_and_search_engines(visitor):
    response = visitor.client.get(f"/u/{visitor.page.token}/")

    assert "no-store" in response["Cache-Control"]
    assert "noindex" in response["X-Robots-Tag"]
    assert response["Referrer-Policy"] == "same-origin"
    assert "Disallow: /u/" in visitor.client.get("/robots.txt").content.decode()


def test_the_page_may_talk_to_the_bucket_and_to_nobody_else(visitor, oss):
    policy = visitor.client.get(f"/u/{visitor.page.token}/")["Content-Security-Policy"]

    directives = {words[0]: words[1:] for words in (part.split() for part in policy.split(";"))}
    assert directives["connect-src"] == ["'self'", oss.url]
    assert directives["default-src"] == ["'none'"]
    assert directives["frame-ancestors"] == ["'none'"]


def test_a_closed_page_says_so_and_tells_its_owner(visitor, clock):
    page = make_page(owner=visitor.page.owner, closed_at="2026-11-20T09:00:00Z")

    response = visitor.client.get(f"/u/{page.token}/")

    assert response.status_code == 200
    assert "Ingrid Dahl" in response.content.decode()
    assert "data-api" not in response.content.decode()


def test_unknown_pages_all_look_the_same(visitor):
    bodies = {visitor.client.get(f"/u/{token}/").content for token in ("x" * 32, "y" * 32, "z")}

    assert len(bodies) == 1
    assert visitor.client.get("/u/" + "x" * 32 + "/").status_code == 404


@pytest.mark.parametrize("debug", [False, True], ids=["in production", "with DEBUG, as in the demo"])
def test_an_unknown_link_says_only_that_it_is_unknown(client, db, settings, debug):
    settings.DEBUG = debug
    response = client.get(f"/u/{'x' * 32}/")
    assert response.status_code == 404
    assert "This link" in response.content.decode()
    assert "urlpatterns" not in response.content.decode()


def test_the_root_leads_staff_to_their_pages(client, db):
    assert client.get("/", follow=True).redirect_chain == [("/staff/", 302), ("/staff/sign-in/?next=/staff/", 302)]
