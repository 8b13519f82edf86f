"""Why the attempts of a grant failed: what was reported, held against what is kept of each of its URLs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from uploads.canonical_requests import CanonicalRequest
from uploads.diagnosis import Diagnosis, OssAnswer, diagnose_attempt
from uploads.models.events import EventKind, GrantEvent
from uploads.models.grants import UploadGrant
from uploads.oss.clock import oss_time
from uploads.signature_diff import NOT_COMPARED, SignedTerms, signed_part
from uploads.storage import storage

_SIGNINGS = (EventKind.ISSUED, EventKind.RENEWED)


def diagnosis_of_report(grant: UploadGrant, evidence: Mapping[str, Any]) -> Diagnosis:
    """The cause of the last attempt, for an object that is not there. `evidence` as `UploadGrant.evidence`."""
    answer = _answer(grant.reported_status, grant.reported_code, ec=grant.reported_ec, evidence=evidence)
    return diagnosis_of_answer(grant, answer)


def diagnosis_of_answer(grant: UploadGrant, answer: OssAnswer) -> Diagnosis:
    """The same for any attempt."""
    sent = answer.sent
    return diagnose_attempt(answer, signed_terms(grant, sent) if sent else None)


def answer_of_attempt(grant: UploadGrant, event: GrantEvent) -> OssAnswer:
    """What an attempt in the grant's history was told. Of the last one the grant itself knows more."""
    data = event.data
    evidence = grant.evidence if event.at == grant.reported_at else data.get("evidence", {})
    return _answer(data.get("status"), data.get("code", ""), ec=data.get("ec", ""), evidence=evidence)


def _answer(status: int | None, code: str, *, ec: str, evidence: Mapping[str, Any]) -> OssAnswer:
    return OssAnswer(status, code, ec, facts=evidence, is_of_browser=bool(evidence))


def signed_terms(grant: UploadGrant, sent: CanonicalRequest | None = None) -> SignedTerms:
    """What the grant's URL was made of: of the one that was used, as far as its time tells, else of the latest."""
    if sent and "uploadId" in sent.query and "uploadId" not in grant.signed_query:
        return _terms_of_part(grant, sent)
    stamp = (sent.query.get("x-oss-date") if sent else None) or oss_time(grant.signed_at)
    signings = [event for event in grant.events.all() if event.kind in _SIGNINGS]
    used = [event.data for event in signings if event.data.get("signed_at") == stamp]
    return _terms(grant, used[-1] if used else _latest(grant, signings))


def _terms_of_part(grant: UploadGrant, sent: CanonicalRequest) -> SignedTerms:
    """Of the URLs of parts only this is known: they are for the grant's object, and sign no header but a length."""
    length = sent.headers.get("content-length")
    additional = ("content-length",) if length else ()
    own = {"x-oss-date", "x-oss-expires", "x-oss-signature-version", "x-oss-additional-headers"}
    return SignedTerms(
        method="PUT",
        bucket=grant.bucket,
        key=grant.object_key,
        headers={"content-length": length} if length else {},
        additional_headers=additional,
        query={name: value for name, value in sent.query.items() if name not in NOT_COMPARED | own},
        signed_at=sent.query.get("x-oss-date", ""),
        is_whole=False,
    )


def _latest(grant: UploadGrant, signings: list[GrantEvent]) -> Mapping[str, Any]:
    """A time that we never signed was changed on the way: then only the latest URL can have been meant."""
    stamp = oss_time(grant.signed_at)
    return next((event.data for event in reversed(signings) if event.data.get("signed_at") == stamp), {})


def _terms(grant: UploadGrant, signing: Mapping[str, Any]) -> SignedTerms:
    additional = tuple(sorted({name.lower() for name in signing.get("additional_headers", grant.additional_headers)}))
    headers = signed_part(signing.get("headers", grant.signed_headers), additional)
    if "host" in additional:
        headers.setdefault("host", storage().bucket(grant.bucket).host)
    return SignedTerms(
        method=signing.get("method", grant.method),
        bucket=grant.bucket,
        key=grant.object_key,
        headers=headers,
        additional_headers=additional,
        query=signing.get("query", grant.signed_query),
        signed_at=signing.get("signed_at", oss_time(grant.signed_at)),
        expires_in=signing.get("expires_in"),
    )
