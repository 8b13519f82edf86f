"""The folder that a file was in on the visitor's machine: kept and shown, cleaned as names are, never in the key."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.app.conftest import a_file, row
from uploads.file_names import FileNameError, shown_folder

any_text = st.text(st.characters(exclude_categories=[]), max_size=60)


@pytest.mark.django_db
def test_it_is_kept_and_is_no_part_of_the_key(visitor):
    [answer] = visitor.ask(a_file(path="photos/2026"))

    grant = row(answer)
    assert grant.folder == "photos/2026"
    assert "photos" not in grant.object_key


@pytest.mark.django_db
def test_a_file_may_be_in_none(visitor):
    without, empty = visitor.ask(a_file(), a_file(path=""))

    assert (row(without).folder, row(empty).folder) == ("", "")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        pytest.param("a", "a", id="one part"),
        pytest.param("/a//b/", "a/b", id="slashes too many"),
        pytest.param("./a/./b", "a/b", id="dots"),
        pytest.param("a\\b", "a/b", id="backslashes"),
        pytest.param(" a /b ", "a/b", id="blanks"),
        pytest.param("gpj.\u202eexe/b", "gpj.exe/b", id="letters that turn others round"),
        pytest.param("a\n/b", "a/b", id="a line break"),
        pytest.param("u\u0308/b", "\u00fc/b", id="letters in two pieces"),
    ],
)
def test_its_parts_are_cleaned(raw, shown):
    assert shown_folder(raw) == shown


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("..", id="up"),
        pytest.param("a/../b", id="up in the middle"),
        pytest.param("a\\..\\b", id="up on Windows"),
        pytest.param("a/\u200b../b", id="up behind a character of no width"),
        pytest.param("a/ /b", id="a blank"),
        pytest.param("a/\x00/b", id="NUL"),
        pytest.param("a/\ud800/b", id="half a character"),
        pytest.param("/".join(["a" * 100] * 11), id="more than 1,024 bytes"),
    ],
)
@pytest.mark.django_db
def test_what_cannot_be_stored_is_refused_by_file(visitor, raw):
    odd, fine = visitor.ask(a_file(path=raw), a_file(path="a"))

    assert (odd["error"]["code"], "url" in fine) == ("path_invalid", True)


@settings(deadline=None)
@given(any_text | st.text("a./\\\u200b ", max_size=12))
def test_no_folder_leads_upwards(raw):
    try:
        folder = shown_folder(raw)
    except FileNameError:
        return
    assert not {"", ".", ".."} & set(folder.split("/") if folder else [])
    assert len(folder.encode()) <= 1024
