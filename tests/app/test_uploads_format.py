"""Sizes as people read them."""

import json
from pathlib import Path

import pytest

from uploads.templatetags.uploads_format import filesize, filesize_limit

# The page's script is held to the same table.
TABLE = json.loads((Path(__file__).parent.parent / "js" / "sizes.json").read_text())


@pytest.mark.parametrize(("size_bytes", "shown"), TABLE, ids=[shown for _, shown in TABLE])
def test_a_size_has_three_figures_and_a_unit(size_bytes, shown):
    assert filesize(size_bytes) == shown.replace(" ", "\N{NO-BREAK SPACE}")


def test_a_limit_that_somebody_chose_is_shown_as_chosen():
    assert filesize_limit(5 * 1024**3) == "5\N{NO-BREAK SPACE}GB"
    assert filesize_limit(60 * 1024**3) == "60\N{NO-BREAK SPACE}GB"
    assert filesize_limit(5 * 10**9) == "4.66\N{NO-BREAK SPACE}GB"


def test_no_size_is_shown_as_nothing():
    assert (filesize(None), filesize_limit(None)) == ("", "")
