"""The arithmetic of parts: at the borders that OSS sets, and for files of any size."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uploads.part_plan import (
    MAX_FILE_BYTES,
    MAX_PART_BYTES,
    MAX_PARTS,
    MIN_UNIT_BYTES,
    Span,
    covered,
    is_part,
    part_number,
    part_unit,
)

# Busy machines take their time for an example.
few = settings(max_examples=50, deadline=None)
KIB, MIB, GIB = 1024, 1024**2, 1024**3
SMALLEST_PART = 100 * KIB
sizes = st.integers(1, MAX_FILE_BYTES) | st.integers(1, 40 * GIB) | st.integers(MAX_FILE_BYTES - 100, MAX_FILE_BYTES)


@st.composite
def cut_files(draw):
    """A file's size and parts that cover it, of sizes as they come."""
    file_bytes = draw(sizes)
    unit = part_unit(file_bytes)
    units = -(-file_bytes // unit)
    # At most a dozen cuts, and none so far from the next that a part would be too large for OSS.
    longest = MAX_PART_BYTES // unit
    stride = max(1, -(-units // 12))
    cuts = draw(st.sets(st.integers(0, max(units - 1, 0)), max_size=12)) | {0, units}
    cuts |= set(range(0, units, min(stride, longest)))
    borders = [min(cut * unit, file_bytes) for cut in sorted(cuts)]
    return file_bytes, [Span(a, b - a) for a, b in pairwise(borders) if b > a]


def listed(spans, file_bytes):
    unit = part_unit(file_bytes)
    return [(part_number(span.offset, unit), span.size_bytes) for span in spans]


@pytest.mark.parametrize(
    ("file_bytes", "unit"),
    [
        pytest.param(0, 256 * KIB, id="no bytes"),
        pytest.param(1, 256 * KIB, id="one byte"),
        pytest.param(100 * KIB, 256 * KIB, id="the smallest part"),
        pytest.param(MAX_PARTS * 256 * KIB, 256 * KIB, id="the last size with the smallest unit"),
        pytest.param(MAX_PARTS * 256 * KIB + 1, 320 * KIB, id="one byte more"),
        pytest.param(5 * GIB, 576 * KIB, id="the largest PUT"),
        pytest.param(MAX_FILE_BYTES - 1, 5 * GIB, id="one byte below the largest file"),
        pytest.param(MAX_FILE_BYTES, 5 * GIB, id="the largest file"),
    ],
)
def test_the_unit(file_bytes, unit):
    assert part_unit(file_bytes) == unit


def test_the_largest_file_is_what_oss_says():
    assert f"{MAX_FILE_BYTES / 1024**4:.1f} TB" == "48.8 TB"


@few
@given(sizes)
def test_the_last_byte_of_every_file_has_a_number(file_bytes):
    assert 1 <= part_number(file_bytes - 1, part_unit(file_bytes)) <= MAX_PARTS


@few
@given(sizes)
def test_a_unit_is_a_part_that_oss_takes(file_bytes):
    assert SMALLEST_PART <= MIN_UNIT_BYTES <= part_unit(file_bytes) <= MAX_PART_BYTES
    assert part_unit(file_bytes) % (64 * KIB) == 0


def test_ten_thousand_parts_of_the_largest_file_follow_one_another():
    parts = [(number, MAX_PART_BYTES) for number in range(1, MAX_PARTS + 1)]

    cover = covered(parts, MAX_FILE_BYTES)

    assert (len(cover.parts), cover.missing) == (MAX_PARTS, ())


@pytest.mark.parametrize(
    ("offset", "size_bytes", "file_bytes"),
    [
        pytest.param(0, 1, 1, id="one byte that is the file"),
        pytest.param(0, 256 * KIB, GIB, id="one unit"),
        pytest.param(512 * KIB, 512 * KIB, GIB, id="two units in the middle"),
        pytest.param(256 * KIB, 3, 256 * KIB + 3, id="a short end"),
        pytest.param(0, 256 * KIB + 3, 256 * KIB + 3, id="the whole file with a short end"),
        pytest.param(0, 5 * GIB - 5 * GIB % (1280 * KIB), 12 * GIB, id="nearly the largest part"),
        pytest.param(0, MAX_PART_BYTES, MAX_FILE_BYTES, id="the largest part"),
        pytest.param(MAX_FILE_BYTES - MAX_PART_BYTES, MAX_PART_BYTES, MAX_FILE_BYTES, id="part 10,000"),
    ],
)
def test_what_can_be_a_part(offset, size_bytes, file_bytes):
    assert is_part(Span(offset, size_bytes), file_bytes)


@pytest.mark.parametrize(
    ("offset", "size_bytes", "file_bytes"),
    [
        pytest.param(0, 0, 0, id="nothing of nothing"),
        pytest.param(0, 0, GIB, id="nothing"),
        pytest.param(-256 * KIB, 256 * KIB, GIB, id="before the file"),
        pytest.param(0, -256 * KIB, GIB, id="a negative size"),
        pytest.param(GIB, 256 * KIB, GIB, id="behind the file"),
        pytest.param(GIB, 0, GIB, id="nothing at the end"),
        pytest.param(0, 512 * KIB, 256 * KIB + 3, id="over the end"),
        pytest.param(1, 256 * KIB, GIB, id="between two units"),
        pytest.param(0, 256 * KIB - 1, GIB, id="less than a unit"),
        pytest.param(0, 100 * KIB, GIB, id="large enough for OSS, but no unit"),
        pytest.param(0, 10 * GIB, 10 * GIB, id="more than the largest part"),
        pytest.param(0, MAX_PART_BYTES + part_unit(20 * GIB), 20 * GIB, id="a unit more than the largest part"),
        pytest.param(2**70, 256 * KIB, GIB, id="beyond all numbers"),
    ],
)
def test_what_can_be_no_part(offset, size_bytes, file_bytes):
    assert not is_part(Span(offset, size_bytes), file_bytes)


@few
@given(cut_files())
def test_parts_that_cover_a_file_cover_it(cut):
    file_bytes, spans = cut

    cover = covered(listed(spans, file_bytes), file_bytes)

    assert (cover.parts, cover.missing) == (tuple(spans), ())


@few
@given(cut_files(), st.data())
def test_parts_and_what_is_missing_make_the_file(cut, data):
    file_bytes, spans = cut
    gone = data.draw(st.sets(st.integers(0, len(spans) - 1), max_size=20))
    there = [span for number, span in enumerate(spans) if number not in gone]

    cover = covered(listed(there, file_bytes), file_bytes)

    assert cover.parts == tuple(there)
    reached = 0
    for span in sorted(cover.parts + cover.missing):
        assert (span.offset, span.size_bytes > 0) == (reached, True)
        reached = span.end
    assert reached == file_bytes


@few
@given(cut_files(), st.data())
def test_what_is_missing_can_be_sent_in_parts_of_one_unit(cut, data):
    file_bytes, spans = cut
    unit = part_unit(file_bytes)
    gone = data.draw(st.sampled_from(spans))

    [missing] = covered(listed([span for span in spans if span != gone], file_bytes), file_bytes).missing

    assert missing == gone
    first = Span(missing.offset, min(unit, missing.size_bytes))
    last_offset = missing.offset + (missing.size_bytes - 1) // unit * unit
    assert is_part(first, file_bytes)
    assert is_part(Span(last_offset, missing.end - last_offset), file_bytes)


def test_smaller_parts_take_the_place_of_a_larger_one():
    whole = [(1, 4 * MIB), (17, 2 * MIB), (25, 2 * MIB), (33, 4 * MIB)]

    assert covered(whole, 12 * MIB).missing == ()


def test_a_larger_part_that_comes_late_after_all_is_taken_for_the_smaller_ones():
    late = [(1, 4 * MIB), (17, 4 * MIB), (25, 2 * MIB), (33, 4 * MIB)]

    cover = covered(late, 12 * MIB)

    assert cover.parts == (Span(0, 4 * MIB), Span(4 * MIB, 4 * MIB), Span(8 * MIB, 4 * MIB))
    assert cover.missing == ()


@pytest.mark.parametrize(
    "stray",
    [
        pytest.param((10_000, MIB), id="behind the file"),
        pytest.param((17, 9 * MIB), id="over the end of the file"),
        pytest.param((17, 100_001), id="of a size that no part of it has"),
        pytest.param((17, 0), id="empty"),
    ],
)
def test_what_is_no_part_of_the_file_covers_nothing(stray):
    cover = covered([(1, 4 * MIB), stray], 12 * MIB)

    assert (cover.parts, cover.missing) == ((Span(0, 4 * MIB),), (Span(4 * MIB, 8 * MIB),))


@pytest.mark.parametrize("file_bytes", [0, 1, GIB, MAX_FILE_BYTES])
def test_without_parts_the_whole_file_is_missing(file_bytes):
    assert covered([], file_bytes) == ((), (Span(0, file_bytes),))
