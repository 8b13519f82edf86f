"""What must be there before the site is served, beyond what system checks know without asking anybody."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from uploads.storage import storage


def reasons_not_to_serve() -> Iterator[str]:
    """Each a sentence: what visitors would meet as errors on every page. None: the site is ready."""
    if not settings.ALLOWED_HOSTS and not settings.DEBUG:
        yield "ALLOWED_HOSTS is empty: every request would be refused."
    yield from _about_storage()
    yield from _about_static_files()
    yield from _about_the_database()


def _about_storage() -> Iterator[str]:
    try:
        storage().bucket()
    except ImproperlyConfigured as error:
        yield str(error)


def _about_static_files() -> Iterator[str]:
    # Storages with hashed names have it: not the one used with DEBUG.
    read_manifest = getattr(staticfiles_storage, "read_manifest", None)
    if read_manifest is not None and read_manifest() is None:
        yield f"There are no static files in {settings.STATIC_ROOT}. Run: manage.py collectstatic"


def _about_the_database() -> Iterator[str]:
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            yield "The database is not up to date. Run: manage.py migrate"
    except DatabaseError as error:
        yield f"The database cannot be used: {error}"
    finally:
        connection.close()
        # PostgreSQL's pool would keep its connections and threads for as long as this process lives.
        getattr(connection, "close_pool", lambda: None)()
