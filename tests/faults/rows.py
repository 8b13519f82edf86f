"""The table of faults: what goes wrong, how often, and what then may truly be said of a file that did not arrive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.faults.plan import Kind, Odds

if TYPE_CHECKING:
    from tests.faults.run import Run

_BROKE = "connection_broke"
# The causes that the page may name after a fault. A file whose answer was lost is there: nothing may be named for it,
# but a later attempt, if the browser makes one, may be hit in its turn.
TRUE_CAUSES: Mapping[Kind, set[str]] = {
    Kind.RESET_IN_BODY: {_BROKE},
    Kind.CLOSE_IN_BODY: {_BROKE},
    Kind.STALL_IN_BODY: {_BROKE},
    Kind.HTML_502: {_BROKE},
    Kind.SERVER_ERROR: {"storage_busy"},
    Kind.BUSY: {"storage_busy"},
    Kind.TOO_MANY: {"storage_busy"},
    Kind.EARLY_409: {"storage_busy", _BROKE},
    Kind.EARLY_403: {"denied", _BROKE},
    Kind.DENIED: {"denied"},
    Kind.LAPSED: {"url_lapsed"},
}
_API = ("POST",)
# The site's own calls: looks, and what it takes to make an object of parts.
_INNER = ("HEAD", "GET", "POST", "PUT")
_FOR_EVER = 1_000_000
# Bytes a second with which the large files are still on their way when the accident comes.
_SO_SLOW = 15_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One fault. `accident` is what happens to the whole of it meanwhile; `seconds` is the patience with it."""

    title: str
    odds: Mapping[str, Odds] = field(default_factory=dict)
    large: int = 1
    seconds: float = 120
    in_firefox: bool = False
    accident: Callable[[Run], None] | None = None
    rate: float | None = None


def put(kind: Kind, probability: float = 0.6, *, attempts: int = 2) -> dict[str, Odds]:
    """A fault of PUTs to the storage: of files and of their parts."""
    return {"storage": Odds({kind: probability}, attempts)}


def line_dies(run: Run) -> None:
    run.wait_for_bytes()
    run.proxy.die("storage", 20)
    run.proxy.die("site", 20)


def line_hangs(run: Run) -> None:
    run.wait_for_bytes()
    run.proxy.hang("storage", 20)
    run.proxy.hang("site", 20)


def files_change(run: Run) -> None:
    """One is rewritten, one cut short, while they are sent: what has arrived is neither the old nor the new."""
    run.wait_for_bytes()
    run.change_largest()


def everything_is_killed(run: Run) -> None:
    for _ in range(2):
        run.wait_for_bytes()
        run.kill_supervised()


def tab_is_closed(run: Run) -> None:
    for _ in range(2):
        run.wait_for_bytes()
        run.close_and_reopen()


ROWS = (
    Row("connection reset in the middle of the body", put(Kind.RESET_IN_BODY), in_firefox=True),
    Row("connection closed in the middle of the body", put(Kind.CLOSE_IN_BODY)),
    Row("stored, then the answer is lost", put(Kind.LOST_ANSWER), in_firefox=True),
    Row("stored, then the answer is cut short", put(Kind.CUT_ANSWER), in_firefox=True),
    Row("stored, then no answer, the connection stays", put(Kind.NO_ANSWER, 0.15, attempts=1), seconds=150),
    Row("storage stops reading", put(Kind.STALL_IN_BODY, 0.15, attempts=1), seconds=150, in_firefox=True),
    Row("500", put(Kind.SERVER_ERROR), in_firefox=True),
    Row(
        "503 and 429, with Retry-After",
        {"storage": Odds({Kind.BUSY: 0.3, Kind.TOO_MANY: 0.3})},
    ),
    Row("502 of a proxy, HTML and no CORS", put(Kind.HTML_502)),
    Row(
        "403 or 409 before the body was read, connection closed",
        {"storage": Odds({Kind.EARLY_403: 0.1, Kind.EARLY_409: 0.4})},
        in_firefox=True,
    ),
    Row("403 AccessDenied for ever", put(Kind.DENIED, 0.3, attempts=_FOR_EVER), in_firefox=True),
    Row("the URL has lapsed on arrival", put(Kind.LAPSED), in_firefox=True),
    Row("the line is gone for 20 s", accident=line_dies, large=2, rate=_SO_SLOW, in_firefox=True),
    Row("the line stands still for 20 s", accident=line_hangs, large=2, rate=_SO_SLOW),
    Row("a slow line (8 Mbit/s)", large=0, rate=1_000_000, in_firefox=True),
    Row(
        "the site's own answers are lost, or 500",
        {"site": Odds({Kind.LOST_ANSWER: 0.3, Kind.SERVER_ERROR: 0.2, Kind.RESET_IN_BODY: 0.1}, 6, _API)},
    ),
    Row(
        "workers killed with kill -9 in the middle of calls",
        {"site": Odds({Kind.KILLED_WORKERS: 0.5}, 8, _API)},
        in_firefox=True,
    ),
    Row("gunicorn, its workers and settle killed with kill -9, twice", accident=everything_is_killed, rate=_SO_SLOW),
    Row(
        "the storage's answers to the site are lost, or 500",
        {"inner": Odds({Kind.LOST_ANSWER: 0.3, Kind.SERVER_ERROR: 0.2}, 2, _INNER)},
    ),
    Row(
        "files are rewritten and cut short on the disk while they are sent",
        accident=files_change,
        large=2,
        rate=_SO_SLOW,
        in_firefox=True,
    ),
    Row("the tab is closed and opened again, twice", accident=tab_is_closed, large=2, rate=_SO_SLOW, in_firefox=True),
)


# Everything at once. What OSS denies stays denied; nothing else may end a file.
EVERYTHING = {
    "storage": Odds(
        {
            Kind.RESET_IN_BODY: 0.06,
            Kind.CLOSE_IN_BODY: 0.03,
            Kind.LOST_ANSWER: 0.06,
            Kind.CUT_ANSWER: 0.03,
            Kind.NO_ANSWER: 0.005,
            Kind.STALL_IN_BODY: 0.005,
            Kind.SERVER_ERROR: 0.04,
            Kind.BUSY: 0.03,
            Kind.TOO_MANY: 0.02,
            Kind.HTML_502: 0.02,
            Kind.EARLY_409: 0.02,
            Kind.EARLY_403: 0.005,
            Kind.DENIED: 0.005,
            Kind.LAPSED: 0.03,
        },
        attempts=3,
    ),
    "site": Odds(
        {Kind.KILLED_WORKERS: 0.06, Kind.LOST_ANSWER: 0.06, Kind.SERVER_ERROR: 0.06, Kind.RESET_IN_BODY: 0.03},
        attempts=_FOR_EVER,
        methods=_API,
    ),
    "inner": Odds({Kind.LOST_ANSWER: 0.05, Kind.SERVER_ERROR: 0.05}, methods=_INNER),
}


def everything_happens(run: Run) -> None:
    """On top of what hits single requests: the line dies for 20 s, and the tab is closed and opened again, twice."""
    line_dies(run)
    tab_is_closed(run)


def everything(files: int, seed: int) -> Row:
    return Row(
        f"all of these at once, {files} files, seed {seed}",
        EVERYTHING,
        seconds=360,
        accident=everything_happens,
    )
