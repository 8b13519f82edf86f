"""The official SDKs put, get, head and presign against the embedded OSS, rightly and wrongly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from xml.etree import ElementTree

import alibabacloud_oss_v2 as oss_v2
import oss2
import pytest
import requests

from tests.localoss.sdks import SDKS, SdkError, SdkOss2, SdkV2
from tests.localoss.test_auth import NASTY_KEYS
from tests.servers import BUCKET, RunningOss
from uploads.oss.documents import CorsRule, cors_from_xml

Sdk = SdkV2 | SdkOss2
SdkClass = type[SdkV2] | type[SdkOss2]

MISMATCH = SdkError(403, "SignatureDoesNotMatch", "0002-00000201")
pytestmark = [
    pytest.mark.parametrize("sdk_class", SDKS, ids=["alibabacloud-oss-v2", "oss2"]),
    # oss2 asks for the time in a way that Python 3.12 has deprecated.
    pytest.mark.filterwarnings("ignore:datetime.datetime.utc:DeprecationWarning"),
]


def change_header(request: requests.PreparedRequest) -> None:
    request.headers["x-oss-meta-a"] = "changed"


def change_query(request: requests.PreparedRequest) -> None:
    assert request.url is not None
    request.url += f"{'&' if '?' in request.url else '?'}x-oss-traffic-limit=819200"


def put_presigned(sdk: Sdk, key: str) -> None:
    """As a browser would, through the same changes on the way; raises what the SDK would raise."""
    url, headers = sdk.presigned_put(key)
    with requests.Session() as session:
        session.mount("http://", sdk.adapter)
        answer = session.put(url, data=b"presigned", headers=headers, timeout=20)
    if answer.status_code != 200:
        fields = {element.tag: element.text or "" for element in ElementTree.fromstring(answer.content)}
        raise PresignedRefused(SdkError(answer.status_code, fields["Code"], fields.get("EC", "")))


class PresignedRefused(Exception):
    """A presigned PUT was answered with an error."""


OPERATIONS: dict[str, Callable[[Sdk, str], object]] = {
    "put": lambda sdk, key: sdk.put(key, b"abc"),
    "get": lambda sdk, key: sdk.get(key),
    "head": lambda sdk, key: sdk.head(key),
    "presigned put": put_presigned,
}
operations = pytest.mark.parametrize("operation", OPERATIONS)


def error_of(sdk: Sdk, operation: str, key: str) -> SdkError:
    try:
        return sdk.error_of(lambda: OPERATIONS[operation](sdk, key))
    except PresignedRefused as refused:
        error: SdkError = refused.args[0]
        return error


@pytest.mark.parametrize("key", NASTY_KEYS)
def test_what_it_puts_it_gets(sdk_class: SdkClass, oss: RunningOss, key: str) -> None:
    sdk = sdk_class(oss.url)

    sdk.put(key, b"abc" * 100_000)

    assert sdk.get(key) == b"abc" * 100_000
    headers = {name.lower(): value for name, value in sdk.head(key).items()}
    assert (headers["content-type"], headers["x-oss-meta-a"]) == ("text/plain", "b")
    path = oss.app.store.path_of(BUCKET, key)
    assert path is not None
    assert path.read_bytes() == b"abc" * 100_000


@pytest.mark.parametrize("key", NASTY_KEYS)
def test_its_presigned_url_takes_a_put(sdk_class: SdkClass, oss: RunningOss, key: str) -> None:
    sdk = sdk_class(oss.url)

    put_presigned(sdk, key)

    record = oss.app.store.find(BUCKET, key)
    assert record is not None
    assert (record.size, record.headers["content-type"]) == (9, sdk.presigned_type)


@operations
def test_a_wrong_secret_is_refused(sdk_class: SdkClass, oss: RunningOss, operation: str) -> None:
    assert error_of(sdk_class(oss.url, secret="wrong"), operation, "k") == MISMATCH


@operations
def test_a_wrong_region_is_refused(sdk_class: SdkClass, oss: RunningOss, operation: str) -> None:
    ec = "0002-00000228" if operation == "presigned put" else "0002-00000226"

    error = error_of(sdk_class(oss.url, region="cn-beijing"), operation, "k")

    assert error == SdkError(400, "InvalidArgument", ec)


@operations
def test_an_expired_time_is_refused(sdk_class: SdkClass, oss: RunningOss, operation: str) -> None:
    oss.clock.offset = timedelta(hours=1)

    error = error_of(sdk_class(oss.url), operation, "k")

    if operation == "presigned put":
        assert error == SdkError(403, "AccessDenied", "0002-00000236")
    else:
        assert error == SdkError(403, "RequestTimeTooSkewed", "0002-00000504")


@operations
def test_one_changed_header_is_refused(sdk_class: SdkClass, oss: RunningOss, operation: str) -> None:
    assert error_of(sdk_class(oss.url, tamper=change_header), operation, "k") == MISMATCH


@operations
def test_one_changed_query_parameter_is_refused(sdk_class: SdkClass, oss: RunningOss, operation: str) -> None:
    assert error_of(sdk_class(oss.url, tamper=change_query), operation, "k") == MISMATCH


@pytest.mark.parametrize("operation", ["get", "head"])
def test_it_reads_that_a_key_is_not_there(sdk_class: SdkClass, oss: RunningOss, operation: str) -> None:
    error = error_of(sdk_class(oss.url), operation, "never-put")

    assert error == SdkError(404, "NoSuchKey", "0026-00000001")


def test_it_reads_that_overwriting_is_forbidden(sdk_class: SdkClass, oss: RunningOss, key: str) -> None:
    sdk = sdk_class(oss.url)

    def put() -> None:
        if isinstance(sdk, SdkV2):
            sdk.client.put_object(oss_v2.PutObjectRequest(bucket=BUCKET, key=key, body=b"abc", forbid_overwrite=True))
        else:
            sdk.bucket.put_object(key, b"abc", headers={"x-oss-forbid-overwrite": "true"})

    put()
    assert sdk.error_of(put) == SdkError(409, "FileAlreadyExists", "0026-00000002")


def test_it_manages_the_buckets_rules(sdk_class: SdkClass, oss: RunningOss) -> None:
    sdk = sdk_class(oss.url)
    if isinstance(sdk, SdkV2):
        rule = oss_v2.CORSRule(
            allowed_origins=["http://a.example"],
            allowed_methods=["PUT"],
            allowed_headers=["*"],
            expose_headers=["ETag"],
            max_age_seconds=600,
        )
        configuration = oss_v2.CORSConfiguration(cors_rules=[rule], response_vary=True)
        sdk.client.put_bucket_cors(oss_v2.PutBucketCorsRequest(bucket=BUCKET, cors_configuration=configuration))
        read = sdk.client.get_bucket_cors(oss_v2.GetBucketCorsRequest(bucket=BUCKET)).cors_configuration
        assert read is not None
        assert read.cors_rules is not None
        origins, age = read.cors_rules[0].allowed_origins, read.cors_rules[0].max_age_seconds
    else:
        old = oss2.models.CorsRule(["http://a.example"], ["PUT"], ["*"], ["ETag"], 600)
        sdk.bucket.put_bucket_cors(oss2.models.BucketCors([old]))
        rules = sdk.bucket.get_bucket_cors().rules
        origins, age = rules[0].allowed_origins, rules[0].max_age_seconds

    assert (origins, age) == (["http://a.example"], 600)
    stored = oss.app.store.document(BUCKET, "cors.xml")
    assert stored is not None
    assert cors_from_xml(stored).rules == (CorsRule(("http://a.example",), ("PUT",), ("*",), ("ETag",), 600),)


def test_it_reads_the_buckets_info_and_location(sdk_class: SdkClass, oss: RunningOss) -> None:
    sdk = sdk_class(oss.url)
    if isinstance(sdk, SdkV2):
        info = sdk.client.get_bucket_info(oss_v2.GetBucketInfoRequest(bucket=BUCKET)).bucket_info
        assert info is not None
        name, place = info.name, info.location
        location = sdk.client.get_bucket_location(oss_v2.GetBucketLocationRequest(bucket=BUCKET)).location
    else:
        old_info = sdk.bucket.get_bucket_info()
        name, place = old_info.name, old_info.location
        location = sdk.bucket.get_bucket_location().location

    assert (name, place, location) == (BUCKET, "oss-cn-hangzhou", "oss-cn-hangzhou")
