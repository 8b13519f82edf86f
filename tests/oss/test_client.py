"""The client and the embedded OSS, over real sockets: every call, and settings and clocks that are wrong."""

from __future__ import annotations

import concurrent.futures
from datetime import timedelta
from urllib.parse import quote

import pytest
import requests

from tests.oss.uploading import BODY, KEY, signed_put
from uploads.localoss.app import LocalOss
from uploads.localoss.server import OssServer
from uploads.oss import crc64
from uploads.oss.client import ByteRange, OssClient
from uploads.oss.clock import OssClock, utc_now
from uploads.oss.credentials import Credentials
from uploads.oss.documents import CorsConfiguration, CorsRule
from uploads.oss.endpoints import Bucket, Endpoint
from uploads.oss.errors import AccessRefused, ErrorAnswer, NotFound


def test_it_works(client, stored):
    facts = client.head_object(stored)

    assert (facts.size_bytes, facts.content_type) == (len(BODY), "application/gzip")
    assert facts.crc64 == crc64.update(0, BODY)
    assert (facts.metadata, facts.storage_class) == ({"grant": "g-1"}, "IA")
    assert facts.content_disposition == "attachment; filename*=UTF-8''a.gz"
    assert abs(facts.last_modified - utc_now()) < timedelta(seconds=30)
    assert len(facts.etag) == 32
    assert facts.request_id


def test_an_object_arrives_as_a_stream(client, stored):
    with client.get_object(stored) as stream:
        chunks = list(stream.chunks(1000))

    assert b"".join(chunks) == BODY
    assert max(map(len, chunks)) <= 1000
    assert stream.facts.size_bytes == len(BODY)


@pytest.mark.parametrize(
    ("byte_range", "expected"),
    [
        pytest.param(ByteRange(0, 0), BODY[:1], id="the first byte"),
        pytest.param(ByteRange(10, 99), BODY[10:100], id="some of the middle"),
        pytest.param(ByteRange(255_000), BODY[255_000:], id="from there to the end"),
    ],
)
def test_a_range_arrives_with_the_size_of_the_whole(client, stored, byte_range, expected):
    with client.get_object(stored, byte_range) as stream:
        assert b"".join(stream.chunks()) == expected

    assert stream.facts.size_bytes == len(BODY)


def test_a_range_behind_the_end_is_an_error(client, stored):
    with pytest.raises(ErrorAnswer) as caught, client.get_object(stored, ByteRange(10**9)):
        pass

    assert (caught.value.status, caught.value.code) == (416, "InvalidRange")


def test_a_stream_left_early_hinders_no_further_call(client, stored):
    with client.get_object(stored) as stream:
        next(stream.chunks(10))

    assert client.head_object(stored).size_bytes == len(BODY)


def test_what_is_deleted_is_not_found(client, stored):
    client.delete_object(stored)

    with pytest.raises(NotFound) as caught:
        client.head_object(stored)
    assert (caught.value.code, caught.value.ec != "") == ("NoSuchKey", True)


def test_what_is_not_there_can_be_deleted(client):
    client.delete_object("never/there")


def test_a_bucket_that_is_not_there_is_told_from_an_object(bucket, credentials):
    elsewhere = OssClient(Bucket("no-such-bucket", bucket.region, bucket.endpoint), credentials, OssClock())

    with pytest.raises(NotFound) as caught:
        elsewhere.head_object(KEY)
    assert caught.value.code == "NoSuchBucket"


def test_rules_are_put_and_got(client):
    rules = CorsConfiguration(
        (CorsRule(("https://a.example.com",), ("PUT", "GET"), ("*",), ("ETag", "x-oss-request-id"), 600),),
        response_vary=True,
    )

    client.put_cors(rules)

    assert client.get_cors() == rules


def test_a_bucket_without_rules_says_so(client):
    with pytest.raises(NotFound) as caught:
        client.get_cors()
    assert caught.value.code == "NoSuchCORSConfiguration"


def test_the_bucket_tells_its_region(client):
    info = client.bucket_info()

    assert (info.name, info.region, info.acl) == ("bucket", "cn-hangzhou", "private")


