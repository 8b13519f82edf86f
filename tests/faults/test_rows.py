"""Each fault alone, with the real page in a real browser: every file is stored, or ends with its cause."""

from __future__ import annotations

import pytest

from tests.faults.files import few_sizes
from tests.faults.rows import ROWS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SEED = 1
# While the rate of the line is not known, the first parts of a large file are waited for long when none answers:
# in two runs of three it was still being sent after the row's 150 s. No file is lost and no tick is a lie, but the
# page is too patient there.
TOO_PATIENT = {
    "stored, then no answer, the connection stays": pytest.mark.xfail(
        strict=False, reason="Stalls follow one another before the rate of the line is known."
    )
}
RUNS = [
    pytest.param(name, row, id=f"{name}: {row.title}", marks=TOO_PATIENT.get(row.title, ()))
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
