"""Use case: a visitor sends files in parts, and asks for the URLs of the next ones just in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from uploads.answers import Existing, Refused, SignedPart, SignedParts
from uploads.api_requests import PartsOfFile
from uploads.at_once import answers_of
from uploads.grant_terms import sign_part
from uploads.models.events import EventKind, GrantEvent, SaidBy
from uploads.models.grants import OPEN_STATES, UploadGrant
from uploads.models.in_parts import PARTS_KEPT
from uploads.models.pages import UploadPage
from uploads.models.parts import UploadPart
from uploads.multipart_calls import Failure, abort_upload, begin_upload, listed_parts
from uploads.outcomes import apply_looks
from uploads.part_plan import Span, is_part, part_number, part_unit
from uploads.results import Grants, grants_of, locked_grants
from uploads.storage import TOTAL_SECONDS, storage
from uploads.verification import Look, head

AFTER_THE_LAST_URL = timedelta(minutes=1)
# So much may be signed of a file in different parts, as times its size and in bytes: on a bad line, what failed and
# what was signed ahead is cut anew and anew.
MOST_TIMES = 8
SPARE_BYTES = 4 * 1024**3

Answer = SignedParts | Existing | Refused


@dataclass(frozen=True, slots=True)
class _Said:
    """What OSS said before anything is signed: the upload to send parts to, or what stands in the way.

    `look` is what was learnt of the object instead, `refusal` the API's code.
    """

    upload_id: str = ""
    is_new: bool = False
    stored: tuple[Span, ...] = ()
    look: Look | None = None
    refusal: str = ""


def sign_parts(page: UploadPage, visitor: str, files: Sequence[PartsOfFile]) -> list[Answer]:
    """One answer for each file, in order.

    1. What goes in parts for the first time is marked so: at its end settle finds every upload there is to its key.
    2. OSS is asked, outside a transaction: to begin an upload where there is none, and what it has, if wanted.
    3. In a transaction: of two that began one at the same moment the first wins; the parts are written down.
    4. They are signed, and the uploads of those that came second are thrown away.
    A closed page goes on signing parts of what was granted before.
    """
    grants = grants_of(page, visitor, [file.id for file in files])
    sendable = {file.id: file for file in files if _is_sendable(grants.get(file.id), file)}
    grants |= _begun_grants({id_: grants[id_] for id_, file in sendable.items() if file.parts})
    calls = {id_: partial(_ask_oss, grants[id_], file) for id_, file in sendable.items() if grants[id_].is_open}
    said = answers_of(calls, timeout=TOTAL_SECONDS)
    looks = {grants[id_].pk: answer.look for id_, answer in said.items() if answer.look}
    apply_looks(grants.values(), looks, now=timezone.now())
    batch = _Batch(page, visitor, sendable)
    with transaction.atomic():
        batch.write(said, seen=grants)
    answers_of({id_: partial(abort_upload, *upload) for id_, upload in batch.surplus.items()}, timeout=TOTAL_SECONDS)
    return [batch.answer(file.id) if file.id in sendable else _unsendable(grants.get(file.id)) for file in files]


def _is_sendable(grant: UploadGrant | None, file: PartsOfFile) -> bool:
    return grant is not None and grant.is_open and all(is_part(span, grant.size_bytes or 0) for span in _spans(file))


def _spans(file: PartsOfFile) -> list[Span]:
    return [Span(part.offset, part.size) for part in file.parts]


def _unsendable(grant: UploadGrant | None) -> Answer:
    if grant is None:
        return Refused("not_found")
    return Refused("parts_invalid") if grant.is_open else Existing(grant)


def _begun_grants(grants: Grants) -> Grants:
    """Those that go in parts for the first time, as they are after they were marked so.

    None that has ended meanwhile; and whoever has read one before it was marked can end it no more, not knowing that
    an upload has to be looked for.
    """
    new = [grant.pk for grant in grants.values() if grant.parts_begun_at is None]
    if not new:
        return {}
    now = timezone.now()
    with transaction.atomic():
        fresh = {grant.pk: grant for grant in UploadGrant.objects.filter(pk__in=new).locked()}
        marked = [grant for grant in fresh.values() if grant.is_open and grant.parts_begun_at is None]
        UploadGrant.objects.filter(pk__in=[grant.pk for grant in marked]).update(parts_begun_at=now, changed_at=now)
    for grant in marked:
        grant.parts_begun_at = grant.changed_at = now
    return {id_: fresh[grant.pk] for id_, grant in grants.items() if grant.pk in fresh}


def _ask_oss(grant: UploadGrant, file: PartsOfFile) -> _Said:
    if not grant.upload_id:
        return _begun(grant) if file.parts else _Said()
    if not file.is_listed:
        return _Said(grant.upload_id)
    listed = listed_parts(grant)
    if listed.failure:
        return _failed(listed.failure)
    if not listed.is_lost:
        return _Said(grant.upload_id, stored=listed.parts)
    look = head(grant)
    return _Said(look=look, refusal="storage_busy") if look.facts or look.error else _begun(grant)


def _begun(grant: UploadGrant) -> _Said:
    begun = begin_upload(grant)
    if begun.is_taken:
        return _Said(look=head(grant), refusal="storage_busy")
    return _failed(begun.failure) if begun.failure else _Said(begun.upload_id, is_new=True)


def _failed(failure: Failure) -> _Said:
    return _Said(
        look=Look(error=failure.summary), refusal="storage_busy" if failure.is_passing else "storage_refused"
    )


class _Batch:
    """One request: what it writes inside a transaction, and its answers after it."""

    def __init__(self, page: UploadPage, visitor: str, files: Mapping[UUID, PartsOfFile]) -> None:
        self.page = page
        self.visitor = visitor
        self.files = files
        self.now = timezone.now()
        # OSS judges a URL by its own clock, so that is the one that signs.
        self.signed_at = storage().clock.now()
        self.expires_in = storage().credentials.usable_expires(page.url_validity_seconds, at=self.signed_at)
        self.grants: Grants = {}
        self.said: dict[UUID, _Said] = {}
        # Uploads that were begun for nothing, with the grants they were begun for.
        self.surplus: dict[UUID, tuple[UploadGrant, str]] = {}

    def write(self, said: Mapping[UUID, _Said], *, seen: Grants) -> None:
        """`seen` are the grants as they were before OSS was asked."""
        self.grants = locked_grants(self.page, self.visitor, self.files)
        begun = [self.grants[id_] for id_ in said if said[id_].is_new and self._is_taken(id_, said[id_], seen[id_])]
        self.said = {id_: answer for id_, answer in said.items() if self._is_up_to_date(id_, answer)}
        self._refuse_excess()
        signing = {id_: self.grants[id_] for id_ in self.said if self._is_signed(id_)}
        self._renew(list(signing.values()))
        self._write_parts(signing)
        GrantEvent.objects.bulk_create(
            GrantEvent(grant=grant, kind=EventKind.PARTS_BEGUN, said_by=SaidBy.SERVER, at=self.now) for grant in begun
        )

    def answer(self, id_: UUID) -> Answer:
        grant = self.grants[id_]
        if not grant.is_open:
            return Existing(grant)
        if id_ not in self.said:
            return Refused("storage_busy")
        if self.said[id_].refusal:
            return Refused(self.said[id_].refusal)
        stored = self.said[id_].stored if self.files[id_].is_listed else None
        return SignedParts(grant, part_unit(grant.size_bytes or 0), self._signed(id_), self.expires_in, stored)

    def _is_taken(self, id_: UUID, said: _Said, seen: UploadGrant) -> bool:
        """Store the id of a new upload by compare-and-set; who comes second takes the first one's."""
        unchanged = UploadGrant.objects.filter(pk=seen.pk, upload_id=seen.upload_id, state__in=OPEN_STATES)
        if unchanged.update(upload_id=said.upload_id) == 1:
            self.grants[id_].upload_id = said.upload_id
            return True
        self.surplus[id_] = (seen, said.upload_id)
        return False

    def _is_up_to_date(self, id_: UUID, said: _Said) -> bool:
        """False where what OSS listed is of an upload that has been given up for another one since."""
        grant = self.grants[id_]
        return grant.is_open and (said.is_new or bool(said.refusal) or said.upload_id == grant.upload_id)

    def _is_signed(self, id_: UUID) -> bool:
        return bool(self.files[id_].parts) and not self.said[id_].refusal

    def _refuse_excess(self) -> None:
        """Parts may overlap, and so could take up far more room than the file for which the page gave some."""
        going = [id_ for id_ in self.said if self._is_signed(id_)]
        signed = UploadPart.objects.signed_bytes(self.grants[id_] for id_ in going)
        for id_ in going:
            asked = sum(span.size_bytes for span in _spans(self.files[id_]))
            most = MOST_TIMES * (self.grants[id_].size_bytes or 0) + SPARE_BYTES
            if signed.get(self.grants[id_].pk, 0) + asked > most:
                self.said[id_] = _Said(refusal="parts_too_many")

    def _renew(self, grants: Sequence[UploadGrant]) -> None:
        """As for a fresh PUT: what the browser said of the attempt before is done with, and the end moves."""
        ends_at = self.now + timedelta(seconds=self.expires_in)
        fresh: dict[str, Any] = {
            "parts_deadline": self.now + PARTS_KEPT,
            "next_check_at": ends_at + AFTER_THE_LAST_URL,
            "reported_at": None,
            "reported_status": None,
            "completion_asked_at": None,
            "cause": "",
            "cause_details": {},
            "changed_at": self.now,
        }
        UploadGrant.objects.renew(grants, fresh, url_ends_at=ends_at)

    def _write_parts(self, grants: Grants) -> None:
        """Before any of their URLs is signed."""
        parts = {
            (grant.pk, span.offset, span.size_bytes): UploadPart(
                grant=grant,
                number=part_number(span.offset, part_unit(grant.size_bytes or 0)),
                offset=span.offset,
                size_bytes=span.size_bytes,
                signed_at=self.now,
            )
            for id_, grant in grants.items()
            for span in _spans(self.files[id_])
        }
        UploadPart.objects.bulk_create(
            parts.values(),
            update_conflicts=True,
            unique_fields=["grant", "number", "size_bytes"],
            update_fields=["signed_at"],
        )

    def _signed(self, id_: UUID) -> tuple[SignedPart, ...]:
        return tuple(
            SignedPart(span, sign_part(self.grants[id_], span, expires_in=self.expires_in, at=self.signed_at))
            for span in _spans(self.files[id_])
        )
