"""When an ended program is started again."""

from __future__ import annotations

import pytest

from uploads.supervision.restarts import LONGEST_WAIT_SECONDS, MOST_FAILURES, STEADY_SECONDS, Restarts


def waits(restarts: Restarts, *, runs: int, was_killed: bool) -> list[float | None]:
    return [restarts.wait_after(1, was_killed=was_killed) for _ in range(runs)]


@pytest.mark.parametrize("was_killed", [True, False])
def test_what_ran_for_long_is_started_at_once_however_often_it_ends(was_killed):
    restarts = Restarts()
    assert [restarts.wait_after(STEADY_SECONDS, was_killed=was_killed) for _ in range(20)] == [0.0] * 20


def test_it_waits_longer_each_time_and_then_gives_up():
    assert waits(Restarts(), runs=MOST_FAILURES, was_killed=False) == [0, 1, 2, 4, None]


def test_what_is_killed_again_and_again_waits_but_is_never_given_up():
    assert waits(Restarts(), runs=9, was_killed=True) == [0, 1, 2, 4, 8, 16, *[LONGEST_WAIT_SECONDS] * 3]


def test_kills_between_failures_do_not_hide_them():
    restarts = Restarts()
    waits(restarts, runs=MOST_FAILURES - 1, was_killed=False)
    assert restarts.wait_after(1, was_killed=True) is not None
    assert restarts.wait_after(1, was_killed=False) is None


def test_a_long_run_makes_up_for_failures_before_it():
    restarts = Restarts()
    waits(restarts, runs=MOST_FAILURES - 1, was_killed=False)
    restarts.wait_after(STEADY_SECONDS, was_killed=False)
    assert waits(restarts, runs=MOST_FAILURES, was_killed=False) == [0, 1, 2, 4, None]
