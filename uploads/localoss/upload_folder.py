"""One multipart upload on disk: it and each of its parts are there whole or not at all, whatever kills the process.

    UPLOAD/upload.json     its key, and what the object is to have; locked by whoever adds to the upload or ends it
    UPLOAD/NUMBER.json     one part: its size and checksums, and which version its bytes are
    UPLOAD/NUMBER.VERSION  the bytes of one version of a part, as they were sent

An upload begins and ends by one rename of its folder, a part is replaced by one rename of its record. Bytes are
complete and synced before a record names them, and never written again.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from uploads.localoss.incoming import Incoming, ensure_directory, fsync_directory, write_new_file
from uploads.localoss.records import PartRecord, UploadRecord

_UPLOAD = "upload.json"


class UploadGone(Exception):
    """There is no such upload: it was completed or aborted, perhaps this very moment, or never was."""


@dataclass(frozen=True, slots=True)
class UploadFolder:
    """Safe for use by threads and processes. `scratch` is on the same file system and emptied at the next start."""

    path: Path
    scratch: Path

    @property
    def upload_id(self) -> str:
        return self.path.name

    def create(self, record: UploadRecord) -> None:
        ensure_directory(self.path.parent)
        new = self.scratch / self.upload_id
        new.mkdir()
        write_new_file(new / _UPLOAD, record.to_json())
        fsync_directory(new)
        new.rename(self.path)
        fsync_directory(self.path.parent)

    def record(self) -> UploadRecord:
        """Raises UploadGone."""
        try:
            return UploadRecord.from_json((self.path / _UPLOAD).read_bytes())
        except FileNotFoundError:
            raise UploadGone from None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else adds to the upload or ends it meanwhile, in any process. Raises UploadGone."""
        try:
            lock = os.open(self.path / _UPLOAD, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise UploadGone from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.path.exists():
                raise UploadGone  # Somebody ended it while we waited.
            yield
        finally:
            os.close(lock)

    def numbers(self) -> list[int]:
        """Of the parts that are there, ascending."""
        return sorted(int(path.stem) for path in self.path.glob("[0-9]*.json"))

    def parts(self, numbers: list[int]) -> list[PartRecord]:
        """Raises UploadGone."""
        try:
            return [PartRecord.from_json(self._record_path(number).read_bytes()) for number in numbers]
        except FileNotFoundError:
            raise UploadGone from None

    def data_path(self, part: PartRecord) -> Path:
        """The file with the part's bytes."""
        return self.path / f"{part.number:05}.{part.version}"

    def put_part(self, number: int, incoming: Incoming, *, at: datetime) -> PartRecord:
        """Make the received bytes the part with that number; the last one wins. Raises UploadGone."""
        part = PartRecord(
            number=number,
            version=secrets.token_hex(16),
            size=incoming.size,
            md5=incoming.md5,
            crc64=incoming.crc64,
            last_modified=at.replace(microsecond=0),
        )
        try:
            incoming.move_to(self.data_path(part))
            self._commit(part)
        except BaseException as error:
            self.data_path(part).unlink(missing_ok=True)
            if isinstance(error, FileNotFoundError):
                raise UploadGone from None
            raise
        return part

    def discard(self) -> None:
        """End the upload; only for who holds it, or has the whole store for itself."""
        moved = self.scratch / f"{self.upload_id}.{secrets.token_hex(16)}"
        self.path.rename(moved)
        fsync_directory(self.path.parent)
        shutil.rmtree(moved)

    def remove_leftovers(self) -> None:
        """What a kill left behind: bytes that no record names."""
        named = {self.data_path(part) for part in self.parts(self.numbers())}
        for path in self.path.iterdir():
            if path.suffix != ".json" and path not in named:
                path.unlink()

    def _commit(self, part: PartRecord) -> None:
        written = write_new_file(self.scratch / part.version, part.to_json())
        path = self._record_path(part.number)
        try:
            with self.held():
                replaced = self.parts([part.number]) if path.exists() else []
                written.replace(path)
                fsync_directory(self.path)
        finally:
            written.unlink(missing_ok=True)
        for old in replaced:
            self.data_path(old).unlink(missing_ok=True)

    def _record_path(self, number: int) -> Path:
        return self.path / f"{number:05}.json"
