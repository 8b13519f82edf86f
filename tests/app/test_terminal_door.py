"""The door for visitors with curl: a form in, lines of text out, and no less strict than the JSON API."""

from __future__ import annotations

import pytest
import requests

from tests.app.conftest import Visitor
from tests.factories import make_page
from tests.terminal.shell import commands_of
from uploads.models.grants import UploadGrant

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"


class TerminalVisitor(Visitor):
    def post(self, call, body, *, content_type=FORM, **headers):
        key = {"X-Upload-Key": self.key} if self.key else {}
        path = f"/u/{self.page.token}/terminal/{call}"
        return self.client.post(path, body, content_type=content_type, headers={**key, **headers})

    def instructions(self, body="name=a.txt&size=5"):
        """The URL, and the headers to send."""
        response = self.post("grant", body)
        assert response.status_code == 200, response.content
        url, *lines = response.content.decode().splitlines()
        return url, dict(line.split(": ", 1) for line in lines)

    def put(self, content=b"hello"):
        """What `curl -i` would print of it."""
        url, headers = self.instructions()
        answer = requests.put(url, data=content, headers=headers, timeout=10)
        lines = [f"HTTP/1.1 {answer.status_code} OK", *(f"{name}: {value}" for name, value in answer.headers.items())]
        return "\r\n".join(lines) + "\r\n\r\n" + answer.text


@pytest.fixture
def visitor(oss, open_page):
    return TerminalVisitor(open_page)


def said(response):
    return response.content.decode()


def test_it_works(visitor):
    body = requests.Request("POST", "http://x/", data={"answer": visitor.put()}).prepare().body
    response = visitor.post("result", body)
    assert (response.status_code, said(response)) == (200, "Stored and verified: a.txt\n")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    grant = UploadGrant.objects.get()
    assert (grant.state, grant.reported_status, grant.reported_etag != "") == ("stored", 200, True)


def test_it_sets_no_cookie_and_is_not_kept(visitor):
    response = visitor.post("grant", "name=a.txt&size=5")
    assert not response.cookies
    assert "no-store" in response["Cache-Control"]


def test_the_type_is_by_the_name_unless_another_is_asked_for(visitor, open_page):
    assert visitor.instructions("name=a.csv&size=5")[1]["Content-Type"] == "text/csv"
    other = TerminalVisitor(open_page)
    assert other.instructions("name=a.csv&size=5&type=application/x-odd")[1]["Content-Type"] == "application/x-odd"


@pytest.mark.parametrize("media_type", ["a/b\r\nX-Evil: 1", "a/b\nX-Evil: 1", 'a/b;c="\x00"'])
def test_a_type_makes_no_header_of_its_own(visitor, media_type):
    body = {"name": "a.txt", "size": "5", "type": media_type}
    _, headers = visitor.instructions(requests.Request("POST", "http://x/", data=body).prepare().body)
    assert headers["Content-Type"] == "text/plain"
    assert "X-Evil" not in headers


@pytest.mark.parametrize("name", ["a\r\nX-Evil: 1.txt", "a\nhttps://evil.example/.txt"])
def test_a_name_makes_no_line_of_its_own(visitor, name):
    body = requests.Request("POST", "http://x/", data={"name": name, "size": "5"}).prepare().body
    url, headers = visitor.instructions(body)
    assert url.startswith("http://127.0.0.1:")
    assert set(headers) == {
        "Content-Type",
        "Content-Disposition",
        "x-oss-forbid-overwrite",
        "x-oss-meta-grant",
    }


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("size=5", "The name of this file cannot be stored."),
        ("name=a%00.txt&size=5", "The name of this file cannot be stored."),
        (f"name={'a' * 1025}&size=5", "The name of this file is too long."),
        (f"name=a.txt&size={5 * 1024**3 + 1}", "This file is larger than the 5 GB of one PUT."),
        (f"name=a.txt&size={2**63}", "This file is larger than the 5 GB of one PUT."),
    ],
    ids=["no name", "a NUL", "a long name", "over 5 GB", "over what a number holds"],
)
def test_a_file_that_cannot_be_taken_is_refused_in_a_sentence(visitor, body, sentence):
    response = visitor.post("grant", body)
    assert (response.status_code, said(response)) == (409, f"{sentence}\n")
    assert not UploadGrant.objects.exists()


@pytest.mark.parametrize("size", ["", "-1", "1e3", "5 5", "٥", "9" * 21, "0x5"])
def test_what_is_no_size_is_refused(visitor, size):
    response = visitor.post("grant", f"name=a.txt&size={size}")
    assert (response.status_code, said(response)) == (400, "size: This is not a number of bytes.\n")


def test_the_spaces_that_wc_puts_before_a_size_do_no_harm(visitor):
    visitor.instructions("name=a.txt&size=       5")
    assert UploadGrant.objects.get().size_bytes == 5


