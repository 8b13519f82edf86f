"""What curl printed of a PUT: status, EC and request id, whatever stands before and after."""

from __future__ import annotations

import pytest

from uploads.put_answers import PutAnswer, put_answer

OK = 'HTTP/1.1 200 OK\r\nServer: AliyunOSS\r\nETag: "5D41"\r\nx-oss-request-id: 65A\r\n\r\n'
DENIED = (
    "HTTP/2 403 \r\nx-oss-request-id: 65B\r\nx-oss-ec: 0003-00000001\r\n\r\n"
    '<?xml version="1.0"?>\n<Error>\n  <Code>AccessDenied</Code><EC>0003-1</EC></Error>'
)
PREFIXES = {
    "nothing": "",
    "100": "HTTP/1.1 100 Continue\r\n\r\n",
    "103": "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
    "a proxy's tunnel": "HTTP/1.1 200 Connection established\r\nVia: proxy\r\n\r\n",
    "a proxy's tunnel and 100": "HTTP/1.0 200 OK\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n",
}


@pytest.mark.parametrize("prefix", PREFIXES.values(), ids=PREFIXES.keys())
def test_the_last_answer_counts(prefix):
    answer = put_answer(prefix + OK)
    assert (answer.status, answer.etag, answer.request_id) == (200, '"5D41"', "65A")


@pytest.mark.parametrize("prefix", PREFIXES.values(), ids=PREFIXES.keys())
def test_what_came_before_a_broken_line_is_no_answer(prefix):
    assert put_answer(prefix) == PutAnswer()


@pytest.mark.parametrize(
    "line", ["302 Found", "403 Forbidden", "407 Proxy Authentication Required", "502 Bad Gateway"]
)
def test_an_answer_of_a_proxy_is_none_of_the_storage(line):
    assert put_answer(f"HTTP/1.1 {line}\r\nServer: proxy\r\n\r\n<html>") == PutAnswer()


def test_a_refusal_is_read_from_headers_and_body():
    answer = put_answer(DENIED)
    assert (answer.status, answer.code, answer.ec, answer.request_id) == (
        403,
        "AccessDenied",
        "0003-00000001",
        "65B",
    )


def test_a_body_is_read_as_far_as_it_came():
    cut = DENIED[: DENIED.index("<EC>")].replace("x-oss-ec: 0003-00000001\r\n", "")
    answer = put_answer(cut)
    assert (answer.status, answer.code, answer.ec) == (403, "AccessDenied", "")


def test_line_breaks_may_have_been_changed_on_the_way():
    assert put_answer(DENIED.replace("\r\n", "\n")).ec == "0003-00000001"


@pytest.mark.parametrize("value", ["x" * 129, "a\tb", "\x1b[31m", "é"], ids=["long", "tab", "escape", "not ASCII"])
def test_what_is_no_short_code_is_left_out(value):
    text = DENIED.replace("0003-00000001", value).replace("AccessDenied", value).replace("<EC>", "<X>")
    answer = put_answer(text)
    assert (answer.status, answer.code, answer.ec) == (403, "", "")


@pytest.mark.parametrize("text", ["", "no HTTP", "HTTP/1.1", "HTTP/1.1 20", "<html>", "\x00" * 9])
def test_what_is_no_answer_has_no_status(text):
    assert put_answer(text).status is None


@pytest.mark.timeout(20)
def test_it_reads_a_megabyte_of_nonsense_at_once():
    for text in (
        "HTTP/1.1 100 \n" * 70_000,
        "HTTP/1.1 403 \n" + "a:b\n" * 250_000,
        "HTTP/1.1 403 \n" + "<Code>" * 170_000,
    ):
        assert put_answer(text).code == ""
