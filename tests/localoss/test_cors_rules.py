"""CORS rules as a bucket takes, shows and forgets them."""

from __future__ import annotations

from base64 import b64encode
from hashlib import md5

import pytest

from tests.localoss.hand_signing import error_of, head, signed_url
from tests.localoss.test_cors import SITE, preflight
from tests.servers import BUCKET, RawClient, RawReply, RunningOss
from uploads.localoss.errors import Refusal
from uploads.oss.documents import CorsRule


def put_cors(raw: RawClient, body: bytes, **headers: str) -> RawReply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    target = signed_url("PUT", "", query={"cors": ""}, headers=named)
    return raw.request(head("PUT", target, {"Content-Length": str(len(body)), **named}), body)


def document(inside: str) -> bytes:
    return f"<CORSConfiguration>{inside}</CORSConfiguration>".encode()


def rule(origin: str = "*", method: str = "PUT", more: str = "") -> str:
    return (
        f"<CORSRule><AllowedOrigin>{origin}</AllowedOrigin><AllowedMethod>{method}</AllowedMethod>{more}</CORSRule>"
    )


def test_rules_are_replaced_read_and_deleted(raw: RawClient) -> None:
    target = {method: signed_url(method, "", query={"cors": ""}) for method in ("GET", "DELETE")}
    put_cors(raw, document(rule("http://old.example")))
    body = document(rule(SITE, more="<MaxAgeSeconds>5</MaxAgeSeconds>") + "<ResponseVary>true</ResponseVary>")

    assert put_cors(raw, body, Content_MD5=b64encode(md5(body).digest()).decode()).status == 200
    read = raw.request(head("GET", target["GET"])).body
    assert preflight(raw).headers["access-control-max-age"] == "5"
    assert raw.request(head("DELETE", target["DELETE"])).status == 204

    assert SITE.encode() in read
    assert b"<ResponseVary>true</ResponseVary>" in read
    assert b"old.example" not in read
    assert preflight(raw).headers["x-oss-ec"] == "0003-00000601"


@pytest.mark.parametrize(
    ("body", "code", "ec"),
    [
        pytest.param(document(""), "MalformedXML", "0034-00000002", id="no rule"),
        pytest.param(document(rule() * 11), "CORSRuleBeyondLimit", "0034-00000006", id="too many rules"),
        pytest.param(document(rule("https://*")), "InvalidArgument", "0034-00000009", id="star after the scheme"),
        pytest.param(document(rule("http://*.*.a")), "InvalidArgument", "0034-00000009", id="two stars"),
        pytest.param(document(rule("")), "InvalidArgument", "0034-00000009", id="empty origin"),
        pytest.param(document(rule(method="TEST")), "InvalidArgument", "0034-00000011", id="unknown method"),
        pytest.param(document(rule(method="put")), "InvalidArgument", "0034-00000011", id="method in small letters"),
        pytest.param(
            document(rule(more="<ExposeHeader>x-oss-*</ExposeHeader>")),
            "InvalidArgument",
            "0034-00000013",
            id="star in an exposed header",
        ),
        pytest.param(
            document(rule(more="<AllowedHeader>*a*</AllowedHeader>")),
            "InvalidArgument",
            "",
            id="two stars in a header",
        ),
        pytest.param(
            document(rule(more="<MaxAgeSeconds>9999999999</MaxAgeSeconds>")), "InvalidArgument", "", id="long age"
        ),
        pytest.param(document("<CORSRule/>"), "InvalidArgument", "", id="empty rule"),
        pytest.param(b"<CORSConfiguration>", "MalformedXML", "", id="not closed"),
        pytest.param(b"", "MalformedXML", "", id="nothing"),
        pytest.param(b"<Other/>", "MalformedXML", "", id="another document"),
        pytest.param(
            b'<!DOCTYPE a [<!ENTITY b "c">]><CORSConfiguration>&b;</CORSConfiguration>',
            "MalformedXML",
            "",
            id="an entity",
        ),
        pytest.param(b" " * (16 * 1024 + 1), "EntityTooLarge", "", id="more than 16 KB"),
    ],
)
def test_it_refuses_rules_that_oss_would_not_take(raw: RawClient, body: bytes, code: str, ec: str) -> None:
    reply = put_cors(raw, body)

    assert (reply.status, error_of(reply)["Code"], reply.headers.get("x-oss-ec", "")) == (400, code, ec)
    assert preflight(raw).headers["x-oss-ec"] == "0003-00000601", "Nothing was taken over."


def test_ten_rules_are_taken(raw: RawClient) -> None:
    assert put_cors(raw, document(rule() * 10)).status == 200


def test_set_cors_refuses_them_too(oss: RunningOss) -> None:
    with pytest.raises(Refusal):
        oss.app.set_cors(BUCKET, [CorsRule(("https://*",), ("PUT",))])
