"""Endpoints and buckets: the three styles, and settings that could only end in an error."""

from __future__ import annotations

import pytest

from uploads.oss.endpoints import AddressStyle, Bucket, Endpoint, public_endpoint
from uploads.oss.errors import RefusedLocally


def bucket_at(endpoint: str, *, is_cname: bool = False) -> Bucket:
    return Bucket("bucket", "cn-hangzhou", Endpoint.parse(endpoint, is_cname=is_cname))


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        pytest.param(public_endpoint("cn-hangzhou"), "https://bucket.oss-cn-hangzhou.aliyuncs.com/a/b", id="public"),
        pytest.param(
            "oss-cn-hangzhou.aliyuncs.com", "https://bucket.oss-cn-hangzhou.aliyuncs.com/a/b", id="bare host"
        ),
        pytest.param(
            "http://oss-cn-hangzhou-internal.aliyuncs.com",
            "http://bucket.oss-cn-hangzhou-internal.aliyuncs.com/a/b",
            id="internal",
        ),
        pytest.param("https://OSS.Example.com/", "https://bucket.oss.example.com/a/b", id="capitals and a slash"),
        pytest.param("https://oss.example.com:443", "https://bucket.oss.example.com/a/b", id="the port of https"),
        pytest.param("http://oss.example.com:80", "http://bucket.oss.example.com/a/b", id="the port of http"),
        pytest.param("https://oss.example.com:80", "https://bucket.oss.example.com:80/a/b", id="another port"),
        pytest.param("http://127.0.0.1:9000", "http://127.0.0.1:9000/bucket/a/b", id="an IP address"),
        pytest.param("http://[::1]:9000", "http://[::1]:9000/bucket/a/b", id="an IPv6 address"),
        pytest.param("http://localhost:9000", "http://localhost:9000/bucket/a/b", id="localhost"),
    ],
)
def test_the_url_of_an_object(endpoint, url):
    assert bucket_at(endpoint).url("a/b") == url


def test_a_custom_domain_stands_for_the_bucket():
    bucket = bucket_at("https://files.example.com", is_cname=True)

    assert bucket.endpoint.style is AddressStyle.CNAME
    assert bucket.url("a b") == "https://files.example.com/a%20b"
    assert bucket.host == "files.example.com"


def test_a_custom_domain_may_be_an_address():
    assert bucket_at("http://127.0.0.1:9000", is_cname=True).url("a") == "http://127.0.0.1:9000/a"


def test_the_url_of_the_bucket_itself_ends_with_a_slash():
    assert bucket_at("http://127.0.0.1:9000").url() == "http://127.0.0.1:9000/bucket/"


@pytest.mark.parametrize(
    "endpoint",
    [
        pytest.param("", id="nothing"),
        pytest.param("https://", id="no host"),
        pytest.param("ftp://oss.example.com", id="another scheme"),
        pytest.param("https:oss.example.com", id="no slashes"),
        pytest.param("https://oss.example.com/path", id="a path"),
        pytest.param("https://oss.example.com?query", id="a query"),
        pytest.param("https://oss.example.com#part", id="a fragment"),
        pytest.param("https://user:secret@oss.example.com", id="a password"),
        pytest.param("https://oss.example.com:port", id="a port that is no number"),
        pytest.param("https://oss.example.com:70000", id="a port out of range"),
        pytest.param("https://oss.example.com:", id="a colon without a port"),
        pytest.param("https://[::1", id="half an IPv6 address"),
        pytest.param("https://oss..example.com", id="two dots"),
        pytest.param(f"https://{'a' * 64}.example.com", id="a part too long for DNS"),
        pytest.param("https://oss.exa mple.com", id="a blank"),
        pytest.param("https://oss.example.com\n", id="a line break"),
        pytest.param("https://oss\texample.com", id="a tab"),
        pytest.param("https://öss.example.com", id="a letter that DNS does not know"),
        pytest.param("https://oss.example.com\\path", id="a backslash"),
    ],
)
def test_it_refuses_an_endpoint(endpoint):
    with pytest.raises(RefusedLocally, match=r"The endpoint .*\.$"):
        Endpoint.parse(endpoint)


def test_a_refusal_does_not_lose_a_password_into_a_log():
    with pytest.raises(RefusedLocally) as caught:
        Endpoint.parse("https://user:hunter2@oss.example.com")

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["", "ab", "a" * 64, "Bucket", "-bucket", "bucket-", "bu_cket", "bucket\n", "bü-cket"]
)
def test_it_refuses_the_name_of_a_bucket(name):
    with pytest.raises(RefusedLocally, match="The bucket name "):
        Bucket(name, "cn-hangzhou", Endpoint.parse("https://oss.example.com"))


@pytest.mark.parametrize("region", ["", "cn hangzhou", "CN-HANGZHOU", "cn-hangzhou\n", "cn--hangzhou", "cn/hangzhou"])
def test_it_refuses_a_region(region):
    with pytest.raises(RefusedLocally, match="The region "):
        Bucket("bucket", region, Endpoint.parse("https://oss.example.com"))


def test_a_region_named_as_in_endpoints_is_refused_with_the_right_name():
    with pytest.raises(RefusedLocally, match="The region is 'cn-hangzhou', without the 'oss-'"):
        Bucket("bucket", "oss-cn-hangzhou", Endpoint.parse("https://oss.example.com"))


def test_an_endpoint_that_already_has_the_bucket_is_refused():
    with pytest.raises(RefusedLocally, match="already has the bucket"):
        bucket_at("https://bucket.oss-cn-hangzhou.aliyuncs.com")
