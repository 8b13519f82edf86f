"""A browser's tab as the suites use it, whatever the browser: open, choose files, look."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

_READY = """
return document.querySelector("[data-upload-state]") !== null && !document.querySelector("[data-part=unready]");
"""
# Every upload that the page's queue speaks of, with how it went on: what the page believes, however few rows its list
# shows.
_WATCH = """
if (!window.seenUploads) {
  const seen = window.seenUploads = new Map();
  const dispatch = window.EventTarget.prototype.dispatchEvent;
  window.EventTarget.prototype.dispatchEvent = function (event) {
    const upload = event.type.startsWith("upload:") && event.detail && event.detail.upload;
    if (upload) {
      const moves = seen.get(upload) || [];
      const move = upload.state + " (" + upload.attempt + ")";
      if (!moves.length || moves.at(-1).move !== move) moves.push({ at: performance.now(), move });
      seen.set(upload, moves.slice(-30));
    }
    return dispatch.call(this, event);
  };
}
return true;
"""
_BELIEVED = """
return Array.from((window.seenUploads || new Map()).keys(), (u) => (
  {id: u.id, name: u.file.name, state: u.state, cause: u.cause ? u.cause.code : ""}));
"""
_MOVES = """
const now = performance.now();
return Array.from(window.seenUploads || [], ([u, moves]) => [
  u.file.name, moves.map(({ at, move }) => `${((now - at) / 1000).toFixed(1)} s ago: ${move}`)]);
"""
_ROWS = """
return Array.from(document.querySelectorAll(".file[data-file-state]"), (row) => [
  row.querySelector(".file__name").title, row.dataset.fileState]);
"""
_REQUESTS = """
const now = performance.now();
const seconds = (ms) => (ms / 1000).toFixed(1);
return performance.getEntriesByType("resource").slice(-30).map(({ name, startTime, duration, responseStatus }) => (
  `${seconds(now - startTime)} s ago, for ${seconds(duration)} s: ${responseStatus} `
  + name.replace(/^.*\\/([^?]*)(\\?partNumber=\\d+)?.*$/, "$1$2")));
"""
_QUEUE = "return document.querySelector('[data-upload-state]').dataset.uploadState;"


class Tab(Protocol):
    """`run` runs the body of a function and returns what it returns."""

    def open(self, url: str) -> None: ...

    def run(self, script: str) -> Any: ...

    def choose(self, paths: Sequence[Path]) -> None:
        """Pick files in the one `input[type=file][multiple]`."""

    def close(self) -> None: ...


class Browser(Protocol):
    """A running browser; every tab shares its profile."""

    name: str

    def new_tab(self) -> Tab: ...


def is_ready(tab: Tab) -> bool:
    """Whether the page has come, with its script, which works."""
    return tab.run(_READY)


def watch(tab: Tab) -> None:
    """Listen to the page's queue from now on; call it before files are chosen."""
    tab.run(_WATCH)


def believed(tab: Tab) -> list[dict[str, str]]:
    """What the page's queue says of each file: id, name, state, and the code of the cause."""
    return tab.run(_BELIEVED)


def moves(tab: Tab) -> dict[str, list[str]]:
    """How each file went on as the page's queue saw it, the latest last: when, to what state, in which try."""
    return dict(tab.run(_MOVES))


def rows(tab: Tab) -> list[tuple[str, str]]:
    """What is shown: name and state of each row in the list."""
    return [(name, state) for name, state in tab.run(_ROWS)]


def queue_state(tab: Tab) -> str:
    return tab.run(_QUEUE)


def last_requests(tab: Tab) -> list[str]:
    """What the page has asked for last, as far as its requests have ended: when, for how long, with what status."""
    return tab.run(_REQUESTS)


def poll(condition: Callable[[], object], *, seconds: float, every: float = 0.25) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True
