"""Answers that are foreign, broken or hostile, and errors of OSS: what the client makes of each."""

from __future__ import annotations

import base64
import logging

import pytest

from tests.oss.stub_server import (
    PORTAL,
    StubServer,
    answer,
    client_of,
    error_xml,
    head_error,
)
from uploads.oss.errors import (
    AccessRefused,
    NotFound,
    UnreadableAnswer,
)

pytestmark = pytest.mark.usefixtures("quick_retries")

LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE Error [<!ENTITY a "haha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><Error><Code>&j;</Code></Error>"
)
OUTSIDE = b'<!DOCTYPE Error [<!ENTITY x SYSTEM "file:///etc/hostname">]><Error><Code>&x;</Code></Error>'
PARAMETER = b'<!DOCTYPE Error SYSTEM "http://127.0.0.1:9/x.dtd"><Error><Code>NoSuchKey</Code></Error>'


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(answer(404, PORTAL, x_oss_request_id=""), id="a 404 page of a proxy"),
        pytest.param(answer(404, error_xml("NoSuchKey"), x_oss_request_id=""), id="a 404 with XML and no request id"),
        pytest.param(answer(200, PORTAL, x_oss_request_id="", Content_Type="text/html"), id="a captive portal"),
        pytest.param(answer(302, Location="http://127.0.0.1:9/", x_oss_request_id=""), id="a portal's redirect"),
        pytest.param(answer(302, Location="http://127.0.0.1:9/"), id="a redirect with a request id"),
        pytest.param(answer(301, Location="http://[bad"), id="a redirect to nowhere"),
        pytest.param(answer(404, PORTAL), id="HTML with a request id"),
        pytest.param(answer(404, error_xml("NoSuchKey")[:-9]), id="truncated XML"),
        pytest.param(answer(404, LAUGHS), id="a billion laughs"),
        pytest.param(answer(404, OUTSIDE), id="an external entity"),
        pytest.param(answer(404, PARAMETER), id="an external document type"),
        pytest.param(answer(404, b"<Error>" * 9000 + b"</Error>" * 9000), id="XML too long for an error"),
        pytest.param(answer(404, b"<Other><Code>NoSuchKey</Code></Other>"), id="XML of something else"),
        pytest.param(answer(204), id="a success that is not the expected one"),
        pytest.param(answer(200, b"<CORSConfiguration><CORSRule>"), id="a success with truncated XML"),
    ],
)
def test_what_is_not_from_oss_says_nothing_about_the_bucket(credentials, reply):
    with StubServer(reply) as server, pytest.raises(UnreadableAnswer):
        client_of(server, credentials).get_cors()

    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(answer(404, x_oss_request_id=""), id="without a request id"),
        pytest.param(
            answer(404, x_oss_request_id="", x_oss_err="PEVycm9yLz4="), id="with an error but no request id"
        ),
        pytest.param(answer(404, x_oss_err="%%%"), id="with an error that is not base64"),
        pytest.param(answer(404, x_oss_err="PEVycm9y"), id="with an error that is not XML"),
        pytest.param(answer(404, x_oss_err=base64.b64encode(OUTSIDE).decode()), id="with an external entity"),
    ],
)
def test_a_doubtful_404_on_head_is_not_a_missing_object(credentials, reply):
    with StubServer(reply) as server, pytest.raises(UnreadableAnswer):
        client_of(server, credentials).head_object("key")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        pytest.param(head_error(404, "NoSuchKey"), "NoSuchKey", id="no such key"),
        pytest.param(head_error(404, "NoSuchBucket"), "NoSuchBucket", id="no such bucket"),
        pytest.param(answer(404), "", id="no word about which"),
    ],
)
def test_a_404_of_oss_on_head_is_a_missing_object(credentials, reply, code):
    with StubServer(reply) as server, pytest.raises(NotFound) as caught:
        client_of(server, credentials).head_object("key")

    assert (caught.value.status, caught.value.code, caught.value.retryable) == (404, code, False)
    assert caught.value.request_id == "5C3D9175B6FC201293AD0000"


def test_a_403_is_never_a_missing_object(credentials):
    with StubServer(head_error(403, "AccessDenied")) as server, pytest.raises(AccessRefused) as caught:
        client_of(server, credentials).head_object("key")

    assert not isinstance(caught.value, NotFound)
    assert (caught.value.code, caught.value.ec) == ("AccessDenied", "0026-00000001")


def test_an_error_without_a_body_has_the_ec_of_its_header(credentials):
    with StubServer(answer(403, x_oss_ec="0003-00000001")) as server, pytest.raises(AccessRefused) as caught:
        client_of(server, credentials).delete_object("key")

    assert (caught.value.code, caught.value.ec) == ("", "0003-00000001")


def test_an_error_repeats_nothing_of_its_body_but_the_code(credentials, caplog):
    caplog.set_level(logging.DEBUG, logger="uploads")
    body = error_xml("SignatureDoesNotMatch", "0002-00000201").replace(
        b"</Error>", b"<CanonicalRequest>x-oss-security-token=SECRET-TOKEN</CanonicalRequest></Error>"
    )
    with StubServer(answer(403, body)) as server, pytest.raises(AccessRefused) as caught:
        client_of(server, credentials).get_cors()

    assert "SignatureDoesNotMatch" in str(caught.value)
    assert "SECRET-TOKEN" not in f"{caught.value} {vars(caught.value)} {caught.value!r} {caplog.text}"


def test_unreadable_xml_is_not_repeated_either(credentials):
    with StubServer(answer(403, b"<Error><T>SECRET-TOKEN</T")) as server, pytest.raises(UnreadableAnswer) as caught:
        client_of(server, credentials).get_cors()

    chain = [caught.value, caught.value.__cause__]
    assert "SECRET-TOKEN" not in repr(chain)
