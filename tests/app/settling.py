"""Time goes by, and processes die."""

from __future__ import annotations

import pytest

from tests.app.sending_parts import complete
from uploads import multipart_completing
from uploads.settle import settle_due

WEEK = 7 * 24 * 3600


def die(*_, **__):
    raise SystemExit("killed")


def said_and_killed(visitor, file, monkeypatch):
    """The process dies between writing down what the visitor said and asking OSS."""
    with monkeypatch.context() as patched:
        patched.setattr(multipart_completing, "look_at", die)
        with pytest.raises(SystemExit):
            complete(visitor, file)


def wait(clock, seconds):
    clock.shift(seconds)
    return settle_due()
