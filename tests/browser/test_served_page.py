"""The page as it is served in production: minified, under hashed names."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from tests.browser.visitor import file
from tests.conftest import BUCKET
from uploads.models.grants import UploadGrant

STORAGE = {"BACKEND": "uploader_site.static_storage.ModuleManifestStorage"}


@pytest.fixture
def site(collected, site):
    """Serves the collected files, because they are there before it is made."""
    return site


@pytest.fixture
def collected(tmp_path, settings):
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": STORAGE}
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = False
    call_command("collectstatic", interactive=False, verbosity=0)


def test_it_works(visitor, oss):
    visitor.choose(file("a.txt", b"hello", "text/plain"))
    visitor.sees("a.txt", "stored")
    assert oss.app.store.path_of(BUCKET, UploadGrant.objects.get().object_key).read_bytes() == b"hello"
    assert not visitor.complaints


def test_every_module_comes_once_under_a_hashed_name(visitor):
    scripts = visitor.requests_to("/static/uploads/js/")
    assert len(scripts) > 20
    assert len(scripts) == len(set(scripts))
    assert all(request.rpartition("/")[2].count(".") == 2 for request in scripts)


def test_no_comment_is_sent(visitor):
    scripts = [request.partition(" ")[2] for request in visitor.requests_to("/static/uploads/js/")]
    assert not [url for url in scripts if "/**" in visitor.tab.request.get(url).text()]
