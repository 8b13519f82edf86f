"""`manage.py presign --client`: a program instead of a URL."""

from __future__ import annotations

import io
import subprocess

import pytest
from django.core.management import CommandError, call_command

from tests.clients.forms import HOSTILE, ODD
from tests.clients.toolchains import refuse_missing_tools
from uploads.models.grants import UploadGrant
from uploads.oss.client import OssClient
from uploads.snippets import PROGRAM_CODES
from uploads.storage import storage

AT = "20231217T025437Z"


def presign(*args: str) -> str:
    out = io.StringIO()
    call_command("presign", *args, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def send_with_shell(source: str, *arguments: str, folder) -> subprocess.CompletedProcess[str]:
    refuse_missing_tools("curl")
    return subprocess.run(
        ["sh", "-c", source, "upload.sh", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.django_db
def test_it_works(oss, tmp_path):
    (tmp_path / "report.csv").write_bytes(b"a,b\n")
    source = presign(
        "hand/over/report.csv", "--client", "curl", "--content-type", "text/csv;charset=utf8",
        "--meta", f"odd={ODD}", "--meta", f"hostile={HOSTILE}", "--meta", "author=王", "--content-length", "4",
    )  # fmt: skip

    run = send_with_shell(source, folder=tmp_path)

    assert run.returncode == 0, run.stderr
    client: OssClient = storage().client()
    facts = client.head_object("hand/over/report.csv")
    assert (facts.size_bytes, facts.content_type) == (4, "text/csv;charset=utf8")
    assert facts.metadata == {"odd": ODD, "hostile": HOSTILE, "author": "%E7%8E%8B"}
    assert UploadGrant.objects.get().object_key == "hand/over/report.csv"


@pytest.mark.django_db
def test_any_file_can_be_sent_whose_path_is_given(oss, tmp_path):
    (tmp_path / "other name.bin").write_bytes(b"other")

    run = send_with_shell(presign("a.txt", "--client", "curl"), "other name.bin", folder=tmp_path)

    assert run.returncode == 0, run.stderr
    assert storage().client().head_object("a.txt").size_bytes == 5


@pytest.mark.parametrize("code", PROGRAM_CODES)
def test_each_client_comes_alone_on_standard_output(code):
    source = presign("a/b/report.csv", "--at", AT, "--client", code, "--content-type", "text/csv")
    assert "http://127.0.0.1:9/test-bucket/a/b/report.csv" in source
    assert "report.csv" in source.replace("/a/b/report.csv", "")
    assert source.endswith("\n")
    assert not source.endswith("\n\n")


def test_the_local_file_may_have_another_name():
    assert "file='my copy.csv'" in presign("a.csv", "--at", AT, "--client", "curl", "--file", "my copy.csv")


def test_a_signed_length_is_in_the_program():
    assert "size != 77:" in presign("a", "--at", AT, "--client", "python", "--content-length", "77")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(["a", "--client", "curl", "--method", "GET"], "not GET", id="a method that sends nothing"),
        pytest.param(["a", "--client", "curl", "--json"], "not both", id="two kinds of output"),
        pytest.param(["--client", "curl", "--from-jsonl", "-"], "one object key", id="many keys"),
        pytest.param(
            ["a", "--client", "go", "--header", "Content-Disposition=attachment; filename=é"],
            "percent-encode",
            id="a header that is not ASCII",
        ),
        pytest.param(["a", "--file", "b"], "--client too", id="a file for no program"),
        pytest.param(["a", "--client", "cobol"], "invalid choice", id="an unknown client"),
    ],
)
def test_it_refuses_with_a_sentence_and_records_nothing(arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        presign(*arguments)
    assert not UploadGrant.objects.exists()
