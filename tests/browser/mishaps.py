"""What can go wrong in the storage, on purpose."""

from __future__ import annotations

import threading
from collections import Counter

from uploads.localoss.errors import Cause, Refusal

BUSY = Cause(503, "ServiceUnavailable", "", "Please reduce your request rate.")
DENIED = Cause(403, "AccessDenied", "0003-00000001", "You have no right to access this object.")
LONGEST_HOLD_SECONDS = 30


class Mishaps:
    """Sees each request to the embedded OSS first. Files are named by a part of their object's key."""

    def __init__(self) -> None:
        self._refused: dict[tuple[str, str], Cause] = {}
        self._held: dict[tuple[str, str], threading.Event] = {}
        self.seen: Counter[str] = Counter()

    def refuse(self, method: str, cause: Cause, name: str = "") -> None:
        """Answer requests of this method with an error."""
        self._refused[method, name] = cause

    def hold(self, method: str, name: str = "") -> None:
        """Keep requests of this method waiting."""
        self._held[method, name] = threading.Event()

    def release(self) -> None:
        """Let go on what is held, and go wrong no more."""
        self._refused.clear()
        self.let_go()

    def let_go(self) -> None:
        """Let go on what is held; what is to be refused still is."""
        for event in self._held.values():
            event.set()
        self._held.clear()

    def __call__(self, environ):
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        self.seen[method] += 1
        for (held_method, name), event in list(self._held.items()):
            if held_method == method and name in path:
                event.wait(LONGEST_HOLD_SECONDS)
        for (refused_method, name), cause in list(self._refused.items()):
            if refused_method == method and name in path:
                raise Refusal(cause)