@pytest.mark.parametrize("call", ["grant", "result"])
def test_a_call_from_another_site_is_refused(visitor, call):
    response = visitor.post(call, "name=a.txt&size=5", Sec_Fetch_Site="cross-site")
    assert (response.status_code, response["X-Error-Code"]) == (403, "cross_site")


@pytest.mark.parametrize("call", ["grant", "result"])
@pytest.mark.parametrize("media_type", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""])
def test_another_body_than_a_form_is_refused(visitor, call, media_type):
    assert visitor.post(call, "name=a.txt&size=5", content_type=media_type).status_code == 415


@pytest.mark.parametrize("call", ["grant", "result"])
@pytest.mark.parametrize("key", ["", "short", "x" * 65, "not a key, but long enough"])
def test_there_is_no_call_without_a_key(open_page, oss, call, key):
    response = TerminalVisitor(open_page, key=key).post(call, "name=a.txt&size=5")
    assert response.status_code == 400
    assert said(response).startswith("X-Upload-Key: ")


@pytest.mark.parametrize("call", ["grant", "result"])
def test_a_body_that_is_too_large_is_refused(visitor, call):
    assert visitor.post(call, "answer=" + "x" * 2**20).status_code == 413


@pytest.mark.parametrize("call", ["grant", "result"])
def test_a_body_of_many_fields_is_refused(visitor, call):
    assert visitor.post(call, "&".join(f"a{number}=1" for number in range(2000))).status_code == 400


def test_names_in_another_encoding_are_kept_as_far_as_they_can_be_read(visitor):
    visitor.instructions("name=caf%E9.txt&size=5")
    assert UploadGrant.objects.get().original_name == "caf\ufffd.txt"


def test_an_unknown_page_has_nothing(visitor):
    visitor.page.token = "unknown"
    assert visitor.post("grant", "name=a.txt&size=5").status_code == 404


def test_another_visitor_has_nothing_to_report(visitor, open_page):
    answer = visitor.put()
    response = TerminalVisitor(open_page).post("result", f"answer={answer}")
    assert (response.status_code, said(response)) == (404, "There is nothing here.\n")
    assert UploadGrant.objects.get().state == "issued"


def test_asked_again_with_the_same_key_it_is_the_same_grant(visitor):
    visitor.instructions()
    visitor.instructions()
    assert UploadGrant.objects.count() == 1


def test_one_key_is_one_file(visitor):
    visitor.instructions()
    response = visitor.post("grant", "name=other.txt&size=5")
    assert (response.status_code, response["X-Error-Code"]) == (409, "id_conflict")


def test_what_was_stored_is_not_sent_again_under_the_same_key(visitor):
    visitor.put()
    visitor.post("result", "answer=")
    response = visitor.post("grant", "name=a.txt&size=5")
    assert (response.status_code, response["X-Error-Code"]) == (409, "ended")


def test_success_is_not_believed(visitor):
    visitor.instructions()
    response = visitor.post("result", "answer=HTTP/1.1 200 OK\r\nx-oss-request-id: 1\r\n\r\n")
    assert (response.status_code, response["X-Error-Code"]) == (409, "not_there")


def test_a_lost_answer_is_found_out_about(visitor):
    visitor.put()
    response = visitor.post("result", "answer=")
    assert (response.status_code, said(response)) == (200, "Stored and verified: a.txt\n")


def test_the_page_shows_the_commands_with_its_own_address(client, open_page):
    commands = commands_of(client.get(open_page.link_path()).content.decode())
    assert set(commands) == {"name", "send", "report"}
    assert f"p='http://testserver{open_page.link_path()}terminal'\n" in commands["send"]


def test_the_address_is_the_configured_one_and_one_word(client, open_page, settings):
    settings.SITE_URL = "https://o'brien.example/$(id)"
    send = commands_of(client.get(open_page.link_path()).content.decode())["send"]
    assert f"p='https://o'\\''brien.example/$(id){open_page.link_path()}terminal'\n" in send


def test_nothing_that_an_owner_wrote_is_in_the_commands(client, owner, open_page):
    hostile = "'; touch stolen; $(touch stolen) `touch stolen` </code>"
    page = make_page(owner=owner, title=hostile, instructions=hostile, token=open_page.token + "x")
    commands = commands_of(client.get(page.link_path()).content.decode())
    expected = commands_of(client.get(open_page.link_path()).content.decode())
    assert {name: text.replace(page.token, open_page.token) for name, text in commands.items()} == expected


def test_a_closed_page_shows_no_commands(client, open_page):
    open_page.closed_at = open_page.created_at
    open_page.save()
    assert b"terminal" not in client.get(open_page.link_path()).content
