"""What starts without which setting: in processes of their own, which inherit nothing from the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OSS = {
    "OSS_ACCESS_KEY_ID": "key-id",
    "OSS_ACCESS_KEY_SECRET": "key-secret",
    "OSS_BUCKET": "some-bucket",
    "OSS_ENDPOINT": "https://oss-cn-hangzhou.aliyuncs.com",
}
PRODUCTION = {**OSS, "SECRET_KEY": "production-" + "0123456789abcdef" * 4, "ALLOWED_HOSTS": "upload.example.com"}


@pytest.fixture
def run(tmp_path):
    """Run Python in the project's root with no environment but what is given, and a database of its own."""

    def run(*arguments, **environment):
        clean = {
            "PATH": os.environ["PATH"],
            "ENV_FILE": "",
            "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
            "STATIC_ROOT": str(tmp_path / "static"),
        }
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=clean | environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.mark.parametrize("command", ["migrate", "check"])
def test_without_a_secret_key_it_does_not_start(run, command):
    result = run("manage.py", command, **OSS)

    assert result.returncode != 0
    assert "SECRET_KEY is not set" in result.stderr


def test_without_a_secret_key_nothing_is_served(run):
    result = run("-c", "import uploader_site.wsgi", **OSS)

    assert result.returncode != 0
    assert "Set SECRET_KEY (or SECRET_KEY_FILE) before the site is served." in result.stderr


def test_a_secret_key_may_come_from_a_file(run, tmp_path):
    (tmp_path / "secret").write_text(PRODUCTION["SECRET_KEY"])

    assert run("manage.py", "check", **OSS, SECRET_KEY_FILE=str(tmp_path / "secret")).returncode == 0


def test_settle_and_presign_need_no_secret_key(run):
    assert run("manage.py", "migrate", **PRODUCTION).returncode == 0

    settled = run("manage.py", "settle", **OSS)
    signed = run(
        "manage.py", "presign", "a/b.txt", "--at", "20241112T083238Z", **OSS, DATABASE_URL="sqlite:////none/x"
    )

    assert (settled.returncode, settled.stdout) == (0, "Nothing was due.\n"), settled.stderr
    assert (signed.returncode, "x-oss-date=20241112T083238Z" in signed.stdout) == (0, True), signed.stderr


def test_production_settings_draw_no_warning(run):
    result = run("-W", "error", "manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)

    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("changed", "id_"),
    [
        ({"OSS_ENDPOINT": "http://oss.example.com"}, "uploads.W002"),
        ({"OSS_BUCKET": ""}, "uploads.W001"),
        ({"OSS_REGION": "oss-cn-hangzhou"}, "uploads.W001"),
        ({"OSS_SESSION_TOKEN": "t", "OSS_SESSION_TOKEN_EXPIRES_AT": "soon"}, "uploads.W001"),
        ({"OSS_ACCESS_KEY_SECRET": " blank "}, "uploads.W001"),
    ],
    ids=str,
)
def test_what_is_wrong_with_the_storage_is_said(run, changed, id_):
    result = run("manage.py", "check", "--deploy", **PRODUCTION | changed)

    assert id_ in result.stderr
    assert "key-secret" not in result.stderr


def test_the_whole_database_is_made_from_nothing_and_matches_the_models(run):
    made = run("manage.py", "migrate", **PRODUCTION)
    checked = run("manage.py", "makemigrations", "--check", "--dry-run", **PRODUCTION)
    undone = run("manage.py", "migrate", "uploads", "zero", **PRODUCTION)

    assert (made.returncode, checked.returncode, undone.returncode) == (0, 0, 0), made.stderr + checked.stdout
    assert "No changes detected" in checked.stdout
