"""The application."""

from __future__ import annotations

import sqlite3
from typing import Any

from django.apps import AppConfig
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created


class UploadsConfig(AppConfig):
    name = "uploads"
    verbose_name = "Uploads"

    def ready(self) -> None:
        from uploads import checks  # noqa: F401, PLC0415 - registers itself; models are ready only now.

        connection_created.connect(use_all_sqlite_parameters)


def use_all_sqlite_parameters(*, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Let a batch of 100 grants be one INSERT: Django 5.2 believes that SQLite takes 999 parameters at most."""
    if connection.vendor == "sqlite":
        limit = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
        connection.features.max_query_params = limit
