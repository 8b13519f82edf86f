"""Keeps programs running until it is told to stop."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from signal import Signals

from uploads.supervision.process_group import ProcessGroup, Program
from uploads.supervision.restarts import MOST_FAILURES, Restarts
from uploads.supervision.wakeups import Wait, wakeups

# Nobody tells us of the end of processes that are not our children.
LOOK_AGAIN_SECONDS = 0.2

logger = logging.getLogger(__name__)


class GivenUpError(Exception):
    """A program does not come up, however often it is started. The text says which."""


class Supervisor:
    """Starts programs, starts again what ended or was killed, and at its own end ends them all.

    If it is killed itself, each program sees its standard input end: a pipe that nobody but the supervisor can
    write to, and nobody ever does.
    """

    def __init__(self, programs: Sequence[Program], *, stop_seconds: float, first_wait_seconds: float = 1.0) -> None:
        """`stop_seconds`: how long programs that were asked to end may take, before they are killed.

        `first_wait_seconds`: before the second start in a row that has not helped; doubled from then on.
        """
        self._keepers = [_Keeper(program, Restarts(first_wait_seconds=first_wait_seconds)) for program in programs]
        self._stop_seconds = stop_seconds
        # Of programs whose first process was killed: what it has left behind, and until when that may go on.
        self._leftovers: dict[ProcessGroup, float] = {}

    def run(self, *, on_stop: Callable[[], None]) -> None:
        """Until SIGTERM or SIGINT; `on_stop` is called before the programs are asked to end.

        Raises GivenUpError, with nothing left running.
        """
        with wakeups() as wait, _lifeline() as lifeline:
            try:
                self._tend(lifeline)
                while not wait(self._seconds_to_wait()):
                    self._tend(lifeline)
            finally:
                on_stop()
                self._end_all(wait)

    def _tend(self, lifeline: int) -> None:
        for keeper in self._keepers:
            if ended := keeper.take_ended():
                self._clear_away(ended)
                keeper.schedule_after(ended)
            keeper.start_if_due(lifeline)
        for group, deadline in list(self._leftovers.items()):
            is_overdue = time.monotonic() > deadline
            if is_overdue:
                group.kill()
            if is_overdue or group.is_gone():
                del self._leftovers[group]

    def _clear_away(self, group: ProcessGroup) -> None:
        group.ask_to_end()
        self._leftovers[group] = time.monotonic() + self._stop_seconds

    def _seconds_to_wait(self) -> float | None:
        waits = [keeper.seconds_until_due() for keeper in self._keepers if not keeper.group]
        return min([*waits, *([LOOK_AGAIN_SECONDS] if self._leftovers else [])], default=None)

    def _end_all(self, wait: Wait) -> None:
        left = [*self._leftovers, *(keeper.group for keeper in self._keepers if keeper.group)]
        for group in left:
            group.ask_to_end()
        deadline = time.monotonic() + self._stop_seconds
        while (left := [group for group in left if not group.is_gone()]) and time.monotonic() < deadline:
            wait(LOOK_AGAIN_SECONDS)
        for group in left:
            logger.warning("%s (%s) has not ended in %s seconds and is killed.", *_named(group), self._stop_seconds)
            group.kill()


class _Keeper:
    """One program, its run of the moment, and when the next one is due."""

    def __init__(self, program: Program, restarts: Restarts) -> None:
        self.group: ProcessGroup | None = None
        self._program = program
        self._restarts = restarts
        self._due_at = 0.0

    def seconds_until_due(self) -> float:
        return max(0.0, self._due_at - time.monotonic())

    def start_if_due(self, lifeline: int) -> None:
        if self.group or self.seconds_until_due():
            return
        try:
            self.group = ProcessGroup(self._program, lifeline=lifeline)
        except OSError as error:  # Such as no memory or no process to spare: what runs already has to go on.
            self._schedule(f"cannot be started ({error})", ran_seconds=0, was_killed=False)
        else:
            logger.info("%s runs as process %s.", *_named(self.group))

    def take_ended(self) -> ProcessGroup | None:
        """The run that has ended since the last time, if it has."""
        if self.group is None or self.group.exit_code() is None:
            return None
        ended, self.group = self.group, None
        return ended

    def schedule_after(self, ended: ProcessGroup) -> None:
        """Raises GivenUpError if there is to be no other run."""
        code = ended.exit_code() or 0
        how = f"was killed by {_signal_name(-code)}" if code < 0 else f"ended with status {code}"
        self._schedule(f"({ended.pid}) {how}", ran_seconds=ended.ran_seconds, was_killed=code < 0)

    def _schedule(self, what: str, *, ran_seconds: float, was_killed: bool) -> None:
        name = self._program.name
        wait = self._restarts.wait_after(ran_seconds, was_killed=was_killed)
        if wait is None:
            raise GivenUpError(
                f"{name} {what}, soon after its start as {MOST_FAILURES - 1} times before: it is given up."
                " What it said itself stands above."
            )
        when = f"in {wait:.0f} seconds" if wait else "at once"
        logger.error("%s %s, %.0f seconds after its start. It is started again %s.", name, what, ran_seconds, when)
        self._due_at = time.monotonic() + wait


@contextmanager
def _lifeline() -> Iterator[int]:
    reader, writer = os.pipe()
    try:
        yield reader
    finally:
        os.close(reader)
        os.close(writer)


def _named(group: ProcessGroup) -> tuple[str, int]:
    return group.name, group.pid


def _signal_name(number: int) -> str:
    return Signals(number).name if number in set(Signals) else f"signal {number}"
