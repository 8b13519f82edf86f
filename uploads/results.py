"""Use case: a browser says how its PUTs ended; the server writes it down, asks OSS itself, and decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.utils import timezone

from uploads.api_requests import Report
from uploads.at_once import answers_of
from uploads.evidence import cleaned_evidence
from uploads.models.events import EventKind, SaidBy
from uploads.models.grant_queries import BETWEEN_LOOKS, UploadGrantQuerySet
from uploads.models.grants import GrantState, UploadGrant
from uploads.models.history import History, recorded
from uploads.models.pages import UploadPage
from uploads.multipart_calls import abort_upload
from uploads.outcomes import apply_looks
from uploads.verification import look_at

# The visitor waits for the answer; what OSS has not answered by then is asked for again by `status`, and by settle.
LOOK_SECONDS = 2.0
# The history keeps no more of them: whoever fails a thousand times does not fill the database.
ATTEMPTS_WITH_EVIDENCE = 10

Grants = dict[UUID, UploadGrant]


def report_results(page: UploadPage, visitor: str, reports: Sequence[Report], *, origin: str = "") -> Grants:
    """Write the reports down, verify, and return the visitor's grants by the client's ids; unknown ids are left out.

    Reporting twice changes nothing, and nothing that is said here makes a grant stored. `origin` is the one that the
    bucket's CORS rules have to allow.
    """
    with recorded(timezone.now()) as history:
        grants = locked_grants(page, visitor, [report.id for report in reports])
        for report in reports:
            if report.id in grants:
                _write_report(grants[report.id], report, history, origin=origin)
        claimed = _claimed(grants, history.now)
    return _looked_at(page, visitor, grants, claimed=claimed)


def current_states(page: UploadPage, visitor: str, ids: Iterable[UUID]) -> Grants:
    """The visitor's grants as they are, after asking OSS about those that were reported but not yet confirmed."""
    grants = grants_of(page, visitor, ids)
    return _looked_at(page, visitor, grants, claimed=_claimed(grants, timezone.now()))


def cancel_grants(page: UploadPage, visitor: str, ids: Iterable[UUID]) -> Grants:
    """End what is still open. Its room on the page comes back when no URL can be used any more (settle)."""
    with recorded(timezone.now()) as history:
        grants = locked_grants(page, visitor, ids)
        for grant in grants.values():
            if grant.is_open:
                fields = {"next_check_at": grant.lapsed_at, "cause": "", "cause_details": {}}
                grant.change_state(
                    GrantState.CANCELLED,
                    event=EventKind.CANCELLED,
                    said_by=SaidBy.BROWSER,
                    history=history,
                    fields=fields,
                )
    _abort_uploads(grant for grant in grants.values() if grant.state == GrantState.CANCELLED)
    return grants


def grants_of(page: UploadPage, visitor: str, ids: Iterable[UUID]) -> Grants:
    """A visitor's grants by the client's ids; what another visitor asked for is as unknown as what nobody did."""
    return _by_id(UploadGrant.objects.of_visitor(page, visitor).filter(client_id__in=list(ids)))


def locked_grants(page: UploadPage, visitor: str, ids: Iterable[UUID]) -> Grants:
    """The same, kept as they are until the transaction ends: what a visitor says is never lost to another writer."""
    return _by_id(UploadGrant.objects.of_visitor(page, visitor).filter(client_id__in=list(ids)).locked())


def _by_id(found: UploadGrantQuerySet) -> Grants:
    return {grant.client_id: grant for grant in found if grant.client_id}


def _abort_uploads(cancelled: Iterable[UploadGrant]) -> None:
    """Free the parts at once, if OSS answers. Parts may still be on their way, so settle does it again later."""
    calls = {grant.pk: partial(abort_upload, grant, grant.upload_id) for grant in cancelled if grant.upload_id}
    answers_of(calls, timeout=LOOK_SECONDS)


