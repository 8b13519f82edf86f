"""How gunicorn serves the site below `manage.py serve`, which adds what settings say: socket, workers, threads."""

from __future__ import annotations

import os
import signal
import sys
import threading
from logging import Logger
from typing import Protocol

wsgi_app = "uploader_site.wsgi"
# Also with one thread.
worker_class = "uploader_site.web_worker.WebWorker"
# Nobody listens to it, and its thread would run in a process that forks.
control_socket_disable = True


class _Log(Protocol):
    error_log: Logger


class _Master(Protocol):
    log: _Log


class _Worker(Protocol):
    ppid: int


def on_starting(server: _Master) -> None:
    """Keep page tokens out of gunicorn's own lines, which quote the URL of a request that failed."""
    from uploader_site.log_filter import WithoutSecrets  # noqa: PLC0415 - the path is set up only now.

    for handler in server.log.error_log.handlers:
        handler.addFilter(WithoutSecrets())


def post_worker_init(worker: _Worker) -> None:
    """Have every worker watch the lifeline: the master itself only waits for signals."""
    threading.Thread(target=_end_with_supervisor, args=(worker.ppid,), name="lifeline", daemon=True).start()


def _end_with_supervisor(master_pid: int) -> None:
    # Nobody writes: this returns when the supervisor, who alone could, has died.
    os.read(sys.stdin.fileno(), 1)
    if os.getppid() == master_pid:
        os.kill(master_pid, signal.SIGTERM)
