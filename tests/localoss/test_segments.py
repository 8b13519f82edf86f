"""Objects in segments: read as if they were one file, and for as long as somebody reads."""

from __future__ import annotations

import fcntl
import io
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pytest

from tests.localoss.racing import read_while_others_write
from tests.localoss.test_store import files_below
from tests.servers import BUCKET, REPOSITORY
from uploads.localoss.multipart_store import MultipartStore
from uploads.localoss.records import ObjectRecord
from uploads.localoss.segments import NewSegments, open_segments
from uploads.localoss.store import Store

PARTS = (b"one", b"", b"two" * 50_000, b"three", b"", b"")
WHOLE = b"".join(PARTS)


def new_store(root: Path) -> Store:
    store = Store(root)
    store.create_bucket(BUCKET)
    return store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path / "root")


def put(store: Store, *parts: bytes, **headers: str) -> ObjectRecord:
    """The object `k`, made of parts."""
    uploads = MultipartStore(store)
    folder = uploads.find(BUCKET, "k", uploads.initiate(BUCKET, "k", headers))
    for number, part in enumerate(parts, start=1):
        with store.receive(BUCKET) as received:
            received.write(part)
            uploads.put_part(folder, number, received)
    return uploads.complete(BUCKET, folder, lambda parts: parts, forbid_overwrite=False)


def open_object(store: Store) -> io.BufferedReader:
    found = store.open(BUCKET, "k")
    assert found is not None
    assert isinstance(found[1], io.BufferedReader)
    return found[1]


def scratch_of(store: Store) -> Path:
    return store.root / BUCKET / "incoming"


@pytest.mark.parametrize("parts", [PARTS, (b"", b""), (b"a", b"b")], ids=["many", "empty ones", "two"])
def test_it_reads_one_segment_after_the_other(store: Store, parts: Sequence[bytes]) -> None:
    put(store, *parts)

    assert store.read_bytes(BUCKET, "k") == b"".join(parts)


def test_it_reads_from_wherever_it_is_asked_to(store: Store) -> None:
    put(store, *PARTS)
    chance = random.Random(0)
    with open_object(store) as file:
        for _ in range(300):
            start, size = chance.randrange(len(WHOLE) + 5), chance.randrange(1, 100_000)
            assert file.seek(start) == file.tell() == start
            assert file.read(size) == WHOLE[start : start + size]
        assert file.seek(-2, os.SEEK_END) == len(WHOLE) - 2
        assert file.read() == WHOLE[-2:]


def test_the_order_of_ten_thousand_is_kept(tmp_path: Path) -> None:
    contents = [b"%d," % number for number in range(1, 10_001)]
    with NewSegments(tmp_path) as segments:
        for content in contents:
            (part := tmp_path / "part").write_bytes(content)
            segments.append(part, len(content))
            part.unlink()
        segments.move_to(tmp_path / "whole")

    with open_segments(tmp_path / "whole", tmp_path) as file:
        assert file.read() == b"".join(contents)


def opened_below(path: Path) -> int:
    """How many files and folders there this process has open."""
    links = [os.path.realpath(link) for link in Path("/proc/self/fd").iterdir()]
    return sum(Path(link).is_relative_to(path) for link in links)


def test_a_reader_has_two_files_open(store: Store) -> None:
    put(store, *[b"x"] * 50)

    with open_object(store) as file:
        file.read()
        assert opened_below(store.root / BUCKET) == 2

    assert opened_below(store.root / BUCKET) == 0


@pytest.mark.parametrize("is_replaced", [False, True], ids=["deleted", "replaced"])
def test_readers_go_on_when_the_object_is_gone_and_the_last_one_removes_it(store: Store, is_replaced: bool) -> None:
    put(store, *PARTS)
    with open_object(store) as first:
        assert first.read(1) == WHOLE[:1]
        with open_object(store) as second:
            if is_replaced:
                put(store, b"new", b"er")
            store.delete(BUCKET, "k")

            assert second.read() == WHOLE
        assert first.read() == WHOLE[1:]
    assert files_below(store.root / BUCKET) == {"bucket.json"}
    assert not any(scratch_of(store).iterdir())