def _write_report(grant: UploadGrant, report: Report, history: History, *, origin: str) -> None:
    if not grant.is_open:
        compare_late_checksum(grant, report.checksum, history)
        return
    if grant.reported_at is not None and _is_same_report(grant, report):
        return
    is_success = report.status is not None and report.status < 300
    evidence = _evidence(report, origin)
    data: dict[str, Any] = {"status": report.status, "code": report.code, "ec": report.ec, "etag": report.etag}
    if evidence and grant.attempts < ATTEMPTS_WITH_EVIDENCE:
        data["evidence"] = evidence
    grant.change_state(
        GrantState.REPORTED,
        event=EventKind.REPORTED if is_success else EventKind.ATTEMPT_FAILED,
        said_by=SaidBy.BROWSER,
        history=history,
        data=data,
        request_id=report.request_id[:64],
        fields={
            "attempts": grant.attempts + 1,
            "reported_at": history.now,
            "reported_status": report.status,
            "reported_code": report.code[:64],
            "reported_ec": report.ec[:32],
            "reported_request_id": report.request_id[:64],
            "reported_etag": report.etag[:128],
            "reported_crc64": report.checksum,
            "evidence": evidence,
            "cause": "",
            "cause_details": {},
            # Also when nobody waits for the answer: settle begins where this process may be killed.
            "next_check_at": history.now + BETWEEN_LOOKS,
        },
    )


def _evidence(report: Report, origin: str) -> dict[str, Any]:
    """What the browser hands in, and for an attempt without an answer where it came from."""
    evidence = cleaned_evidence(report.evidence) if report.evidence else {}
    if report.status is None and origin:
        evidence["origin"] = origin
    return evidence


def _is_same_report(grant: UploadGrant, report: Report) -> bool:
    return (grant.reported_status, grant.reported_code, grant.reported_ec, grant.reported_request_id) == (
        report.status,
        report.code[:64],
        report.ec[:32],
        report.request_id[:64],
    ) and grant.reported_crc64 == report.checksum


def compare_late_checksum(grant: UploadGrant, checksum: str, history: History) -> None:
    """The one correction of a stored grant: the browser's CRC-64 comes afterwards and disagrees."""
    is_first = grant.state == GrantState.STORED and not grant.reported_crc64
    if not (is_first and checksum and grant.stored_crc64):
        return
    compared = [*grant.compared, "crc64"]
    fields = {"reported_crc64": checksum, "compared": compared}
    if grant.stored_crc64 == checksum:
        grant.write_if_unchanged(fields, now=history.now)
        return
    differences = {"crc64": [checksum, grant.stored_crc64]}
    grant.change_state(
        GrantState.MISMATCH,
        event=EventKind.MISMATCHED,
        said_by=SaidBy.BROWSER,
        history=history,
        data={"compared": compared, "differences": differences},
        fields={**fields, "cause": "differs", "cause_details": {}},
    )


def _claimed(grants: Grants, now: datetime) -> list[UploadGrant]:
    unconfirmed = [grant for grant in grants.values() if _is_unconfirmed(grant)]
    return UploadGrant.objects.claim_looks(unconfirmed, now)


def _looked_at(page: UploadPage, visitor: str, grants: Grants, *, claimed: Sequence[UploadGrant]) -> Grants:
    """The grants after OSS was asked about those that were claimed for that; outside of any transaction."""
    if not claimed:
        return grants
    apply_looks(claimed, look_at(claimed, timeout=LOOK_SECONDS), now=timezone.now())
    # What was just written is as it is in the database; the rest may have been written by others meanwhile.
    rest = [id_ for id_, grant in grants.items() if _is_unconfirmed(grant)]
    return {**grants, **(grants_of(page, visitor, rest) if rest else {})}


def _is_unconfirmed(grant: UploadGrant) -> bool:
    return grant.state == GrantState.REPORTED and grant.reported_at is not None
