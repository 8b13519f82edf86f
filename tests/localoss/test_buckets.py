"""Buckets, and the ways to address one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.localoss.hand_signing import error_of, head, signed_headers, signed_url
from tests.servers import BUCKET, REGION, RawClient, RunningOss, running_oss
from uploads.oss.documents import bucket_info_from_xml


@pytest.fixture(scope="module")
def module_oss(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningOss]:
    with running_oss(tmp_path_factory.mktemp("oss"), cnames={"Files.Example.test": BUCKET}) as oss:
        yield oss


def test_a_bucket_is_made_and_made_again(oss: RunningOss, raw: RawClient) -> None:
    for _ in range(2):
        target = signed_url("PUT", "", bucket="new-bucket")
        assert raw.request(head("PUT", target, {"Content-Length": "0"})).status == 200

    assert oss.app.store.bucket("new-bucket") is not None


def test_its_info_names_region_and_time(raw: RawClient) -> None:
    reply = raw.request(head("GET", signed_url("GET", "", query={"bucketInfo": ""})))

    info = bucket_info_from_xml(reply.body)
    assert (info.name, info.region, info.acl, info.storage_class) == (BUCKET, REGION, "private", "Standard")
    assert info.created_at is not None
    assert info.created_at <= datetime.now(UTC)
    assert reply.headers["content-type"] == "application/xml"


def test_its_location_is_the_region_with_oss(raw: RawClient) -> None:
    reply = raw.request(head("GET", signed_url("GET", "", query={"location": ""})))

    assert b"<LocationConstraint>oss-cn-hangzhou</LocationConstraint>" in reply.body


@pytest.mark.parametrize("query", ["bucketInfo", "location", "cors"])
def test_a_missing_bucket_has_nothing_to_tell(raw: RawClient, query: str) -> None:
    reply = raw.request(head("GET", signed_url("GET", "", bucket="missing-bucket", query={query: ""})))

    assert (reply.status, error_of(reply)["BucketName"]) == (404, "missing-bucket")


@pytest.mark.parametrize("name", ["ab", "a" * 64, "-ab", "ab-", "Abc", "a_b", "a.b", "..", "a%2Fb", "%00%00%00"])
def test_it_refuses_a_bad_bucket_name(raw: RawClient, name: str) -> None:
    reply = raw.request(head("PUT", f"/{name}/k", {"Content-Length": "0"}))

    assert (reply.status, error_of(reply)["Code"]) == (400, "InvalidBucketName")


@pytest.mark.parametrize(
    ("host", "target"),
    [
        ("127.0.0.1:9000", f"/{BUCKET}/k"),
        ("localhost", f"/{BUCKET}/k"),
        ("[::1]:9000", f"/{BUCKET}/k"),
        (f"{BUCKET}.oss-cn-hangzhou.aliyuncs.com", "/k"),
        (f"{BUCKET}.localhost:9000", "/k"),
        (f"{BUCKET.upper()}.LOCALHOST", "/k"),
        ("files.example.test", "/k"),
        ("FILES.example.TEST:9000", "/k"),
    ],
)
def test_every_style_of_address_reaches_the_same_object(
    oss: RunningOss, raw: RawClient, host: str, target: str
) -> None:
    oss.app.store.delete(BUCKET, "k")

    headers = {**signed_headers("PUT", "k"), "Content-Length": "0"}

    assert raw.request(head("PUT", target, headers, host=host)).status == 200
    assert oss.app.store.find(BUCKET, "k") is not None


def test_a_custom_domain_does_not_reach_other_buckets(oss: RunningOss, raw: RawClient) -> None:
    oss.app.create_bucket("second-bucket")
    target = signed_url("GET", "k", bucket="second-bucket")

    assert raw.request(head("GET", target, host="files.example.test")).status == 403


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST", "HEAD"])
def test_what_it_has_not_it_says_so(raw: RawClient, method: str) -> None:
    reply = raw.request(head(method, signed_url(method, ""), {"Content-Length": "0"}))

    assert reply.status == 501


def test_the_service_itself_has_no_operations(raw: RawClient) -> None:
    reply = raw.request(head("GET", "/"))

    assert (reply.status, error_of(reply)["Code"]) == (403, "AccessDenied")
