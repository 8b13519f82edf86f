"""The client's calls, byte for byte on a real socket: what goes out, and what is taken from a good answer."""

from __future__ import annotations

import base64
import hashlib
import threading

import pytest

from tests.oss.stub_server import (
    HEAD_OK,
    StubServer,
    answer,
    client_of,
    error,
    head_error,
)
from uploads.oss.client import ByteRange
from uploads.oss.credentials import Credentials
from uploads.oss.documents import CorsConfiguration, CorsRule, cors_from_xml
from uploads.oss.errors import (
    ErrorAnswer,
    NoAnswer,
    RefusedLocally,
    UnreadableAnswer,
)

pytestmark = pytest.mark.usefixtures("quick_retries")


def test_it_works(credentials):
    with StubServer(HEAD_OK) as server:
        facts = client_of(server, credentials).head_object("a/b.png")

    assert (facts.size_bytes, facts.content_type, facts.storage_class) == (42, "image/png", "IA")
    assert (facts.etag, facts.crc64) == ("5EB63BBBE01EEED093CB22BB8F5ACDC3", 5981764153023615706)
    assert facts.last_modified.isoformat() == "2024-11-01T08:30:00+00:00"
    assert facts.metadata == {"grant": "g1"}
    assert (server.seen[0].method, server.seen[0].target) == ("HEAD", "/bucket/a/b.png")


@pytest.mark.parametrize("status", [200, 302, 403], ids=["a success", "a redirect", "an error"])
def test_a_huge_body_is_not_read_to_its_end(credentials, status):
    sent = []

    def endless(connection, stopping: threading.Event) -> None:
        connection.sendall(answer(status, length=10**12, Location="/elsewhere"))
        while not stopping.is_set() and len(sent) < 10_000:
            connection.sendall(b"x" * 65536)
            sent.append(65536)

    with StubServer(endless) as server, pytest.raises(UnreadableAnswer):
        client_of(server, credentials).get_cors()
    assert sum(sent) < 50_000_000


def test_answers_leave_the_connection_open_for_the_next_call(credentials):
    replies = [HEAD_OK, answer(404), head_error(404, "NoSuchKey"), error(403, "AccessDenied"), answer(204)]
    with StubServer(*replies) as server:
        client = client_of(server, credentials)
        client.head_object("key")
        for call in (client.head_object, client.head_object, client.delete_object):
            with pytest.raises(ErrorAnswer):
                call("key")
        client.delete_object("key")

    assert (len(server.seen), server.connections) == (5, 1)


def test_threads_share_a_client_but_no_connection(credentials):
    with StubServer(HEAD_OK) as server:
        client = client_of(server, credentials)
        client.head_object("key")
        other = threading.Thread(target=client.head_object, args=("key",))
        other.start()
        other.join(5)

    assert (len(server.seen), server.connections) == (2, 2)


def test_the_environment_redirects_nothing(credentials, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password something\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with StubServer(HEAD_OK) as server:
        client_of(server, credentials).head_object("key")

    assert server.seen[0].headers["authorization"].startswith("OSS4-HMAC-SHA256 Credential=LTAI5tExample/")


def test_cookies_are_not_kept(credentials):
    with StubServer(answer(204, Set_Cookie="a=b; Path=/"), HEAD_OK) as server:
        client = client_of(server, credentials)
        client.delete_object("key")
        client.head_object("key")

    assert "cookie" not in server.seen[1].headers


def test_the_security_token_goes_with_the_call():
    with StubServer(HEAD_OK) as server:
        client_of(server, Credentials("STS.id", "secret", "TOKEN")).head_object("key")

    assert server.seen[0].headers["x-oss-security-token"] == "TOKEN"


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"length": -1}, id="a negative length"),
        pytest.param({"Content_Length": ""}, id="no length"),
        pytest.param({"Last_Modified": ""}, id="no time"),
        pytest.param({"Last_Modified": "yesterday"}, id="a time that is none"),
        pytest.param({"Last_Modified": "Fri, 01 Nov 99999999999999999999 08:30:00 GMT"}, id="a time out of bounds"),
    ],
)
def test_object_facts_without_length_or_time_are_unreadable(credentials, broken):
    reply = answer(200, **{"length": 42, "Last_Modified": "Fri, 01 Nov 2024 08:30:00 GMT"} | broken)
    with StubServer(reply) as server, pytest.raises(UnreadableAnswer):
        client_of(server, credentials).head_object("key")


@pytest.mark.parametrize("checksum", ["", "abc", "-1", "9" * 5000], ids=["none", "letters", "negative", "absurd"])
def test_a_checksum_that_is_none_is_unknown(credentials, checksum):
    reply = answer(200, Last_Modified="Fri, 01 Nov 2024 08:30:00 GMT", x_oss_hash_crc64ecma=checksum)
    with StubServer(reply) as server:
        assert client_of(server, credentials).head_object("key").crc64 is None


def test_an_object_that_ends_too_early_is_no_answer(credentials):
    def short(connection, _: threading.Event) -> None:
        connection.sendall(answer(200, b"half", length=8, Last_Modified="Fri, 01 Nov 2024 08:30:00 GMT"))

    with StubServer(short) as server, client_of(server, credentials).get_object("key") as stream:
        chunks = stream.chunks()
        with pytest.raises(NoAnswer):
            list(chunks)


def test_an_object_stored_compressed_arrives_as_it_is_stored(credentials):
    reply = answer(200, b"\x1f\x8bxyz", Content_Encoding="gzip", Last_Modified="Fri, 01 Nov 2024 08:30:00 GMT")
    with StubServer(reply) as server, client_of(server, credentials).get_object("key") as stream:
        assert b"".join(stream.chunks()) == b"\x1f\x8bxyz"

    assert server.seen[0].headers["accept-encoding"] == "identity"


def test_the_whole_object_instead_of_a_range_is_refused(credentials):
    with StubServer(HEAD_OK) as server:
        whole = client_of(server, credentials).get_object("key", ByteRange(0, 9))
        with pytest.raises(UnreadableAnswer):
            whole.__enter__()

    assert server.seen[0].headers["range"] == "bytes=0-9"


@pytest.mark.parametrize("call", ["head_object", "delete_object"])
def test_an_empty_key_is_not_the_bucket(credentials, call):
    with StubServer(answer(204)) as server, pytest.raises(RefusedLocally):
        getattr(client_of(server, credentials), call)("")

    assert server.seen == []


def test_rules_go_out_with_their_checksum(credentials):
    rules = CorsConfiguration((CorsRule(("https://files.example.com",), ("PUT",), ("*",), ("ETag",), 600),), True)
    with StubServer(answer(200)) as server:
        client_of(server, credentials).put_cors(rules)

    seen = server.seen[0]
    assert (seen.method, seen.target) == ("PUT", "/bucket/?cors")
    assert seen.headers["content-type"] == "application/xml"
    assert base64.b64decode(seen.headers["content-md5"]) == hashlib.md5(seen.body).digest()
    assert cors_from_xml(seen.body) == rules
