"""What follows from a look at OSS for a grant, its history, and its page's reservation."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, prefetch_related_objects

from uploads.diagnosis import Diagnosis
from uploads.grant_diagnosis import diagnosis_of_report
from uploads.models.events import EventKind, SaidBy
from uploads.models.grants import GrantState, UploadGrant
from uploads.models.history import History, recorded
from uploads.models.pages import UploadPage
from uploads.oss.client import META_PREFIX, ObjectFacts
from uploads.storage import storage
from uploads.verification import Comparison, Look, compare, is_to_be_replaced

# After the reservation was given back, one more look for an object that came against all odds.
LAST_LOOK_AFTER = timedelta(hours=24)
EARLY_LOOKS = (timedelta(minutes=1), timedelta(minutes=5))
LONGEST_BACK_OFF = timedelta(hours=1)

logger = logging.getLogger(__name__)


def apply_looks(
    grants: Iterable[UploadGrant], looks: Mapping[int, Look], *, now: datetime, is_each_alone: bool = False
) -> list[UploadGrant]:
    """Write down what follows from the looks (by the grants' primary keys), all in one transaction.

    Returns those that were written: not what was not looked at, nor what another process changed in the meantime.
    What cannot be written takes the others with it; with `is_each_alone` it is logged, and they are written.
    """
    looked_at = sorted((grant for grant in grants if grant.pk in looks), key=lambda grant: grant.pk)
    if not looked_at:
        return []
    apply = _apply_alone if is_each_alone else _apply
    with recorded(now) as history:
        _lock_pages(looked_at, now=now)
        _read_histories(looked_at, looks)
        return [grant for grant in looked_at if apply(grant, looks[grant.pk], history)]


def _apply(grant: UploadGrant, look: Look, history: History) -> bool:
    if look.error:
        return _note_failed_check(grant, look.error, history)
    if look.facts and not is_to_be_replaced(grant, look.facts, clock_offset=storage().clock.offset):
        return _settle_present(grant, look.facts, history, parts_crc64=look.parts_crc64)
    return _settle_absent(grant, look, history)


def _apply_alone(grant: UploadGrant, look: Look, history: History) -> bool:
    try:
        with history.savepoint():
            return _apply(grant, look, history)
    except Exception:  # One row that cannot be written must not keep the others of its batch from their end.
        logger.exception("What OSS said of the grant %s could not be written.", grant.grant_id)
        return False


def next_look(grant: UploadGrant, now: datetime) -> datetime | None:
    """When settle asks again; None when nothing more can come."""
    if grant.is_open:
        looks = [grant.created_at + delay for delay in EARLY_LOOKS]
        looks += [grant.url_ends_at + timedelta(minutes=1), grant.decided_at]
    else:
        looks = [grant.decided_at, grant.decided_at + LAST_LOOK_AFTER]
    return min((look for look in looks if look > now), default=None)


def _lock_pages(grants: Sequence[UploadGrant], *, now: datetime) -> None:
    """Where room may be given back or taken: before any grant, as issuing does, or each would wait for the other."""
    pages = {grant.page_id for grant in grants if grant.page_id and now >= grant.lapsed_at}
    if pages:
        list(UploadPage.objects.filter(pk__in=pages).locked().values_list("pk"))


def _read_histories(grants: Sequence[UploadGrant], looks: Mapping[int, Look]) -> None:
    """Of those whose cause is sought in what was once signed, in one query."""
    absent = [grant for grant in grants if grant.is_open and looks[grant.pk].facts is None]
    prefetch_related_objects([grant for grant in absent if "canonical_request" in grant.evidence], "events")


def _settle_present(grant: UploadGrant, facts: ObjectFacts, history: History, *, parts_crc64: int | None) -> bool:
    comparison = compare(grant, facts, clock_offset=storage().clock.offset, parts_crc64=parts_crc64)
    to, kind = _outcome_of_presence(grant, comparison)
    was_released = grant.released_at is not None
    changed = grant.change_state(
        to,
        event=kind,
        said_by=SaidBy.SERVER,
        history=history,
        data={
            "compared": comparison.compared,
            "differences": comparison.differences,
            "stored": _stored_headers(grant, facts),
        },
        request_id=facts.request_id[:64],
        fields={
            **_facts_fields(facts, history.now),
            # Parts that this object was not made of are thrown away when no more of them can come.
            "next_check_at": max(grant.lapsed_at, history.now) if grant.may_have_uploads else None,
            "compared": comparison.compared,
            "cause": "differs" if comparison.differences else "",
            "cause_details": {},
        },
    )
    if changed and was_released:
        # Its reservation was given back: it takes its room all the same, over the limit even.
        _take_room(grant, files=1)
    return changed


def _outcome_of_presence(grant: UploadGrant, comparison: Comparison) -> tuple[GrantState, EventKind]:
    if not grant.is_open:
        return GrantState.LATE, EventKind.ARRIVED_LATE
    if comparison.differences:
        return GrantState.MISMATCH, EventKind.MISMATCHED
    return GrantState.STORED, EventKind.VERIFIED


def _stored_headers(grant: UploadGrant, facts: ObjectFacts) -> dict[str, str]:
    """Of the signed headers those that OSS keeps with the object, as it has them."""
    stored = {
        "x-oss-storage-class": facts.storage_class,
        "content-disposition": facts.content_disposition,
        "cache-control": facts.cache_control,
    }
    stored |= {f"{META_PREFIX}{name}": value for name, value in facts.metadata.items()}
    signed = {name.lower() for name in grant.signed_headers}
    return {name: value for name, value in stored.items() if name in signed}


def _facts_fields(facts: ObjectFacts, now: datetime) -> dict[str, Any]:
    return {
        "checked_at": now,
        "failed_checks": 0,
        "check_error": "",
        "released_at": None,
        "stored_size_bytes": facts.size_bytes,
        "stored_content_type": facts.content_type[:255],
        "stored_etag": facts.etag[:128],
        "stored_crc64": "" if facts.crc64 is None else str(facts.crc64),
        "stored_at": facts.last_modified,
    }


def _settle_absent(grant: UploadGrant, look: Look, history: History) -> bool:
    now = history.now
    checked: dict[str, Any] = {"checked_at": now, "failed_checks": 0, "check_error": ""}
    if look.is_upload_lost:
        # The next wish for parts begins a new upload.
        checked |= {"upload_id": "", "completion_asked_at": None}
    diagnosis = Diagnosis("")
    if grant.is_open and grant.reported_at is not None:
        checked["evidence"] = grant.evidence if look.cors is None else {**grant.evidence, "cors": look.cors}
        diagnosis = _diagnosis_of_parts(look) or diagnosis_of_report(grant, checked["evidence"])
    if diagnosis.code and diagnosis.cause.is_final:
        written = _give_up(grant, GrantState.FAILED, diagnosis, history=history, checked=checked)
    elif grant.is_open and now >= grant.decided_at:
        written = _give_up(grant, GrantState.EXPIRED, Diagnosis("never_arrived"), history=history, checked=checked)
    else:
        fields = {**checked, "next_check_at": next_look(grant, now)}
        if grant.is_open:
            fields |= _cause_fields(diagnosis)
        written = grant.write_if_unchanged(fields, now=now)
    if written and not grant.is_open and now >= grant.decided_at:
        _release(grant, history)
    return written


def _diagnosis_of_parts(look: Look) -> Diagnosis | None:
    """What hinders an object from being made of parts, if that was asked for."""
    if look.missing:
        return Diagnosis("parts_missing")
    return Diagnosis("parts_lost") if look.is_upload_lost else None


def _cause_fields(diagnosis: Diagnosis) -> dict[str, Any]:
    return {"cause": diagnosis.code, "cause_details": diagnosis.details()}


def _give_up(
    grant: UploadGrant, to: GrantState, diagnosis: Diagnosis, *, history: History, checked: Mapping[str, Any]
) -> bool:
    kind = EventKind.FAILED if to is GrantState.FAILED else EventKind.EXPIRED
    return grant.change_state(
        to,
        event=kind,
        said_by=SaidBy.SERVER,
        history=history,
        data={"cause": diagnosis.code},
        fields={
            **checked,
            **_cause_fields(diagnosis),
            "next_check_at": _next_look_after_giving_up(grant, history.now),
        },
    )


def _next_look_after_giving_up(grant: UploadGrant, now: datetime) -> datetime:
    return grant.lapsed_at if now < grant.lapsed_at else grant.decided_at + LAST_LOOK_AFTER


def _release(grant: UploadGrant, history: History) -> None:
    """Give the reservation back, once: no URL can be used any more, and OSS has said that nothing is there."""
    unreleased = UploadGrant.objects.filter(pk=grant.pk, state=grant.state, released_at=None)
    if unreleased.update(released_at=history.now) != 1:
        return
    grant.released_at = history.now
    _take_room(grant, files=-1)
    history.add(grant, EventKind.RELEASED, said_by=SaidBy.SERVER)


def _take_room(grant: UploadGrant, *, files: int) -> None:
    if grant.page_id:
        size = files * (grant.size_bytes or 0)
        page = UploadPage.objects.filter(pk=grant.page_id)
        page.update(used_files=F("used_files") + files, used_bytes=F("used_bytes") + size)


def _note_failed_check(grant: UploadGrant, error: str, history: History) -> bool:
    """Being refused or not answered ends nothing; settle goes on asking, less and less often."""
    now = history.now
    fields: dict[str, Any] = {"check_error": error[:200]}
    if grant.next_check_at is None or grant.next_check_at <= now:
        # Only a check that was due: a visitor's browser asks every few seconds, and would put off settle by an hour.
        longest = min(LONGEST_BACK_OFF, timedelta(seconds=15) * 2 ** min(grant.failed_checks, 10))
        again = now + longest * random.uniform(0.5, 1)  # noqa: S311 - spreads load, guards nothing.
        fields |= {"failed_checks": grant.failed_checks + 1, "next_check_at": again}
    is_news = grant.check_error != fields["check_error"]
    if not grant.write_if_unchanged(fields, now=now):
        return False
    if is_news:
        history.add(grant, EventKind.CHECK_FAILED, said_by=SaidBy.SERVER, data={"error": error[:200]})
    return True
