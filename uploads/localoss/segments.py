"""Bytes in several files, one after the other: how an object that was made of parts is kept.

    PATH/00001, PATH/00002, ...   the segments, in the order of their names

The segments are second names of the parts' files, so that making the object costs nothing per byte, and losing the
parts' own names loses nothing. The folder gets its name by one rename, complete and synced, and never changes then.

A file that is unlinked stays readable for whoever has it open. A folder does not do that by itself, and an object may
have 10,000 segments: too many to have open at once, or to link once more for each reader. So a reader opens the
folder, shares a lock on it, and opens one segment at a time, by its name in the open folder, wherever that is now.
Who throws the folder away moves it to where nobody looks for it, and removes it if nobody has it locked; if somebody
has, the last reader does, or the next start.
"""

from __future__ import annotations

import fcntl
import io
import os
import secrets
import shutil
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO, Self

from uploads.localoss.incoming import fsync_directory

# How many bytes are fetched at once for one who reads few at a time.
_BUFFER_SIZE = 64 * 1024


class NewSegments:
    """A folder of segments on its way. Leaving the `with` removes it unless it was moved."""

    def __init__(self, scratch: Path) -> None:
        self._path = scratch / secrets.token_hex(16)
        self._path.mkdir()
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._path, ignore_errors=True)

    def append(self, path: Path, size: int) -> None:
        """A synced file that is never written again. Raises EOFError where it has not `size` bytes."""
        self._count += 1
        segment = self._path / f"{self._count:05}"
        os.link(path, segment)
        if segment.stat().st_size != size:
            raise EOFError(f"{path} has not the length that it had.")

    def move_to(self, path: Path) -> None:
        """Make the names survive a power cut, then give the folder its own. The directory must be there."""
        fsync_directory(self._path)
        self._path.rename(path)
        fsync_directory(path.parent)


def open_segments(path: Path, scratch: Path) -> BinaryIO:
    """All the bytes as one file, readable until it is closed. Raises FileNotFoundError.

    `scratch` is where `throw_away` moves the folder, and may be emptied only while nobody reads.
    """
    return io.BufferedReader(_Segments(path, scratch), _BUFFER_SIZE)


def throw_away(path: Path, scratch: Path) -> None:
    """Remove the segments, once nobody reads them. `scratch` takes them until then, and is emptied at the next start.

    Does nothing for a folder that is not there.
    """
    moved = scratch / path.name
    with suppress(FileNotFoundError):
        path.rename(moved)
    _remove_unless_read(moved)


class _Segments(io.RawIOBase):
    """Has two files open: the folder, and the segment that was read last."""

    def __init__(self, path: Path, scratch: Path) -> None:
        self._moved = scratch / path.name
        self._segment: io.FileIO | None = None
        self._index = 0
        self._position = 0
        self._folder = -1
        self._folder = _opened_folder(path)
        try:
            fcntl.flock(self._folder, fcntl.LOCK_SH)
            path.stat()  # Not thrown away before we had the lock; from now on it may be.
            self._names = sorted(os.listdir(self._folder))
            self._stops = list(accumulate(os.stat(name, dir_fd=self._folder).st_size for name in self._names))
        except BaseException:
            self.close()
            raise

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        origins = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._stops[-1]}
        self._position = max(0, origins[whence] + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Gives fewer bytes than there is room for where a segment ends, and none where the last one does."""
        index = bisect_right(self._stops, self._position)
        if index == len(self._stops):
            return 0
        segment = self._segment_at(index)
        segment.seek(self._position - (self._stops[index - 1] if index else 0))
        count = segment.readinto(buffer)
        self._position += count
        return count

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._close_segment()
            if self._folder != -1:
                os.close(self._folder)
                _remove_unless_read(self._moved)

    def _segment_at(self, index: int) -> io.FileIO:
        if self._segment is not None and index == self._index:
            return self._segment
        self._close_segment()
        self._segment = io.FileIO(self._names[index], opener=partial(os.open, dir_fd=self._folder))
        self._index = index
        return self._segment

    def _close_segment(self) -> None:
        if self._segment is not None:
            self._segment.close()
            self._segment = None


def _remove_unless_read(moved: Path) -> None:
    """Whoever finds a lock leaves the folder to the one who has it, who calls this after giving it up."""
    with suppress(FileNotFoundError, BlockingIOError), _locked(moved):
        shutil.rmtree(moved)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = _opened_folder(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _opened_folder(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
