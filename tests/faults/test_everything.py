"""Hundreds of files, every fault at once, and nobody who touches the page."""

from __future__ import annotations

import pytest

from tests.faults.files import many_sizes
from tests.faults.rows import everything

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

RUNS = [("chromium", 500, 1), ("chromium", 500, 2), ("firefox", 500, 3)]


@pytest.mark.parametrize(("browser", "count", "seed"), RUNS, indirect=["browser"])
def test_no_file_is_lost_and_no_tick_is_a_lie(carry_out, count, seed):
    verdict = carry_out(everything(count, seed), many_sizes(seed, count), seed=seed)
    assert not verdict.wrong, str(verdict)
    assert verdict.files == count
