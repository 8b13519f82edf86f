"""Each fault alone, with the real page in a real browser: every file is stored, or ends with its cause."""

from __future__ import annotations

import pytest

from tests.faults.files import few_sizes
from tests.faults.rows import ROWS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SEED = 1
RUNS = [
    pytest.param(name, row, id=f"{name}: {row.title}")
    for row in ROWS
    for name in ("chromium", "firefox")
    if name == "chromium" or row.in_firefox
]


@pytest.mark.parametrize(("browser", "row"), RUNS, indirect=["browser"])
def test_no_file_is_lost_and_no_tick_is_a_lie(carry_out, row):
    sizes = few_sizes(large=row.large)
    verdict = carry_out(row, sizes, seed=SEED)
    assert not verdict.wrong, str(verdict)
    assert verdict.files == len(sizes)
