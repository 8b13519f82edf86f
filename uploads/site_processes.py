"""Which processes make up the site: gunicorn with its workers, and settle."""

from __future__ import annotations

import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from uploads.supervision.process_group import Program

# What gunicorn asks for by default: connections that wait while workers are busy, or are being started again.
BACKLOG = 2048


class SiteProcessesError(Exception):
    """A value of the settings does not fit; the text says which, and what would."""


@dataclass(frozen=True, slots=True)
class SiteProcesses:
    """Where the site listens, and how much of it there is."""

    host: str
    port: int
    workers: int
    threads: int
    settle_seconds: int

    @classmethod
    def from_texts(cls, *, bind: str, workers: str, threads: str, settle_seconds: str) -> Self:
        """From the settings WEB_BIND, WEB_WORKERS, WEB_THREADS and SETTLE_SECONDS. Raises SiteProcessesError."""
        host, port = _address(bind)
        return cls(
            host=host,
            port=port,
            workers=_positive("WEB_WORKERS", workers),
            threads=_positive("WEB_THREADS", threads),
            settle_seconds=_positive("SETTLE_SECONDS", settle_seconds),
        )

    def listener(self) -> socket.socket:
        """The socket that all workers accept from. It outlives gunicorn: visitors wait while that is started again.

        Raises SiteProcessesError.
        """
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        try:
            return socket.create_server((self.host, self.port), family=family, backlog=BACKLOG)
        except OSError as error:
            raise SiteProcessesError(
                f"WEB_BIND: the site cannot listen on {_shown(self.host)}:{self.port}: {error.strerror}."
            ) from error

    def programs(self, *, project: Path, listener: socket.socket) -> tuple[Program, Program]:
        """What has to run, out of the folder `project` (that of manage.py)."""
        descriptor = listener.fileno()
        gunicorn = (
            *(sys.executable, "-m", "gunicorn", "--pythonpath", project),
            *("--config", project / "uploader_site/gunicorn_config.py", "--bind", f"fd://{descriptor}"),
            *("--workers", str(self.workers), "--threads", str(self.threads)),
        )
        settle = (
            *(sys.executable, project / "manage.py", "settle"),
            *("--loop", str(self.settle_seconds), "--until-stdin-ends"),
        )
        return Program("web", gunicorn, kept_open=(descriptor,)), Program("settle", settle)


def url_of(listener: socket.socket) -> str:
    """Where a socket listens, also if the port was left to the system."""
    host, port, *_ = listener.getsockname()
    return f"http://{_shown(host)}:{port}"


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _address(bind: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{bind}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or port is None or parts.netloc != bind or "@" in bind:
        raise SiteProcessesError(f"WEB_BIND is HOST:PORT, such as 127.0.0.1:8000 or [::]:8000, not {bind!r}.")
    return host, port


def _positive(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise SiteProcessesError(f"{name} is a whole number from 1 on, not {text!r}.")
    return int(text)
