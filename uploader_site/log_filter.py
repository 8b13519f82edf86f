"""Keeps capabilities out of the log: page tokens in paths, signatures and credentials in URLs."""

from __future__ import annotations

import logging
import re

_SECRETS = (
    (re.compile(r"(/[ur]/)[A-Za-z0-9_-]{6,}"), r"\1…"),
    (re.compile(r"(x-oss-(?:signature|credential|security-token)=)[^&\s\"']+", re.IGNORECASE), r"\1…"),
)


class WithoutSecrets(logging.Filter):
    """Rewrites the message and the traceback in place; never drops one."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = without_secrets(_message_of(record)), None
        if record.exc_info and not record.exc_text:
            # Exceptions quote what they failed on; formatters take this text instead of making their own.
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = without_secrets(record.exc_text)
        return True


def _message_of(record: logging.LogRecord) -> str:
    """What is raised in a filter, unlike in a handler, is raised in whoever logs."""
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return str(record.msg)


def without_secrets(text: str) -> str:
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text
