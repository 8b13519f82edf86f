"""`manage.py presign` on the command line: what it prints, and what it refuses."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError

from tests.commands.presigning import AT, parameters, presign

ROOT = Path(__file__).parents[2]
VECTORS = json.loads((ROOT / "tests/oss/vectors/v4.json").read_text(encoding="utf-8"))
# The product of a CloudBox is no option of the command; tests/oss has those vectors.
PRESIGN_VECTORS = [
    case for case in VECTORS["sdk"] + VECTORS["agreed"] if (case["kind"], case["product"]) == ("presign", "oss")
]


def test_it_prints_the_url_alone():
    url = presign("a.txt", "--at", AT)
    assert url.startswith("http://127.0.0.1:9/test-bucket/a.txt?")
    assert url.count("\n") == 1


@pytest.mark.parametrize("case", PRESIGN_VECTORS, ids=lambda case: case["id"])
def test_it_signs_the_published_vectors_from_the_command_line(case, settings):
    settings.OSS_ACCESS_KEY_ID = case["access_key_id"]
    settings.OSS_ACCESS_KEY_SECRET = case["access_key_secret"]
    settings.OSS_SESSION_TOKEN = case.get("security_token", "")
    settings.OSS_REGION = case["region"]
    settings.OSS_ENDPOINT = ""
    options = ["--bucket", case["bucket"], "--method", case["method"], "--expires", str(case["expires"])]
    for option, items in (("--header", case["headers"]), ("--query", case["query"])):
        options += [part for name, value in items.items() for part in (option, f"{name}={value}")]
    options += [part for name in case["additional_headers"] for part in ("--additional-header", name)]

    url = presign(case["key"], "--at", case["date"], *options).strip()

    assert parameters(url)["x-oss-signature"] == case["expected_signature"]
    assert url == case.get("expected_url", url)


def test_json_has_all_that_a_client_needs():
    answer = json.loads(
        presign("a.txt", "--at", AT, "--content-type", "text/plain", "--content-length", "5", "--json")
    )
    assert set(answer) == {"method", "url", "headers", "expires_at", "bucket", "key"}
    assert answer["headers"] == {"Content-Type": "text/plain"}
    assert answer["expires_at"] == "2023-12-17T03:09:37Z"
    assert parameters(answer["url"])["x-oss-additional-headers"] == "content-length"


def test_metadata_that_is_not_ascii_is_percent_encoded():
    answer = json.loads(presign("a.txt", "--at", AT, "--meta", "Author=王", "--json"))
    assert answer["headers"] == {"x-oss-meta-author": "%E7%8E%8B"}


def test_explain_shows_each_intermediate_and_leaves_the_url_alone_on_standard_output():
    stderr = io.StringIO()
    url = presign("a.txt", "--at", AT, "--explain", stderr=stderr)
    assert url.count("\n") == 1
    assert "PUT\n/test-bucket/a.txt\n" in stderr.getvalue()
    assert f"OSS4-HMAC-SHA256\n{AT}\n" in stderr.getvalue()


def test_it_says_that_a_header_is_not_signed():
    stderr = io.StringIO()
    presign("a.txt", "--at", AT, "--header", "Cache-Control=no-cache", stderr=stderr)
    assert "--additional-header Cache-Control" in stderr.getvalue()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(["/a"], "begins with a slash", id="a key with a leading slash"),
        pytest.param(["a", "--expires", "0"], "1 to 604800", id="a validity of nothing"),
        pytest.param(["a", "--expires", "604801"], "1 to 604800", id="a validity of more than a week"),
        pytest.param(["a", "--header", "novalue"], "NAME=VALUE", id="a header without a value"),
        pytest.param(["a", "--meta", "a_b=c"], "hyphens only", id="an underscore in a metadata name"),
        pytest.param(["a", "--meta", "a= "], "no value", id="empty metadata"),
        pytest.param(["a", "--meta", "a=\udce9"], "cannot be stored", id="metadata that was not UTF-8"),
        pytest.param(["a", "--content-length", "-1"], "0 or more", id="a negative length"),
        pytest.param(["a", "--query", "x-oss-expires=9"], "set by the signer", id="a parameter of the signer's own"),
        pytest.param(["a", "--bucket", "No"], "bucket name", id="a bad bucket"),
        pytest.param(["a", "--header", "a=b\r\nc: d"], "line break", id="a line break in a header"),
        pytest.param([], "object key", id="nothing"),
    ],
)
def test_it_refuses_with_a_sentence(arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        presign(*arguments, "--at", AT)


def test_it_refuses_a_time_that_is_none():
    with pytest.raises(CommandError, match="20241112T083238Z"):
        presign("a", "--at", "yesterday")


def test_with_at_it_needs_neither_database_nor_secret_key(tmp_path):
    environment = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": "",
        "DATABASE_URL": f"sqlite:///{tmp_path}/missing/none.sqlite3",
        "OSS_ACCESS_KEY_ID": "ak",
        "OSS_ACCESS_KEY_SECRET": "sk",
    }
    run = subprocess.run(
        [sys.executable, "manage.py", "presign", "--from-jsonl", "-"],
        input=json.dumps({"key": "a", "bucket": "bucket", "at": AT}),
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["url"].startswith("https://bucket.oss-cn-hangzhou.aliyuncs.com/a?")
