"""`manage.py presign`: on the command line, from JSON lines, with and without a record."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import time_machine
from django.core.management import CommandError, call_command

from tests.servers import running_oss
from uploads.models.events import GrantEvent
from uploads.models.grants import UploadGrant
from uploads.settle import settle_due

ROOT = Path(__file__).parents[2]
AT = "20231217T025437Z"
VECTORS = json.loads((ROOT / "tests/oss/vectors/v4.json").read_text(encoding="utf-8"))
# The product of a CloudBox is no option of the command; tests/oss has those vectors.
PRESIGN_VECTORS = [
    case for case in VECTORS["sdk"] + VECTORS["agreed"] if (case["kind"], case["product"]) == ("presign", "oss")
]


def presign(*args: str, stderr: io.StringIO | None = None) -> str:
    out = io.StringIO()
    call_command("presign", *args, stdout=out, stderr=stderr or io.StringIO())
    return out.getvalue()


def presign_lines(tmp_path, *requests_: object) -> list[dict]:
    file = tmp_path / "requests.jsonl"
    file.write_text("\n".join(json.dumps(request) for request in requests_), encoding="utf-8")
    return [json.loads(line) for line in presign("--from-jsonl", str(file)).splitlines()]


def parameters(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query, keep_blank_values=True).items()}


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


def test_one_line_of_json_comes_out_for_each_that_goes_in(tmp_path):
    first, second = presign_lines(
        tmp_path,
        {"key": "a", "at": AT, "content_length": 3, "meta": {"a": "b"}, "additional_headers": ["host"]},
        {"key": "b", "at": AT, "method": "GET", "expires": 60, "query": {"response-content-type": "text/plain"}},
    )
    assert parameters(first["url"])["x-oss-additional-headers"] == "content-length;host"
    assert parameters(second["url"])["response-content-type"] == "text/plain"


def test_a_bad_line_hinders_no_other_and_fails_the_command(tmp_path, capsys):
    file = tmp_path / "requests.jsonl"
    good = json.dumps({"key": "a", "at": AT})
    file.write_text(f'{good}\nnonsense\n{{"kez": "a"}}\n{good}\n')
    with pytest.raises(CommandError, match="2 of the lines"):
        call_command("presign", "--from-jsonl", str(file))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [("url" in line, line.get("line")) for line in lines] == [
        (True, None), (False, 2), (False, 3), (True, None)
    ]  # fmt: skip


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


@pytest.mark.django_db
def test_a_url_that_can_create_an_object_is_a_grant():
    answer = json.loads(presign("a.txt", "--content-type", "text/plain", "--content-length", "5", "--json"))
    grant = UploadGrant.objects.get()
    assert answer["grant"] == grant.grant_id
    assert (grant.object_key, grant.content_type, grant.size_bytes, grant.page) == ("a.txt", "text/plain", 5, None)
    assert [event.kind for event in grant.events.all()] == ["issued"]


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_url_that_creates_nothing_is_an_event(method):
    presign("a.txt", "--method", method)
    event = GrantEvent.objects.get()
    assert (event.kind, event.grant, event.data["key"]) == ("url_signed", None, "a.txt")


@pytest.mark.django_db
def test_the_url_of_a_part_is_no_grant_of_its_own():
    presign("a.txt", "--query", "partNumber=1", "--query", "uploadId=X")
    assert not UploadGrant.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["content-length", "Content-Length"])
def test_a_signed_length_is_part_of_the_grant_however_its_name_is_written(name):
    presign("a.txt", "--header", "Content-Length=5", "--additional-header", name)
    assert UploadGrant.objects.get().size_bytes == 5


@pytest.mark.django_db
@pytest.mark.parametrize(
    "request_",
    [
        pytest.param({"key": "a", "content_length": 10**20}, id="a length that no database holds"),
        pytest.param(
            {"key": "a", "headers": {"Content-Length": "x"}, "additional_headers": ["content-length"]},
            id="a length that is no number",
        ),
        pytest.param({"key": "a\x00b"}, id="a key with a NUL"),
        pytest.param({"key": "a", "query": {"note": "\x00"}}, id="a query with a NUL"),
        pytest.param({"key": "a\x00b", "method": "GET"}, id="a key with a NUL, to read"),
        pytest.param({"key": "a", "at": "00010101T000000Z"}, id="a time in the year 1"),
        pytest.param({"key": "a", "at": "99991231T235959Z"}, id="a time at the end of all years"),
    ],
)
def test_what_cannot_be_signed_or_recorded_hinders_no_other_line(tmp_path, capsys, request_):
    file = tmp_path / "requests.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in (request_, {"key": "good"})))
    with pytest.raises(CommandError, match="1 of the lines"):
        call_command("presign", "--from-jsonl", str(file))
    refused, good = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert refused["error"].endswith(".")
    assert good["key"] == "good"
    assert [grant.object_key for grant in UploadGrant.objects.all()] == ["good"]


@pytest.mark.django_db
def test_a_url_that_appends_is_a_grant_of_no_certain_length():
    presign("log.txt", "--method", "POST", "--query", "append=", "--query", "position=9", "--content-length", "5")
    grant = UploadGrant.objects.get()
    assert (grant.method, grant.size_bytes, grant.signed_headers) == ("POST", None, {"Content-Length": "5"})


@pytest.mark.django_db
def test_signing_for_an_open_key_again_is_the_same_grant_with_new_terms():
    presign("a.txt", "--content-type", "text/plain", "--expires", "3600")
    presign("a.txt", "--content-type", "text/csv", "--expires", "60")
    grant = UploadGrant.objects.get()
    assert grant.content_type == "text/csv"
    assert (grant.url_ends_at - grant.created_at).total_seconds() >= 3600
    assert [event.kind for event in grant.events.all()] == ["issued", "renewed"]


def test_the_key_of_a_pages_open_grant_is_refused(grant):
    with pytest.raises(CommandError, match=grant.grant_id):
        presign(grant.object_key)


@pytest.mark.django_db
def test_what_is_put_to_the_url_is_found_stored_by_settle(oss):
    answer = json.loads(presign("hand/over.txt", "--content-type", "text/plain", "--json"))
    put = requests.put(answer["url"], data=b"hello", headers=answer["headers"], timeout=10)
    assert put.status_code == 200, put.text

    grant = UploadGrant.objects.get()
    UploadGrant.objects.update(next_check_at=grant.created_at)
    settle_due()

    grant.refresh_from_db()
    assert (grant.state, grant.stored_size_bytes) == ("stored", 5)
    assert grant.compared == ["content-type", "last-modified"]


@pytest.mark.parametrize(
    ("options", "start"),
    [
        pytest.param([], "https://test-bucket.oss-cn-hangzhou.aliyuncs.com/a?", id="as configured"),
        pytest.param(["public"], "https://test-bucket.oss-cn-hangzhou.aliyuncs.com/a?", id="public"),
        pytest.param(["internal"], "https://test-bucket.oss-cn-hangzhou-internal.aliyuncs.com/a?", id="internal"),
        pytest.param(["accelerate"], "https://test-bucket.oss-accelerate.aliyuncs.com/a?", id="accelerate"),
        pytest.param(["dual-stack"], "https://test-bucket.cn-hangzhou.oss.aliyuncs.com/a?", id="dual-stack"),
        pytest.param(["https://files.example.com", "--cname"], "https://files.example.com/a?", id="a custom domain"),
        pytest.param(["http://127.0.0.1:9"], "http://127.0.0.1:9/test-bucket/a?", id="an address"),
    ],
)
def test_the_endpoint_can_be_chosen_and_the_region_stays_the_buckets(options, start, settings):
    settings.OSS_ENDPOINT = ""
    endpoint = ["--endpoint", *options] if options else []
    url = presign("a", "--at", AT, *endpoint)
    assert url.startswith(start)
    assert parameters(url)["x-oss-credential"] == "test-key-id/20231217/cn-hangzhou/oss/aliyun_v4_request"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        pytest.param(["--endpoint", "internal", "--cname"], "not a custom domain", id="a form of OSS as a domain"),
        pytest.param(["--cname"], "give both", id="a custom domain that is not named"),
        pytest.param(["--endpoint", "ftp://host"], "must begin with https", id="another scheme"),
        pytest.param(["--endpoint", "https://host/path"], "nothing after it", id="a path"),
        pytest.param(["--endpoint", "https://a:b@host"], "a password", id="a password"),
        pytest.param(["--endpoint", "https://test-bucket.oss.example"], "leave it out", id="the bucket once more"),
    ],
)
def test_it_refuses_an_endpoint_that_is_none(options, sentence):
    with pytest.raises(CommandError, match=sentence):
        presign("a", "--at", AT, *options)


def test_a_line_of_json_may_name_an_endpoint(tmp_path):
    line = {"key": "a", "at": AT, "endpoint": "https://files.example.com", "cname": True}
    [answer] = presign_lines(tmp_path, line)
    assert answer["url"].startswith("https://files.example.com/a?")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("token_ends", "asked", "signed"),
    [
        pytest.param("", 3600, 900, id="an end that nobody told"),
        pytest.param("2026-11-20T10:10:00Z", 3600, 600, id="an end before the URL's"),
        pytest.param("2026-11-20T22:00:00Z", 3600, 3600, id="an end after the URL's"),
    ],
)
def test_a_url_ends_with_the_security_token_and_it_is_said(settings, token_ends, asked, signed):
    settings.OSS_SESSION_TOKEN = "token"
    settings.OSS_SESSION_TOKEN_EXPIRES_AT = token_ends
    stderr = io.StringIO()
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False):
        url = presign("a", "--expires", str(asked), stderr=stderr)
    grant = UploadGrant.objects.get()
    assert parameters(url)["x-oss-expires"] == str(signed)
    assert (grant.url_ends_at - grant.created_at).total_seconds() == signed
    assert ("not 3600" in stderr.getvalue()) == (signed < asked)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("token_ends", "asked", "sentence"),
    [
        pytest.param("2026-11-20T10:00:00Z", "60", "has expired", id="a token that has expired"),
        pytest.param("2026-11-30T10:00:00Z", "43201", "1 to 43200", id="more than twelve hours"),
    ],
)
def test_with_a_security_token_it_refuses(settings, token_ends, asked, sentence):
    settings.OSS_SESSION_TOKEN = "token"
    settings.OSS_SESSION_TOKEN_EXPIRES_AT = token_ends
    with time_machine.travel("2026-11-20T10:00:00Z"), pytest.raises(CommandError, match=sentence):
        presign("a", "--expires", asked)
    assert not UploadGrant.objects.exists()


@pytest.mark.django_db
def test_a_url_at_a_custom_domain_stores_the_object(tmp_path, settings):
    with running_oss(tmp_path, cnames={"localhost": "test-bucket"}) as oss:
        settings.OSS_ENDPOINT = oss.url
        domain = f"http://localhost:{oss.port}"
        answer = json.loads(presign("a b.txt", "--endpoint", domain, "--cname", "--content-type", "a/b", "--json"))

        assert answer["url"].startswith(f"{domain}/a%20b.txt?")
        assert requests.put(answer["url"], data=b"x", headers=answer["headers"], timeout=10).status_code == 200
        assert oss.app.store.keys("test-bucket") == ["a b.txt"]
