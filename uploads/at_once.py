"""A few calls to OSS at the same time, for a bounded time."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from typing import TypeVar

CALLS_AT_ONCE = 8

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")


def answers_of(calls: Mapping[Key, Callable[[], Answer]], *, timeout: float | None) -> dict[Key, Answer]:
    """What the calls return, a few at once; only those that are through within `timeout` seconds.

    One that is under way goes on, and nobody learns of its answer; one that has not begun is left out.
    """
    futures = {_pool().submit(call): key for key, call in calls.items()}
    done, late = wait(futures, timeout=timeout)
    for future in late:
        future.cancel()
    return {futures[future]: future.result() for future in done}


@cache
def _pool() -> ThreadPoolExecutor:
    """Made at the first use, hence after a server has forked its workers. Not that of looks: these take longer."""
    return ThreadPoolExecutor(CALLS_AT_ONCE, thread_name_prefix="parts")
