"""The real page, read by curl in real shells, on the real site and the embedded OSS."""

from __future__ import annotations

import pytest

from tests.browser.site import running_site
from tests.clients.toolchains import refuse_missing
from tests.terminal.shell import Shell

# Every Debian has the first two; the others run where they are installed.
SHELLS = {
    "bash": ("bash", "--norc"),
    "dash": ("dash",),
    "zsh": ("zsh", "-f"),
    "busybox": ("busybox", "sh"),
    "mksh": ("mksh",),
}
NEEDED = ("bash", "dash")


@pytest.fixture(scope="session")
def site():
    with running_site() as site:
        yield site


@pytest.fixture
def home(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    return home


@pytest.fixture
def new_shell(transactional_db, site, oss, home):
    """Makes shells of a kind, which have read a page."""

    def make(page, kind="dash"):
        if kind not in NEEDED:
            refuse_missing(SHELLS[kind][0])
        return Shell(SHELLS[kind], home, site.url + page.link_path())

    return make


@pytest.fixture
def shell(new_shell, open_page):
    return new_shell(open_page)
