"""What the tests of the protocol share."""

from __future__ import annotations

import pytest

from uploads.oss import transport
from uploads.oss.credentials import Credentials


@pytest.fixture
def credentials() -> Credentials:
    return Credentials("LTAI5tExample", "ExampleSecret0123456789")


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "FIRST_DELAY_SECONDS", 0.001)
