"""Prefixes, content types and metadata: what may become part of a signed request."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from uploads.content_types import chosen_type, type_by_name
from uploads.models import UploadPage
from uploads.object_keys import PrefixError, checked_prefix
from uploads.user_metadata import MetadataError, encoded, wire_headers


def short(value):
    return ascii(value)[:30]


@pytest.mark.parametrize(
    ("prefix", "checked"),
    [
        ("", ""),
        ("/", ""),
        (" a/b/ ", "a/b"),
        ("/a", "a"),
        ("año 2026", "año 2026"),
        ("...", "..."),
        ("p" * 512, "p" * 512),
    ],
)
def test_a_prefix_is_taken_without_its_outer_slashes(prefix, checked):
    assert checked_prefix(prefix) == checked


@pytest.mark.parametrize(
    "prefix",
    ["..", "a/../b", "./a", "a//b", "a\\b", "\\a", "a\nb", "a\x00", "a\x7fb", "\ud800", "é" * 257],
    ids=short,
)
@pytest.mark.django_db
def test_a_prefix_that_browsers_or_storage_would_change_is_refused(prefix, owner):
    with pytest.raises(PrefixError):
        checked_prefix(prefix)
    with pytest.raises(ValidationError):
        UploadPage(owner=owner, title="Survey", prefix=prefix).full_clean()


@pytest.mark.parametrize(
    "browser_type",
    [
        "image/png",
        "text/plain;charset=utf-8",
        'multipart/mixed; boundary="a b"',
        "application/vnd.a+b-c.d_e",
        "a/" + "b" * 125,
    ],
)
def test_a_media_type_of_the_browser_is_kept_as_it_is(browser_type):
    assert chosen_type(browser_type, "x.pdf") == browser_type


@pytest.mark.parametrize(
    "browser_type",
    ["", "png", "image/", "/png", "image/png ", " image/png", "image/png\n", "image/png\r\nx: y", "ïmage/png",
     "image/png;", "image/png; charset", "image/png; a=\"\n\"", "image/*;q=\x00", "a/" + "b" * 126, "a/b;" + " " * 9],
    ids=short,
)  # fmt: skip
def test_anything_else_is_replaced_by_what_the_name_says(browser_type):
    assert chosen_type(browser_type, "x.pdf") == "application/pdf"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("A.PDF", "application/pdf"), ("a.tar.gz", "application/gzip"), (".png", "application/octet-stream"),
     ("a.exe", "application/octet-stream"), ("a", "application/octet-stream"),
     ("a.pdf.exe", "application/octet-stream")],
)  # fmt: skip
def test_the_table_of_names_is_our_own(name, expected):
    assert type_by_name(name) == expected


@given(st.text(max_size=200))
def test_a_chosen_type_can_always_be_a_header(browser_type):
    chosen = chosen_type(browser_type, "x")

    assert chosen.isascii()
    assert chosen.isprintable()
    assert chosen == chosen.strip()
    assert len(chosen) <= 127


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_metadata_comes_back_as_it_was_entered(value):
    wire = encoded(value)

    assert unquote(wire) == value
    assert wire.isascii()
    assert all(" " <= character <= "~" for character in wire)


@pytest.mark.parametrize("value", ["plain text", "100 % sure", "a+b", "~", '&<>"'])
def test_printable_text_is_stored_as_it_reads(value):
    assert encoded(value) == value


@pytest.mark.parametrize("value", ["%41", "100%25", "終稿", "a\tb", "é"])
def test_text_that_would_be_read_otherwise_is_encoded(value):
    assert encoded(value) != value


@pytest.mark.parametrize(
    "metadata",
    [{"a_b": "x"}, {"": "x"}, {"-a": "x"}, {"a-": "x"}, {"ä": "x"}, {"a b": "x"}, {"a:": "x"}, {"grant": "x"},
     {"Grant": "x"}, {"a": ""}, {"a": "  "}, {"a": "x" * 8192}, {f"n{i}": "y" * 500 for i in range(20)}],
    ids=short,
)  # fmt: skip
def test_metadata_that_signs_differently_at_each_end_is_refused(metadata):
    with pytest.raises(MetadataError):
        wire_headers(metadata)


def test_metadata_becomes_headers():
    assert wire_headers({"Project": " Brücke "}) == {"x-oss-meta-project": "Br%C3%BCcke"}
