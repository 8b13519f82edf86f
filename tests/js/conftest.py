"""Runs the unit tests of the page's modules in a real browser."""

from __future__ import annotations

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent.parent


class Files(SimpleHTTPRequestHandler):
    """The repository's files, modules with the type that browsers insist on."""

    extensions_map = {".js": "text/javascript", ".json": "application/json", "": "application/octet-stream"}  # noqa: RUF012

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def files():
    """The address of a server of the repository's files."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=REPOSITORY)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def one_tab(browser):
    with browser.new_context() as context:
        yield context.new_page()


@pytest.fixture
def tab(one_tab, files):
    """An empty page, on which a module may change what it likes: the next test loads it anew."""
    one_tab.goto(f"{files}/tests/js/blank.html")
    return one_tab
