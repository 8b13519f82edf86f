"""Finding and starting the browser for the tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MISSING = (
    "No browser was found. Install one with `apt-get install chromium` or `python -m playwright install chromium`, "
    "or set CHROMIUM to the path of a Chromium or Chrome."
)
# Nothing that would reach out of the machine by itself: the tests look at every request.
_QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
    # Names for this machine that browsers do not trust as they trust localhost: a site's, a bucket's custom domain.
    "--host-resolver-rules=MAP *.test 127.0.0.1",
    # Containers have a /dev/shm of 64 MB, too small for large uploads.
    "--disable-dev-shm-usage",
)


class MissingBrowserError(RuntimeError):
    """Tests need a real browser; without one they fail, they are not skipped."""


def chromium_path(playwright: Playwright) -> str:
    """CHROMIUM, else the system's, else Playwright's own. Raises MissingBrowserError with what to install."""
    candidates = (os.environ.get("CHROMIUM"), *map(shutil.which, _NAMES), playwright.chromium.executable_path)
    for path in candidates:
        if path and Path(path).exists():
            return path
    raise MissingBrowserError(_MISSING)


# Playwright runs once in a thread: suites in one process share the browser, and who began it ends it.
_running: list[Browser] = []


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """A headless Chromium; the same one inside another `with`."""
    if _running:
        yield _running[0]
        return
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        path = chromium_path(playwright)
        browser = playwright.chromium.launch(executable_path=path, args=[*_QUIET, *sandbox])
        _running.append(browser)
        try:
            yield browser
        finally:
            _running.clear()
            browser.close()
