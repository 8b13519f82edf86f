"""Writers and readers of one object at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tests.servers import BUCKET
from uploads.localoss.records import ObjectRecord
from uploads.localoss.store import Store

KEY = "k"


def read_while_others_write(
    store: Store,
    write: Callable[[int], object],
    check: Callable[[ObjectRecord, bytes], None],
    *,
    versions: int,
) -> None:
    """Read the object until so many versions were seen, each of which is checked.

    Three writers replace it meanwhile by `write`, each with its number, and the first deletes it as well.
    """
    is_done = threading.Event()

    def go_on_writing(number: int) -> None:
        while not is_done.is_set():
            write(number)
            if number == 1:
                store.delete(BUCKET, KEY)

    writers = [threading.Thread(target=go_on_writing, args=(number,)) for number in (1, 2, 3)]
    for writer in writers:
        writer.start()
    seen = set()
    try:
        while len(seen) < versions:
            if (found := store.open(BUCKET, KEY)) is None:
                continue
            record, file = found
            with file:
                check(record, file.read())
            seen.add(record.version)
    finally:
        is_done.set()
        for writer in writers:
            writer.join()
