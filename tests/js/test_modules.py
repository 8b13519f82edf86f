"""Every `it_…` function that a `*_test.js` exports is a test. It fails when it throws."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
EXPORT = re.compile(r"^export (?:async )?function (it_\w+)", re.MULTILINE)
TESTS = [(file.name, name) for file in sorted(HERE.glob("*_test.js")) for name in EXPORT.findall(file.read_text())]


@pytest.mark.parametrize(("file", "name"), TESTS, ids=[f"{file}: {name}" for file, name in TESTS])
def test_module(tab, file, name):
    tab.evaluate(
        "async ([path, name]) => { const tests = await import(path); await tests[name](); }",
        [f"/tests/js/{file}", name],
    )
