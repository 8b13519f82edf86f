"""The table at the end of a test run: which client programs ran, in which form.

Its hooks are imported by tests/conftest.py, so that they see the reports of all workers.
"""

from __future__ import annotations

import pytest

PROPERTY = "client_form"
CLIENTS = {
    "curl": "curl", "powershell": "curl (PowerShell)", "java": "Java", "go": "Go", "python": "Python",
    "node": "Node.js", "browser": "Browser (Chromium)", "csharp": "C#", "cpp": "C++", "android": "Android",
}  # fmt: skip
FORMS = ("plain", "headers")
TITLES = {"plain": "plain", "headers": "headers and metadata"}
SUCCESS = {
    "powershell": "not run, quoting checked",
    "csharp": "run on Mono, bytes equal",
    "android": "run on a JDK, bytes equal",
}

_cells: dict[tuple[str, str], str] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Of each test that named its client and form: what became of it."""
    named = [tuple(value) for name, value in report.user_properties if name == PROPERTY]
    if named and (report.when == "call" or not report.passed):
        _cells[named[0]] = _cell(report, named[0][0])


def _cell(report: pytest.TestReport, client: str) -> str:
    if report.skipped:
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    if report.failed:
        return "FAILED"
    return SUCCESS.get(client, "run, bytes equal")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Nothing when none of these tests was chosen."""
    if not _cells:
        return
    terminalreporter.section("client programs against the embedded OSS")
    rows = [("client", *TITLES.values())]
    rows += [
        (title, *(_cells.get((code, form), "not asked for") for form in FORMS)) for code, title in CLIENTS.items()
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        terminalreporter.line("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    terminalreporter.line(".NET itself and PowerShell were not run, nor was anything on an Android device.")
