"""A program as it runs: one process, and whatever that process starts, in a process group of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. SIGTERM ends it gracefully, and so does the end of its standard input.

    `kept_open` are descriptors of ours that it inherits under the same numbers.
    """

    name: str
    command: tuple[str | Path, ...]
    kept_open: tuple[int, ...] = ()


class ProcessGroup:
    """One run of a program. Outlives its first process: what that one has left behind is found by the group."""

    def __init__(self, program: Program, *, lifeline: int) -> None:
        """Start it, with the pipe `lifeline` as its standard input. Raises OSError when that is not possible."""
        self.name = program.name
        self._started_at = time.monotonic()
        # Of its own, or Ctrl-C in a terminal would reach it as well, and end it less gracefully than SIGTERM does.
        self._process = subprocess.Popen(  # noqa: S603 - the command is ours.
            program.command, stdin=lifeline, pass_fds=program.kept_open, process_group=0
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def ran_seconds(self) -> float:
        return time.monotonic() - self._started_at

    def exit_code(self) -> int | None:
        """Of the first process: None while it runs, the negative number of the signal that killed it."""
        return self._process.poll()

    def ask_to_end(self) -> None:
        """Tell the first process, which tells its own; where it is gone, tell those whom it has left."""
        if self.exit_code() is None:
            self._process.terminate()
        else:
            self._signal(signal.SIGTERM)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        self._process.wait()

    def is_gone(self) -> bool:
        """Whether no process of it is left."""
        if self.exit_code() is None:
            return False
        self._bury_adopted()
        return not self._signal(0)

    def _signal(self, number: int) -> bool:
        """Whether anybody was there to get it."""
        # PermissionError is what macOS says of processes that have ended and are not buried yet.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)
            return True
        return False

    def _bury_adopted(self) -> None:
        """As the first process of a container we inherit orphans; nobody else would ever take them away."""
        with suppress(ChildProcessError):
            while os.waitpid(-self.pid, os.WNOHANG)[0]:
                pass
