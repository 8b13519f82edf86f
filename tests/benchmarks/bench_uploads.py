"""Uploads through a real Chromium: this page against plain `fetch` and curl, in one run on the same machine.

    python -m tests.benchmarks.bench_uploads

All of them get their URLs from the same site and send to the same embedded OSS, with its data in memory (/dev/shm
where it is there). The browser is driven over its debugging pipe; nothing intercepts its requests. The contestants
take turns, and the table has the medians of the rounds, as ratios: seconds say nothing about another machine.

BENCH_ROUNDS (3) sets the rounds, BENCH_SHARE (1.0) makes files smaller or fewer for a quick look, BENCH_ONLY (all)
names workloads, such as W1,W4.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.tab_memory import print_memory
from tests.benchmarks.upload_contestants import Contestant, Curl, Engine, PlainFetch
from tests.faults.proxy import running_proxy
from tests.rig.chromium import Chromium, running_chromium
from tests.rig.installation import Installation, Ports, installed
from tests.rig.processes import free_port
from tests.servers import BUCKET

KIB = 1024
MIB = 1024 * KIB
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
SHARE = float(os.environ.get("BENCH_SHARE", "1"))
ONLY = os.environ.get("BENCH_ONLY", "W1,W2,W3,W4,memory").split(",")

# Enough to tell what grows with the file from what is there until the browser tidies up.
MEMORY_MIB = (256, 1024, 4096)

LINE_BITS_PER_SECOND = 20_000_000
LINE_ROUND_TRIP_SECONDS = 0.08


@dataclass(frozen=True, slots=True)
class Workload:
    """So many files of one size. `fewer`: whether a quick look takes fewer files or smaller ones."""

    code: str
    title: str
    count: int
    size: int
    fewer: bool = True

    @property
    def sizes(self) -> list[int]:
        if self.fewer:
            return [self.size] * max(1, int(self.count * SHARE))
        return [int(self.size * SHARE)] * self.count


FAST = (
    Workload("W1", "one file of 1 GiB", 1, 1024 * MIB, fewer=False),
    Workload("W2", "1,000 files of 10 KiB", 1000, 10 * KIB),
    Workload("W3", "20 files of 50 MiB", 20, 50 * MIB, fewer=False),
)
SLOW = Workload("W4", "200 files of 100 KiB over 80 ms and 20 Mbit/s", 200, 100 * KIB)


def main() -> None:
    with memory_folder() as folder, running_chromium() as browser:
        print(f"Uploads through Chromium; medians of {ROUNDS} rounds, as ratios to plain fetch in the same rounds\n")
        print("| | " + " | ".join(["plain fetch", "this page", "this page without CRC-64", "curl"]) + " |")
        print("|---|---|---|---|---|")
        with installed(folder / "fast", settle_seconds=3600) as site:
            for workload in FAST:
                if workload.code in ONLY:
                    _print_ratios(workload, _medians(workload, _contestants(browser, site), site, folder))
        if SLOW.code in ONLY:
            with slow_site(folder / "slow") as site:
                medians = _medians(SLOW, _contestants(browser, site), site, folder)
            _print_ratios(SLOW, medians)
            _print_floor(SLOW, medians)
        if "memory" in ONLY:
            with installed(folder / "memory", settle_seconds=3600) as site:
                print_memory(site, folder, [int(mib * MIB * SHARE) for mib in MEMORY_MIB])


def _contestants(browser: Chromium, site: Installation) -> list[Contestant]:
    return [PlainFetch(browser, site), Engine(browser, site), Engine(browser, site, has_checksum=False), Curl(site)]


def _medians(workload: Workload, contestants: Sequence[Contestant], site: Installation, folder: Path) -> list[float]:
    files = _write(folder / workload.code, workload.sizes)
    turns: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    for _ in range(ROUNDS):
        for contestant in contestants:
            turns[contestant.name].append(contestant.send(files))
            _throw_objects_away(site, expected=len(files))
    shutil.rmtree(folder / workload.code)
    return [statistics.median(seconds) for seconds in turns.values()]


def _write(folder: Path, sizes: Sequence[int]) -> list[Path]:
    folder.mkdir()
    paths = [folder / f"{number:04}.bin" for number in range(len(sizes))]
    block = os.urandom(MIB)
    for path, size in zip(paths, sizes, strict=True):
        with path.open("wb") as file:
            for start in range(0, size, MIB):
                file.write(block[: min(MIB, size - start)])
    return paths


def _throw_objects_away(site: Installation, *, expected: int) -> None:
    """Memory is not endless. Raises RuntimeError when not every file has arrived: then the time says nothing."""
    bucket = site.storage_root / BUCKET
    objects = list(bucket.glob("objects/*/*.json"))
    if len(objects) != expected:
        raise RuntimeError(f"{len(objects)} objects arrived, and not {expected}.")
    for path in objects:
        path.unlink()
    for path in bucket.glob("data/*"):
        shutil.rmtree(path)


def _print_ratios(workload: Workload, medians: Sequence[float]) -> None:
    ratios = " | ".join(f"{seconds / medians[0]:.2f}" for seconds in medians)
    print(f"| {workload.title} | {ratios} |", flush=True)


def _print_floor(workload: Workload, medians: Sequence[float]) -> None:
    """What the line's own speed allows: the bytes alone, without a single round trip."""
    floor = sum(workload.sizes) * 8 / LINE_BITS_PER_SECOND
    ratios = " | ".join(f"{seconds / floor:.2f}" for seconds in medians)
    print(f"| the same, as a ratio to what the line can carry ({floor:.1f} s) | {ratios} |", flush=True)


@contextmanager
def slow_site(folder: Path) -> Iterator[Installation]:
    """An installation that the browser reaches by a slow line, as it does the storage."""
    with running_proxy("site", "storage") as proxy:
        storage = free_port()
        own = Ports(free_port(), storage, proxy.ports["site"], proxy.ports["storage"], internal_storage=storage)
        proxy.start(site=own.site, storage=own.storage)
        proxy.share_line(("site", "storage"), rate=LINE_BITS_PER_SECOND / 8, delay=LINE_ROUND_TRIP_SECONDS / 2)
        with installed(folder, own, settle_seconds=3600) as site:
            yield site


@contextmanager
def memory_folder() -> Iterator[Path]:
    """In memory if there is such a place with room: a disk would be measured instead."""
    shm = Path("/dev/shm")
    has_room = shm.is_dir() and shutil.disk_usage(shm).free > 6 * 1024 * MIB
    if not has_room:
        print("No room in /dev/shm: this run measures a disk, too.")
    folder = Path(tempfile.mkdtemp(prefix="bench-uploads-", dir=shm if has_room else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
