"""Signatures: what gets in, what must not, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.localoss.hand_signing import error_of, head, signed_headers, signed_url
from tests.localoss.sending import put_head, start, wait_for_bodies
from tests.servers import BUCKET, CREDENTIALS, REGION, RawClient, RunningOss
from uploads.oss.signing import authorize, presign

NASTY_KEYS = [
    "año 2026 (终稿)+final%20.tar.gz",
    "a//b///c",
    "a/b",
    "~*'()!;:@&=$,?#[]",
    "100%25",
    "plus+ and blank",
    "🙂/emoji",
    "trailing/",
    'quote"<>\\^`{|}',
]


def put(url: str, body: bytes = b"abc", **headers: str) -> requests.Response:
    return requests.put(url, data=body, headers={n.replace("_", "-"): v for n, v in headers.items()}, timeout=20)


def ec_of(response: requests.Response) -> str:
    return response.headers.get("x-oss-ec", "")


@pytest.mark.parametrize("key", NASTY_KEYS)
def test_it_takes_any_key_as_it_was_signed_in_a_url(oss: RunningOss, key: str) -> None:
    signed = presign(oss.bucket, CREDENTIALS, method="PUT", key=key, expires_in=60, at=datetime.now(UTC))

    assert put(signed.url).status_code == 200
    assert key in oss.app.store.keys(BUCKET)


@pytest.mark.parametrize("key", NASTY_KEYS)
def test_it_takes_any_key_as_it_was_signed_in_a_header(oss: RunningOss, key: str) -> None:
    headers = authorize(oss.bucket, CREDENTIALS, method="PUT", key=key, at=datetime.now(UTC)).headers

    assert put(oss.bucket.url(key), b"header", **headers).status_code == 200
    path = oss.app.store.path_of(BUCKET, key)
    assert path is not None
    assert path.read_bytes() == b"header"


def test_it_takes_a_key_whose_slashes_are_percent_encoded(oss: RunningOss, raw: RawClient) -> None:
    path, _, query = signed_url("PUT", "folder/name").partition("?")
    target = f"{path.replace('folder/name', 'folder%2Fname')}?{query}"

    assert raw.request(head("PUT", target, {"Content-Length": "1"}), b"x").status == 200
    assert "folder/name" in oss.app.store.keys(BUCKET)


@pytest.mark.parametrize("escape", ["%2f", "%6Bey"])
def test_it_decodes_and_encodes_anew_before_it_compares(raw: RawClient, escape: str) -> None:
    target = signed_url("PUT", "a/key").replace("a/key", f"a{escape}key" if escape == "%2f" else f"a/{escape}")

    assert raw.request(head("PUT", target, {"Content-Length": "0"})).status == 200


def test_a_plus_sign_in_a_query_is_no_blank(raw: RawClient) -> None:
    target = signed_url("GET", "k", query={"note": "a b"}).replace("a%20b", "a+b")

    assert error_of(raw.request(head("GET", target)))["EC"] == "0002-00000201"


@pytest.mark.parametrize("broken", ["%zz", "%2", "100%"])
def test_it_refuses_a_broken_escape(raw: RawClient, broken: str) -> None:
    assert raw.request(head("GET", f"/{BUCKET}/{broken}")).status == 400


@pytest.mark.parametrize(
    ("changed", "value"),
    [
        ("Content-Type", "text/html"),
        ("x-oss-meta-a", "other"),
        ("x-oss-object-acl", "public-read"),
        ("Host", "other"),
    ],
)
def test_it_refuses_one_changed_header(raw: RawClient, changed: str, value: str) -> None:
    signed = {"Content-Type": "text/plain", "x-oss-meta-a": "b", "Host": "127.0.0.1"}
    target = signed_url("PUT", "k", headers=signed, additional=("host",))
    sent = {**signed, changed: value, "Content-Length": "0"}
    host = sent.pop("Host")

    reply = raw.request(head("PUT", target, sent, host=host))

    assert (reply.status, reply.headers["x-oss-ec"]) == (403, "0002-00000201")


def test_it_refuses_a_content_type_that_was_not_signed(raw: RawClient) -> None:
    headers = {"Content-Length": "0", "Content-Type": "text/plain"}

    assert raw.request(head("PUT", signed_url("PUT", "k"), headers)).headers["x-oss-ec"] == "0002-00000201"


def test_it_refuses_a_signed_content_type_that_was_not_sent(raw: RawClient) -> None:
    target = signed_url("PUT", "k", headers={"Content-Type": "text/plain"})

    assert raw.request(head("PUT", target, {"Content-Length": "0"})).headers["x-oss-ec"] == "0002-00000201"


def test_it_lets_headers_through_that_need_no_signature(oss: RunningOss, key: str) -> None:
    signed = presign(oss.bucket, CREDENTIALS, method="PUT", key=key, expires_in=60, at=datetime.now(UTC))

    assert put(signed.url, Cache_Control="no-store").status_code == 200
    record = oss.app.store.find(BUCKET, key)
    assert record is not None
    assert record.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("change", ["x-oss-expires=60|x-oss-expires=600", "?|?extra=1&", "a=1|a=2", "&a=1|"])
def test_it_refuses_one_changed_query_parameter(raw: RawClient, change: str) -> None:
    old, _, new = change.partition("|")
    target = signed_url("GET", "k", query={"a": "1", "b": ""})
    changed = target.replace(old, new) if old in target else target.replace(old.lstrip("&") + "&", new)
    assert changed != target

    assert raw.request(head("GET", changed)).headers["x-oss-ec"] == "0002-00000201"


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_a_url_is_good_for_one_method_only(raw: RawClient, method: str) -> None:
    reply = raw.request(head(method, signed_url("PUT", "k")))

    assert (reply.status, reply.headers["x-oss-ec"]) == (403, "0002-00000201")


def test_a_url_is_good_for_one_bucket_only(oss: RunningOss, raw: RawClient) -> None:
    oss.app.create_bucket("second-bucket")
    target = signed_url("PUT", "k").replace(BUCKET, "second-bucket")

    assert raw.request(head("PUT", target, {"Content-Length": "0"})).headers["x-oss-ec"] == "0002-00000201"


@pytest.mark.parametrize("tail", ["0", "A", ""])
def test_it_refuses_a_signature_that_is_nearly_right(raw: RawClient, tail: str) -> None:
    target = signed_url("GET", "k")
    changed = target[:-1] + tail if tail and not target.endswith(tail) else target + "f"

    assert raw.request(head("GET", changed)).headers["x-oss-ec"] == "0002-00000201"


def test_a_signature_in_capitals_is_another_one(raw: RawClient) -> None:
    path, _, signature = signed_url("GET", "k").rpartition("=")

    assert raw.request(head("GET", f"{path}={signature.upper()}")).status == 403


def test_a_pinned_length_takes_exactly_that_length(oss: RunningOss, key: str) -> None:
    signed = presign(
        oss.bucket,
        CREDENTIALS,
        method="PUT",
        key=key,
        expires_in=60,
        at=datetime.now(UTC),
        headers={"content-length": "1000"},
        additional_headers=["content-length"],
    )

    refusals = {put(signed.url, b"x" * size).status_code for size in (0, 6, 999, 1001)}

    assert refusals == {403}
    assert put(signed.url, b"x" * 1000).status_code == 200


def test_an_underscore_cannot_stand_in_for_the_pinned_length(raw: RawClient) -> None:
    target = signed_url("PUT", "k", headers={"content-length": "3"}, additional=("content-length",))
    head_text = head("PUT", target, {"Content-Length": "6", "Content_Length": "3"})

    assert raw.request(head_text, b"abcdef").headers["x-oss-ec"] == "0002-00000201"


def test_a_signed_header_that_is_sent_twice_is_refused(raw: RawClient) -> None:
    target = signed_url("PUT", "k", headers={"x-oss-meta-a": "b"})
    twice = head("PUT", target, {"Content-Length": "0", "x-oss-meta-a": "b", "X-Oss-Meta-A": "c"})

    assert raw.request(twice).status == 400


@pytest.mark.parametrize(
    ("offset", "status"),
    [
        (timedelta(minutes=-14, seconds=-30), 200),
        (timedelta(minutes=-15, seconds=-30), 403),
        (timedelta(seconds=30), 200),
        (timedelta(seconds=61), 403),
    ],
    ids=["a little early", "too early", "in time", "too late"],
)
def test_a_url_holds_from_a_quarter_of_an_hour_before_to_its_end(
    oss: RunningOss, key: str, offset: timedelta, status: int
) -> None:
    signed = presign(oss.bucket, CREDENTIALS, method="PUT", key=key, expires_in=60, at=datetime.now(UTC))
    oss.clock.offset = offset

    assert put(signed.url).status_code == status


def test_a_url_of_the_first_day_there_is_has_expired(raw: RawClient) -> None:
    scope = f"{CREDENTIALS.access_key_id}/00010101/{REGION}/oss/aliyun_v4_request"
    target = signed_url("GET", "k", change={"x-oss-date": "00010101T000000Z", "x-oss-credential": scope})

    assert error_of(raw.request(head("GET", target)))["EC"] == "0002-00000236"


def test_a_transfer_may_outlast_its_url(oss: RunningOss, raw: RawClient, key: str) -> None:
    start(raw, put_head(key, Content_Length="6"), b"abc")
    wait_for_bodies(oss, 1)
    oss.clock.offset = timedelta(hours=1)
    raw.send(b"def")

    assert raw.reply().status == 200


def test_an_additional_header_list_in_the_header_may_be_unsorted(raw: RawClient) -> None:
    headers = signed_headers("PUT", "k", headers={"Zeta": "1", "Alpha": "2"}, additional=("zeta", "alpha"))

    assert raw.request(head("PUT", f"/{BUCKET}/k", {**headers, "Content-Length": "0"})).status == 200


def test_the_fields_of_the_authorization_header_may_stand_in_any_order(raw: RawClient) -> None:
    headers = signed_headers("PUT", "k")
    scheme, _, fields = headers["Authorization"].partition(" ")
    headers["Authorization"] = f"{scheme} {', '.join(reversed(fields.split(',')))}"

    assert raw.request(head("PUT", f"/{BUCKET}/k", {**headers, "Content-Length": "0"})).status == 200
