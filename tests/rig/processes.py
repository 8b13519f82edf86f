"""Processes that a test starts, finds and kills."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import create_server
from typing import TypeVar

import requests

T = TypeVar("T")

# SIGTERM for the child when the test's process is killed, and so can end nothing itself (prctl(2)).
_ENDING_WITH_PARENT = ("setpriv", "--pdeathsig", "TERM") if shutil.which("setpriv") else ()


def free_port() -> int:
    """A port that nobody listens on, for a program that cannot be asked which one it took."""
    with create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@contextmanager
def running(command: list[str], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a session of its own, which ends with it: SIGTERM first, SIGKILL for whatever is left."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*_ENDING_WITH_PARENT, *command],
            env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def wait_until(condition: Callable[[], T], *, seconds: float = 60, every: float = 0.05, what: str = "") -> T:
    """The first true value of the condition. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(what or f"It did not come about within {seconds} s.")
        time.sleep(every)
    return value


def wait_for_url(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Raises RuntimeError, with what the process wrote, when it ends or does not answer."""

    def answers() -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"{url} ended:\n{log.read_text()}")
        with suppress(requests.RequestException):
            return requests.get(url, timeout=2).ok
        return False

    try:
        wait_until(answers, seconds=60)
    except TimeoutError:
        raise RuntimeError(f"{url} does not answer:\n{log.read_text()}") from None


def descendants(pid: int) -> list[int]:
    """The children of a process, their children, and so on; Linux only."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, task.read_text().split()):
                found += [child, *descendants(child)]
    return found


def command_of(pid: int) -> str:
    """Its command line; empty when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def kill_hard(pid: int) -> bool:
    """`kill -9`; whether there was such a process."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
