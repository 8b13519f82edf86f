"""Which part of a file goes by which number, and what a list of parts covers.

A part's number follows from its offset, so nothing has to be allocated, and between two numbers in use there are free
ones: a part that fails is replaced by smaller ones in its place.
https://www.alibabacloud.com/help/en/oss/developer-reference/uploadpart
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

# The 5 GB that OSS takes in one PUT, of an object or of a part:
# https://www.alibabacloud.com/help/en/oss/developer-reference/putobject
MAX_PUT_BYTES = 5 * 1024**3
MAX_PARTS = 10_000
MAX_PART_BYTES = MAX_PUT_BYTES
# What OSS calls 48.8 TB.
MAX_FILE_BYTES = MAX_PARTS * MAX_PART_BYTES
# OSS takes no part below 100 KB but the last.
MIN_UNIT_BYTES = 256 * 1024
# Units are whole blocks of this size: what reads files in such blocks meets no border of a part inside one.
GRAIN_BYTES = 64 * 1024


class Span(NamedTuple):
    """Some bytes of a file: where they begin, and how many they are."""

    offset: int
    size_bytes: int

    @property
    def end(self) -> int:
        return self.offset + self.size_bytes


class Cover(NamedTuple):
    """The parts that follow one another from the file's first byte on, and the ranges that none of them has."""

    parts: tuple[Span, ...]
    missing: tuple[Span, ...]


def part_unit(file_bytes: int) -> int:
    """The bytes of which every offset is a multiple, and every part's size but the last one's."""
    share = -(-file_bytes // MAX_PARTS)
    grains = -(-share // GRAIN_BYTES)
    return min(max(MIN_UNIT_BYTES, grains * GRAIN_BYTES), MAX_PART_BYTES)


def part_number(offset: int, unit: int) -> int:
    """From 1 to 10,000, for an offset inside the file."""
    return offset // unit + 1


def is_part(span: Span, file_bytes: int) -> bool:
    """Whether OSS may get this as a part of a file of so many bytes."""
    unit = part_unit(file_bytes)
    is_inside = 0 <= span.offset < span.end <= file_bytes
    is_whole = span.size_bytes % unit == 0 or span.end == file_bytes
    return is_inside and is_whole and span.offset % unit == 0 and span.size_bytes <= MAX_PART_BYTES


def covered(listed: Iterable[tuple[int, int]], file_bytes: int) -> Cover:
    """Walk over the listed parts (number, size in bytes) from the first byte on, each beginning where one ended.

    A part that begins inside another one is left out, and so is what no part of this file can be.
    """
    unit = part_unit(file_bytes)
    spans = sorted(Span((number - 1) * unit, size_bytes) for number, size_bytes in listed)
    parts: list[Span] = []
    missing: list[Span] = []
    reached = 0
    for span in spans:
        if span.offset < reached or not is_part(span, file_bytes):
            continue
        if span.offset > reached:
            missing.append(Span(reached, span.offset - reached))
        parts.append(span)
        reached = span.end
    # A file without bytes has no part: it is missing as a whole, and goes by PUT.
    if reached < file_bytes or not file_bytes:
        missing.append(Span(reached, file_bytes - reached))
    return Cover(tuple(parts), tuple(missing))
