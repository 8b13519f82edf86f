"""What the tests of the protocol share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from tests.oss.uploading import BODY, KEY, signed_put
from uploads.localoss.app import LocalOss
from uploads.localoss.server import OssServer
from uploads.oss import transport
from uploads.oss.client import OssClient
from uploads.oss.clock import OssClock
from uploads.oss.credentials import Credentials
from uploads.oss.endpoints import Bucket, Endpoint


@pytest.fixture
def credentials() -> Credentials:
    return Credentials("LTAI5tExample", "ExampleSecret0123456789")


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "FIRST_DELAY_SECONDS", 0.001)


@pytest.fixture
def oss(tmp_path, credentials) -> LocalOss:
    app = LocalOss(tmp_path, credentials=credentials, region="cn-hangzhou")
    app.create_bucket("bucket")
    return app


@pytest.fixture
def bucket(oss) -> Iterator[Bucket]:
    with OssServer(oss) as server:
        yield Bucket("bucket", "cn-hangzhou", Endpoint.parse(server.url))


@pytest.fixture
def client(bucket, credentials) -> OssClient:
    return OssClient(bucket, credentials, OssClock())


@pytest.fixture
def stored(bucket, credentials) -> str:
    signed = signed_put(bucket, credentials)
    assert requests.put(signed.url, data=BODY, headers=signed.headers, timeout=5).status_code == 200
    return KEY
