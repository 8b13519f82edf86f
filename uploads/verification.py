"""The server's own look at OSS, and the comparison of what is stored with what was granted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from uploads.cors_watch import cors_rules, cors_verdict
from uploads.models.grants import UploadGrant
from uploads.multipart_calls import complete_upload
from uploads.oss.client import ObjectFacts
from uploads.oss.documents import CorsConfiguration
from uploads.oss.errors import ErrorAnswer, NotFound, OssError, summary
from uploads.part_plan import Span
from uploads.storage import storage
from uploads.user_metadata import GRANT_NAME, PREFIX

LOOKS_AT_ONCE = 8
# Times of OSS have whole seconds, and so has what we know of its clock (uploads/oss/clock.py).
CLOCK_GRAIN = timedelta(seconds=2)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """What OSS said of an object: its facts, that it is not there (neither), or that it could not be asked.

    `cors`: what the bucket's rules say to an attempt without an answer (`cors_verdict`); None where they do not
    matter or are not known.

    Of one that was to be made of parts also: the CRC-64 of these, which ranges of the file none of them has, and
    whether OSS has no such upload any more.
    """

    facts: ObjectFacts | None = None
    error: str = ""
    cors: str | None = None
    parts_crc64: int | None = None
    missing: tuple[Span, ...] = ()
    is_upload_lost: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """Names of what was compared, and of those the ones that differ, with what was granted and what is stored."""

    compared: list[str] = field(default_factory=list)
    differences: dict[str, list[str]] = field(default_factory=dict)


def look_at(
    grants: Iterable[UploadGrant],
    *,
    timeout: float | None = None,
    is_left: Callable[[UploadGrant], bool] = lambda grant: False,
) -> dict[int, Look]:
    """HEAD each grant's object, a few at once; by primary key, only those answered within `timeout` seconds.

    Where the visitor has said that all parts are there, the object is made of them first; where `is_left`, without
    that, if they are. Where a browser got no answer, the bucket's CORS rules are read within the same time.
    """
    grants = list(grants)
    heads = {grant.pk: _begin_look(grant, is_left=is_left(grant)) for grant in grants}
    suspects = [grant for grant in grants if _may_lack_cors(grant)]
    rules = {bucket: _pool().submit(cors_rules, bucket) for bucket in {grant.bucket for grant in suspects}}
    futures: list[Future[Any]] = [*heads.values(), *rules.values()]
    _, late = wait(futures, timeout=timeout)
    for future in late:
        # What has not begun would only stand in the way of the next request.
        future.cancel()
    looks = {pk: future.result() for pk, future in heads.items() if future not in late}
    read = {bucket: future.result() for bucket, future in rules.items() if future not in late}
    for grant in suspects:
        if grant.pk in looks and (found := read.get(grant.bucket)):
            looks[grant.pk] = replace(looks[grant.pk], cors=_verdict(grant, found))
    return looks


def _may_lack_cors(grant: UploadGrant) -> bool:
    """`fetch` failed without a status, although the browser has a network and the storage's host answers it."""
    has_no_answer = grant.is_open and grant.reported_at is not None and grant.reported_status is None
    evidence = grant.evidence
    is_reached = evidence.get("online") is not False and evidence.get("reached") is not False
    return has_no_answer and is_reached and bool(evidence.get("origin"))


def _verdict(grant: UploadGrant, rules: CorsConfiguration) -> str:
    return cors_verdict(rules, origin=grant.evidence["origin"], method=grant.method, headers=grant.signed_headers)


