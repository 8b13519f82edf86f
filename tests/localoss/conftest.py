"""An embedded OSS for each test module, as good as new for each test."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.servers import BUCKET, RawClient, RunningOss, running_oss
from uploads.localoss.operations import CORS_DOCUMENT


@pytest.fixture(scope="module")
def module_oss(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningOss]:
    with running_oss(tmp_path_factory.mktemp("oss")) as oss:
        yield oss


@pytest.fixture
def oss(module_oss: RunningOss) -> Iterator[RunningOss]:
    yield module_oss
    module_oss.clock.offset = timedelta(0)
    module_oss.app.intercept = None
    module_oss.app.store.delete_document(BUCKET, CORS_DOCUMENT)


@pytest.fixture
def key() -> str:
    """An object key that no other test uses."""
    return f"{uuid4().hex}.bin"


@pytest.fixture
def raw(oss: RunningOss) -> Iterator[RawClient]:
    with RawClient(oss.port) as client:
        yield client
