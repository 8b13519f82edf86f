"""The bytes of a bucket's objects, without what is known of them: each version a file or a folder of segments."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from uploads.localoss import segments
from uploads.localoss.incoming import Content, ensure_directory
from uploads.localoss.records import ObjectRecord, name_of


@dataclass(frozen=True, slots=True)
class Contents:
    """Of one bucket. `scratch` is on the same file system and emptied at the next start."""

    directory: Path
    scratch: Path

    def path_of(self, record: ObjectRecord) -> Path:
        name = name_of(record.key)
        return self.directory / name[:2] / f"{name}.{record.version}"

    def add(self, record: ObjectRecord, content: Content) -> None:
        """Keep the bytes, which survive a power cut then."""
        path = self.path_of(record)
        ensure_directory(path.parent)
        content.move_to(path)

    def open(self, record: ObjectRecord) -> BinaryIO:
        """The bytes, which stay readable when they are removed meanwhile. Raises FileNotFoundError."""
        path = self.path_of(record)
        return segments.open_segments(path, self.scratch) if path.is_dir() else path.open("rb")

    def remove(self, record: ObjectRecord) -> None:
        """Does nothing for those that are not there."""
        path = self.path_of(record)
        if path.is_dir():
            segments.throw_away(path, self.scratch)
        else:
            path.unlink(missing_ok=True)

    def remove_leftovers(self, record_named: Callable[[str], ObjectRecord | None]) -> None:
        """What a kill left behind: versions that no record names. Nobody may be reading or writing."""
        for path in self.directory.glob("*/*"):
            name, _, version = path.name.partition(".")
            record = record_named(name)
            if record is not None and record.version == version:
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
