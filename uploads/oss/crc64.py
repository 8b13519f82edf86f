"""CRC-64/ECMA as OSS gives it in `x-oss-hash-crc64ecma` (the parameters of CRC-64/XZ)."""

from __future__ import annotations

from fastcrc import crc64


def update(checksum: int, chunk: bytes) -> int:
    """The checksum of all bytes so far and `chunk`; begin with 0."""
    result: int = crc64.xz(chunk, checksum)
    return result
