"""What a run that went wrong leaves behind: the machine on which it did cannot be asked later."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tests.faults.plan import Decision
from tests.rig.processes import command_of

_MOST_LINES = 40


def evidence(
    *,
    moves: Mapping[str, Sequence[str]],
    decisions: Sequence[Decision],
    requests: Sequence[str],
    pids: Iterable[int],
    log: Path,
) -> str:
    """What the page made of the files that went wrong, and what came to the proxy for them.

    Then `decisions` of the proxy, `requests` as the page saw them, the site's processes and log, each the latest.
    """
    now = time.monotonic()
    sections = {
        "Files that went wrong": [line for name, lines in moves.items() for line in (f"{name}:", *lines)],
        "Requests for them that came to the proxy": [
            _line(decision, now) for decision in decisions if decision.request.name in moves
        ],
        "Requests that came to the proxy": [_line(decision, now) for decision in decisions],
        "Requests as the page saw them": requests,
        "Processes of the site": [f"{pid} {command_of(pid)}" for pid in pids],
        "The log of the site": log.read_text(errors="replace").splitlines(),
    }
    return "\n".join(f"--- {title} ---\n" + "\n".join(lines[-_MOST_LINES:]) for title, lines in sections.items())


def _line(decision: Decision, now: float) -> str:
    line, method, name, part = decision.request
    what = " ".join(filter(None, (line, method, name, part)))
    return f"{now - decision.at:.1f} s ago: {what} ({decision.attempt}): {decision.kind or 'left alone'}"
