"""A few calls to OSS at the same time, for a bounded time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from typing import Any, TypeVar

CALLS_AT_ONCE = 8

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")

logger = logging.getLogger(__name__)


def answers_of(calls: Mapping[Key, Callable[[], Answer]], *, timeout: float | None) -> dict[Key, Answer]:
    """What the calls return, a few at once; only those that are through within `timeout` seconds.

    One that is under way goes on, and nobody learns of its answer; one that has not begun is left out, and so is one
    that fails by a mistake of ours, which is logged: it must not take the others along.
    """
    futures = {_pool().submit(call): key for key, call in calls.items()}
    done, late = wait(futures, timeout=timeout)
    for future in late:
        future.cancel()
    return {futures[future]: future.result() for future in done if _has_answered(future)}


def _has_answered(future: Future[Any]) -> bool:
    error = future.exception()
    if isinstance(error, Exception):
        logger.error("A call to OSS failed by itself.", exc_info=error)
        return False
    return True


@cache
def _pool() -> ThreadPoolExecutor:
    """Made at the first use, hence after a server has forked its workers. Not that of looks: these take longer."""
    return ThreadPoolExecutor(CALLS_AT_ONCE, thread_name_prefix="parts")
