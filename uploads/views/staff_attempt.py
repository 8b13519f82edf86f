"""An attempt that failed, for staff: what was signed against what was sent, the cause, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from uploads.diagnosis import Diagnosis, kept_diagnosis
from uploads.explaining import Explanation, ec_address
from uploads.grant_diagnosis import answer_of_attempt, diagnosis_of_answer, signed_terms
from uploads.models.events import EventKind, GrantEvent
from uploads.models.grants import UploadGrant
from uploads.signature_diff import Row, compared_rows
from uploads.views.staff_story import answer_in_words

_ATTEMPTS = (EventKind.REPORTED, EventKind.ATTEMPT_FAILED)


@dataclass(frozen=True, slots=True)
class Attempt:
    """`rows` is empty where it is not known what was sent. `was_mended`: the file has arrived all the same."""

    title: str
    diagnosis: Diagnosis
    rows: list[Row]
    code: str = ""
    ec: str = ""
    request_id: str = ""
    was_mended: bool = False

    @property
    def ec_address(self) -> str:
        return ec_address(self.ec)


def attempt_to_show(grant: UploadGrant, events: Sequence[GrantEvent]) -> Attempt | None:
    """The last attempt that failed for a reason of its own; where none is known of, what the grant's cause says."""
    attempts = [event for event in events if event.kind in _ATTEMPTS]
    for number, event in reversed(list(enumerate(attempts, start=1))):
        if event.kind == EventKind.ATTEMPT_FAILED and _says_something(grant, event):
            return _attempt(grant, event, number)
    if not grant.cause:
        return None
    return Attempt(str(grant.get_state_display()), kept_diagnosis(grant.cause, grant.cause_details), [])


def attempt_of_explanation(explanation: Explanation) -> Attempt:
    body = explanation.body
    return Attempt(
        title=answer_in_words(body.status, body.code, body.ec) if body.status else body.code or body.ec,
        diagnosis=explanation.diagnosis,
        rows=explanation.rows,
        code=body.code,
        ec=body.ec,
        request_id=body.request_id,
    )


def _says_something(grant: UploadGrant, event: GrantEvent) -> bool:
    """Of a file that has arrived, an answer that was lost says nothing: it may have been that very attempt."""
    status = event.data.get("status")
    return grant.stored_at is None or (status is not None and status < 500 and status not in {408, 409, 429})


def _attempt(grant: UploadGrant, event: GrantEvent, number: int) -> Attempt:
    answer = answer_of_attempt(grant, event)
    sent = answer.sent
    title = (
        _("Attempt %(number)d got no answer") if answer.status is None else _("Attempt %(number)d failed: %(status)d")
    )
    return Attempt(
        title=title % {"number": number, "status": answer.status},
        diagnosis=diagnosis_of_answer(grant, answer),
        rows=compared_rows(signed_terms(grant, sent), sent) if sent else [],
        code=answer.code,
        ec=answer.ec,
        request_id=event.request_id,
        was_mended=grant.stored_at is not None and not grant.cause,
    )
