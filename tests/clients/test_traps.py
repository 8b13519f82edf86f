"""What the programs guard against is real: without its guard, each of them fails or says more than was signed."""

from __future__ import annotations

import pytest

from tests.clients.forms import FILE_NAME, PLAIN, WITH_HEADERS
from uploads.snippets import program


def without(guard, instead=""):
    """An edit of a source, which must have the guard."""

    def edit(source):
        assert guard in source
        return source.replace(guard, instead)

    return edit


# Mono's own HttpClient, that is: the branch that .NET compiles.
WITH_HTTP_CLIENT = without("MONO", "OTHER_THAN_MONO")


@pytest.mark.parametrize(
    ("code", "name", "edit"),
    [
        pytest.param("python", "empty.bin", without('file if size else b""', "file"), id="requests, an empty file"),
        pytest.param("go", "empty.bin", without("info.Size() == 0", "info.Size() < 0"), id="Go, an empty os.File"),
        pytest.param(
            "node", "short.bin", without('request.setHeader("Content-Length", size);'), id="Node.js, a stream"
        ),
        pytest.param(
            "android",
            "empty.bin",
            without("setFixedLengthStreamingMode(size)", "setChunkedStreamingMode(0)"),
            id="HttpURLConnection, in chunks",
        ),
        pytest.param("curl", "empty.bin", without('"${1:-$file}"', "-"), id="curl, standard input"),
    ],
)
def test_what_goes_in_chunks_is_refused_where_a_length_is_pinned(code, name, edit, storage, client_for, files):
    key, length = f"{code}/trap-pinned", (files / name).stat().st_size
    run = client_for(code, storage.instructions(key, PLAIN, length=length, file_name=name), edit).run(files)

    assert run.exit_status != 0
    assert "HTTP 4" in run.output
    assert storage.requests[0]["transfer-encoding"] == "chunked"
    assert not storage.has(key)


@pytest.mark.parametrize(
    ("code", "edit", "added"),
    [
        pytest.param(
            "curl",
            without('--upload-file "', '--request PUT --data-binary @"'),
            "application/x-www-form-urlencoded",
            id="curl --data-binary",
        ),
        pytest.param("browser", without("file.slice()", "file"), "text/html", id="a browser with a typed file"),
    ],
)
def test_a_client_that_adds_a_type_fails_where_none_was_signed(code, edit, added, storage, client_for, files):
    (files / "page.html").write_text("<p>")
    run = client_for(code, storage.instructions(f"{code}/trap-untyped", {}, file_name="page.html"), edit).run(files)

    assert run.exit_status != 0
    assert "SignatureDoesNotMatch" in run.output
    assert storage.requests[0]["content-type"] == added


@pytest.mark.parametrize(
    ("code", "edit", "header"),
    [
        pytest.param("java", without(".version(HttpClient.Version.HTTP_1_1)"), "upgrade", id="Java asks for h2c"),
        pytest.param("curl", without("--header 'Expect:'"), "expect", id="curl waits for a go-ahead"),
        pytest.param("cpp", without('"Expect:"', '"X-A: b"'), "expect", id="libcurl waits for a go-ahead"),
        pytest.param(
            "csharp",
            without("Expect100Continue = false", "Expect100Continue = true"),
            "expect",
            id="Mono waits for it",
        ),
    ],
)
def test_without_its_guard_it_sends_what_nobody_asked_for(code, edit, header, storage, client_for, files):
    client_for(code, storage.instructions(f"{code}/trap-header", PLAIN, file_name=FILE_NAME), edit).run(files)

    assert header in storage.requests[0]


def test_an_http_client_that_writes_the_type_anew_is_refused(storage, client_for, files):
    instructions = storage.instructions("csharp/trap", WITH_HEADERS, file_name=FILE_NAME)

    run = client_for("csharp", instructions, WITH_HTTP_CLIENT).run(files)

    assert run.exit_status != 0
    assert "SignatureDoesNotMatch" in run.output
    assert storage.requests[0]["content-type"] == "text/plain; charset=utf8"


def test_the_branch_for_dotnet_works_on_mono_where_the_type_cannot_be_written_otherwise(storage, client_for, files):
    headers = {**WITH_HEADERS, "Content-Type": "text/plain"}
    instructions = storage.instructions("csharp/http-client", headers, file_name=FILE_NAME)

    run = client_for("csharp", instructions, WITH_HTTP_CLIENT).run(files)

    assert run.exit_status == 0, run.output
    stored = storage.stored("csharp/http-client")
    assert stored.body == (files / FILE_NAME).read_bytes()
    assert stored.headers["x-oss-meta-odd"] == headers["x-oss-meta-odd"]


def test_requests_takes_no_password_from_netrc(storage, client_for, files):
    client = client_for("python", storage.instructions("python/netrc", PLAIN, file_name="short.bin"))
    (client.home / ".netrc").write_text("machine 127.0.0.1 login somebody password secret\n")

    assert client.run(files).exit_status == 0
    assert "authorization" not in storage.requests[0]


def test_curl_adds_no_name_to_a_key_that_ends_with_a_slash(storage, client_for, files):
    client = client_for("curl", storage.instructions("curl/folder/", PLAIN, file_name="short.bin"))

    assert client.run(files).exit_status == 0
    assert storage.stored("curl/folder/").body == b"short"


def test_android_refuses_a_url_without_a_type_before_it_sends_anything(storage, client_for, files):
    """Its HttpURLConnection cannot be kept from adding one. A JDK that says it is Android stands in for it."""
    on_android = without("public static void main(String[] args) {", (
        'public static void main(String[] args) {\n        System.setProperty("java.vm.name", "Dalvik");'
    ))  # fmt: skip
    client = client_for("android", storage.instructions("android/untyped", {}, file_name="short.bin"), on_android)

    run = client.run(files)

    assert run.exit_status != 0
    assert "must be signed with a Content-Type" in run.output
    assert not storage.requests


@pytest.mark.parametrize("name", ["-", "-x", "--help"])
def test_a_file_whose_name_looks_like_an_option_is_a_file(name, storage, client_for, files):
    (files / name).write_bytes(b"dashes")
    key = f"curl/{name}"

    assert client_for("curl", storage.instructions(key, PLAIN, file_name=name)).run(files).exit_status == 0
    assert storage.stored(key).body == b"dashes"


def test_brackets_in_a_name_are_no_pattern(storage, client_for, files):
    (files / "a[1-3]{x,y}.bin").write_bytes(b"brackets")
    client = client_for("curl", storage.instructions("curl/a[1-3]{x,y}", PLAIN, file_name="a[1-3]{x,y}.bin"))

    assert client.run(files).exit_status == 0
    assert storage.stored("curl/a[1-3]{x,y}").body == b"brackets"


def test_an_ordinary_program_has_no_dalvik_check(storage):
    typed = storage.instructions("a", PLAIN, file_name="a")
    assert "Dalvik" not in program("android", typed).source