def compare(
    grant: UploadGrant,
    facts: ObjectFacts,
    *,
    clock_offset: timedelta = timedelta(0),
    parts_crc64: int | None = None,
) -> Comparison:
    """Hold what is stored against what was granted, and against the parts that it was made of."""
    granted_at = _granted_at(grant, clock_offset)
    granted_id = grant.signed_headers.get(PREFIX + GRANT_NAME)
    pairs: dict[str, tuple[object, object]] = {}
    if grant.size_bytes is not None:
        pairs["length"] = (grant.size_bytes, facts.size_bytes)
    if grant.content_type:
        pairs["content-type"] = (grant.content_type, facts.content_type)
    if granted_id:
        pairs["grant"] = (granted_id, facts.metadata.get(GRANT_NAME, ""))
    if grant.reported_crc64 and facts.crc64 is not None:
        pairs["crc64"] = (int(grant.reported_crc64), facts.crc64)
    if parts_crc64 is not None and facts.crc64 is not None:
        pairs["parts-crc64"] = (parts_crc64, facts.crc64)
    differences = {
        name: [str(granted), str(stored)] for name, (granted, stored) in pairs.items() if granted != stored
    }
    compared = list(pairs)
    if not granted_id:
        compared.append("last-modified")
        if facts.last_modified < granted_at:
            differences["last-modified"] = [granted_at.isoformat(), facts.last_modified.isoformat()]
    return Comparison(compared, differences)


def is_to_be_replaced(grant: UploadGrant, facts: ObjectFacts, *, clock_offset: timedelta = timedelta(0)) -> bool:
    """Whether this is the object that was there before a grant whose URL may overwrite it: nothing has come yet."""
    signed = {name.lower(): value for name, value in grant.signed_headers.items()}
    if PREFIX + GRANT_NAME in signed or signed.get("x-oss-forbid-overwrite") == "true":
        return False
    return facts.last_modified < _granted_at(grant, clock_offset)


def _granted_at(grant: UploadGrant, clock_offset: timedelta) -> datetime:
    """By OSS's clock, to its grain."""
    return (grant.created_at + clock_offset - CLOCK_GRAIN).replace(microsecond=0)


@cache
def _pool(purpose: str = "look") -> ThreadPoolExecutor:
    """Made at the first use, hence after a server has forked its workers."""
    return ThreadPoolExecutor(LOOKS_AT_ONCE, thread_name_prefix=purpose)


def _begin_look(grant: UploadGrant, *, is_left: bool) -> Future[Look]:
    if not (grant.is_to_be_completed or is_left):
        return _pool().submit(_look, head, grant)
    # To make an object of many parts may take OSS a while, in which others want to be looked at.
    return _pool("complete").submit(_look, _completed if grant.is_to_be_completed else _completed_if_whole, grant)


def _look(ask: Callable[[UploadGrant], Look], grant: UploadGrant) -> Look:
    try:
        return ask(grant)
    except Exception as error:  # A mistake of ours with one must not keep the others of its batch from their end.
        logger.exception("OSS could not be asked about the grant %s.", grant.grant_id)
        return Look(error=summary(error))


def _completed(grant: UploadGrant) -> Look:
    completion = complete_upload(grant)
    look = head(grant)
    if look.facts or look.error:
        return replace(look, parts_crc64=completion.parts_crc64)
    error = completion.failure.summary if completion.failure else ""
    return Look(error=error, missing=completion.missing, is_upload_lost=completion.is_lost)


def _completed_if_whole(grant: UploadGrant) -> Look:
    """As `_completed`, but that parts are missing, or cannot be listed, says nothing: nobody said they were there."""
    look = head(grant)
    if look.facts or look.error:
        # Perhaps the file went by a PUT, and not by these parts.
        return look
    completion = complete_upload(grant)
    if completion.is_covered or completion.is_lost:
        look = head(grant)
    if look.facts or look.error:
        return replace(look, parts_crc64=completion.parts_crc64)
    failure = completion.failure
    is_worth_waiting_for = failure and (failure.is_passing or completion.is_covered)
    return Look(error=failure.summary) if failure and is_worth_waiting_for else Look()


def head(grant: UploadGrant) -> Look:
    """What OSS says of the grant's object, in this thread."""
    try:
        return Look(facts=storage().client(grant.bucket).head_object(grant.object_key))
    except NotFound as error:
        # A missing bucket says nothing about the object: it is our configuration that is wrong.
        return Look(error="NoSuchBucket") if error.code == "NoSuchBucket" else Look()
    except ErrorAnswer as error:
        logger.warning("HEAD was refused: %s", error)
        return Look(error=summary(error))
    except (OssError, ImproperlyConfigured) as error:
        # The second: a grant of a bucket that the settings no longer fit, which must not hold up the others.
        logger.warning("HEAD failed: %s", error)
        return Look(error=summary(error))
