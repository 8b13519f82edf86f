"""Uploads in parts, and the objects made of them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from uploads.localoss.incoming import Content, Incoming, SecondName
from uploads.localoss.records import ObjectRecord, PartRecord, UploadRecord, crc64_of, md5_of
from uploads.localoss.segments import NewSegments
from uploads.localoss.store import Store
from uploads.localoss.upload_folder import UploadFolder, UploadGone

_UPLOAD_ID = re.compile(r"[0-9A-F]{32}")

# Takes the parts that are there, in order, and gives those of which the object is made. May refuse by raising.
Choice = Callable[[list[PartRecord]], Sequence[PartRecord]]


class MultipartStore:
    """All multipart uploads of a store. As safe for threads and processes as the store itself."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def initiate(self, bucket: str, key: str, headers: Mapping[str, str]) -> str:
        """The id of a new upload; `headers` are what the object is to have."""
        upload_id = secrets.token_hex(16).upper()
        at = self._store.now().replace(microsecond=0)
        self._store.upload_folder(bucket, upload_id).create(UploadRecord(upload_id, key, at, dict(headers)))
        return upload_id

    def find(self, bucket: str, key: str, upload_id: str) -> UploadFolder:
        """Raises UploadGone, also for an upload to another key."""
        if not _UPLOAD_ID.fullmatch(upload_id):
            raise UploadGone  # Not an id of ours, perhaps a path.
        folder = self._store.upload_folder(bucket, upload_id)
        if folder.record().key != key:
            raise UploadGone
        return folder

    def put_part(self, folder: UploadFolder, number: int, incoming: Incoming) -> PartRecord:
        """Raises UploadGone."""
        return folder.put_part(number, incoming, at=self._store.now())

    def complete(self, bucket: str, folder: UploadFolder, choose: Choice, *, forbid_overwrite: bool) -> ObjectRecord:
        """Make the object and end the upload. Raises UploadGone and ObjectExists, and what `choose` raises.

        After any of them, object and upload are as they were. A kill leaves the upload, or the object, or for a
        moment both: then the upload is removed at the next start.
        """
        with folder.held():
            upload = folder.record()
            parts = choose(folder.parts(folder.numbers()))
            record = ObjectRecord(
                key=upload.key,
                version=secrets.token_hex(16),
                size=sum(part.size for part in parts),
                md5=md5_of(parts),
                crc64=crc64_of(parts),
                last_modified=self._store.now().replace(microsecond=0),
                headers=upload.headers,
                part_count=len(parts),
                upload_id=upload.upload_id,
            )
            with _assembled(folder, parts) as content:
                self._store.commit(bucket, record, content, forbid_overwrite=forbid_overwrite)
            folder.discard()
        return record

    def abort(self, folder: UploadFolder) -> None:
        """Raises UploadGone. Waits for a part that is being added, and for the end of a completion."""
        with folder.held():
            folder.discard()

    def uploads(self, bucket: str) -> list[UploadRecord]:
        """All that are under way, by key and then by id."""
        found = []
        for folder in self._store.upload_folders(bucket):
            with suppress(UploadGone):
                found.append(folder.record())
        return sorted(found, key=lambda upload: (upload.key, upload.upload_id))


@contextmanager
def _assembled(folder: UploadFolder, parts: Sequence[PartRecord]) -> Iterator[Content]:
    """The parts one after the other. They stay: until the object is there, the upload must be able to go on."""
    if len(parts) == 1:
        yield SecondName(folder.data_path(parts[0]))
        return
    with NewSegments(folder.scratch) as segments:
        for part in parts:
            segments.append(folder.data_path(part), part.size)
        yield segments
