"""One run: a page, a browser, files, a fault, and in the end the judge."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tests.faults.evidence import evidence
from tests.faults.files import MIB, write_files
from tests.faults.judge import TICK, Claim, Judge, Verdict, objects_on_disk, records_of
from tests.faults.plan import Plan
from tests.faults.proxy import Proxy
from tests.faults.rows import TRUE_CAUSES, Row
from tests.rig.chromium import BrowserError
from tests.rig.installation import Installation
from tests.rig.processes import kill_hard
from tests.rig.tab import Browser, Tab, believed, is_ready, last_requests, moves, poll, queue_state, rows, watch
from tests.servers import BUCKET

# What may be said of a file that changed on the disk.
_CHANGED = {"file_changed", "file_gone", "differs", "wrong_length", "parts_missing"}
_MOVING = {"waiting", "sending", "checking", "sent", "paused"}


class Rig(NamedTuple):
    """What a run needs to be running already."""

    site: Installation
    proxy: Proxy


class Run:
    """`carry_out` does it all and leaves the verdict; an accident is called with the run."""

    def __init__(self, rig: Rig, browser: Browser, folder: Path) -> None:
        self.proxy = rig.proxy
        self.seconds = 0.0
        self._site = rig.site
        self._browser = browser
        self._path = rig.site.take_page()
        self._folder = folder
        self._files: dict[str, Path] = {}
        self._claims: list[Claim] = []
        self._changed: set[str] = set()
        self._tab: Tab | None = None
        self._requests: list[str] = []
        self._moves: dict[str, list[str]] = {}

    @property
    def faults(self) -> int:
        """How many requests were hit."""
        return self.proxy.plan.counts().total()

    def carry_out(self, row: Row, sizes: Iterable[int], *, seed: int) -> Verdict:
        self._files = write_files(self._folder, sizes)
        self.proxy.plan = Plan(seed, row.odds)
        self.proxy.share_line(("site", "storage"), rate=row.rate)
        self.proxy.kill_by(self._kill_workers)
        began = time.monotonic()
        self._open_and_choose(self._files)
        if row.accident:
            row.accident(self)
        poll(self._is_over, seconds=row.seconds)
        self.seconds = time.monotonic() - began
        self._leave()
        verdict = self._verdict()
        shutil.rmtree(self._folder)
        return verdict

    def evidence(self, verdict: Verdict) -> str:
        """What may explain it."""
        wrong = [name for name in self._files if any(name in sentence for sentence in verdict.wrong)]
        return evidence(
            moves={name: self._moves.get(name, []) for name in wrong},
            decisions=self.proxy.plan.log,
            requests=self._requests,
            pids=[self._site.supervisor, *self._site.supervised()],
            log=self._site.log,
        )

    # --- What accidents do ---

    def wait_for_bytes(self) -> None:
        """Until a few more files than before have arrived, so that others are on their way."""
        before = self._ticks()
        poll(lambda: self._ticks() >= min(before + 3, len(self._files)), seconds=30, every=0.05)

    def close_and_reopen(self) -> None:
        """As somebody does whose browser was closed: open the link, choose again what has no tick."""
        self._leave()
        ticked = {claim.name for claim in self._claims if claim.state == TICK}
        self._open_and_choose({name: path for name, path in self._files.items() if name not in ticked})

    def change_largest(self) -> None:
        """Rewrite the largest file on the disk, and cut the next one short."""
        rewritten, cut = sorted(self._files.values(), key=lambda path: path.stat().st_size)[-2:]
        with rewritten.open("r+b") as file:
            for position in range(0, rewritten.stat().st_size, MIB):
                file.seek(position)
                file.write(b"changed")
        os.truncate(cut, cut.stat().st_size // 2)
        self._changed = {rewritten.name, cut.name}

    def kill_supervised(self) -> None:
        """What the supervisor keeps running, all of it at once."""
        for pid in self._site.supervised():
            kill_hard(pid)

    def _kill_workers(self) -> None:
        for pid in self._site.workers():
            kill_hard(pid)

    # --- The page ---

    def _open_and_choose(self, files: dict[str, Path]) -> None:
        self._tab = self._browser.new_tab()
        # A page, or a script of it, that was lost on the way is loaded again by whoever wants to send something.
        if not poll(self._has_opened, seconds=60, every=1):
            raise BrowserError("The page cannot be opened.")
        watch(self._tab)
        if files:
            self._tab.choose(list(files.values()))

    def _has_opened(self) -> bool:
        assert self._tab is not None
        with suppress(BrowserError):
            self._tab.open(self._site.origin + self._path)
            return is_ready(self._tab)
        return False

    def _leave(self) -> None:
        """Write down what the page says, in its queue and in its list, and close it."""
        assert self._tab is not None
        claims = self._claimed()
        self._requests = last_requests(self._tab)
        self._moves |= moves(self._tab)
        shown = [name for name, state in rows(self._tab) if state == TICK]
        ticked = [claim.name for claim in claims if claim.state == TICK]
        # A tick that only the list has is a claim, too: of a file that the judge will find nobody knows.
        claims += [Claim("", name, TICK) for name in shown if name not in ticked]
        self._claims += claims
        self._tab.close()

    def _claimed(self) -> list[Claim]:
        assert self._tab is not None
        return [Claim(said["id"], said["name"], said["state"], said["cause"]) for said in believed(self._tab)]

    def _ticks(self) -> int:
        return sum(claim.state == TICK for claim in self._claimed())

    def _is_over(self) -> bool:
        assert self._tab is not None
        states = {claim.state for claim in self._claimed()}
        return not states & _MOVING and queue_state(self._tab) in {"done", "attention", "idle"}

    # --- The judge ---

    def _verdict(self) -> Verdict:
        records = records_of(self._site.database, self._path)
        objects = objects_on_disk(self._site.storage_root, BUCKET, records.prefix)
        judge = Judge(self._files, objects, records.grants)
        causes = {name: self._true_causes(name) for name in self._files}
        return judge.judge(self._claims, causes)

    def _true_causes(self, name: str) -> set[str]:
        causes = {cause for kind in self.proxy.plan.faults_of(name) for cause in TRUE_CAUSES.get(kind, set())}
        return causes | (_CHANGED if name in self._changed else set())
