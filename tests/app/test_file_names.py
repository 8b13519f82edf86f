"""Names of files: what is shown of them, what is stored under, and that no name is a 500."""

from __future__ import annotations

import json
import unicodedata
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.app.conftest import Visitor, a_file, put, row
from uploads.file_names import FileNameError, shortened, shown_name, split_ending
from uploads.object_keys import object_key, safe_name

NAMES = json.loads((Path(__file__).parent / "names.json").read_text())
TAKEN = [name for name in NAMES if "error" not in name]

any_text = st.text(st.characters(exclude_categories=[]), max_size=80)
tricky_text = st.text(
    st.sampled_from("a. /\\_-\u0301\u202e\u200d\n\x00\ud800\U0001f600é中%'\"\u1100\u1161\u11a8\u0344\ufb2c"),
    max_size=40,
)


def what(case):
    return case["what"]


def test_there_are_at_least_forty_names():
    assert len(NAMES) >= 40


@pytest.mark.parametrize("case", TAKEN, ids=what)
def test_hidden_characters_are_taken_out_and_said_so(case):
    assert shown_name(case["name"]) == (case["shown"], case["cleaned"])


@pytest.mark.parametrize("case", TAKEN, ids=what)
def test_the_key_ends_with_a_safe_name(case):
    assert safe_name(case["shown"]) == case["safe"]


@pytest.mark.django_db
@pytest.mark.parametrize("case", NAMES, ids=what)
def test_every_name_gives_a_grant_that_works_or_an_error_of_its_own(visitor, case):
    [odd, plain] = visitor.ask(a_file(case["name"]), a_file("plain.txt"))

    assert put(plain).status_code == 200
    if "error" in case:
        assert odd == {"id": odd["id"], "error": {"code": case["error"], "message": odd["error"]["message"]}}
        return
    assert (odd["name"], odd["name_was_cleaned"]) == (case["shown"], case["cleaned"])
    assert odd["headers"]["Content-Disposition"] == f"attachment; filename*=UTF-8''{quote(case['shown'], safe='')}"
    assert row(odd).original_name == case["name"]
    assert put(odd).status_code == 200


@given(any_text | tricky_text)
@settings(max_examples=300, deadline=None)
def test_a_shown_name_is_shown_as_it_is(raw):
    try:
        name = shown_name(raw).text
    except FileNameError:
        assume(False)

    assert shown_name(name) == (name, False)
    assert 0 < len(name.encode()) <= 255
    assert not any(character in name for character in "/\\\x00\n\r\u202e\u200b")
    assert not any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in name)


@given(any_text.filter(lambda text: not any(0xD800 <= ord(character) <= 0xDFFF for character in text)) | st.just(""))
@settings(max_examples=300, deadline=None)
def test_every_key_is_one_that_storage_and_browsers_take(name):
    key = object_key(
        prefix="p" * 512, page_id="p23456789ab", day=date(2026, 11, 20), grant_id="g" + "2" * 20, file_name=name
    )

    *_, last = segments = key.split("/")
    assert segments[:-1] == ["p" * 512, "p23456789ab", "2026-11-20", "g" + "2" * 20]
    assert last not in {"", ".", ".."}
    assert len(last.encode()) <= 120
    assert len(key.encode()) <= 1023
    assert all(character.isalnum() or character in "._-" for character in last)
    assert unicodedata.is_normalized("NFC", last)


@pytest.mark.parametrize(
    ("name", "limit", "cut"),
    [
        ("a" * 300 + ".tar.gz", 20, "a" * 13 + ".tar.gz"),
        ("\u7ec8" * 100 + ".pdf", 255, "\u7ec8" * 83 + ".pdf"),
        ("é" * 127 + "x", 255, "é" * 127 + "x"),
        ("é" * 127 + "xy", 255, "é" * 127 + "x"),
        ("x" + "é" * 127, 255, "x" + "é" * 127),
        ("xx" + "é" * 127, 255, "xx" + "é" * 126),
        ("a." + "b" * 300, 255, "a." + "b" * 253),
        ("a.txt", 3, "a.t"),
    ],
)
def test_a_long_name_is_cut_at_its_stem(name, limit, cut):
    assert shortened(name, limit) == cut
    assert len(cut.encode()) <= limit


@pytest.mark.parametrize("length", [1024, 1025])
def test_only_what_no_file_system_made_is_too_long(length):
    name = "x" * (length - 4) + ".txt"
    if length > 1024:
        with pytest.raises(FileNameError, match="name_too_long"):
            shown_name(name)
    else:
        assert shown_name(name).text == "x" * 251 + ".txt"


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("a.tar.gz", ".tar.gz"),
        ("a.gz", ".gz"),
        (".profile", ""),
        (".tar.gz", ".gz"),
        ("a.b c", ""),
        ("a.", ""),
        ("a." + "x" * 17, ""),
        ("none", ""),
    ],
)
def test_an_ending_is_what_people_call_one(name, ending):
    assert split_ending(name)[1] == ending


@pytest.mark.django_db
@given(name=any_text | tricky_text, media_type=any_text | st.from_regex(r"[a-z]+/[ -~]{1,120}", fullmatch=True))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_name_and_type_give_a_put_that_is_taken_or_a_clean_error(oss, open_page, name, media_type):
    [answer] = Visitor(open_page).ask(a_file(name, type=media_type))

    if "error" in answer:
        with pytest.raises(FileNameError, match=answer["error"]["code"]):
            shown_name(name)
        return
    response = put(answer)
    assert (response.status_code, response.text) == (200, "")
