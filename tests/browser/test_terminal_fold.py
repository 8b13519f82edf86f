"""The commands for a terminal, as the page shows them."""

from __future__ import annotations

import pytest

COMMANDS = ["name", "send", "report"]


@pytest.fixture
def narrow(new_visitor, open_page):
    """The page on the narrowest screen, with the fold open."""
    visitor = new_visitor(viewport={"width": 320, "height": 700})
    visitor.open(open_page)
    visitor.tab.get_by_text("From a terminal").click()
    return visitor


def test_it_is_folded_until_it_is_wanted(visitor):
    assert not visitor.tab.locator("[data-terminal=send]").is_visible()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_click_selects_the_whole_command_to_be_copied(narrow, command):
    code = narrow.tab.locator(f"[data-terminal={command}]")
    code.click(position={"x": 5, "y": 5})
    assert narrow.tab.evaluate("getSelection().toString()").strip() == code.text_content().strip()


def test_long_lines_scroll_inside_themselves(narrow):
    assert narrow.tab.evaluate("document.documentElement.scrollWidth") == 320
    pre = narrow.tab.locator("pre:has([data-terminal=send])")
    pre.focus()
    assert pre.evaluate("(pre) => document.activeElement === pre && pre.scrollWidth > pre.clientWidth")
    assert not narrow.complaints
