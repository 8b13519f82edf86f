"""Bytes on their way to the disk."""

from __future__ import annotations

import os
import secrets
from hashlib import md5
from pathlib import Path
from typing import Protocol, Self

from uploads.oss import crc64


class Content(Protocol):
    """Bytes that can be given the name under which they stay."""

    def move_to(self, path: Path) -> None: ...


class Incoming:
    """A new file, its length and its checksums as it grows. Leaving the `with` removes it unless it was moved."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / secrets.token_hex(16)
        self._file = self._path.open("xb")
        self._md5 = md5(usedforsecurity=False)
        self.size = 0
        self.crc64 = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    @property
    def md5(self) -> bytes:
        return self._md5.digest()

    def write(self, chunk: bytes | memoryview) -> None:
        self._file.write(chunk)
        self._md5.update(chunk)
        self.crc64 = crc64.update(self.crc64, chunk)
        self.size += len(chunk)

    def move_to(self, path: Path) -> None:
        """Make the bytes survive a power cut, then give them their name. The directory must be there."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._path.rename(path)
        fsync_directory(path.parent)


class SecondName:
    """A file that is there already and never written again: it gets another name, and nothing is copied."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def move_to(self, path: Path) -> None:
        os.link(self._path, path)
        fsync_directory(path.parent)


def write_new_file(path: Path, content: bytes) -> Path:
    """A small file that survives a power cut once it has been given its final name."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return path


def ensure_directory(path: Path) -> None:
    """Make a directory that survives a power cut, unless it is there."""
    if not path.exists():
        path.mkdir(exist_ok=True)
        fsync_directory(path.parent)


def fsync_directory(path: Path) -> None:
    """Make the names in a directory survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
