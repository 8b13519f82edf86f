"""The real page, read by curl in real shells, on the real site and the embedded OSS."""

from __future__ import annotations

import pytest

from tests.browser.mishaps import Mishaps
from tests.browser.site import running_line, running_site
from tests.clients.toolchains import refuse_missing
from tests.conftest import BUCKET, CREDENTIALS, REGION
from tests.terminal.shell import Shell
from uploads.localoss.app import LocalOss
from uploads.localoss.server import OssServer

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


@pytest.fixture(scope="session")
def oss_server():
    """One port for all tests: stopping a server takes longer than most of them."""

    def current_app(environ, start_response):
        return server.app(environ, start_response)

    server = OssServer(current_app)
    with server:
        yield server


@pytest.fixture
def oss(oss_server, tmp_path, settings):
    """As the one in tests/conftest.py: an embedded OSS, new and empty, that the settings point at."""
    oss_server.app = LocalOss(tmp_path / "oss", credentials=CREDENTIALS, region=REGION)
    oss_server.app.create_bucket(BUCKET)
    settings.OSS_ENDPOINT = oss_server.url
    return oss_server


@pytest.fixture
def mishaps(oss):
    """What goes wrong in the storage."""
    mishaps = Mishaps()
    oss.app.intercept = mishaps
    yield mishaps
    mishaps.release()


@pytest.fixture
def line(oss, settings):
    """Visitors reach the storage by a line that can break; the site has its own."""
    settings.OSS_INTERNAL_ENDPOINT = oss.url
    with running_line(oss.port) as line:
        settings.OSS_ENDPOINT = line.url
        yield line


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
