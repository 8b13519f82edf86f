"""Buckets and objects on disk, each object there whole or not at all, whatever kills the process.

    ROOT/lock                         held by every process that uses ROOT
    ROOT/BUCKET/bucket.json           when it was made; a bucket without this file is none
    ROOT/BUCKET/cors.xml              its CORS rules, if any
    ROOT/BUCKET/objects/ab/HASH.json  one object: its key, its metadata, and which version its bytes are
    ROOT/BUCKET/data/ab/HASH.VERSION  the bytes of one version, as they were sent: a file or a folder, see `contents`
    ROOT/BUCKET/uploads/ID/           one multipart upload, see `upload_folder`
    ROOT/BUCKET/incoming/             what is being written or thrown away

HASH is the SHA-256 of the key: a key may be any text, a file name may not. An object changes by one rename (or, where
it must not exist yet, one link) of its record; the bytes that the record names are complete and synced by then and
never written again. So a reader cannot see bytes of one version with metadata of another. What a kill leaves behind
is named by no record and is removed when the next process that has ROOT for itself starts.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import threading
import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from uploads.localoss.contents import Contents
from uploads.localoss.incoming import Content, Incoming, ensure_directory, fsync_directory, write_new_file
from uploads.localoss.records import ObjectRecord, name_of
from uploads.localoss.upload_folder import UploadFolder
from uploads.oss.clock import utc_now
from uploads.oss.endpoints import BUCKET_NAME


class ObjectExists(Exception):
    """There is an object already, and it was not to be replaced."""


@dataclass(frozen=True, slots=True)
class StoredBucket:
    name: str
    created_at: datetime


class Store:
    """All buckets below one directory. Safe for use by threads, and by processes that share the directory."""

    def __init__(self, root: Path, now: Callable[[], datetime] = utc_now) -> None:
        self.root = Path(root).resolve()
        self.now = now
        self._commit_lock = threading.Lock()
        self.root.mkdir(parents=True, exist_ok=True)
        self._hold_root()

    # --- Buckets ---

    def create_bucket(self, name: str) -> None:
        """Does nothing for one that is there. Raises ValueError for a bad name."""
        if not BUCKET_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of a bucket.")
        for directory in ("objects", "data", "uploads", "incoming"):
            (self.root / name / directory).mkdir(parents=True, exist_ok=True)
        if self.bucket(name) is None:
            content = json.dumps({"name": name, "created_at": self.now().isoformat()})
            self.write_document(name, "bucket.json", content.encode())

    def bucket(self, name: str) -> StoredBucket | None:
        content = self.document(name, "bucket.json") if BUCKET_NAME.fullmatch(name) else None
        if content is None:
            return None
        return StoredBucket(name, datetime.fromisoformat(json.loads(content)["created_at"]))

    def document(self, bucket: str, name: str) -> bytes | None:
        """A configuration of a bucket, such as its CORS rules."""
        try:
            return (self.root / bucket / name).read_bytes()
        except FileNotFoundError:
            return None

    def write_document(self, bucket: str, name: str, content: bytes) -> None:
        written = write_new_file(self.root / bucket / "incoming" / secrets.token_hex(16), content)
        written.replace(self.root / bucket / name)
        fsync_directory(self.root / bucket)

    def delete_document(self, bucket: str, name: str) -> None:
        (self.root / bucket / name).unlink(missing_ok=True)

    # --- Objects ---

    def receive(self, bucket: str) -> Incoming:
        """A place for the bytes of an object to come; use it in a `with`, which removes what was not put."""
        return Incoming(self.root / bucket / "incoming")

    def put(
        self,
        bucket: str,
        key: str,
        incoming: Incoming,
        *,
        headers: Mapping[str, str],
        forbid_overwrite: bool = False,
    ) -> ObjectRecord:
        """Make the received bytes the object. Of several that forbid to overwrite, one wins.

        Raises ObjectExists, after which the object is as it was.
        """
        record = ObjectRecord(
            key=key,
            version=secrets.token_hex(16),
            size=incoming.size,
            md5=incoming.md5,
            crc64=incoming.crc64,
            last_modified=self.now().replace(microsecond=0),
            headers=dict(headers),
        )
        self.commit(bucket, record, incoming, forbid_overwrite=forbid_overwrite)
        return record

    def commit(self, bucket: str, record: ObjectRecord, content: Content, *, forbid_overwrite: bool) -> None:
        """Make `content` the bytes of the object, and `record` what is known of it. Raises as `put`."""
        contents = self._contents(bucket)
        try:
            contents.add(record, content)
            self._write_record(bucket, record, forbid_overwrite=forbid_overwrite)
        except BaseException:
            contents.remove(record)
            raise

    def find(self, bucket: str, key: str) -> ObjectRecord | None:
        return self._record(bucket, name_of(key))

    def open(self, bucket: str, key: str) -> tuple[ObjectRecord, BinaryIO] | None:
        """An object and its bytes, which stay readable when it is replaced or deleted meanwhile."""
        missed = ""
        while (record := self.find(bucket, key)) is not None:
            try:
                return record, self._contents(bucket).open(record)
            except FileNotFoundError:
                if record.version == missed:
                    raise  # Somebody removed the bytes, and not the object.
                missed = record.version  # Replaced or deleted since the record was read: look again.
        return None

    def delete(self, bucket: str, key: str) -> None:
        name = name_of(key)
        with self._commit_lock:
            record = self._record(bucket, name)
            self._path(bucket, "objects", f"{name}.json").unlink(missing_ok=True)
            if record is not None:
                fsync_directory(self._path(bucket, "objects", name).parent)
                self._contents(bucket).remove(record)

    # --- Multipart uploads ---

    def upload_folder(self, bucket: str, upload_id: str) -> UploadFolder:
        """Where an upload is kept, or would be."""
        return UploadFolder(self.root / bucket / "uploads" / upload_id, self.root / bucket / "incoming")

    def upload_folders(self, bucket: str) -> list[UploadFolder]:
        return [self.upload_folder(bucket, path.name) for path in (self.root / bucket / "uploads").glob("*")]

    # --- For tests and for whoever looks at the disk ---

    def path_of(self, bucket: str, key: str) -> Path | None:
        """The file with the object's bytes; for one made of several parts, the folder with their files."""
        record = self.find(bucket, key)
        return self._contents(bucket).path_of(record) if record else None

    def read_bytes(self, bucket: str, key: str) -> bytes | None:
        """The object's bytes, all in memory."""
        found = self.open(bucket, key)
        if found is None:
            return None
        with found[1] as file:
            return file.read()

    def put_bytes(self, bucket: str, key: str, content: bytes, **headers: str) -> ObjectRecord:
        """Store or replace an object at once; underscores in the names of headers stand for hyphens."""
        with self.receive(bucket) as incoming:
            incoming.write(content)
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return self.put(bucket, key, incoming, headers=named)

    def keys(self, bucket: str) -> list[str]:
        """The keys of all objects, sorted."""
        records = (self.root / bucket / "objects").glob("*/*.json")
        return sorted(ObjectRecord.from_json(path.read_bytes()).key for path in records)

    # --- Inside ---

    def _write_record(self, bucket: str, record: ObjectRecord, *, forbid_overwrite: bool) -> None:
        name = name_of(record.key)
        path = self._path(bucket, "objects", f"{name}.json")
        ensure_directory(path.parent)
        written = write_new_file(self.root / bucket / "incoming" / record.version, record.to_json())
        try:
            with self._commit_lock:
                replaced = None if forbid_overwrite else self._record(bucket, name)
                if forbid_overwrite:
                    os.link(written, path)
                else:
                    written.replace(path)
                fsync_directory(path.parent)
        except FileExistsError:
            raise ObjectExists(record.key) from None
        finally:
            written.unlink(missing_ok=True)
        if replaced is not None:
            self._contents(bucket).remove(replaced)

    def _record(self, bucket: str, name: str) -> ObjectRecord | None:
        try:
            return ObjectRecord.from_json(self._path(bucket, "objects", f"{name}.json").read_bytes())
        except FileNotFoundError:
            return None

    def _contents(self, bucket: str) -> Contents:
        return Contents(self.root / bucket / "data", self.root / bucket / "incoming")

    def _path(self, bucket: str, directory: str, name: str) -> Path:
        return self.root / bucket / directory / name[:2] / name

    def _hold_root(self) -> None:
        """Clean up if no other process can be in the middle of something, then mark the root as in use."""
        lock = os.open(self.root / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        weakref.finalize(self, os.close, lock)
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for marker in self.root.glob("*/bucket.json"):
                self._remove_leftovers(marker.parent.name)
        fcntl.flock(lock, fcntl.LOCK_SH)

    def _remove_leftovers(self, bucket: str) -> None:
        incoming = self.root / bucket / "incoming"
        shutil.rmtree(incoming)
        incoming.mkdir()
        self._contents(bucket).remove_leftovers(partial(self._record, bucket))
        for folder in self.upload_folders(bucket):
            made = self.find(bucket, folder.record().key)
            if made is not None and made.upload_id == folder.upload_id:
                folder.discard()  # Killed between making the object and this.
            else:
                folder.remove_leftovers()
