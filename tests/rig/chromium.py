"""Chromium over its debugging pipe: no automation library between, and nothing that intercepts requests.

Playwright's interception slows `fetch` many times over; benchmarks must not measure that.
https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from queue import Queue
from typing import Any

from tests.rig.tab import poll

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_OPTIONS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-gpu",
    "--disable-renderer-backgrounding",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
    "about:blank",
)
_PATIENCE_SECONDS = 120


class BrowserError(RuntimeError):
    """The browser refused a command, or a script threw."""


class Pipe:
    """The two ends of the debugging pipe: a command goes out with a number, and its answer comes back with it."""

    def __init__(self, reading: int, writing: int) -> None:
        self._writing = writing
        self._numbers = count(1)
        self._waiting: dict[int, Queue[dict[str, Any]]] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._read, args=(reading,), daemon=True).start()

    def call(self, method: str, session: str = "", **parameters: Any) -> dict[str, Any]:
        """Raises BrowserError."""
        number, answers = next(self._numbers), Queue[dict[str, Any]]()
        self._waiting[number] = answers
        message = {
            "id": number,
            "method": method,
            "params": parameters,
            **({"sessionId": session} if session else {}),
        }
        data = json.dumps(message).encode() + b"\0"
        with self._lock:
            while data:
                data = data[os.write(self._writing, data) :]
        answer = answers.get(timeout=_PATIENCE_SECONDS)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']}")
        return answer["result"]

    def _read(self, reading: int) -> None:
        with os.fdopen(reading, "rb") as source:
            rest = b""
            while data := source.read1(1 << 20):
                *messages, rest = (rest + data).split(b"\0")
                for message in map(json.loads, messages):
                    if answers := self._waiting.pop(message.get("id"), None):
                        answers.put(message)
        for answers in self._waiting.values():
            answers.put({"error": "the browser has ended"})


class ChromiumTab:
    """A tab of a `Chromium`; see `tests.rig.tab`."""

    def __init__(self, pipe: Pipe, context: str = "") -> None:
        self._pipe = pipe
        own = {"browserContextId": context} if context else {}
        self.target = pipe.call("Target.createTarget", url="about:blank", **own)["targetId"]
        self._session = pipe.call("Target.attachToTarget", targetId=self.target, flatten=True)["sessionId"]

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._pipe.call(method, self._session, **parameters)

    def open(self, url: str) -> None:
        """Raises BrowserError when the page cannot be loaded."""
        answer = self.call("Page.navigate", url=url)
        if answer.get("errorText"):
            raise BrowserError(f"{url}: {answer['errorText']}")
        if not poll(lambda: self.run("return document.readyState") == "complete", seconds=60, every=0.02):
            raise BrowserError(f"{url} does not finish loading.")

    def run(self, script: str) -> Any:
        wrapped = f"(async () => {{ {script} }})()"
        answer = self.call("Runtime.evaluate", expression=wrapped, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise BrowserError(json.dumps(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def choose(self, paths: Sequence[Path]) -> None:
        found = self.call("Runtime.evaluate", expression="document.querySelector('input[type=file][multiple]')")
        handle = found["result"]["objectId"]
        self.call("DOM.setFileInputFiles", objectId=handle, files=[str(path) for path in paths])

    def close(self) -> None:
        self._pipe.call("Target.closeTarget", targetId=self.target)


class Chromium:
    """A running Chromium; its tabs share one profile, unless `new_tab` gets the id of a context of its own."""

    name = "Chromium"

    def __init__(self, pipe: Pipe, pid: int) -> None:
        self.pipe = pipe
        self.pid = pid

    def new_tab(self, context: str = "") -> ChromiumTab:
        return ChromiumTab(self.pipe, context)

    def new_context(self) -> str:
        """A profile of its own, with connections of its own."""
        return self.pipe.call("Target.createBrowserContext")["browserContextId"]


@contextmanager
def running_chromium() -> Iterator[Chromium]:
    profile = Path(tempfile.mkdtemp(prefix="chromium-"))
    pid, pipe = _start(profile)
    try:
        pipe.call("Browser.getVersion")
        yield Chromium(pipe, pid)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        shutil.rmtree(profile, ignore_errors=True)


def _start(profile: Path) -> tuple[int, Pipe]:
    """Chromium reads commands from its descriptor 3 and writes to 4."""
    their_reading, our_writing = map(_away_from_3_and_4, os.pipe())
    our_reading, their_writing = map(_away_from_3_and_4, os.pipe())
    nowhere = os.open(os.devnull, os.O_RDWR)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    command = [_path(), *sandbox, f"--user-data-dir={profile}", *_OPTIONS]
    actions = [
        (os.POSIX_SPAWN_DUP2, nowhere, 1), (os.POSIX_SPAWN_DUP2, nowhere, 2),
        (os.POSIX_SPAWN_DUP2, their_reading, 3), (os.POSIX_SPAWN_DUP2, their_writing, 4),
    ]  # fmt: skip
    pid = os.posix_spawn(command[0], command, dict(os.environ), file_actions=actions, setpgroup=0)
    for descriptor in (their_reading, their_writing, nowhere):
        os.close(descriptor)
    return pid, Pipe(our_reading, our_writing)


def _away_from_3_and_4(descriptor: int) -> int:
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return moved


def _path() -> str:
    for path in (os.environ.get("CHROMIUM"), *map(shutil.which, _NAMES)):
        if path and Path(path).exists():
            return path
    raise BrowserError("No Chromium was found: install one, or set CHROMIUM to its path.")
