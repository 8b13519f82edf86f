"""Bytes on their way to the disk."""

from __future__ import annotations

import errno
import os
import secrets
from hashlib import md5
from pathlib import Path
from typing import BinaryIO, Protocol, Self

from uploads.oss import crc64

_CANNOT_COPY = {errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP}
_COPY_SIZE = 1024 * 1024


class Content(Protocol):
    """Bytes that can be given the name under which they stay."""

    def move_to(self, path: Path) -> None: ...


class NewFile:
    """A file on its way. Leaving the `with` removes it unless it was moved."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / secrets.token_hex(16)
        self._file = self._path.open("xb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def move_to(self, path: Path) -> None:
        """Make the bytes survive a power cut, then give them their name. The directory must be there."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._path.rename(path)
        fsync_directory(path.parent)


class Incoming(NewFile):
    """A new file, its length and its checksums as it grows."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self._md5 = md5(usedforsecurity=False)
        self.size = 0
        self.crc64 = 0

    @property
    def md5(self) -> bytes:
        return self._md5.digest()

    def write(self, chunk: bytes) -> None:
        self._file.write(chunk)
        self._md5.update(chunk)
        self.crc64 = crc64.update(self.crc64, chunk)
        self.size += len(chunk)


class Assembly(NewFile):
    """A new file made of files that are there already, one after the other."""

    def append(self, path: Path, size: int) -> None:
        """All of a file, `size` bytes. The kernel copies, or notes which blocks are shared where it can."""
        with path.open("rb") as source:
            while size > 0:
                count = self._copy(source, size)
                if count == 0:
                    raise EOFError(f"{path} is shorter than it was.")
                size -= count

    def _copy(self, source: BinaryIO, size: int) -> int:
        try:
            return os.copy_file_range(source.fileno(), self._file.fileno(), size)
        except (AttributeError, OSError) as error:  # Not on every system, nor on every file system.
            if isinstance(error, OSError) and error.errno not in _CANNOT_COPY:
                raise
            return os.write(self._file.fileno(), os.read(source.fileno(), min(size, _COPY_SIZE)))


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
