"""A file of a gigabyte: from disk through a real browser to the storage's disk."""

from __future__ import annotations

import hashlib

import pytest

# The slow tests have the cast of the browser tests.
from tests.browser.conftest import new_visitor, site, visitor  # noqa: F401
from tests.conftest import BUCKET
from uploads.models.grants import UploadGrant

GIGABYTE = 1024**3
MINUTES_MS = 60_000


def write_sparse_file(path, size_bytes):
    """Holes with marks between them: any part that is lost, doubled or moved changes the hash."""
    with path.open("wb") as file:
        for position in range(0, size_bytes, 64 * 1024 * 1024):
            file.seek(position)
            file.write(hashlib.sha256(str(position).encode()).digest())
        file.truncate(size_bytes)


def sha256_of(file):
    with file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_gigabyte_arrives_byte_for_byte(visitor, oss, tmp_path):  # noqa: F811
    path = tmp_path / "large dump (终稿).bin"
    write_sparse_file(path, GIGABYTE)
    visitor.choose(path)
    visitor.sees(path.name, "stored", timeout_ms=10 * MINUTES_MS)
    grant = UploadGrant.objects.get()
    _, stored = oss.app.store.open(BUCKET, grant.object_key)
    assert (grant.state, grant.size_bytes) == ("stored", GIGABYTE)
    assert sha256_of(stored) == sha256_of(path.open("rb"))
    assert not visitor.complaints
