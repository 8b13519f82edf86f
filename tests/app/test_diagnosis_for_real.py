"""The six causes of the vendor's troubleshooting table and more, each provoked with clients that are not ours.

https://www.alibabacloud.com/help/en/oss/developer-reference/add-signatures-to-urls
"""

from __future__ import annotations

import io
import json
import subprocess
from datetime import UTC, datetime, timedelta

import oss2
import pytest
import requests
from django.core.management import call_command

from tests.clients.toolchains import refuse_missing
from tests.servers import BUCKET, CREDENTIALS, REGION, running_oss

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def curl_or_left_out():
    """Where there is none these are left out; continuous integration leaves none out."""
    refuse_missing("curl")


def run_presign(*args: str) -> str:
    out = io.StringIO()
    call_command("presign", *args, stdout=out, stderr=io.StringIO())
    return out.getvalue()


@pytest.fixture
def sign(oss):
    """URL of a grant for `reports/a.csv`, with what `--json` says of it."""

    def sign(*options: str) -> dict:
        return json.loads(run_presign("reports/a.csv", "--content-type", "text/csv", "--json", *options))

    return sign


@pytest.fixture
def explain(tmp_path):
    """What `presign --diagnose` makes of an error's body."""

    def explain(body: str, *hint: str) -> str:
        file = tmp_path / "error.xml"
        file.write_text(body, encoding="utf-8")
        return run_presign("--diagnose", str(file), *hint)

    return explain


@pytest.fixture
def curl(tmp_path):
    """PUT five bytes with curl, which adds no Content-Type of its own to `-T`; the body of the answer."""
    (tmp_path / "hello.txt").write_text("hello")

    def curl(url: str, *options: str) -> str:
        command = ["curl", "--silent", "--show-error", "--max-time", "20", "-T", "hello.txt", *options, url]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    return curl


def header_options(headers: dict[str, str]) -> list[str]:
    return [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]


def test_a_content_type_that_is_not_the_signed_one(sign, curl, explain):
    body = curl(sign()["url"], "-H", "Content-Type: application/vnd.ms-excel")

    said = explain(body)

    assert "signed Content-Type text/csv, sent application/vnd.ms-excel." in said
    assert "Who can mend it: whoever runs or wrote the sending program." in said
    assert "https://api.aliyun.com/troubleshoot?q=0002-00000201" in said


def test_a_content_type_that_the_client_adds_of_its_own(oss, explain):
    url = run_presign("reports/a.csv").strip()
    body = requests.put(url, data=b"hello", headers={"Content-Type": "text/csv"}, timeout=10).text

    assert "Content-Type text/csv was sent but not signed." in explain(body)


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "x-oss-meta-key1 was signed but not sent."),
        ({"x-oss-meta-key1": "other"}, "signed x-oss-meta-key1 value1, sent other."),
        ({"x-oss-meta-key1": "value1", "x-oss-meta-key2": "b"}, "x-oss-meta-key2 b was sent but not signed."),
    ],
    ids=["not sent", "another value", "one more"],
)
def test_metadata_that_is_not_what_was_signed(sign, explain, sent, sentence):
    url = sign("--meta", "key1=value1")["url"]
    body = requests.put(url, data=b"hello", headers={"Content-Type": "text/csv", **sent}, timeout=10).text

    assert f"The user metadata is not what was signed: {sentence}" in explain(body)


@pytest.mark.parametrize(
    ("signed", "sent", "sentence"),
    [
        ([], {"x-oss-storage-class": "IA"}, "x-oss-storage-class IA was sent but not signed."),
        (["--header", "x-oss-storage-class=IA"], {}, "x-oss-storage-class was signed but not sent."),
        (
            ["--header", "x-oss-storage-class=IA"],
            {"x-oss-storage-class": "Standard"},
            "signed x-oss-storage-class IA, sent Standard.",
        ),
    ],
    ids=["not signed", "not sent", "another one"],
)
def test_a_storage_class_that_is_not_the_signed_one(sign, curl, explain, signed, sent, sentence):
    body = curl(sign(*signed)["url"], "-H", "Content-Type: text/csv", *header_options(sent))

    assert f"The storage class is not the signed one: {sentence}" in explain(body)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("x-oss-expires=600", "x-oss-expires=6000", "x-oss-expires 600 became 6000."),
        (
            "x-oss-expires=600",
            "x-oss-expires=600&x-oss-traffic-limit=819200",
            "x-oss-traffic-limit 819200 was added.",
        ),
        ("&x-oss-process=style", "", "x-oss-process is gone."),
    ],
    ids=["a longer life", "one more", "one less"],
)
def test_a_query_string_that_was_changed(sign, curl, explain, old, new, sentence):
    url = sign("--expires", "600", "--query", "x-oss-process=style")["url"]
    assert old in url

    body = curl(url.replace(old, new), "-H", "Content-Type: text/csv")

    assert f"The query string was changed: {sentence}" in explain(body)


def test_a_clock_that_is_ahead_where_the_url_is_signed(sign, curl, explain):
    ahead = (datetime.now(UTC) + timedelta(minutes=20)).strftime("%Y%m%dT%H%M%SZ")

    body = curl(sign("--at", ahead)["url"], "-H", "Content-Type: text/csv")

    assert "signed with a clock more than 15 minutes ahead of OSS's" in explain(body)


def test_a_clock_that_is_behind_where_the_url_is_signed(sign, curl, explain):
    behind = (datetime.now(UTC) - timedelta(minutes=20)).strftime("%Y%m%dT%H%M%SZ")

    said = explain(curl(sign("--at", behind)["url"], "-H", "Content-Type: text/csv"))

    assert "The URL had lapsed when the request arrived (Expires 20" in said
    assert ", ServerTime 20" in said


def test_a_clock_that_drifts_where_each_request_is_signed(tmp_path, explain):
    """With the official SDK as the client, which signs each request in a header."""
    with running_oss(tmp_path / "drifting") as drifting:
        drifting.clock.offset = timedelta(minutes=20)
        auth = oss2.AuthV4(CREDENTIALS.access_key_id, CREDENTIALS.access_key_secret)
        bucket = oss2.Bucket(auth, drifting.url, BUCKET, region=REGION, is_path_style=True)
        with pytest.raises(oss2.exceptions.ServerError) as error:
            bucket.put_object("a.txt", b"hello")

    said = explain(error.value.body.decode())

    assert "The clock of the sender differs from OSS's by more than 15 minutes" in said
    assert "RequestTime 20" in said


@pytest.mark.parametrize("options", [[], ["--content-length", "5"]], ids=["plain", "with additional headers"])
def test_an_ampersand_that_a_shell_has_swallowed(sign, tmp_path, explain, options):
    (tmp_path / "hello.txt").write_text("hello")
    url = sign(*options)["url"]
    unquoted = f"curl --silent --max-time 20 -H 'Content-Type: text/csv' -T hello.txt {url}"

    run = subprocess.run(["/bin/sh", "-c", unquoted], cwd=tmp_path, capture_output=True, text=True, check=False)

    said = explain(run.stdout)
    assert "The URL was cut at an &" in said
    assert "Put the URL between single quotes" in said
