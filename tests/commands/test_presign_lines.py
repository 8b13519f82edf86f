"""`manage.py presign --from-jsonl`: a line of JSON for each line, and none that hinders another."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from tests.commands.presigning import AT, parameters, presign
from uploads.models.grants import UploadGrant


def presign_lines(tmp_path, *requests_: object) -> list[dict]:
    file = tmp_path / "requests.jsonl"
    file.write_text("\n".join(json.dumps(request) for request in requests_), encoding="utf-8")
    return [json.loads(line) for line in presign("--from-jsonl", str(file)).splitlines()]


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


def test_a_line_of_json_may_name_an_endpoint(tmp_path):
    line = {"key": "a", "at": AT, "endpoint": "https://files.example.com", "cname": True}
    [answer] = presign_lines(tmp_path, line)
    assert answer["url"].startswith("https://files.example.com/a?")
