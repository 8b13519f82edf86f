"""Uploads in parts, and kill -9 at the worst moments: what the next process finds is whole or not there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.localoss.hand_signing import head, signed_url
from tests.localoss.parts import content_of, parts_xml
from tests.localoss.test_multipart_store import HEADERS, WHOLE, begin_with_two_parts, complete, content_at
from tests.localoss.test_store import files_below
from tests.servers import BUCKET, REPOSITORY, RawClient, oss_process
from uploads.localoss.multipart_store import MultipartStore
from uploads.localoss.store import Store

KILLED = """
import os, signal, sys
from pathlib import Path
from uploads.localoss.multipart_store import MultipartStore
from uploads.localoss.store import Store

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def die_in(owner, name, calls):
    left, real = [calls], getattr(owner, name)
    def call(*arguments, **named):
        left[0] -= 1
        return real(*arguments, **named) if left[0] else die()
    setattr(owner, name, call)

store = Store(Path(sys.argv[1]))
uploads = MultipartStore(store)
folder = next(iter(store.upload_folders("test-bucket")), None)
if sys.argv[2] == "part":
    received = store.receive("test-bucket")
    received.write(b"again")
{patch}
if sys.argv[2] == "part":
    uploads.put_part(folder, 1, received)
elif sys.argv[2] == "delete":
    store.delete("test-bucket", "k")
elif sys.argv[2] == "abort":
    uploads.abort(folder)
else:
    uploads.complete("test-bucket", folder, lambda parts: parts, forbid_overwrite=True)
"""


def kill_in(what: str, root: Path, patch: str) -> None:
    code = KILLED.replace("{patch}", f"import shutil\n{patch}")
    ended = subprocess.run([sys.executable, "-c", code, str(root), what], cwd=REPOSITORY, check=False)
    assert ended.returncode == -signal.SIGKILL


def killed(outcome: str, *rows: tuple[str, str, bool]) -> pytest.MarkDecorator:
    """Each row: the moment of the kill in words and as a patch, and whether its work was done by then."""
    moments = [pytest.param(patch, is_done, id=moment) for moment, patch, is_done in rows]
    return pytest.mark.parametrize(("patch", outcome), moments)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Of a store with one upload of two parts, which no process uses: the next one cleans up."""
    store = Store(tmp_path)
    store.create_bucket(BUCKET)
    begin_with_two_parts(store)
    return tmp_path


@killed(
    "is_made",
    ("between two parts", "die_in(os, 'link', 2)", False),
    ("before the names are synced", "die_in(os, 'fsync', 1)", False),
    ("before the bytes have their name", "die_in(Path, 'rename', 1)", False),
    ("before the record is there", "die_in(os, 'link', 3)", False),
    ("after the record is there", "die_in(Path, 'unlink', 1)", True),
    ("before the parts are thrown away", "die_in(shutil, 'rmtree', 1)", True),
)
def test_a_kill_in_mid_completion_leaves_the_object_or_the_upload(root: Path, patch: str, is_made: bool) -> None:
    kill_in("complete", root, patch)

    store = Store(root)

    assert not any((root / BUCKET / "incoming").iterdir())
    if is_made:
        assert content_at(store) == WHOLE
        assert store.upload_folders(BUCKET) == []
        return
    assert store.find(BUCKET, "k") is None
    [folder] = store.upload_folders(BUCKET)
    complete(MultipartStore(store), folder)
    assert content_at(store) == WHOLE
    assert len(files_below(root / BUCKET)) == 4


@killed(
    "is_new",
    ("before the bytes are synced", "die_in(os, 'fsync', 1)", False),
    ("before the record is there", "die_in(Path, 'replace', 1)", False),
    ("before the old bytes are removed", "die_in(Path, 'unlink', 1)", True),
)
def test_a_kill_while_a_part_is_sent_again_leaves_one_of_them_whole(root: Path, patch: str, is_new: bool) -> None:
    kill_in("part", root, patch)

    [folder] = Store(root).upload_folders(BUCKET)

    [part, _] = folder.parts([1, 2])
    assert folder.data_path(part).read_bytes() == (b"again" if is_new else content_of(1))
    assert len(files_below(folder.path)) == 5


@killed(
    "is_gone",
    ("before", "die_in(Path, 'rename', 1)", False),
    ("before the parts are removed", "die_in(shutil, 'rmtree', 1)", True),
    ("in the middle of removing the parts", "die_in(os, 'unlink', 2)", True),
)
def test_a_kill_in_mid_abort_leaves_the_whole_upload_or_nothing(root: Path, patch: str, is_gone: bool) -> None:
    kill_in("abort", root, patch)

    store = Store(root)

    if is_gone:
        assert files_below(root / BUCKET) == {"bucket.json"}
    else:
        [folder] = store.upload_folders(BUCKET)
        assert [part.size for part in folder.parts(folder.numbers())] == [len(content_of(1)), len(content_of(2))]


@pytest.mark.parametrize(
    "patch",
    [
        pytest.param("die_in(Path, 'rename', 1)", id="before the bytes are moved away"),
        pytest.param("die_in(shutil, 'rmtree', 1)", id="before they are removed"),
        pytest.param("die_in(os, 'unlink', 3)", id="in the middle of removing them"),
    ],
)
def test_a_kill_in_mid_deletion_leaves_no_bytes_behind(root: Path, patch: str) -> None:
    store = Store(root)
    complete(MultipartStore(store), store.upload_folders(BUCKET)[0])
    del store  # Gives the root free.
    kill_in("delete", root, patch)

    store = Store(root)

    assert store.find(BUCKET, "k") is None
    assert files_below(root / BUCKET) == {"bucket.json"}


def test_a_server_killed_in_mid_part_and_in_mid_completion_lets_the_upload_go_on(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.create_bucket(BUCKET)
    upload_id = MultipartStore(store).initiate(BUCKET, "k", HEADERS)
    del store
    big = os.urandom(20_000_000)

    def put_target(number: int) -> str:
        return signed_url("PUT", "k", query={"partNumber": str(number), "uploadId": upload_id})

    with oss_process(tmp_path) as oss, RawClient(oss.port) as client:
        etags = [
            client.request(head("PUT", put_target(number), {"Content-Length": str(len(big))}), big).headers["etag"]
            for number in (1, 2)
        ]
        text = head("PUT", put_target(3), {"Content-Length": "10"}).replace("\n", "\r\n")
        client.send(f"{text}\r\n\r\nabc".encode())
        while not any((tmp_path / BUCKET / "incoming").iterdir()):
            pass
        oss.kill()
    body = parts_xml(enumerate(etags, start=1))
    target = signed_url("POST", "k", query={"uploadId": upload_id})
    completion = head("POST", target, {"Content-Length": str(len(body))})
    with oss_process(tmp_path) as oss, RawClient(oss.port) as client:
        client.send(completion.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        while not any(any((tmp_path / BUCKET / name).iterdir()) for name in ("incoming", "objects")):
            pass
        oss.kill()
    with oss_process(tmp_path) as oss, RawClient(oss.port) as client:
        assert client.request(completion, body).status in {200, 404}  # 404 when the kill came too late.

    assert content_at(Store(tmp_path)) == big * 2
