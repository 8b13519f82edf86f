"""How a run of a client ended."""

from __future__ import annotations

from typing import NamedTuple


class Outcome(NamedTuple):
    """`output` has what was printed, to either stream."""

    exit_status: int
    output: str
