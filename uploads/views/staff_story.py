"""The history of a grant in sentences: what happened, when, and who says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from uploads.diagnosis import cause_sentence
from uploads.models.events import EventKind, GrantEvent
from uploads.templatetags.staff_format import validity
from uploads.views.staff_states import COMPARED, Mark


class Chapter(NamedTuple):
    """One event: its mark, what it was about, and whose word it is."""

    at: datetime
    mark: Mark
    text: str
    source: str


# Symbol and colour; an event of another kind is a plain dot.
_MARKS: dict[str, tuple[str, str]] = {
    EventKind.REPORTED: ("reported", "s-reported"),
    EventKind.ATTEMPT_FAILED: ("failed", "s-failed"),
    EventKind.CHECK_FAILED: ("", "s-reported"),
    EventKind.VERIFIED: ("stored", "s-stored"),
    EventKind.MISMATCHED: ("mismatch", "s-mismatch"),
    EventKind.FAILED: ("failed", "s-failed"),
    EventKind.CANCELLED: ("", "s-cancelled"),
    EventKind.EXPIRED: ("", "s-expired"),
    EventKind.ARRIVED_LATE: ("late", "s-late"),
    EventKind.RELEASED: ("", "s-cancelled"),
}


def story_of(events: Iterable[GrantEvent]) -> list[Chapter]:
    """The events in their order. The people who acted are read with each: use `select_related("actor")`."""
    return [_chapter(event) for event in events]


def answer_in_words(status: int | None, code: str, ec: str) -> str:
    """What a sender was told, in one line."""
    if status is None:
        return _("no answer")
    return " ".join(filter(None, [str(status), code, f"EC {ec}" if ec else ""]))


def _chapter(event: GrantEvent) -> Chapter:
    code, glyph = _MARKS.get(event.kind, ("", "s-issued"))
    person = event.actor.get_full_name() or event.actor.get_username() if event.actor else ""
    in_words = _TEXTS.get(event.kind)
    text = in_words(event.data) if in_words else ""
    return Chapter(event.at, Mark(code, glyph, event.get_kind_display()), text, person or event.get_said_by_display())


def _signed(data: Mapping[str, Any]) -> str:
    seconds = data.get("expires_in")
    return _("A URL for %(validity)s") % {"validity": validity(seconds)} if seconds else ""


def _answered(data: Mapping[str, Any]) -> str:
    return answer_in_words(data.get("status"), data.get("code", ""), data.get("ec", ""))


def _compared(data: Mapping[str, Any]) -> str:
    names = ", ".join(str(COMPARED.get(name, name)) for name in data.get("compared", ()))
    return _("Compared: %(names)s") % {"names": names} if names else ""


def _differing(data: Mapping[str, Any]) -> str:
    found = [
        _("%(name)s: %(granted)s granted, %(stored)s stored")
        % {"name": COMPARED.get(name, name), "granted": granted or "–", "stored": stored or "–"}
        for name, (granted, stored) in data.get("differences", {}).items()
    ]
    return "; ".join(found) or _compared(data)


_TEXTS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    EventKind.ISSUED: _signed,
    EventKind.RENEWED: _signed,
    EventKind.REPORTED: _answered,
    EventKind.ATTEMPT_FAILED: _answered,
    EventKind.CHECK_FAILED: lambda data: str(data.get("error", "")),
    EventKind.VERIFIED: _compared,
    EventKind.MISMATCHED: _differing,
    EventKind.ARRIVED_LATE: _differing,
    # What was found in this one case stands above, with its attempt.
    EventKind.FAILED: lambda data: cause_sentence(data.get("cause", "")),
}
