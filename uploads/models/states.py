"""The states of a grant, and the ways between them."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _


class GrantState(models.TextChoices):
    ISSUED = "issued", _("Issued")
    REPORTED = "reported", _("Reported")
    STORED = "stored", _("Stored")
    MISMATCH = "mismatch", _("Mismatch")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")
    LATE = "late", _("Late")


# Not ended: an object may still come, and the grant still holds its key.
OPEN_STATES = (GrantState.ISSUED, GrantState.REPORTED)
# Ended without an object, as far as was seen; an object that comes after all makes it late.
GIVEN_UP_STATES = (GrantState.FAILED, GrantState.CANCELLED, GrantState.EXPIRED)
# Ended with an object that was seen.
KEPT_STATES = (GrantState.STORED, GrantState.LATE)

_FROM_OPEN = frozenset({GrantState.REPORTED, GrantState.STORED, GrantState.MISMATCH, *GIVEN_UP_STATES})
NEXT_STATES: Mapping[str, frozenset[GrantState]] = {
    **dict.fromkeys(OPEN_STATES, _FROM_OPEN),
    **dict.fromkeys(GIVEN_UP_STATES, frozenset({GrantState.LATE})),
    # The one late correction: the browser's CRC-64 arrives afterwards and disagrees.
    GrantState.STORED: frozenset({GrantState.MISMATCH}),
    GrantState.MISMATCH: frozenset(),
    GrantState.LATE: frozenset(),
}


class IllegalChangeError(RuntimeError):
    """A grant was about to go a way that its life does not have."""
