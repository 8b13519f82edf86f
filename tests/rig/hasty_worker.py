"""The site's worker with less patience, for tests that cannot wait for half a minute."""

from __future__ import annotations

from typing import Any

from gunicorn.util import load_class

from uploader_site.gunicorn_config import worker_class

SiteWorker: Any = load_class(worker_class)


class HastyWorker(SiteWorker):
    request_seconds = 1.25
