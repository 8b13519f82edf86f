"""Uploads in parts on disk: whole or not at all, whoever comes at the same moment and whatever is killed when."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.localoss.parts import content_of
from tests.localoss.test_store import files_below
from tests.servers import BUCKET
from uploads.localoss.multipart_store import MultipartStore
from uploads.localoss.records import ObjectRecord
from uploads.localoss.store import ObjectExists, Store
from uploads.localoss.upload_folder import UploadFolder, UploadGone

HEADERS = {"content-type": "text/plain", "x-oss-storage-class": "Standard"}
WHOLE = content_of(1) + content_of(2)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "root")
    store.create_bucket(BUCKET)
    return store


@pytest.fixture
def uploads(store: Store) -> MultipartStore:
    return MultipartStore(store)


def put_part(store: Store, folder: UploadFolder, number: int, content: bytes) -> None:
    with store.receive(BUCKET) as received:
        received.write(content)
        MultipartStore(store).put_part(folder, number, received)


def begin(store: Store) -> UploadFolder:
    uploads = MultipartStore(store)
    return uploads.find(BUCKET, "k", uploads.initiate(BUCKET, "k", HEADERS))


def begin_with_two_parts(store: Store) -> UploadFolder:
    folder = begin(store)
    for number in (1, 2):
        put_part(store, folder, number, content_of(number))
    return folder


@pytest.fixture
def folder(store: Store) -> UploadFolder:
    """An upload to the key `k` with two parts."""
    return begin_with_two_parts(store)


def complete(uploads: MultipartStore, folder: UploadFolder, *, forbid_overwrite: bool = False) -> ObjectRecord:
    return uploads.complete(BUCKET, folder, lambda parts: parts, forbid_overwrite=forbid_overwrite)


def content_at(store: Store, key: str = "k") -> bytes:
    content = store.read_bytes(BUCKET, key)
    assert content is not None
    return content


def test_completing_leaves_nothing_but_the_object(
    store: Store, uploads: MultipartStore, folder: UploadFolder
) -> None:
    complete(uploads, folder)

    assert content_at(store) == WHOLE
    assert len(files_below(store.root / BUCKET)) == 4  # bucket.json, the record, the bytes of each part


def test_aborting_leaves_nothing(store: Store, uploads: MultipartStore, folder: UploadFolder) -> None:
    uploads.abort(folder)

    assert files_below(store.root / BUCKET) == {"bucket.json"}


def test_a_part_sent_again_leaves_one_file_of_bytes(store: Store, folder: UploadFolder) -> None:
    before = len(files_below(folder.path))

    put_part(store, folder, 1, b"again")

    assert len(files_below(folder.path)) == before


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_bytes_of_the_parts_are_not_copied(store: Store, uploads: MultipartStore, count: int) -> None:
    folder = begin(store)
    for number in range(1, count + 1):
        put_part(store, folder, number, content_of(number))
    inodes = [folder.data_path(part).stat().st_ino for part in folder.parts(folder.numbers())]

    complete(uploads, folder)

    files = sorted(path for path in (store.root / BUCKET / "data").rglob("*") if path.is_file())
    assert [(path.stat().st_ino, path.stat().st_nlink) for path in files] == [(inode, 1) for inode in inodes]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("call", ["link", "fsync", "rename"])
def test_a_disk_that_fails_in_mid_completion_leaves_the_upload(
    store: Store,
    uploads: MultipartStore,
    folder: UploadFolder,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
    number: int,
) -> None:
    before = files_below(store.root)

    def fail(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        with pytest.raises(OSError, match=os.strerror(number)):
            complete(uploads, folder)

    assert files_below(store.root) == before
    complete(uploads, folder)
    assert content_at(store) == WHOLE


def test_a_part_that_lost_bytes_makes_no_object(store: Store, uploads: MultipartStore, folder: UploadFolder) -> None:
    os.truncate(folder.data_path(folder.parts([2])[0]), 5)

    with pytest.raises(EOFError):
        complete(uploads, folder)

    assert store.find(BUCKET, "k") is None


def test_a_forbidden_overwrite_leaves_object_and_upload(
    store: Store, uploads: MultipartStore, folder: UploadFolder
) -> None:
    store.put_bytes(BUCKET, "k", b"was quicker")
    before = files_below(store.root)

    with pytest.raises(ObjectExists):
        complete(uploads, folder, forbid_overwrite=True)

    assert files_below(store.root) == before
    assert content_at(store) == b"was quicker"


def outcome(call: Callable[[], object]) -> str:
    try:
        call()
    except (UploadGone, ObjectExists) as error:
        return type(error).__name__
    return "done"


def at_once(*calls: Callable[[], object]) -> list[str]:
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> str:
        barrier.wait(timeout=20)
        return outcome(call)

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_of_many_completions_at_once_one_makes_the_object(
    store: Store, uploads: MultipartStore, folder: UploadFolder
) -> None:
    outcomes = at_once(*[lambda: complete(uploads, folder)] * 8)

    assert sorted(outcomes) == ["UploadGone"] * 7 + ["done"]
    assert content_at(store) == WHOLE


def test_of_two_uploads_to_one_key_one_wins_where_overwriting_is_forbidden(
    store: Store, uploads: MultipartStore
) -> None:
    folders = [begin(store) for _ in range(6)]
    for number, folder in enumerate(folders):
        put_part(store, folder, 1, b"%d" % number)

    outcomes = at_once(*[lambda f=folder: complete(uploads, f, forbid_overwrite=True) for folder in folders])

    assert sorted(outcomes) == ["ObjectExists"] * 5 + ["done"]
    assert content_at(store) == b"%d" % outcomes.index("done")


@pytest.mark.parametrize("attempt", range(10))
def test_completion_and_abort_at_once_leave_the_whole_object_or_nothing(
    store: Store, uploads: MultipartStore, folder: UploadFolder, attempt: int
) -> None:
    outcomes = at_once(
        lambda: complete(uploads, folder),
        lambda: uploads.abort(folder),
        lambda: put_part(store, folder, 2, content_of(2)),
        lambda: put_part(store, folder, 3, b""),
    )

    assert sorted(outcomes[:2]) == ["UploadGone", "done"]
    assert not folder.path.exists()
    assert (content_at(store) == WHOLE) if outcomes[0] == "done" else (store.find(BUCKET, "k") is None)
    assert not any((store.root / BUCKET / "incoming").iterdir())


def test_parts_sent_again_at_once_are_one_of_them_whole(store: Store, folder: UploadFolder) -> None:
    contents = [bytes([number]) * (1000 + number) for number in range(8)]

    assert at_once(*[lambda c=content: put_part(store, folder, 1, c) for content in contents]) == ["done"] * 8

    [part] = folder.parts([1])
    content = folder.data_path(part).read_bytes()
    assert content in contents
    assert part.size == len(content)
    assert len(files_below(folder.path)) == 5
