"""CRC-64/ECMA as OSS gives it in `x-oss-hash-crc64ecma` (the parameters of CRC-64/XZ)."""

from __future__ import annotations

from functools import lru_cache

from fastcrc import crc64

# ECMA-182, its bits reversed: the lowest bit stands for x^63, the highest for 1.
_POLYNOMIAL = 0xC96C5795D7870F42
_ONE = 1 << 63
_X_TO_THE_8TH = _ONE >> 8
_MASK = (1 << 64) - 1


def update(checksum: int, chunk: bytes | memoryview) -> int:
    """The checksum of all bytes so far and `chunk`; begin with 0."""
    result: int = crc64.xz(chunk, checksum)
    return result


def combined(first: int, second: int, second_length: int) -> int:
    """The checksum of two pieces one after the other, from theirs and the second's length in bytes."""
    return _product(_shift(second_length), first) ^ second


@lru_cache(maxsize=1024)
def _shift(length: int) -> int:
    """x^(8 * length): what a checksum is multiplied by when so many bytes follow. Kept: parts have few lengths."""
    result, power = _ONE, _X_TO_THE_8TH
    while length:
        if length & 1:
            result = _product(result, power)
        power = _product(power, power)
        length >>= 1
    return result


def _product(left: int, right: int) -> int:
    """Of two polynomials over GF(2), modulo that of the checksum."""
    result = 0
    while left:
        if left & _ONE:
            result ^= right
        left = left << 1 & _MASK
        right = right >> 1 ^ (_POLYNOMIAL if right & 1 else 0)
    return result
