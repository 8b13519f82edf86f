"""The official SDKs as clients, each behind the same few calls, with a way to change a request on its way out.

They are the independent judges: neither they nor `requests` share code with our signer or our server.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import alibabacloud_oss_v2 as oss_v2
import oss2
import requests
from alibabacloud_oss_v2.transport.requests_client import RequestsHttpClient
from requests.adapters import HTTPAdapter

from tests.servers import BUCKET, CREDENTIALS, REGION

Tamper = Callable[[requests.PreparedRequest], None]


class SdkError(NamedTuple):
    """What an SDK makes of an error answer."""

    status: int
    code: str
    ec: str


class TamperingAdapter(HTTPAdapter):
    """Changes each request after it has been signed."""

    def __init__(self, tamper: Tamper | None) -> None:
        super().__init__()
        self._tamper = tamper

    def send(self, request: requests.PreparedRequest, **options) -> requests.Response:  # type: ignore[override]
        if self._tamper is not None:
            self._tamper(request)
        return super().send(request, **options)


class SdkV2:
    """`alibabacloud-oss-v2`."""

    presigned_type = "application/x-presigned"

    def __init__(
        self,
        endpoint: str,
        *,
        secret: str = CREDENTIALS.access_key_secret,
        region: str = REGION,
        tamper: Tamper | None = None,
        is_cname: bool = False,
    ) -> None:
        self.adapter = TamperingAdapter(tamper)
        config = oss_v2.config.load_default()
        config.credentials_provider = oss_v2.credentials.StaticCredentialsProvider(CREDENTIALS.access_key_id, secret)
        config.region = region
        config.endpoint = endpoint
        config.use_cname = is_cname
        config.retry_max_attempts = 1
        config.http_client = RequestsHttpClient(adapter=self.adapter)
        self.client = oss_v2.Client(config)

    def put(self, key: str, body: bytes) -> None:
        self.client.put_object(
            oss_v2.PutObjectRequest(bucket=BUCKET, key=key, body=body, content_type="text/plain", metadata={"a": "b"})
        )

    def get(self, key: str) -> bytes:
        body = self.client.get_object(oss_v2.GetObjectRequest(bucket=BUCKET, key=key)).body
        assert body is not None
        with body:
            return body.read()

    def head(self, key: str) -> dict[str, str]:
        return dict(self.client.head_object(oss_v2.HeadObjectRequest(bucket=BUCKET, key=key)).headers)

    def presigned_put(self, key: str) -> tuple[str, dict[str, str]]:
        signed = self.client.presign(
            oss_v2.PutObjectRequest(bucket=BUCKET, key=key, content_type=self.presigned_type),
            expires=timedelta(minutes=10),
        )
        return signed.url, dict(signed.signed_headers)

    def error_of(self, call: Callable[[], object]) -> SdkError:
        try:
            call()
        except oss_v2.exceptions.OperationError as error:
            cause = error.unwrap()
            assert isinstance(cause, oss_v2.exceptions.ServiceError), cause
            return SdkError(cause.status_code, cause.code, cause.ec)
        raise AssertionError("The call succeeded.")


class SdkOss2:
    """`oss2`, with its V4 signer."""

    presigned_type = "application/x-presigned"

    def __init__(
        self,
        endpoint: str,
        *,
        secret: str = CREDENTIALS.access_key_secret,
        region: str = REGION,
        tamper: Tamper | None = None,
        is_cname: bool = False,
    ) -> None:
        self.adapter = TamperingAdapter(tamper)
        self.bucket = oss2.Bucket(
            oss2.AuthV4(CREDENTIALS.access_key_id, secret),
            endpoint,
            BUCKET,
            is_cname=is_cname,
            region=region,
            session=oss2.Session(adapter=self.adapter),
        )

    def put(self, key: str, body: bytes) -> None:
        self.bucket.put_object(key, body, headers={"Content-Type": "text/plain", "x-oss-meta-a": "b"})

    def get(self, key: str) -> bytes:
        content: bytes = self.bucket.get_object(key).read()
        return content

    def head(self, key: str) -> dict[str, str]:
        return dict(self.bucket.head_object(key).headers)

    def presigned_put(self, key: str) -> tuple[str, dict[str, str]]:
        headers = {"Content-Type": self.presigned_type}
        return self.bucket.sign_url("PUT", key, 600, headers=dict(headers), slash_safe=True), headers

    def error_of(self, call: Callable[[], object]) -> SdkError:
        try:
            call()
        except oss2.exceptions.ServerError as error:
            return SdkError(error.status, error.details["Code"], error.details["EC"])
        raise AssertionError("The call succeeded.")


SDKS = [SdkV2, SdkOss2]
