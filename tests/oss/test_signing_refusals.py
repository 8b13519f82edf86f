"""What the signer refuses, before anything is signed, and with a sentence."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from uploads.oss.credentials import Credentials
from uploads.oss.endpoints import Bucket, Endpoint, public_endpoint
from uploads.oss.errors import OssError, RefusedLocally
from uploads.oss.signing import authorize, presign

BUCKET = Bucket("bucket", "cn-hangzhou", Endpoint.parse(public_endpoint("cn-hangzhou")))
KEY_PAIR = Credentials("ak", "sk")
TEMPORARY = Credentials("STS.ak", "sk", "token")
AT = datetime(2026, 1, 1, tzinfo=UTC)
REQUEST = {"method": "PUT", "key": "a/b.txt", "at": AT}


def sign(credentials: Credentials = KEY_PAIR, **changes):
    return presign(BUCKET, credentials, **{**REQUEST, "expires_in": 900, **changes})


def test_it_works():
    assert sign().url.startswith("https://bucket.oss-cn-hangzhou.aliyuncs.com/a/b.txt?x-oss-credential=ak%2F")


@pytest.mark.parametrize(
    ("credentials", "seconds"),
    [
        pytest.param(KEY_PAIR, 0, id="none"),
        pytest.param(KEY_PAIR, -5, id="negative"),
        pytest.param(KEY_PAIR, 604_801, id="more than seven days"),
        pytest.param(TEMPORARY, 43_201, id="more than twelve hours with a token"),
        pytest.param(TEMPORARY, 0, id="none with a token"),
        pytest.param(KEY_PAIR, True, id="a bool"),
        pytest.param(KEY_PAIR, 900.0, id="a fraction"),
        pytest.param(KEY_PAIR, "900", id="a text"),
        pytest.param(KEY_PAIR, None, id="nothing"),
    ],
)
def test_it_refuses_a_validity(credentials, seconds):
    with pytest.raises(RefusedLocally, match=r"valid.*\.$"):
        sign(credentials, expires_in=seconds)


def test_a_validity_refused_is_refused_also_when_an_equal_number_was_signed():
    sign(expires_in=1)

    with pytest.raises(RefusedLocally):
        sign(expires_in=True)


@pytest.mark.parametrize(
    ("credentials", "seconds"), [(KEY_PAIR, 1), (KEY_PAIR, 604_800), (TEMPORARY, 1), (TEMPORARY, 43_200)]
)
def test_the_bounds_of_the_validity_belong_to_it(credentials, seconds):
    assert f"x-oss-expires={seconds}&" in sign(credentials, expires_in=seconds).url


BAD_KEYS = [
    pytest.param("/a", id="beginning with a slash"),
    pytest.param("\\a", id="beginning with a backslash"),
    pytest.param("a" * 1024, id="of 1,024 bytes"),
    pytest.param("é" * 512, id="of 512 characters and 1,024 bytes"),
    pytest.param("a\ud800", id="with half a surrogate pair"),
    pytest.param(".", id="that is a dot"),
    pytest.param("..", id="that is two dots"),
    pytest.param("./a", id="beginning with a dot segment"),
    pytest.param("a/./b", id="with a dot segment"),
    pytest.param("a/../b", id="with a segment of two dots"),
    pytest.param("a/..", id="ending with two dots"),
    pytest.param("a/.", id="ending with a dot segment"),
]


@pytest.mark.parametrize("key", [*BAD_KEYS, pytest.param("", id="that is empty")])
def test_it_refuses_a_key(key):
    with pytest.raises(RefusedLocally, match=r"The object key .*\.$"):
        sign(key=key)


@pytest.mark.parametrize("key", BAD_KEYS)
def test_it_refuses_a_key_in_calls_of_its_own_too(key):
    with pytest.raises(RefusedLocally, match="The object key "):
        authorize(BUCKET, KEY_PAIR, **{**REQUEST, "key": key})


@pytest.mark.parametrize(
    "key",
    [".a", "a/.b", "...", "a/.../b", "a..b", "a./b", "a//b", "a/", "a" * 1023, "é" * 511, "%2e%2e/a", " ", "a\n"],
    ids=ascii,
)
def test_it_takes_a_key_that_only_looks_bad(key):
    assert sign(key=key).url


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="empty"),
        pytest.param(" a", id="a blank before"),
        pytest.param("a ", id="a blank after"),
        pytest.param("\ta", id="a tab before"),
        pytest.param("a\u00a0", id="a hard blank after"),
        pytest.param("a\r\nX-Evil: 1", id="a line break"),
        pytest.param("a\nb", id="a line feed"),
        pytest.param("a\rb", id="a carriage return"),
        pytest.param("a\x00b", id="a NUL"),
        pytest.param("a\x7fb", id="a delete character"),
        pytest.param("a\ud800b", id="half a surrogate pair"),
    ],
)
@pytest.mark.parametrize("name", ["Content-Type", "x-oss-meta-a", "Cache-Control"])
def test_it_refuses_the_value_of_a_header_signed_or_not(name, value):
    with pytest.raises(RefusedLocally, match=rf"The value of the header '{name}' .*\.$"):
        sign(headers={name: value})


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a\r\nb", "ä", "a(b)", "x-oss-meta-\x00"], ids=ascii)
def test_it_refuses_the_name_of_a_header(name):
    with pytest.raises(RefusedLocally, match="is not the name of a header"):
        sign(headers={name: "a"})
    with pytest.raises(RefusedLocally, match="is not the name of a header"):
        sign(additional_headers=[name])


@pytest.mark.parametrize("names", [("Content-Type", "content-type"), ("Cache-Control", "CACHE-CONTROL")])
def test_it_refuses_a_header_given_twice(names):
    with pytest.raises(RefusedLocally, match="given twice"):
        sign(headers=dict.fromkeys(names, "a/b"))


SIGNERS_OWN = [
    "x-oss-additional-headers",
    "x-oss-credential",
    "x-oss-date",
    "x-oss-expires",
    "x-oss-security-token",
    "x-oss-signature",
    "x-oss-signature-version",
]


@pytest.mark.parametrize("name", SIGNERS_OWN)
def test_it_refuses_a_parameter_that_the_signer_sets(name):
    with pytest.raises(RefusedLocally, match="is set by the signer itself"):
        sign(query={name: "a"})


@pytest.mark.parametrize("name", [*SIGNERS_OWN, "X-Oss-Date", "x-oss-content-sha256"])
def test_it_refuses_a_header_that_the_signer_sets(name):
    with pytest.raises(RefusedLocally, match="is set by the signer itself"):
        sign(headers={name: "a"})


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"": "a"}, id="a parameter without a name"),
        pytest.param({"a\ud800": ""}, id="a name with half a surrogate pair"),
        pytest.param({"a": "\udfff"}, id="a value with half a surrogate pair"),
    ],
)
def test_it_refuses_a_query(query):
    with pytest.raises(RefusedLocally, match="query parameter"):
        sign(query=query)
    with pytest.raises(RefusedLocally, match="query parameter"):
        authorize(BUCKET, KEY_PAIR, **REQUEST, query=query)


@pytest.mark.parametrize("method", ["", "put", "PUT ", "PÜT", "GET\r\n", "P-T", "PUT/1"], ids=ascii)
def test_it_refuses_a_method(method):
    with pytest.raises(RefusedLocally, match=r"The method .*\.$"):
        sign(method=method)


def test_it_refuses_a_time_without_a_zone():
    with pytest.raises(RefusedLocally, match="time zone"):
        sign(at=datetime(2026, 1, 1))
    with pytest.raises(RefusedLocally, match="time zone"):
        authorize(BUCKET, KEY_PAIR, **{**REQUEST, "at": datetime(2026, 1, 1)})


def test_a_refusal_is_an_oss_error_and_a_value_error():
    assert issubclass(RefusedLocally, OssError)
    assert issubclass(RefusedLocally, ValueError)
    assert not RefusedLocally.retryable
