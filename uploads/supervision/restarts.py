"""When a program that has ended is started again, and when that is given up."""

from __future__ import annotations

# Who has run for so long can start: what ended it says nothing about the next start.
STEADY_SECONDS = 30.0
LONGEST_WAIT_SECONDS = 30.0
MOST_FAILURES = 5


class Restarts:
    """One program's ends, as far as they follow each other closely.

    A program that ends by itself shortly after its start, time after time, will not come up by being started once
    more: it is given up. One that was killed, by whoever and however often, is not to blame: it is only made to wait.
    """

    def __init__(self, *, first_wait_seconds: float = 1.0) -> None:
        self._first_wait_seconds = first_wait_seconds
        self._short_runs = 0
        self._failures = 0

    def wait_after(self, ran_seconds: float, *, was_killed: bool) -> float | None:
        """Seconds until the next start, after a run of so many; None: do not start it again."""
        if ran_seconds >= STEADY_SECONDS:
            self._short_runs = self._failures = 0
            return 0.0
        self._short_runs += 1
        self._failures += not was_killed
        if self._failures >= MOST_FAILURES:
            return None
        if self._short_runs == 1:
            return 0.0
        return min(self._first_wait_seconds * 2.0 ** (self._short_runs - 2), LONGEST_WAIT_SECONDS)
