"""How much memory the tab takes more while it sends: it must not grow with the file."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.benchmarks.upload_contestants import Engine
from tests.rig.chromium import Chromium, running_chromium
from tests.rig.installation import Installation
from tests.rig.processes import command_of, descendants

MIB = 1024 * 1024
_BETWEEN_LOOKS_SECONDS = 0.02


def print_memory(site: Installation, folder: Path, sizes: Sequence[int]) -> None:
    """A browser of its own for each size: a renderer keeps what it once had."""
    rises = [_rise(site, folder / "memory.bin", size) for size in sizes]
    print("\n| one file of | rise of the tab's memory | in shares of the file |")
    print("|---|---|---|")
    for size, rise in zip(sizes, rises, strict=True):
        print(f"| {size / MIB:,.0f} MiB | {rise / MIB:,.0f} MiB | {rise / size:.2f} |", flush=True)


def _rise(site: Installation, path: Path, size: int) -> int:
    with path.open("wb") as file:
        file.truncate(size)
    small = path.with_name("warm.bin")
    small.write_bytes(b"0" * MIB)
    with running_chromium() as browser:
        engine = Engine(browser, site)
        # Scripts are compiled and the first page's memory is taken before anything is measured.
        engine.send([small])
        with Gauge(browser) as gauge:
            engine.send([path])
    path.unlink()
    small.unlink()
    return gauge.rise


class Gauge:
    """The most that all renderers together have taken inside the `with`, over what they had when they began."""

    def __init__(self, browser: Chromium) -> None:
        self._browser = browser
        self._over = threading.Event()
        self._before = self._most = _resident(browser)
        self._thread = threading.Thread(target=self._watch)

    @property
    def rise(self) -> int:
        return self._most - self._before

    def __enter__(self) -> Gauge:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_BETWEEN_LOOKS_SECONDS):
            self._most = max(self._most, _resident(self._browser))


def _resident(browser: Chromium) -> int:
    """In bytes, of all renderers; shared pages are counted once for each, as before."""
    total = 0
    for pid in descendants(browser.pid):
        if "--type=renderer" not in command_of(pid):
            continue
        with suppress(OSError, StopIteration):
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("RssAnon:"))
    return total * 1024
