"""The client programs, built and run against the embedded OSS: what arrives, and what is stored."""

from __future__ import annotations

import dataclasses

import pytest

from tests.clients.forms import FILE_NAME, FORMS, PLAIN, WITH_HEADERS
from tests.clients.storage import covered
from uploads.snippets import CLIENT_CODES

EVERY_CLIENT = pytest.mark.parametrize("code", CLIENT_CODES)
REFUSED_BY_HTTP = {"expect", "upgrade", "transfer-encoding", "http2-settings"}


def lowered(headers):
    return {name.lower(): value for name, value in headers.items()}


@pytest.mark.parametrize("form", FORMS)
@EVERY_CLIENT
def test_it_works(code, form, in_table, storage, client_for, files):
    in_table(code, form)
    key = f"{code}/{form}/{FILE_NAME}"
    run = client_for(code, storage.instructions(key, FORMS[form], file_name=FILE_NAME)).run(files)

    assert (run.exit_status, "HTTP 200" in run.output) == (0, True), run.output
    stored = storage.stored(key)
    assert stored.body == (files / FILE_NAME).read_bytes()
    assert lowered(FORMS[form]).items() <= stored.headers.items()
    assert covered(storage.requests[0]) == lowered(FORMS[form])


@pytest.mark.parametrize("form", FORMS)
@EVERY_CLIENT
def test_an_empty_file_is_sent_with_its_length(code, form, storage, client_for, files):
    key = f"{code}/{form}/{FILE_NAME}"
    run = client_for(code, storage.instructions(key, FORMS[form], file_name=FILE_NAME)).run(files, "empty.bin")

    assert run.exit_status == 0, run.output
    assert storage.stored(key).body == b""
    assert storage.requests[0]["content-length"] == "0"


@EVERY_CLIENT
def test_nothing_but_the_file_and_its_length_is_sent_where_no_content_type_was_signed(
    code, storage, client_for, files
):
    key = f"{code}/untyped.txt"
    run = client_for(code, storage.instructions(key, {}, file_name=FILE_NAME)).run(files)

    assert run.exit_status == 0, run.output
    assert covered(storage.requests[0]) == {}
    assert not REFUSED_BY_HTTP & storage.requests[0].keys()
    assert storage.stored(key).headers["content-type"] == "application/octet-stream"


@EVERY_CLIENT
def test_a_pinned_length_is_sent_and_a_file_of_another_is_not(code, storage, client_for, files):
    size = (files / FILE_NAME).stat().st_size
    key = f"{code}/pinned.bin"
    client = client_for(code, storage.instructions(key, WITH_HEADERS, length=size, file_name=FILE_NAME))

    refused = client.run(files, "short.bin")
    assert refused.exit_status != 0
    assert not storage.has(key)
    run = client.run(files)
    assert run.exit_status == 0, run.output
    assert storage.stored(key).body == (files / FILE_NAME).read_bytes()


@EVERY_CLIENT
def test_an_empty_file_may_have_a_pinned_length(code, storage, client_for, files):
    key = f"{code}/pinned-empty.bin"
    client = client_for(code, storage.instructions(key, PLAIN, length=0, file_name="empty.bin"))

    run = client.run(files)

    assert run.exit_status == 0, run.output
    assert storage.stored(key).body == b""


@EVERY_CLIENT
def test_a_refusal_is_printed_and_fails(code, storage, client_for, files):
    instructions = storage.instructions(
        f"{code}/refused", {**PLAIN, "x-oss-forbid-overwrite": "true"}, file_name="short.bin"
    )
    client = client_for(code, instructions)
    assert client.run(files).exit_status == 0

    run = client.run(files)

    assert run.exit_status != 0
    assert "FileAlreadyExists" in run.output
    assert "HTTP 409" in run.output


@EVERY_CLIENT
def test_an_answer_that_sends_it_elsewhere_is_a_failure(code, storage, client_for, files):
    client = client_for(code, storage.instructions(f"{code}/plain", PLAIN, file_name="short.bin"))
    storage.redirects_to = "/elsewhere"

    run = client.run(files)

    assert run.exit_status != 0
    assert len(storage.requests) == 1


@EVERY_CLIENT
def test_no_answer_is_a_failure(code, storage, client_for, files):
    instructions = storage.instructions(f"{code}/plain", PLAIN, file_name="short.bin")
    unreachable = dataclasses.replace(instructions, url="http://127.0.0.1:9/bucket/key?x-oss-signature=0")

    assert client_for(code, unreachable).run(files).exit_status != 0


# A browser lets nobody choose a file that is not there.
@pytest.mark.parametrize("code", [code for code in CLIENT_CODES if code != "browser"])
def test_a_missing_file_is_a_failure(code, storage, client_for, files):
    client = client_for(code, storage.instructions(f"{code}/plain", PLAIN, file_name="short.bin"))

    assert client.run(files, "C:\\no such folder\\file.bin").exit_status != 0
    assert not storage.requests