def test_an_object_that_is_deleted_while_it_is_being_opened_is_not_there(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, *PARTS)
    real = fcntl.flock

    def lock(descriptor: int, operation: int) -> None:
        if operation == fcntl.LOCK_SH:
            store.delete(BUCKET, "k")
        real(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", lock)

    assert store.open(BUCKET, "k") is None
    assert files_below(store.root / BUCKET) == {"bucket.json"}


def test_a_reader_that_was_forgotten_holds_nothing_back(store: Store) -> None:
    put(store, *PARTS)
    file = open_object(store)
    store.delete(BUCKET, "k")
    del file

    assert not any(scratch_of(store).iterdir())


def test_replacing_leaves_nothing_of_the_old_version(store: Store) -> None:
    put(store, *PARTS)
    put(store, b"new", b"er")
    store.put_bytes(BUCKET, "k", b"newest")

    assert len(files_below(store.root / BUCKET)) == 3  # bucket.json, the record, the bytes
    assert not any(scratch_of(store).iterdir())


READER = """
import sys
from pathlib import Path
from uploads.localoss.store import Store

_, file = Store(Path(sys.argv[1])).open("test-bucket", "k")
print(file.read(1).decode(), flush=True)
sys.stdin.readline()
print(file.read().decode(), flush=True)
if sys.stdin.readline():
    file.close()
print("closed", flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize("is_killed", [False, True], ids=["that ends well", "that is killed"])
def test_a_reader_in_another_process(tmp_path: Path, is_killed: bool) -> None:
    store = new_store(tmp_path)
    put(store, b"abc", b"def")
    command = [sys.executable, "-c", READER, str(tmp_path)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=-1, stdout=-1, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "a\n"
        store.delete(BUCKET, "k")
        print(file=process.stdin, flush=True)
        assert process.stdout.readline() == "bcdef\n"
        assert len(files_below(scratch_of(store))) == 2
        if is_killed:
            process.kill()
        else:
            print(file=process.stdin, flush=True)
            assert process.stdout.readline() == "closed\n"
            assert not any(scratch_of(store).iterdir())
    del store  # Gives the root free.
    Store(tmp_path)
    assert files_below(tmp_path / BUCKET) == {"bucket.json"}


def test_segments_that_no_record_names_are_removed_at_the_next_start(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    put(store, *PARTS)
    wanted = files_below(tmp_path)
    path = store.path_of(BUCKET, "k")
    assert path is not None
    for name in (f"{path.name.partition('.')[0]}.0123", f"{'0' * 64}.0123"):
        (path.parent / name).mkdir()
        (path.parent / name / "00001").write_bytes(b"never committed")
    del store  # Gives the root free.

    assert Store(tmp_path).read_bytes(BUCKET, "k") == WHOLE
    assert files_below(tmp_path) == wanted


def test_segments_that_were_lost_are_an_error_and_no_endless_search(store: Store) -> None:
    put(store, *PARTS)
    path = store.path_of(BUCKET, "k")
    assert path is not None
    path.rename(store.root / "lost")

    with pytest.raises(FileNotFoundError):
        store.open(BUCKET, "k")


def test_a_reader_never_sees_segments_of_two_versions(store: Store) -> None:
    """Every version says in a header what its bytes are."""

    def write(number: int) -> None:
        parts = [os.urandom(number * 1000) for _ in range(number + 1)]
        put(store, *parts, sha=sha256(b"".join(parts)).hexdigest())

    def check(record: ObjectRecord, content: bytes) -> None:
        assert sha256(content).hexdigest() == record.headers["sha"]

    read_while_others_write(store, write, check, versions=50)
    store.delete(BUCKET, "k")
    assert files_below(store.root / BUCKET) == {"bucket.json"}
