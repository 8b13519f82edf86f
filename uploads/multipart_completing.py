"""Use case: a visitor says that all parts of some files have been sent; the server has the objects made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from uploads.api_requests import SentFile
from uploads.models.events import EventKind, SaidBy
from uploads.models.grants import GrantState, UploadGrant
from uploads.models.history import History, recorded
from uploads.models.pages import UploadPage
from uploads.outcomes import apply_looks
from uploads.part_plan import Span
from uploads.results import Grants, compare_late_checksum, grants_of, locked_grants
from uploads.storage import TOTAL_SECONDS
from uploads.verification import Look, look_at


@dataclass(frozen=True, slots=True)
class Completed:
    """A grant after it was to be completed, and the ranges of the file that OSS does not have."""

    grant: UploadGrant
    missing: tuple[Span, ...] = ()


def complete_files(page: UploadPage, visitor: str, files: Sequence[SentFile]) -> dict[UUID, Completed]:
    """By the client's ids; unknown ones are left out.

    1. What the visitor says is written down: from here on settle brings it to its end, whatever happens to us.
    2. OSS is asked for the parts, to make the object of them, and what it has made.
    What it does not answer in time stays reported. To say it twice, or two at once, changes nothing.
    """
    with recorded(timezone.now()) as history:
        grants = locked_grants(page, visitor, [file.id for file in files])
        for file in files:
            if file.id in grants:
                _write_completion(grants[file.id], file, history)
        said = [grant for grant in grants.values() if grant.is_to_be_completed]
        claimed = UploadGrant.objects.claim_looks(said, history.now)
    looks = look_at(claimed, timeout=TOTAL_SECONDS)
    apply_looks(claimed, looks, now=timezone.now())
    return _completed(grants_of(page, visitor, grants), looks)


def _write_completion(grant: UploadGrant, file: SentFile, history: History) -> None:
    if not grant.is_open:
        compare_late_checksum(grant, file.checksum, history)
        return
    is_said = grant.is_to_be_completed and grant.reported_at is not None and not grant.cause
    if not grant.upload_id or (is_said and grant.reported_crc64 == file.checksum):
        return
    grant.change_state(
        GrantState.REPORTED,
        event=EventKind.REPORTED,
        said_by=SaidBy.BROWSER,
        history=history,
        data={"status": 200, "parts": True, "crc64": file.checksum},
        fields={
            "attempts": grant.attempts + 1,
            "completion_asked_at": history.now,
            "reported_at": history.now,
            "reported_status": 200,
            "reported_code": "",
            "reported_ec": "",
            "reported_request_id": "",
            "reported_etag": "",
            "reported_crc64": file.checksum,
            "evidence": {},
            "cause": "",
            "cause_details": {},
            # Settle begins where this process gives up, or was killed.
            "next_check_at": history.now + timedelta(seconds=TOTAL_SECONDS),
        },
    )


def _completed(grants: Grants, looks: Mapping[int, Look]) -> dict[UUID, Completed]:
    return {id_: Completed(grant, _missing(grant, looks.get(grant.pk))) for id_, grant in grants.items()}


def _missing(grant: UploadGrant, look: Look | None) -> tuple[Span, ...]:
    if not grant.is_open:
        return ()
    has_nothing = not grant.upload_id and (grant.reported_at is None or bool(grant.cause))
    if has_nothing:
        # No part was ever asked for, or OSS has thrown them away.
        return (Span(0, grant.size_bytes or 0),)
    return look.missing if look else ()
