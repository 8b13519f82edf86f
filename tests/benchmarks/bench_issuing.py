"""Grants issued over HTTP by one gunicorn worker: one at a time, and 100 to a batch.

Everything that a visitor's browser causes is in it: HTTP, validation, the reservation, the rows with their events on
disk (SQLite, WAL, synchronous=FULL), and the signature.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_server

import requests

ROUNDS = 5
SINGLES_PER_ROUND = 100
BATCHES_PER_ROUND = 10
BATCH = 100


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-issuing-") as folder, _site(Path(folder)) as page_url:
        singles, batches = [], []
        _ask(page_url, 1)
        for _ in range(ROUNDS):
            singles.append(_grants_per_second(page_url, batch=1, calls=SINGLES_PER_ROUND))
            batches.append(_grants_per_second(page_url, batch=BATCH, calls=BATCHES_PER_ROUND))
    one, many = statistics.median(singles), statistics.median(batches)
    print("Grants issued over HTTP by one gunicorn worker (SQLite, median of", ROUNDS, "rounds)")
    print(f"{'':28}{'grants/s':>12}{'ratio':>10}")
    print(f"{'one at a time':28}{one:>12,.0f}{1:>10.1f}")
    print(f"{f'{BATCH} to a batch':28}{many:>12,.0f}{many / one:>10.1f}")


def _grants_per_second(page_url: str, *, batch: int, calls: int) -> float:
    started = time.perf_counter()
    for _ in range(calls):
        _ask(page_url, batch)
    return batch * calls / (time.perf_counter() - started)


_session = requests.Session()
_session.trust_env = False


def _ask(page_url: str, count: int) -> None:
    files = [
        {"id": str(uuid.uuid4()), "name": f"IMG_{number:05}.jpg", "size": 4_200_000, "type": "image/jpeg"}
        for number in range(count)
    ]
    answer = _session.post(f"{page_url}grants", json={"files": files}, headers={"X-Upload-Key": "0" * 32}, timeout=30)
    grants = answer.json()["grants"]
    if len(grants) != count or not all("x-oss-signature=" in grant["url"] for grant in grants):
        raise RuntimeError("Not every file got a grant; a benchmark of refusals says nothing.")


@contextmanager
def _site(folder: Path) -> Iterator[str]:
    """The site in production settings, with one page; the page's URL."""
    environment = os.environ | {
        "ENV_FILE": "",
        "DEBUG": "false",
        "SECRET_KEY": "benchmark-" + "0" * 40,
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECURE_SSL_REDIRECT": "false",
        "DATABASE_URL": f"sqlite:///{folder / 'bench.sqlite3'}",
        "OSS_ACCESS_KEY_ID": "bench-key-id",
        "OSS_ACCESS_KEY_SECRET": "bench-key-secret",
        "OSS_BUCKET": "bench-bucket",
        "OSS_REGION": "cn-hangzhou",
        "LOG_LEVEL": "ERROR",
        "STATIC_ROOT": str(folder),
    }
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=environment, check=True)
    make_page = (
        "from django.contrib.auth import get_user_model as m; from uploads.models import UploadPage as p;"
        "print(p.objects.create(title='Bench', owner=m().objects.create(username='bench')).link_path())"
    )
    made = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", make_page],
        env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    with create_server(("127.0.0.1", 0)) as probe:
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--workers=1", "--threads=4", f"--bind={address}", "--log-level=error",
         "uploader_site.wsgi"],
        env=environment,
    )  # fmt: skip
    try:
        _wait_for(f"http://{address}/healthz", server)
        yield f"http://{address}{made.stdout.strip()}"
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if _session.get(url, timeout=2).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise RuntimeError("gunicorn did not come up.")


if __name__ == "__main__":
    main()
