"""The judge finds every lie: he is the one whom nobody else checks."""

from __future__ import annotations

import pytest

from tests.faults.files import are_equal, write_files
from tests.faults.judge import Claim, Grant, Judge, objects_on_disk
from tests.localoss.test_multipart_store import WHOLE, begin_with_two_parts, complete
from tests.servers import BUCKET
from uploads.localoss.multipart_store import MultipartStore
from uploads.localoss.store import Store

NAME = "f0000.bin"


@pytest.fixture
def files(tmp_path):
    return write_files(tmp_path / "sent", [5])


@pytest.fixture
def arrived(tmp_path, files):
    """The object, as it should be."""
    path = tmp_path / "object"
    path.write_bytes(files[NAME].read_bytes())
    return path


def grant(state="stored", cause=""):
    return Grant("1", NAME, state, "key", cause)


def judged(files, objects, *claims, grants=(), causes=()):
    return Judge(files, objects, grants).judge(claims, {NAME: set(causes)})


def test_a_file_that_is_there_may_have_its_tick(files, arrived):
    verdict = judged(files, {"key": arrived}, Claim("1", NAME, "stored"), grants=[grant()])
    assert (verdict.stored, verdict.wrong) == ([NAME], [])


def test_a_file_that_is_not_there_may_end_with_its_cause(files):
    claim = Claim("1", NAME, "failed", "connection_broke")
    verdict = judged(files, {}, claim, grants=[grant("reported")], causes=["connection_broke"])
    assert (verdict.ended, verdict.wrong) == ({NAME: "connection_broke"}, [])


@pytest.mark.parametrize(
    ("state", "wrong"),
    [("reported", "its grant is reported"), ("failed", "its grant is failed")],
)
def test_a_tick_needs_a_stored_grant(files, arrived, state, wrong):
    verdict = judged(files, {"key": arrived}, Claim("1", NAME, "stored"), grants=[grant(state)])
    assert verdict.wrong == [f"{NAME} has a tick, but {wrong}."]


def test_a_tick_needs_an_object(files):
    verdict = judged(files, {}, Claim("1", NAME, "stored"), grants=[grant()])
    assert f"{NAME} has a tick, but there is no object." in verdict.wrong
    assert f"The grant of {NAME} is stored, but there is no object." in verdict.wrong


@pytest.mark.parametrize("content", [b"", b"other", b"much longer"])
def test_a_tick_needs_equal_bytes(files, arrived, content):
    arrived.write_bytes(content)
    verdict = judged(files, {"key": arrived}, Claim("1", NAME, "stored"), grants=[grant()])
    assert f"{NAME} has a tick, but the object has other bytes." in verdict.wrong


def in_pieces(folder, *pieces):
    """An object that was made of parts."""
    folder.mkdir()
    for number, piece in enumerate(pieces, start=1):
        (folder / f"{number:05}").write_bytes(piece)
    return folder


@pytest.mark.parametrize("cuts", [(1,), (0, 2), (2, 2), (1, 2, 3, 4), (5,)])
def test_pieces_are_read_in_the_order_of_their_names(files, tmp_path, cuts):
    content = files[NAME].read_bytes()
    spans = zip((0, *cuts), (*cuts, len(content)), strict=True)
    stored = in_pieces(tmp_path / "object", *[content[start:stop] for start, stop in spans])
    verdict = judged(files, {"key": stored}, Claim("1", NAME, "stored"), grants=[grant()])
    assert (verdict.stored, verdict.wrong) == ([NAME], [])


@pytest.mark.parametrize(
    "spans",
    [(), (slice(0, 4),), (slice(2, 5), slice(0, 2)), (slice(0, 5), slice(4, 5)), (slice(0, 3), slice(0, 2))],
    ids=["none", "one is missing", "in another order", "one is doubled", "one has other bytes"],
)
def test_a_tick_needs_equal_bytes_in_all_pieces(files, tmp_path, spans):
    content = files[NAME].read_bytes()
    stored = in_pieces(tmp_path / "object", *[content[span] for span in spans])
    verdict = judged(files, {"key": stored}, Claim("1", NAME, "stored"), grants=[grant()])
    assert f"{NAME} has a tick, but the object has other bytes." in verdict.wrong


def test_the_objects_on_the_disk_are_found_in_one_piece_and_in_several(tmp_path):
    store = Store(tmp_path / "root")
    store.create_bucket(BUCKET)
    store.put_bytes(BUCKET, "whole", WHOLE)
    complete(MultipartStore(store), begin_with_two_parts(store))
    (source := tmp_path / "source").write_bytes(WHOLE)
    found = objects_on_disk(store.root, BUCKET)
    assert {key: (path.is_dir(), are_equal(source, path)) for key, path in found.items()} == {
        "k": (True, True),
        "whole": (False, True),
    }


def test_a_file_that_is_there_is_not_said_to_have_failed(files, arrived):
    claim = Claim("1", NAME, "failed", "connection_broke")
    verdict = judged(files, {"key": arrived}, claim, grants=[grant()], causes=["connection_broke"])
    assert verdict.wrong == [f"{NAME} is shown as failed (connection_broke), but it is there."]


@pytest.mark.parametrize("cause", ["", "denied"])
def test_a_cause_must_be_the_true_one(files, cause):
    claim = Claim("1", NAME, "failed", cause)
    verdict = judged(files, {}, claim, grants=[grant("failed")], causes=["connection_broke"])
    assert len(verdict.wrong) == 1


@pytest.mark.parametrize("state", ["waiting", "sending", "checking", "sent", "paused", "cancelled"])
def test_every_file_must_have_ended(files, state):
    assert len(judged(files, {}, Claim("1", NAME, state)).wrong) == 1


def test_a_file_that_the_page_forgot_is_wrong(files):
    assert judged(files, {}).wrong == [f"{NAME} has not ended: it is nowhere on the page."]


def test_an_object_must_have_a_grant(files, arrived):
    verdict = judged(files, {"key": arrived, "other": arrived}, Claim("1", NAME, "stored"), grants=[grant()])
    assert verdict.wrong == ["Nobody knows the object other."]
