"""The browser's program, opened and used in Chromium."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser

from tests.clients.outcome import Outcome
from uploads.snippets import Program


class _Files(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder's files; gives the origin."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class ChromiumClient:
    """A program that lies in `folder`, served at `url`."""

    def __init__(self, program: Program, folder: Path, *, browser: Browser, url: str) -> None:
        self._browser, self._url, self._default = browser, f"{url}/{program.file_name}", ""
        (folder / program.file_name).write_text(program.source, encoding="utf-8")

    def run(self, files: Path, *arguments: str) -> Outcome:
        """Without an argument it sends the file that the page's label names."""
        with self._browser.new_context() as context:
            tab = context.new_page()
            tab.goto(self._url)
            name = arguments[0] if arguments else tab.locator("label").inner_text().strip().removesuffix(":")
            tab.set_input_files("input", files / name)
            tab.get_by_role("button", name="Upload").click()
            done = tab.locator("pre[data-state=stored], pre[data-state=failed]")
            done.wait_for(timeout=30_000)
            return Outcome(0 if done.get_attribute("data-state") == "stored" else 1, done.inner_text())
