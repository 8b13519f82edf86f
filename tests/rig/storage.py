"""The embedded OSS in a process of its own, whose clock a request may set for itself:

    python -m tests.rig.storage ROOT PORT SITE_ORIGIN

`X-Test-Clock: SECONDS`, which only a test's proxy adds, has the request judged as if it had come so much later. So a
URL lapses for one request and for no other, and it is the real server that says so.
"""

from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.servers import BUCKET, CREDENTIALS, REGION
from uploads.localoss.app import LocalOss
from uploads.localoss.server import OssServer, held_stop_signals
from uploads.management.commands.oss_server import EXPOSED_HEADERS
from uploads.oss.documents import CorsRule

CLOCK_HEADER = "X-Test-Clock"
_THREADS = 32


class RequestClock(threading.local):
    """A clock for each thread, hence for each request while it is served."""

    offset = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def set(self, environ) -> None:
        seconds = environ.get("HTTP_" + CLOCK_HEADER.upper().replace("-", "_"), "0")
        self.offset = timedelta(seconds=float(seconds))


def storage_app(root: Path, origin: str) -> LocalOss:
    """With the bucket of the tests, and with CORS rules for one origin."""
    clock = RequestClock()
    app = LocalOss(root, credentials=CREDENTIALS, region=REGION, now=clock, intercept=clock.set)
    app.create_bucket(BUCKET)
    rule = CorsRule((origin,), ("PUT", "GET", "HEAD"), ("*",), EXPOSED_HEADERS, 600)
    app.set_cors(BUCKET, [rule], response_vary=True)
    return app


def main(root: str, port: str, origin: str) -> None:
    """Until SIGTERM."""
    server = OssServer(storage_app(Path(root), origin), port=int(port), threads=_THREADS, timeout=300)
    with held_stop_signals() as wait_for_one, server:
        wait_for_one()


if __name__ == "__main__":
    main(*sys.argv[1:])
