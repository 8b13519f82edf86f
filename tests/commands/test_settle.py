"""`manage.py settle`: one pass, or one after the other until it is told to stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from tests.conftest import BUCKET
from tests.factories import make_grant
from uploads.models import UploadGrant
from uploads.settle import LEASE, settle_due

ROOT = Path(__file__).resolve().parents[2]


PATIENCE_SECONDS = 20


def due_grant(page, **fields):
    return make_grant(page=page, next_check_at=timezone.now(), **fields)


@pytest.fixture
def full_page(open_page):
    """Has reservations to give back."""
    open_page.used_files, open_page.used_bytes = 10, 50
    open_page.save()
    return open_page


@pytest.mark.django_db
def test_it_says_what_became_of_the_grants(oss, full_page, capsys):
    grant = due_grant(full_page)
    oss.app.store.put_bytes(BUCKET, grant.object_key, b"hello", content_type="application/pdf")
    for _ in range(2):
        due_grant(full_page, url_ends_at=timezone.now() - timedelta(hours=3))

    call_command("settle")

    assert sorted(capsys.readouterr().out.strip().split(", ")) == ["1 stored", "2 expired"]


@pytest.mark.django_db
def test_a_second_run_finds_nothing(oss, full_page, capsys):
    due_grant(full_page, url_ends_at=timezone.now() - timedelta(hours=3))
    call_command("settle")
    capsys.readouterr()

    call_command("settle")

    assert capsys.readouterr().out == "Nothing was due.\n"


def database_url():
    """The tests' own database, for another process."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"


@pytest.fixture
def loop(transactional_db, oss):
    """`settle --loop` in a process of its own, on the tests' database."""
    environment = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": "",
        "DATABASE_URL": database_url(),
        "OSS_ACCESS_KEY_ID": "test-key-id",
        "OSS_ACCESS_KEY_SECRET": "test-key-secret",
        "OSS_BUCKET": BUCKET,
        "OSS_ENDPOINT": oss.url,
    }

    @contextmanager
    def running(seconds):
        command = [sys.executable, "manage.py", "settle", "--loop", seconds]
        with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
            try:
                yield process
            finally:
                process.kill()

    return running


def wait_until_settled(grant):
    end = time.monotonic() + PATIENCE_SECONDS
    while UploadGrant.objects.get(pk=grant.pk).state == "issued" and time.monotonic() < end:
        time.sleep(0.05)  # What another process writes can only be looked for.
    return UploadGrant.objects.get(pk=grant.pk)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("seconds", ["0.01", "3600"])
def test_the_loop_settles_and_stops_when_told(loop, oss, full_page, number, seconds):
    grant = due_grant(full_page)
    oss.app.store.put_bytes(BUCKET, grant.object_key, b"hello", content_type="application/pdf")

    with loop(seconds) as process:
        assert wait_until_settled(grant).state == "stored"
        process.send_signal(number)
        _, stderr = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 0, stderr
    assert "Traceback" not in stderr
    assert "Settled: 1 stored" in stderr


def test_what_a_killed_loop_had_begun_another_one_ends(loop, oss, full_page):
    asked = threading.Event()
    go_on = threading.Event()

    def hang(environ):
        if environ["REQUEST_METHOD"] == "HEAD":
            asked.set()
            go_on.wait(PATIENCE_SECONDS)

    grant = due_grant(full_page)
    oss.app.store.put_bytes(BUCKET, grant.object_key, b"hello", content_type="application/pdf")
    oss.app.intercept = hang
    with loop("0.1") as process:
        assert asked.wait(PATIENCE_SECONDS)
        process.kill()
        process.communicate()
    go_on.set()
    assert UploadGrant.objects.get().state == "issued"

    assert settle_due(lambda: timezone.now() + LEASE - timedelta(seconds=20)) == {}
    assert settle_due(lambda: timezone.now() + LEASE) == {"stored": 1}
