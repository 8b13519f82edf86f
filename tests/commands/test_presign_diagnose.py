"""`manage.py presign --diagnose`: an error of OSS explained, from a file or from standard input."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from django.core.management import CommandError, call_command

from tests.app.test_error_bodies import BODY, SECRETS
from uploads.models.grants import UploadGrant

ROOT = Path(__file__).parents[2]


def presign(*args: str) -> str:
    out = io.StringIO()
    call_command("presign", *args, stdout=out, stderr=io.StringIO())
    return out.getvalue()


@pytest.fixture
def explain(tmp_path):
    def explain(body: str | bytes, *hint: str) -> str:
        file = tmp_path / "error.xml"
        file.write_bytes(body if isinstance(body, bytes) else body.encode())
        return presign("--diagnose", str(file), *hint)

    return explain


@pytest.fixture
def refused(oss):
    """A grant and the body with which OSS refused a PUT for its Content-Type."""
    url = presign("reports/a.csv", "--content-type", "text/csv").strip()
    body = requests.put(url, data=b"hello", headers={"Content-Type": "text/html"}, timeout=10).text
    return UploadGrant.objects.get(), body


@pytest.mark.django_db
def test_it_says_cause_who_remedy_and_where_to_read_on(explain, refused):
    grant, body = refused

    lines = dict(line.split(": ", 1) for line in explain(body).splitlines())

    assert lines["Cause"] == "The Content-Type is not the signed one: signed Content-Type text/csv, sent text/html."
    assert lines["Who can mend it"] == "whoever runs or wrote the sending program."
    assert lines["What to do"].startswith("Send exactly the signed Content-Type.")
    assert lines["EC"] == "0002-00000201, https://api.aliyun.com/troubleshoot?q=0002-00000201"
    assert lines[f"Compared with grant {grant.grant_id}"] == "reports/a.csv"


@pytest.mark.django_db
def test_a_wrong_secret_is_what_is_left_when_nothing_differs(explain, oss, settings):
    settings.OSS_ACCESS_KEY_SECRET = "another"
    url = presign("reports/a.csv", "--content-type", "text/csv").strip()
    body = requests.put(url, data=b"hello", headers={"Content-Type": "text/csv"}, timeout=10).text

    assert "the AccessKey secret is not the one of this AccessKey id" in explain(body)


@pytest.mark.django_db
def test_a_pinned_length_and_a_signed_host_are_compared_too(explain, oss):
    answer = json.loads(presign("a.txt", "--content-length", "9", "--additional-header", "host", "--json"))
    body = requests.put(answer["url"], data=b"hello", timeout=10).text

    assert "The length of the body was not the signed one (signed content-length 9, sent 5)." in explain(body)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda url: url.replace("/a.txt", "/b.txt"), "signed key a.txt, sent b.txt"),
        (lambda url: url[:-8], "The signature at the end of the URL is not whole: 56 / 64."),
    ],
    ids=["another key", "a cut signature"],
)
def test_a_url_that_was_changed_elsewhere_is_named(explain, oss, change, sentence):
    answer = json.loads(presign("a.txt", "--json"))
    url = answer["url"]
    signature = url[url.index("&x-oss-signature=") :].partition("&x-oss-signature-version")[0]
    last = url.replace(signature, "", 1) + signature
    body = requests.put(change(last), data=b"hello", timeout=10).text

    assert sentence in explain(body, answer["grant"])


@pytest.mark.django_db
def test_another_method_is_named(explain, oss):
    url = presign("a.txt").strip()

    assert "signed method PUT, sent GET" in explain(requests.get(url, timeout=10).text)


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_may_be_written_as_shells_write_it(explain, refused, encoding):
    assert "sent text/html" in explain(refused[1].encode(encoding))


@pytest.mark.django_db
def test_a_file_that_is_no_text_or_not_there_is_refused_with_a_sentence(explain):
    with pytest.raises(CommandError, match="no error of OSS"):
        explain(b"\xff\x00\x80" * 100)
    with pytest.raises(CommandError, match="No such file"):
        presign("--diagnose", "none.xml")


def run(body: str, tmp_path) -> subprocess.CompletedProcess:
    """In a process of its own, without a database."""
    return subprocess.run(
        [sys.executable, "manage.py", "presign", "--diagnose", "-"],
        input=body, cwd=ROOT, capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "ENV_FILE": "", "DATABASE_URL": f"sqlite:///{tmp_path}/missing/none.sqlite3"},
    )  # fmt: skip


def test_without_a_database_or_a_secret_key_it_explains_all_the_same(tmp_path):
    finished = run(BODY, tmp_path)

    assert finished.returncode == 0, finished.stderr
    assert "Cause: SignatureDoesNotMatch: what was sent is not what was signed" in finished.stdout
    assert "No grant was found" in finished.stdout
    assert [secret for secret in SECRETS if secret in finished.stdout + finished.stderr] == []


@pytest.mark.parametrize("body", ["Hello.", "<Error><Code>SomethingNew</Code><EC>0099-00000001</EC></Error>"])
def test_the_status_tells_that_no_cause_was_found(tmp_path, body):
    assert run(body, tmp_path).returncode == 1
