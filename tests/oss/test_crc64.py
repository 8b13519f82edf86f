"""Checksums of pieces combined into that of the whole, compared with another library's of the whole."""

from __future__ import annotations

import itertools

import fastcrc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uploads.oss import crc64


@settings(deadline=None, max_examples=300)
@given(st.lists(st.binary(max_size=2000), max_size=12))
def test_pieces_combine_to_the_checksum_of_the_whole(pieces):
    checksum = 0
    for piece in pieces:
        checksum = crc64.combined(checksum, fastcrc.crc64.xz(piece), len(piece))

    assert checksum == fastcrc.crc64.xz(b"".join(pieces))


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=3000), st.integers(0, 3000))
def test_any_split_combines_to_the_same(content, position):
    first, second = content[:position], content[position:]

    combined = crc64.combined(fastcrc.crc64.xz(first), fastcrc.crc64.xz(second), len(second))

    assert combined == crc64.update(0, content)


@pytest.mark.parametrize("size", [2**20, 5 * 2**20 + 3], ids=["a power of two", "none"])
def test_long_pieces_combine_too(size):
    zeros = bytes(size)

    assert crc64.combined(crc64.update(0, b"head"), crc64.update(0, zeros), size) == crc64.update(0, b"head" + zeros)


def test_lengths_no_memory_could_hold_add_up():
    """Three pieces of 5 GB, combined from the left and from the right."""
    length = 5 * 1024**3
    left = crc64.combined(crc64.combined(1, 2, length), 3, length)
    right = crc64.combined(1, crc64.combined(2, 3, length), 2 * length)

    assert left == right
    assert len({left, *(crc64.combined(1, 2, length + more) for more in (0, 1, 2))}) == 4


def test_every_length_counts():
    checksums = [crc64.combined(1, 0, length) for length in itertools.chain(range(100), (2**k for k in range(7, 47)))]

    assert len(set(checksums)) == len(checksums)
