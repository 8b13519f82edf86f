"""Large files go in parts: through the page, the site and the embedded OSS, as they are."""

from __future__ import annotations

import random
import re

import pytest
from playwright.sync_api import expect

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


def part_puts(visitor):
    return [line for line in visitor.requested if line.startswith("PUT") and "partNumber" in line]


def test_a_file_goes_on_after_a_reload_with_the_parts_that_are_missing(visitor, oss, mishaps, large, open_page):
    mishaps.hold("PUT")
    visitor.choose(large)
    visitor.waits_until(lambda: len(part_puts(visitor)) == 6)
    mishaps.release()
    visitor.waits_until(lambda: len(part_puts(visitor)) >= 8)
    mishaps.hold("PUT")
    visitor.waits_until(lambda: len(part_puts(visitor)) >= 9)
    visitor.tab.goto("about:blank")
    mishaps.release()
    before = len(part_puts(visitor))
    visitor.open(open_page)
    visitor.choose(large)
    visitor.sees("large.bin", "stored", timeout_ms=60_000)
    grant = UploadGrant.objects.get()
    assert stored_object(oss, grant)[0] == large.read_bytes()
    assert "crc64" in grant.compared
    numbers = [int(re.search(r"partNumber=(\d+)", line)[1]) for line in part_puts(visitor)[before:]]
    assert numbers
    assert 1 not in numbers


def test_two_tabs_with_the_same_file_make_one_whole_object(visitor, oss, large, open_page):
    other = visitor.tab.context.new_page()
    other.goto(visitor.tab.url)
    visitor.choose(large)
    other.locator("#files").set_input_files(large)
    visitor.sees("large.bin", "stored", timeout_ms=60_000)
    expect(other.locator("li.file")).to_have_attribute("data-file-state", "stored", timeout=60_000)
    grant = UploadGrant.objects.get()
    assert stored_object(oss, grant)[0] == large.read_bytes()


def test_a_file_that_changes_between_its_parts_is_never_called_stored(visitor, mishaps, large):
    mishaps.hold("PUT")
    visitor.choose(large)
    visitor.waits_until(lambda: len(part_puts(visitor)) == 6)
    with large.open("r+b") as changed:
        changed.seek(100 * MIB)
        changed.write(b"other bytes")
    mishaps.release()
    visitor.sees(
        "large.bin", "failed", "The file changed while it was being sent. Choose it again.", timeout_ms=30_000
    )
    visitor.choose(large)
    visitor.sees("large.bin", "stored", timeout_ms=60_000)


def test_a_folder_that_was_sent_half_sends_only_what_is_missing_after_a_reload(visitor, open_page, mishaps, tmp_path):
    paths = [tmp_path / f"scan-{number}.txt" for number in range(8)]
    for path in paths:
        path.write_text(path.name)
    visitor.choose(*paths[:5])
    visitor.sees_queue("done")
    visitor.open(open_page)
    sent = mishaps.seen["PUT"]
    visitor.choose(*paths)
    visitor.sees_queue("done")
    assert mishaps.seen["PUT"] - sent == 3
    assert UploadGrant.objects.count() == 8
