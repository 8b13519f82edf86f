"""The judge: reads the storage's disk and the site's database, and only then looks at what the page claims."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tests.faults.files import are_equal

TICK = "stored"
_MOST_SHOWN = 8
_ENDED_WITHOUT = {"failed", "mismatch"}


class Claim(NamedTuple):
    """What a page says of a file. `upload_id` is the browser's id for it, which the grant has too."""

    upload_id: str
    name: str
    state: str
    cause: str = ""


class Grant(NamedTuple):
    """What the database says of a file."""

    upload_id: str
    name: str
    state: str
    key: str
    cause: str


@dataclass
class Verdict:
    """How the files ended. `wrong` has one sentence for each thing that must not be."""

    stored: list[str] = field(default_factory=list)
    ended: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def files(self) -> int:
        return len(self.stored) + len(self.ended)

    def __str__(self) -> str:
        """Short: where one file waits, hundreds do."""
        more = len(self.wrong) - _MOST_SHOWN
        lines = [f"{len(self.stored)} stored, {len(self.ended)} ended, {len(self.wrong)} wrong:"]
        lines += self.wrong[:_MOST_SHOWN] + ([f"and {more} more."] if more > 0 else [])
        return "\n".join(lines)


class Judge:
    """Knows the files as they were sent, the objects on the disk, and the grants."""

    def __init__(self, files: Mapping[str, Path], objects: Mapping[str, Path], grants: Iterable[Grant]) -> None:
        self._files = files
        self._objects = objects
        self._grants = {grant.upload_id: grant for grant in grants}

    def judge(self, claims: Iterable[Claim], true_causes: Mapping[str, set[str]]) -> Verdict:
        """`claims` are of all tabs, the last one's last; `true_causes` may be named for a file not there."""
        verdict = Verdict(wrong=[*self._lies_of_database()])
        claims = list(claims)
        for claim in claims:
            if claim.state == TICK and (why := self._missing(claim)):
                verdict.wrong.append(f"{claim.name} has a tick, but {why}.")
        for name in self._files:
            self._judge_file(verdict, name, [claim for claim in claims if claim.name == name], true_causes)
        return verdict

    def _judge_file(
        self, verdict: Verdict, name: str, claims: list[Claim], true_causes: Mapping[str, set[str]]
    ) -> None:
        if any(claim.state == TICK for claim in claims):
            verdict.stored.append(name)
            return
        last = claims[-1] if claims else Claim("", name, "nowhere on the page")
        if last.state not in _ENDED_WITHOUT:
            verdict.wrong.append(f"{name} has not ended: it is {last.state}.")
        elif self._missing(last) == "":
            verdict.wrong.append(f"{name} is shown as {last.state} ({last.cause}), but it is there.")
        elif last.cause not in true_causes.get(name, set()):
            verdict.wrong.append(f"{name} is {last.state} for {last.cause or 'no cause'}, which was not the cause.")
        else:
            verdict.ended[name] = last.cause

    def _missing(self, claim: Claim) -> str:
        """Why a tick would be a lie; empty when it is the truth."""
        grant = self._grants.get(claim.upload_id)
        if grant is None or grant.state != TICK:
            return f"its grant is {grant.state if grant else 'not there'}"
        return self._unlike(grant)

    def _lies_of_database(self) -> Iterable[str]:
        """A stored grant without its object, and objects that no grant knows."""
        for grant in self._grants.values():
            if grant.state == TICK and (why := self._unlike(grant)):
                yield f"The grant of {grant.name} is stored, but {why}."
        known = {grant.key for grant in self._grants.values()}
        for key in self._objects.keys() - known:
            yield f"Nobody knows the object {key}."

    def _unlike(self, grant: Grant) -> str:
        source, stored = self._files.get(grant.name), self._objects.get(grant.key)
        if source is None or stored is None:
            return "there is no object"
        return "" if are_equal(source, stored) else "the object has other bytes"


def objects_on_disk(root: Path, bucket: str, prefix: str = "") -> dict[str, Path]:
    """Where the objects' bytes are, by their keys, as `uploads.localoss.store` describes it, without its code.

    A file, or for an object that was made of parts a folder of files.
    """
    found = {}
    for record_path in (root / bucket / "objects").glob("*/*.json"):
        record = json.loads(record_path.read_bytes())
        name = f"{record_path.stem}.{record['version']}"
        if record["key"].startswith(prefix):
            found[record["key"]] = root / bucket / "data" / name[:2] / name
    return found


class PageRecords(NamedTuple):
    """What the database has of one page. `prefix` begins the keys of its objects."""

    prefix: str
    grants: list[Grant]


def records_of(database: Path, page_path: str) -> PageRecords:
    """Of the page at `/u/TOKEN/`; the site may be writing at the same time."""
    token = page_path.strip("/").split("/")[-1]
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=20)) as connection:
        number, page_id = connection.execute(
            "SELECT id, page_id FROM uploads_uploadpage WHERE token = ?", [token]
        ).fetchone()
        found = connection.execute(
            "SELECT client_id, original_name, state, object_key, cause FROM uploads_uploadgrant WHERE page_id = ?",
            [number],
        ).fetchall()
    return PageRecords(f"{page_id}/", [Grant(str(uuid.UUID(client_id)), *rest) for client_id, *rest in found])
