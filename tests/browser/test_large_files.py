"""Large files go in parts: through the page, the site and the embedded OSS, as they are."""

from __future__ import annotations

import random

import pytest

from tests.browser.test_upload_page import stored_object
from tests.browser.visitor import file
from uploads.models.grants import UploadGrant

MIB = 1024 * 1024


@pytest.fixture
def large(tmp_path):
    """A file that goes in parts, whatever the line."""
    path = tmp_path / "large.bin"
    path.write_bytes(random.Random(7).randbytes(110 * MIB))
    return path


def test_a_large_file_arrives_in_parts_with_its_checksum_compared(visitor, oss, large):
    visitor.choose(large)
    visitor.choose(file("small.txt"))
    visitor.sees("large.bin", "stored", timeout_ms=60_000)
    visitor.sees_queue("done")
    grant = UploadGrant.objects.get(file_name="large.bin")
    assert stored_object(oss, grant)[0] == large.read_bytes()
    assert "crc64" in grant.compared
    assert len([line for line in visitor.requested if line.startswith("PUT") and "partNumber" in line]) > 5
    assert not visitor.complaints
