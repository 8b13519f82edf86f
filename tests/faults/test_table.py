"""The table for the README is made from what the runs wrote down."""

from __future__ import annotations

from tests.faults.table import Result, markdown, record, recorded


def result(title, browser="Chromium", **numbers):
    return Result(title, browser, **{"faults": 3, "stored": 20, "ended": 2, "wrong": 0, "seconds": 7.5, **numbers})


def test_what_is_written_down_is_read_again(tmp_path):
    path = tmp_path / "results.jsonl"
    results = [result("500"), result("reset", "Firefox")]
    for one in results:
        record(path, one)
    assert recorded(path) == results


def test_rows_come_in_the_order_of_the_suite_and_by_browser():
    results = [result("b", "Firefox"), result("z"), result("b"), result("a")]
    lines = markdown(results, ["b", "a"]).splitlines()[2:]
    assert [line.split(" | ")[:2] for line in lines] == [
        ["| b", "Chromium"], ["| b", "Firefox"], ["| a", "Chromium"], ["| z", "Chromium"],
    ]  # fmt: skip


def test_a_row_has_the_counts_and_no_seconds():
    assert markdown([result("500", faults=0, wrong=1)], []).splitlines()[-1] == "| 500 | Chromium | – | 20 | 2 | 1 |"
