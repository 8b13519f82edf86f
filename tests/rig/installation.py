"""The product as it is installed: `manage.py serve` with its gunicorn workers and settle, a database, and a storage.

All are processes of their own, in production settings, so that each can be killed, and so that a browser, a proxy and
a judge in the test's own process take no time from them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.rig.processes import command_of, descendants, free_port, running, wait_for_url
from tests.servers import BUCKET, CREDENTIALS, REGION, REPOSITORY

_MAKE_PAGES = """
from django.contrib.auth import get_user_model
from uploads.models import UploadPage
owner, _ = get_user_model().objects.get_or_create(username="owner")
pages = [UploadPage.objects.create(title=f"Page {n}", owner=owner) for n in range(40)]
print(*(page.link_path() for page in pages), sep="\\n")
"""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the parts of an installation listen, and where browsers and the site are sent to reach the storage."""

    site: int
    storage: int
    public_site: int
    public_storage: int
    internal_storage: int

    @classmethod
    def direct(cls) -> Ports:
        """Nothing stands between the parts."""
        site, storage = free_port(), free_port()
        return cls(site, storage, site, storage, storage)


class Installation:
    """A running site with its storage below one folder. `take_page` gives the path of a page not used before."""

    def __init__(self, folder: Path, ports: Ports, settle_seconds: int) -> None:
        self.folder = folder
        self.ports = ports
        self.origin = f"http://127.0.0.1:{ports.public_site}"
        self.database = folder / "site.sqlite3"
        self.storage_root = folder / "oss"
        self.log = folder / "site.log"
        self.supervisor = 0
        self._settle_seconds = settle_seconds
        self._pages: list[str] = []

    def take_page(self) -> str:
        if not self._pages:
            self._pages = self.manage("shell", "-v0", "-c", _MAKE_PAGES).split()
        return self._pages.pop(0)

    def workers(self) -> list[int]:
        """The processes that serve requests now: gunicorn's, but not the one that looks after the others."""
        return [pid for pid in descendants(self.supervisor) if not descendants(pid) and "gunicorn" in command_of(pid)]

    def supervised(self) -> list[int]:
        """All that the supervisor keeps running: gunicorn, its workers, and settle."""
        return descendants(self.supervisor)

    def manage(self, *arguments: str) -> str:
        """Run a command of manage.py; what it wrote."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            env=self.environment, cwd=REPOSITORY, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
        return kept | {
            "ENV_FILE": "",
            "DEBUG": "false",
            "SECRET_KEY": "an-installation-of-the-tests-" + "0" * 30,
            "ALLOWED_HOSTS": "127.0.0.1",
            "SECURE_SSL_REDIRECT": "false",
            "DATABASE_URL": f"sqlite:///{self.database}",
            "STATIC_ROOT": str(self.folder / "static"),
            "LOG_LEVEL": "WARNING",
            "WEB_BIND": f"127.0.0.1:{self.ports.site}",
            "WEB_WORKERS": "2",
            "WEB_THREADS": "4",
            "SETTLE_SECONDS": str(self._settle_seconds),
            "OSS_ACCESS_KEY_ID": CREDENTIALS.access_key_id,
            "OSS_ACCESS_KEY_SECRET": CREDENTIALS.access_key_secret,
            "OSS_BUCKET": BUCKET,
            "OSS_REGION": REGION,
            "OSS_ENDPOINT": f"http://127.0.0.1:{self.ports.public_storage}",
            "OSS_INTERNAL_ENDPOINT": f"http://127.0.0.1:{self.ports.internal_storage}",
        }


@contextmanager
def installed(folder: Path, ports: Ports | None = None, *, settle_seconds: int = 1) -> Iterator[Installation]:
    """Everything is up inside the `with`, and nothing is left of it after."""
    folder.mkdir(parents=True, exist_ok=True)
    site = Installation(folder, ports or Ports.direct(), settle_seconds)
    site.manage("migrate", "-v0")
    site.manage("collectstatic", "--noinput", "-v0")
    storage = [sys.executable, "-m", "tests.rig.storage"]
    storage += [str(site.storage_root), str(site.ports.storage), site.origin]
    serve = [sys.executable, "manage.py", "serve"]
    with (
        running(storage, site.environment, folder / "storage.log"),
        running(serve, site.environment, site.log) as supervisor,
    ):
        wait_for_url(f"http://127.0.0.1:{site.ports.site}/healthz", supervisor, site.log)
        site.supervisor = supervisor.pid
        yield site
