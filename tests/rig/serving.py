"""`manage.py serve` as its own processes, and what a test may ask of it and do to it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import requests

from tests.servers import REPOSITORY

# For two busy cores; each thing waited for takes a second or two on idle ones.
PATIENCE_SECONDS = 60

WORKER = r"Booting worker with pid: (\d+)"
MASTER = r"web runs as process (\d+)"
SETTLE = r"settle runs as process (\d+)"


SERVE = (sys.executable, "manage.py", "serve")
MAKE_SERVE = ("make", "--no-print-directory", "serve")


class Site:
    """A running `serve`. All its processes write to one pipe: when that ends, so has the last of them."""

    def __init__(self, command: tuple[str, ...], environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._log = ""
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def url(self) -> str:
        return self.said(r"^Site: (\S+)$")[0]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def _read(self) -> None:
        for line in self.process.stdout:
            with self._news:
                self._log += line
                self._news.notify_all()

    def said(self, pattern: str, *, times: int = 1) -> list[str]:
        """What a pattern found in the log, once it has found it so many times."""

        def found() -> list[str]:
            return re.findall(pattern, self._log, re.MULTILINE)

        with self._news:
            assert self._news.wait_for(lambda: len(found()) >= times, PATIENCE_SECONDS), self._log
            return found()

    def kill(self, pattern: str) -> str:
        """Kill -9 the last process that the pattern names, and wait for the next one; the pid of the killed one."""
        pids = self.said(pattern)
        os.kill(int(pids[-1]), signal.SIGKILL)
        self.said(pattern, times=len(pids) + 1)
        return pids[-1]

    def is_healthy(self) -> bool:
        return requests.get(f"{self.url}/healthz", timeout=PATIENCE_SECONDS).json() == {"status": "ok"}

    def is_over(self) -> bool:
        """Whether every process of it comes to an end and nobody listens any more."""
        self._reader.join(PATIENCE_SECONDS)
        with socket.socket() as probe:
            return not self._reader.is_alive() and probe.connect_ex(("127.0.0.1", self.port)) != 0

    def clean_up(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        is_over = self.is_over()
        for group in [] if is_over else self.said(rf"{MASTER}|{SETTLE}", times=0):
            with suppress(ProcessLookupError):
                os.killpg(int("".join(group)), signal.SIGKILL)
        self._reader.join()
        self.process.wait(PATIENCE_SECONDS)
        self.process.stdout.close()
        assert is_over, self._log


@contextmanager
def running(command: tuple[str, ...], environment: dict[str, str]) -> Iterator[Site]:
    site = Site(command, environment)
    try:
        yield site
    finally:
        site.clean_up()


def installed_environment(folder: Path) -> dict[str, str]:
    """That of an installation in `folder` with nothing but a migrated database."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
    database = folder / "site.sqlite3"
    environment = kept | {
        "ENV_FILE": "",
        "DEBUG": "true",
        "SECRET_KEY": "for processes of the tests",
        "DATABASE_URL": f"sqlite:///{database}",
        "OSS_ACCESS_KEY_ID": "test-key-id",
        "OSS_ACCESS_KEY_SECRET": "test-key-secret",
        "OSS_BUCKET": "test-bucket",
        "WEB_BIND": "127.0.0.1:0",
        "WEB_WORKERS": "2",
    }
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=REPOSITORY, env=environment, check=True)
    return environment
