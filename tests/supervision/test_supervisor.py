"""The supervisor with small shell programs. What it does for the site is tested in tests/commands/test_serve.py."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

import pytest

from uploads.supervision.process_group import ProcessGroup, Program
from uploads.supervision.restarts import MOST_FAILURES
from uploads.supervision.supervisor import GivenUpError, Supervisor

PATIENCE_SECONDS = 20
STOP_US = "kill -TERM $PPID; "


def shell(script: str, *, name: str = "shell") -> Program:
    return Program(name, ("sh", "-c", script))


def run(*programs: Program, stop_seconds: float = PATIENCE_SECONDS) -> float:
    """Supervise until a program sends us SIGTERM; how long that took."""
    started = time.monotonic()
    stops = []
    Supervisor(programs, stop_seconds=stop_seconds, first_wait_seconds=0.01).run(on_stop=lambda: stops.append(1))
    assert stops == [1]
    return time.monotonic() - started


def test_it_gives_up_what_never_comes_up_and_says_which(tmp_path):
    starts, other_end = tmp_path / "starts", tmp_path / "end"
    broken = shell(f"echo >> {starts}; exit 3", name="broken")
    other = shell(f"trap 'touch {other_end}; exit' TERM; while :; do sleep 0.1; done")
    with pytest.raises(GivenUpError, match=r"^broken \(\d+\) ended with status 3"):
        run(other, broken)
    assert len(starts.read_text()) == MOST_FAILURES
    assert other_end.exists()


def test_it_gives_up_what_cannot_be_started_at_all():
    with pytest.raises(GivenUpError, match=r"^nothing cannot be started"):
        run(Program("nothing", ("/no/such/program",)))


def test_what_was_killed_is_started_again(tmp_path):
    is_second = tmp_path / "second"
    run(shell(f"test -e {is_second} && {{ {STOP_US} exit; }}; touch {is_second}; kill -9 $$"))


def test_what_does_not_end_when_asked_is_killed(caplog):
    took = run(shell(f"trap '' TERM; {STOP_US} while :; do sleep 0.1; done"), stop_seconds=0.5)
    assert took < PATIENCE_SECONDS
    assert "has not ended in 0.5 seconds and is killed" in caplog.text


def orphan(tmp_path, on_term: str) -> str:
    """A shell script that has left a process behind, which says what it does on SIGTERM, by the time it is over."""
    ready = tmp_path / "ready"
    left = f"trap '{on_term}' TERM; touch {ready}; while :; do sleep 0.1; done"
    return f"({left}) & until test -e {ready}; do sleep 0.05; done; "


def test_what_a_killed_program_leaves_behind_is_asked_to_end(tmp_path):
    is_second, orphan_end = tmp_path / "second", tmp_path / "end"
    # The orphan's $PPID is us, whose child its shell was.
    leaves = orphan(tmp_path, f"touch {orphan_end}; {STOP_US} exit")
    run(shell(f"test -e {is_second} && exec sleep 60; touch {is_second}; {leaves} kill -9 $$"))
    assert orphan_end.exists()


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_a_killed_program_leaves_behind_is_killed_at_last(tmp_path):
    group = ProcessGroup(shell(f"{orphan(tmp_path, '')} exit"), lifeline=subprocess.DEVNULL)
    wait_until(lambda: group.exit_code() is not None)
    group.ask_to_end()
    assert not group.is_gone()

    group.kill()
    wait_until(group.is_gone)
