"""Waiting for signals and for time to pass, without missing a signal that comes just before the wait."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from select import select

STOP_SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT})

Wait = Callable[[float | None], bool]


@contextmanager
def wakeups() -> Iterator[Wait]:
    """What it gives waits for so many seconds at most, or until a child or a signal to stop comes.

    It says whether a signal to stop was among what came. Main thread only.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    numbers = STOP_SIGNALS | {signal.SIGCHLD}
    # Blocked signals (pthread_sigmask) would stay blocked in the programs that are started.
    old_handlers = {number: signal.signal(number, lambda *_: None) for number in numbers}
    old_writer = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)

    def wait(seconds: float | None) -> bool:
        if not select([reader], [], [], seconds)[0]:
            return False
        return not STOP_SIGNALS.isdisjoint(os.read(reader, 4096))

    try:
        yield wait
    finally:
        signal.set_wakeup_fd(old_writer)
        for number, handler in old_handlers.items():
            signal.signal(number, handler)
        os.close(reader)
        os.close(writer)
