"""Writing history: a transaction in which grants change, and their events with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from uploads.models.events import EventKind, GrantEvent, SaidBy

if TYPE_CHECKING:
    from uploads.models.grants import UploadGrant


class History:
    """The events of one transaction, all at the same time `now`; `recorded` makes it, and writes them at its end."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.events: list[GrantEvent] = []

    def add(
        self,
        grant: UploadGrant,
        kind: EventKind,
        *,
        said_by: SaidBy,
        data: Mapping[str, Any] | None = None,
        request_id: str = "",
    ) -> None:
        """Say what has happened to a grant that was changed in the same transaction."""
        self.events.append(
            GrantEvent(
                grant=grant, kind=kind, said_by=said_by, at=self.now, request_id=request_id, data=dict(data or {})
            )
        )

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Where an exception takes back what was written within, and its events, and nothing that was before."""
        before = len(self.events)
        try:
            with transaction.atomic():
                yield
        except BaseException:
            del self.events[before:]
            raise


@contextmanager
def recorded(now: datetime) -> Iterator[History]:
    """A transaction for changes of grants and their events: both are written, or neither.

    The events of a batch cost one statement, however many they are.
    """
    with transaction.atomic():
        history = History(now)
        yield history
        GrantEvent.objects.bulk_create(history.events)
