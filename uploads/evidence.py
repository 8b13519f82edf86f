"""What a browser hands in beside its report: a few known facts, without secrets, however they came."""

from __future__ import annotations

import html
import json
from typing import Any

from uploads.canonical_requests import parsed_canonical_request
from uploads.redaction import redacted

MAX_CHARACTERS = 8 * 1024
_TRUTHS = ("online", "reached")


def cleaned_evidence(text: str) -> dict[str, Any]:
    """The known fields of a browser's evidence; empty for what is none. Never raises.

    `canonical_request` is OSS's, from its answer. `online`: the browser has a network; `reached`: the storage's host
    answered it, None where that is not known.
    """
    try:
        given = json.loads(text[:MAX_CHARACTERS])
    except (ValueError, RecursionError):
        return {}
    if not isinstance(given, dict):
        return {}
    evidence: dict[str, Any] = {name: given[name] for name in _TRUTHS if isinstance(given.get(name), bool)}
    canonical = given.get("canonical_request")
    if isinstance(canonical, str):
        # As in the answer, where it is escaped for XML. NUL and half characters no database takes.
        plain = html.unescape(canonical).replace("\x00", "").encode("utf-8", "replace").decode()
        if parsed_canonical_request(plain):
            evidence["canonical_request"] = redacted(plain)
    return evidence
