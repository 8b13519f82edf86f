"""File names and lengths of time as staff read them."""

from __future__ import annotations

import pytest

from uploads.templatetags.staff_format import split_name, validity


@pytest.mark.parametrize(
    ("name", "head", "tail"),
    [
        pytest.param("a.pdf", "a.pdf", "", id="a short name stays whole"),
        pytest.param("123456789012", "123456789012", "", id="a name as long as the tail stays whole"),
        pytest.param("Survey report.pdf", "Surve", "y report.pdf", id="twelve signs stay at the end"),
        pytest.param(
            "验收报告及附件照片.pdf", "验收报告及附", "件照片.pdf", id="seven of a Han name stay, they are wider"
        ),
        pytest.param(
            "x" * 8 + "e\u0301" + "12345678.pd", "x" * 8, "e\u030112345678.pd", id="a mark stays on its letter"
        ),
        pytest.param("\u0301" * 20, "\u0301" * 20, "", id="marks alone stay whole"),
        pytest.param(
            "تقرير نهائي عن السفينة.pdf", "تقرير نهائي عن السفينة.pdf", "", id="a right-to-left name stays whole"
        ),
        pytest.param("", "", "", id="no name is no name"),
    ],
)
def test_a_name_is_split_so_that_its_end_can_be_read(name, head, tail):
    assert split_name(name) == (head, tail)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1, "1 second"),
        (90, "90 seconds"),
        (60, "1 minute"),
        (900, "15 minutes"),
        (3600, "1 hour"),
        (43_200, "12 hours"),
        (86_400, "1 day"),
        (604_800, "7 days"),
    ],
)
def test_a_validity_is_said_in_the_largest_whole_unit(seconds, text):
    assert validity(seconds) == text
