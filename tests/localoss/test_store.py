"""Objects on disk: any key, whole or not at all, and nothing left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from tests.localoss.hand_signing import head, signed_url
from tests.localoss.racing import read_while_others_write
from tests.servers import BUCKET, REPOSITORY, RawClient, oss_process
from uploads.localoss.records import ObjectRecord
from uploads.localoss.store import ObjectExists, Store

ATTACKS = {
    "two slashes": ("a//b", "a/b"),
    "an object that is another's folder": ("a", "a/b"),
    "a trailing slash": ("a", "a/"),
    "up and out": ("../escaped", "escaped"),
    "far up and out": ("../../../../../../tmp/escaped", "tmp/escaped"),
    "dots": (".", ".."),
    "letter case": ("Key", "key"),
    "NUL": ("a\x00b", "a"),
    "line break": ("a\nb", "a\\nb"),
    "composed and decomposed": ("\u00e9", "e\u0301"),
    "a name longer than any file's": ("x" * 1023, "x" * 1022),
    "an absolute path": ("etc/passwd", "/etc/passwd"),
    "a device's name": ("CON", "nul"),
    "the store's own names": ("../bucket.json", "bucket.json"),
}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "root")
    store.create_bucket(BUCKET)
    return store


def files_below(path: Path) -> set[str]:
    return {str(file.relative_to(path)) for file in path.rglob("*") if file.is_file()}


@pytest.mark.parametrize("keys", ATTACKS.values(), ids=ATTACKS.keys())
def test_no_key_reaches_another_object_or_leaves_the_root(
    store: Store, tmp_path: Path, keys: tuple[str, str]
) -> None:
    for key in keys:
        store.put_bytes(BUCKET, key, key.encode())

    assert store.keys(BUCKET) == sorted(keys)
    for key in keys:
        path = store.path_of(BUCKET, key)
        assert path is not None
        assert path.is_relative_to(store.root / BUCKET / "data")
        assert path.read_bytes() == key.encode()
    store.delete(BUCKET, keys[0])
    assert store.keys(BUCKET) == [keys[1]]
    assert {path.name for path in tmp_path.iterdir()} == {"root"}


def test_names_on_disk_do_not_differ_by_case_alone(store: Store) -> None:
    for key in ("a", "A", "\u212a", "k"):
        store.put_bytes(BUCKET, key, b"")

    names = files_below(store.root)
    assert len({name.lower() for name in names}) == len(names)


@pytest.mark.parametrize("name", ["../bucket", "a/b", "", ".", "UPPER", "a" * 64])
def test_no_bucket_leaves_the_root(store: Store, name: str) -> None:
    with pytest.raises(ValueError, match="not the name of a bucket"):
        store.create_bucket(name)
    assert store.bucket(name) is None


def test_replacing_and_deleting_leave_no_file_behind(store: Store) -> None:
    before = files_below(store.root)
    for content in (b"one", b"two", b"three"):
        store.put_bytes(BUCKET, "k", content)
    assert len(files_below(store.root) - before) == 2

    store.delete(BUCKET, "k")

    assert files_below(store.root) == before


def test_a_refused_overwrite_leaves_no_file_behind(store: Store) -> None:
    store.put_bytes(BUCKET, "k", b"first")
    before = files_below(store.root)

    with store.receive(BUCKET) as incoming:
        incoming.write(b"second")
        with pytest.raises(ObjectExists):
            store.put(BUCKET, "k", incoming, headers={}, forbid_overwrite=True)

    assert files_below(store.root) == before
    assert store.path_of(BUCKET, "k").read_bytes() == b"first"


def test_bytes_that_were_never_put_leave_no_file_behind(store: Store) -> None:
    before = files_below(store.root)

    with store.receive(BUCKET) as incoming:
        incoming.write(b"half")

    assert files_below(store.root) == before


def test_a_reader_never_sees_bytes_of_one_version_with_metadata_of_another(store: Store) -> None:
    """Every version says in a header what its bytes are."""

    def write(number: int) -> None:
        content = os.urandom(number * 1000)
        store.put_bytes(BUCKET, "k", content, x_oss_meta_sha=sha256(content).hexdigest())

    def check(record: ObjectRecord, content: bytes) -> None:
        assert record.headers["x-oss-meta-sha"] == sha256(content).hexdigest()
        assert record.size == len(content)

    read_while_others_write(store, write, check, versions=200)


def test_it_finds_its_objects_again(store: Store) -> None:
    record = store.put_bytes(BUCKET, "k", b"abc", content_type="text/plain")

    again = Store(store.root)

    assert again.find(BUCKET, "k") == record
    assert again.bucket(BUCKET) == store.bucket(BUCKET)


def leave_behind(store: Store) -> set[str]:
    """What a kill at the worst moments would leave; returns what belongs there."""
    store.put_bytes(BUCKET, "k", b"whole")
    wanted = files_below(store.root)
    bucket = store.root / BUCKET
    path = store.path_of(BUCKET, "k")
    assert path is not None
    (bucket / "incoming" / "0123").write_bytes(b"half")
    path.with_name(f"{path.name.partition('.')[0]}.0123").write_bytes(b"a version that was never committed")
    (bucket / "data" / "00").mkdir(exist_ok=True)
    (bucket / "data" / "00" / f"{'0' * 64}.0123").write_bytes(b"an object that was never committed")
    return wanted


def start_in_another_process(root: Path) -> None:
    code = f"from uploads.localoss.store import Store; Store({str(root)!r})"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=REPOSITORY)


def test_leftovers_are_removed_by_the_next_process(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.create_bucket(BUCKET)
    wanted = leave_behind(store)
    del store  # Gives the root free.

    start_in_another_process(tmp_path)

    assert files_below(tmp_path) == wanted
    assert Store(tmp_path).path_of(BUCKET, "k").read_bytes() == b"whole"


def test_a_second_process_leaves_alone_what_the_first_is_writing(store: Store) -> None:
    with store.receive(BUCKET) as incoming:
        incoming.write(b"abc")

        start_in_another_process(store.root)

        store.put(BUCKET, "k", incoming, headers={})
    assert store.path_of(BUCKET, "k").read_bytes() == b"abc"


def test_a_record_that_was_lost_is_an_error_and_no_endless_search(store: Store) -> None:
    store.put_bytes(BUCKET, "k", b"abc")
    store.path_of(BUCKET, "k").unlink()

    with pytest.raises(FileNotFoundError):
        store.open(BUCKET, "k")


def test_a_record_tells_its_key(store: Store) -> None:
    store.put_bytes(BUCKET, "folder/name.txt", b"abc")

    (record,) = (store.root / BUCKET / "objects").glob("*/*.json")

    assert json.loads(record.read_text())["key"] == "folder/name.txt"


@pytest.mark.parametrize("is_replaced", [False, True], ids=["a new object", "an object that was there"])
def test_kill_in_mid_put_leaves_the_object_as_it_was(tmp_path: Path, is_replaced: bool) -> None:
    with oss_process(tmp_path) as oss, RawClient(oss.port) as client:
        if is_replaced:
            assert (
                client.request(head("PUT", signed_url("PUT", "k"), {"Content-Length": "5"}), b"whole").status == 200
            )
        text = head("PUT", signed_url("PUT", "k"), {"Content-Length": "10000000"}).replace("\n", "\r\n")
        client.send(f"{text}\r\n\r\n".encode() + b"x" * 9_999_999)
        while not any((tmp_path / BUCKET / "incoming").iterdir()):
            pass
        oss.kill()

    with oss_process(tmp_path) as oss, RawClient(oss.port) as client:
        reply = client.request(head("GET", signed_url("GET", "k")))
        assert (reply.status, reply.body if is_replaced else b"") == ((200, b"whole") if is_replaced else (404, b""))
        assert not any((tmp_path / BUCKET / "incoming").iterdir())


def test_what_was_answered_with_200_outlives_a_kill(tmp_path: Path) -> None:
    with oss_process(tmp_path) as oss, RawClient(oss.port) as client:
        for number in range(20):
            target = signed_url("PUT", f"k{number}")
            assert client.request(head("PUT", target, {"Content-Length": "2"}), b"%02d" % number).status == 200
        oss.kill()

    store = Store(tmp_path)
    assert {store.path_of(BUCKET, f"k{number}").read_bytes() for number in range(20)} == {
        b"%02d" % number for number in range(20)
    }
