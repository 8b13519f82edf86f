"""Firefox over Marionette, the protocol that it brings along itself: Debian's package is enough, and no driver.

https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

from tests.rig.chromium import BrowserError
from tests.rig.processes import wait_until

_NAMES = ("firefox-esr", "firefox")
# Any free port, and nothing that reaches out of the machine by itself.
_PREFERENCES = {
    "marionette.port": 0,
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.safebrowsing.downloads.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.tabs.unloadOnLowMemory": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.disable_beforeunload": True,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.enabled": False,
}
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Marionette:
    """Commands and answers over one connection, in turn."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self._file = self._socket.makefile("rb")
        self._numbers = count(1)
        self._lock = threading.RLock()
        self._read()

    def call(self, command: str, **parameters: Any) -> Any:
        """Raises BrowserError."""
        with self._lock:
            message = json.dumps([0, next(self._numbers), command, parameters]).encode()
            self._socket.sendall(b"%d:%s" % (len(message), message))
            _, _, error, result = self._read()
        if error:
            raise BrowserError(f"{command}: {error.get('message')}")
        return result

    def in_window(self, handle: str, command: str, **parameters: Any) -> Any:
        """A command for one tab."""
        with self._lock:
            self.call("WebDriver:SwitchToWindow", handle=handle, focus=True)
            return self.call(command, **parameters)

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def _read(self) -> Any:
        length = b""
        while (digit := self._file.read(1)) not in {b":", b""}:
            length += digit
        if not length:
            raise BrowserError("Firefox has ended.")
        return json.loads(self._file.read(int(length)))


class FirefoxTab:
    """A tab of a `Firefox`; see `tests.rig.tab`."""

    def __init__(self, marionette: Marionette) -> None:
        self._marionette = marionette
        # A new tab is opened from another one, and the last one used may have been closed.
        first = marionette.call("WebDriver:GetWindowHandles")[0]
        self._handle = marionette.in_window(first, "WebDriver:NewWindow", type="tab", focus=True)["handle"]

    def call(self, command: str, **parameters: Any) -> Any:
        return self._marionette.in_window(self._handle, command, **parameters)

    def open(self, url: str) -> None:
        self.call("WebDriver:Navigate", url=url)

    def run(self, script: str) -> Any:
        # Without a sandbox: what a script changes in the page is changed for the page, too.
        return self.call("WebDriver:ExecuteScript", script=script, args=[], sandbox=None)["value"]

    def choose(self, paths: Sequence[Path]) -> None:
        selector = {"using": "css selector", "value": "input[type=file][multiple]"}
        element = self.call("WebDriver:FindElement", **selector)["value"][_ELEMENT]
        self.call("WebDriver:ElementSendKeys", id=element, text="\n".join(str(path) for path in paths))

    def close(self) -> None:
        self.call("WebDriver:CloseWindow")


class Firefox:
    """A running Firefox."""

    name = "Firefox"

    def __init__(self, marionette: Marionette, pid: int) -> None:
        self._marionette = marionette
        self.pid = pid

    def new_tab(self) -> FirefoxTab:
        return FirefoxTab(self._marionette)


@contextmanager
def running_firefox() -> Iterator[Firefox]:
    profile = Path(tempfile.mkdtemp(prefix="firefox-"))
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in _PREFERENCES.items()]
    (profile / "user.js").write_text("\n".join(lines))
    process = subprocess.Popen(
        [_path(), "--headless", "--marionette", "--no-remote", "--profile", str(profile)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        with closing(Marionette(_port(profile))) as marionette:
            capabilities = {"alwaysMatch": {"unhandledPromptBehavior": "accept", "strictFileInteractability": False}}
            marionette.call("WebDriver:NewSession", capabilities=capabilities)
            yield Firefox(marionette, process.pid)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)
        shutil.rmtree(profile, ignore_errors=True)


def _port(profile: Path) -> int:
    """Firefox writes down which port it took."""
    note = profile / "MarionetteActivePort"
    return int(wait_until(lambda: note.exists() and note.read_text(), what="Firefox does not start."))


def _path() -> str:
    for path in (os.environ.get("FIREFOX"), *map(shutil.which, _NAMES)):
        if path and Path(path).exists():
            return path
    raise BrowserError("No Firefox was found: install one (Debian: firefox-esr), or set FIREFOX to its path.")
