"""The table of the fault suite, ready for the README:

    python -m tests.faults.table FILE

FILE is where `make test-faults` lets the tests write their results, one JSON object a line.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Result:
    """One run. `faults` counts the requests that were hit, `wrong` what must not be."""

    title: str
    browser: str
    faults: int
    stored: int
    ended: int
    wrong: int
    seconds: float


def record(path: Path, result: Result) -> None:
    """Several processes may write at once."""
    with path.open("a") as file:
        file.write(json.dumps(asdict(result)) + "\n")


def recorded(path: Path) -> list[Result]:
    return [Result(**json.loads(line)) for line in path.read_text().splitlines()]


def markdown(results: Iterable[Result], order: Iterable[str]) -> str:
    """The rows in the given order of their titles; titles that are not in it come last."""
    places = {title: place for place, title in enumerate(order)}
    ordered = sorted(
        results, key=lambda result: (places.get(result.title, len(places)), result.title, result.browser)
    )
    lines = [
        "| what goes wrong | browser | requests hit | stored | ended with their cause | wrong |",
        "|---|---|---|---|---|---|",
        *(
            f"| {one.title} | {one.browser} | {one.faults or '–'} | {one.stored} | {one.ended} | {one.wrong} |"
            for one in ordered
        ),
    ]
    return "\n".join(lines)


def main(path: str) -> None:
    from tests.faults.rows import ROWS  # noqa: PLC0415 - rows are of no use to those who only record.

    print(markdown(recorded(Path(path)), [row.title for row in ROWS]))


if __name__ == "__main__":
    main(*sys.argv[1:])
