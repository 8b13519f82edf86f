"""A line to the world: how fast it is, how long it is, and whether it is there at all."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from tests.faults.wire import PIECE, reset

# Of what passes a slow line, no more goes in one piece than this: several requests share it fairly.
_SLOW_PIECE = 16 * 1024
# What the event loop's timers are coarse by, twice over.
_LATENESS_SECONDS = 0.002


class Line:
    """Several listeners may share one. `rate` is in bytes a second, upwards; `delay` in seconds, each way.

    Belongs to the event loop that it is used in.
    """

    def __init__(self, *, rate: float | None = None, delay: float = 0.0) -> None:
        self.rate = rate
        self.delay = delay
        self._free_at = 0.0
        self._is_up = asyncio.Event()
        self._is_up.set()
        self._refuses = False
        self._ends: set[asyncio.StreamWriter] = set()

    @property
    def piece(self) -> int:
        return PIECE if self.rate is None else _SLOW_PIECE

    async def carry(self, size: int) -> None:
        """Wait until so many bytes have passed, behind those of everybody else.

        We wake a little late from each piece, while the next one may be there already: no line rests for that.
        """
        await self._is_up.wait()
        if self.rate is None:
            return
        now = asyncio.get_running_loop().time()
        self._free_at = max(self._free_at, now - _LATENESS_SECONDS) + size / self.rate
        await asyncio.sleep(self._free_at - now)

    async def travel(self) -> None:
        """Wait for as long as a byte is on its way."""
        await self._is_up.wait()
        if self.delay:
            await asyncio.sleep(self.delay)

    async def hang(self, seconds: float) -> None:
        """Nothing moves for a while; then everything goes on, as if nothing had been."""
        self._is_up.clear()
        await asyncio.sleep(seconds)
        self._is_up.set()

    async def die(self, seconds: float) -> None:
        """Every connection is reset, and so is each new one, for a while."""
        self._refuses = True
        for writer in list(self._ends):
            reset(writer)
        await asyncio.sleep(seconds)
        self._refuses = False

    def enter(self, writer: asyncio.StreamWriter) -> bool:
        """A client has come; False when it has been sent away."""
        if self._refuses:
            reset(writer)
            return False
        self._ends.add(writer)
        return True

    def leave(self, writer: asyncio.StreamWriter) -> None:
        self._ends.discard(writer)
        with suppress(OSError):
            writer.close()
