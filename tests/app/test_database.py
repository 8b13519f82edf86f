"""The database that the tests run on, as the settings make it: SQLite, or what DATABASE_URL names."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from uploads.models import UploadGrant, UploadPage


@pytest.mark.django_db(transaction=True)
def test_the_schema_is_taken_down_and_made_again():
    call_command("migrate", "uploads", "zero", verbosity=0)
    assert not [table for table in connection.introspection.table_names() if table.startswith("uploads_")]

    call_command("migrate", verbosity=0)

    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    assert (UploadPage.objects.count(), UploadGrant.objects.count()) == (0, 0)
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.django_db
def test_it_waits_and_keeps_as_the_settings_say():
    with connection.cursor() as cursor:

        def ask(statement):
            cursor.execute(statement)
            return cursor.fetchone()[0]

        if connection.vendor == "sqlite":
            assert (ask("PRAGMA journal_mode"), ask("PRAGMA synchronous")) == ("wal", 2)
            assert ask("PRAGMA foreign_keys") == 1
            assert connection.transaction_mode == "IMMEDIATE"
        else:
            assert (ask("SHOW statement_timeout"), ask("SHOW lock_timeout")) == ("15s", "5s")
            assert ask("SHOW transaction_isolation") == "read committed"


@pytest.mark.django_db
def test_a_hundred_grants_are_one_statement():
    columns = len(UploadGrant._meta.concrete_fields)

    assert connection.ops.bulk_batch_size(UploadGrant._meta.concrete_fields, [None] * 100) >= 100
    assert columns * 100 <= (connection.features.max_query_params or 65_535)