def test_a_presigned_url_downloads_under_another_name(client, stored):
    disposition = "attachment; filename*=UTF-8''" + quote("终稿.gz")
    signed = client.presigned_get(
        stored, expires_in=60, response_content_disposition=disposition, response_content_type="text/plain"
    )

    answer = requests.get(signed.url, timeout=5)

    assert (answer.status_code, answer.content) == (200, BODY)
    assert answer.headers["Content-Disposition"] == disposition
    assert answer.headers["Content-Type"] == "text/plain"
    assert signed.headers == {}


def test_a_presigned_url_goes_to_the_public_endpoint(bucket, credentials):
    public = Bucket("bucket", "cn-hangzhou", Endpoint.parse("https://files.example.com", is_cname=True))
    client = OssClient(bucket, credentials, OssClock(), public_bucket=public)

    assert client.presigned_get("a", expires_in=60).url.startswith("https://files.example.com/a?")


def test_a_presigned_url_lives_no_longer_than_the_token(bucket):
    temporary = Credentials("STS.ak", "sk", "token", utc_now() + timedelta(minutes=5))
    signed = OssClient(bucket, temporary, OssClock()).presigned_get("a", expires_in=3600)

    assert timedelta(minutes=4) < signed.expires_at - utc_now() <= timedelta(minutes=5)


@pytest.mark.parametrize(
    ("holder", "region", "status", "code"),
    [
        pytest.param(Credentials("LTAI5tExample", "wrong"), "cn-hangzhou", 403, "SignatureDoesNotMatch", id="secret"),
        pytest.param(Credentials("LTAI5tOther", "any"), "cn-hangzhou", 403, "InvalidAccessKeyId", id="key id"),
        pytest.param(None, "cn-beijing", 400, "InvalidArgument", id="region"),
    ],
)
@pytest.mark.parametrize("call", ["head_object", "delete_object"])
def test_a_wrong_setting_is_an_error_with_its_code(bucket, credentials, holder, region, status, code, call):
    wrong = OssClient(Bucket("bucket", region, bucket.endpoint), holder or credentials, OssClock())

    with pytest.raises(ErrorAnswer) as caught:
        getattr(wrong, call)(KEY)
    assert (caught.value.status, caught.value.code) == (status, code)
    assert not caught.value.retryable
    assert caught.value.request_id


@pytest.mark.parametrize("minutes", [20, -20, 60 * 24 * 400], ids=["ahead", "behind", "years ahead"])
def test_an_oss_with_another_time_is_usable_after_the_first_answer(tmp_path, credentials, minutes):
    difference = timedelta(minutes=minutes)
    app = LocalOss(tmp_path, credentials=credentials, region="cn-hangzhou", now=lambda: utc_now() + difference)
    app.create_bucket("bucket")
    clock = OssClock()
    with OssServer(app) as server:
        bucket = Bucket("bucket", "cn-hangzhou", Endpoint.parse(server.url))
        client = OssClient(bucket, credentials, clock)
        early = signed_put(bucket, credentials)
        refused = requests.put(early.url, data=BODY, headers=early.headers, timeout=5)

        info = client.bucket_info()
        signed = signed_put(bucket, credentials, at=clock.now())
        taken = requests.put(signed.url, data=BODY, headers=signed.headers, timeout=5)

        assert info.name == "bucket"
        assert abs(clock.offset - difference) < timedelta(seconds=10)
        assert (refused.status_code, taken.status_code) == (403, 200)
        assert client.head_object(KEY).size_bytes == len(BODY)


def test_eight_threads_ask_at_once(client, stored):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        sizes = list(pool.map(lambda _: client.head_object(stored).size_bytes, range(64)))

    assert sizes == [len(BODY)] * 64


def test_with_one_attempt_a_wrong_clock_is_a_refusal_and_no_missing_object(bucket, credentials, stored):
    behind = OssClock(lambda: utc_now() - timedelta(hours=2))
    client = OssClient(bucket, credentials, behind, max_attempts=1)

    with pytest.raises(AccessRefused) as caught:
        client.head_object(stored)

    assert (caught.value.code, caught.value.retryable) == ("RequestTimeTooSkewed", True)
    assert client.head_object(stored).size_bytes == len(BODY)
