"""Which fault hits which request: decided by a hash, so that the same seed brings the same faults.

Nothing that differs from run to run goes into it: not the order of arrival, no port, no random id. A request to the
storage is known by the name of its file, its part and how often that was tried; one to the site by the last part of
its path and how often that was called.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What can happen to one request. Each is done by the function of the same name in `tests.faults.effects`."""

    RESET_IN_BODY = "reset_in_body"
    CLOSE_IN_BODY = "close_in_body"
    LOST_ANSWER = "lost_answer"
    CUT_ANSWER = "cut_answer"
    NO_ANSWER = "no_answer"
    STALL_IN_BODY = "stall_in_body"
    SERVER_ERROR = "server_error"
    BUSY = "busy"
    TOO_MANY = "too_many"
    EARLY_403 = "early_403"
    EARLY_409 = "early_409"
    DENIED = "denied"
    LAPSED = "lapsed"
    HTML_502 = "html_502"
    KILLED_WORKERS = "killed_workers"


class Request(NamedTuple):
    """What a request is, apart from when it came. `line` is the one it came by: storage, site or inner."""

    line: str
    method: str
    name: str
    part: str = ""


class Decision(NamedTuple):
    """`kind` is None for a request that is left alone; `share` says, from 0 to 1, how far on it is hit.

    `at` is when it came, by `time.monotonic`: nothing depends on it.
    """

    request: Request
    attempt: int
    kind: Kind | None
    share: float
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Odds:
    """How likely each kind is in one attempt, on one line, and for how many attempts; then it is left alone."""

    kinds: Mapping[Kind, float]
    attempts: int = 2
    methods: tuple[str, ...] = ("PUT",)

    def kind_at(self, number: float) -> Kind | None:
        for kind, probability in self.kinds.items():
            if number < probability:
                return kind
            number -= probability
        return None


@dataclass
class Plan:
    """The odds of each line, one seed, and a log of all that was decided."""

    seed: int
    odds: Mapping[str, Odds]
    log: list[Decision] = field(default_factory=list)
    _tried: Counter[Request] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def decide(self, request: Request) -> Decision:
        """For a request that has just come."""
        with self._lock:
            self._tried[request] += 1
            decision = self.decision(request, self._tried[request])
            self.log.append(decision._replace(at=time.monotonic()))
        return decision

    def decision(self, request: Request, attempt: int) -> Decision:
        """The same for the same seed, request and attempt, whenever it is asked."""
        odds = self.odds.get(request.line)
        text = "/".join((str(self.seed), *request, str(attempt)))
        digest = hashlib.sha256(text.encode()).digest()
        number, share = (int.from_bytes(digest[start : start + 8]) / 2**64 for start in (0, 8))
        hit = odds is not None and request.method in odds.methods and attempt <= odds.attempts
        return Decision(request, attempt, odds.kind_at(number) if odds and hit else None, share)

    def faults_of(self, name: str) -> list[Kind]:
        """What has hit the requests for a file."""
        return [decision.kind for decision in self.log if decision.kind and decision.request.name == name]

    def counts(self) -> Counter[Kind]:
        """How often each fault was brought about."""
        return Counter(decision.kind for decision in self.log if decision.kind)
