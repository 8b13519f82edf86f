"""Use case: a visitor asks for grants for some files, the first time or again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from uploads.answers import Existing, Issued, Refused
from uploads.api_requests import AskedFile
from uploads.content_types import chosen_type, is_media_type
from uploads.file_names import FileNameError, shown_folder, shown_name
from uploads.grant_terms import granted_headers, sign_grant
from uploads.models.events import EventKind, GrantEvent, SaidBy
from uploads.models.grants import KEPT_STATES, OPEN_STATES, UploadGrant
from uploads.models.pages import MOST_BYTES, UploadPage
from uploads.object_keys import object_key
from uploads.oss.clock import oss_time
from uploads.outcomes import apply_looks, next_look
from uploads.part_plan import MAX_FILE_BYTES, MAX_PUT_BYTES
from uploads.random_ids import new_grant_id
from uploads.storage import storage
from uploads.verification import Look, look_at

# Asking first must not hold up the visitor: what is not answered by then is signed all the same, or stays as it was.
LOOK_SECONDS = 2.0

Answer = Issued | Existing | Refused


def issue_grants(page: UploadPage, visitor: str, files: Sequence[AskedFile]) -> list[Answer]:
    """One answer for each file, in order, all in one transaction.

    1. Grants asked for before are held against OSS first: where a PUT was tried, its answer may have been lost on the
       way, and where an object was stored, it may have been deleted since.
    2. In the transaction: the page is locked, so that equal requests at the same moment come one after the other;
       what is new is checked, reserved and written, what is open is signed again.
    `visitor` is the hash of the browser's key, empty without one: then every asking is a new one.
    """
    gone = _gone(page, visitor, files)
    with transaction.atomic():
        page = UploadPage.objects.locked().get(pk=page.pk)
        return _Batch(page, visitor, files, gone=gone).answers()


def _gone(page: UploadPage, visitor: str, files: Sequence[AskedFile]) -> Set[int]:
    """Ask OSS about the grants asked for before: write down what has arrived, and return what is there no more."""
    if not visitor:
        return frozenset()
    asked = UploadGrant.objects.of_visitor(page, visitor).filter(client_id__in=[file.id for file in files])
    doubtful = [grant for grant in asked if grant.state in KEPT_STATES or (grant.is_open and grant.attempts)]
    claimed = UploadGrant.objects.claim_looks(doubtful, timezone.now(), states=(*OPEN_STATES, *KEPT_STATES))
    looks = look_at(claimed, timeout=LOOK_SECONDS)
    tried = [grant for grant in claimed if grant.is_open]
    # What was not found is signed again; there is nothing else to write down.
    apply_looks(tried, {pk: look for pk, look in looks.items() if look.facts}, now=timezone.now())
    return {grant.pk for grant in claimed if grant.state in KEPT_STATES and looks.get(grant.pk) == Look()}


class _Batch:
    """One request inside its transaction."""

    def __init__(self, page: UploadPage, visitor: str, files: Sequence[AskedFile], *, gone: Set[int]) -> None:
        self.page = page
        self.visitor = visitor
        self.files = files
        self.gone = gone
        self.now = timezone.now()
        # OSS judges a URL by its own clock, so that is the one that signs.
        self.signed_at = storage().clock.now()
        self.known = self._known_grants()

    def answers(self) -> list[Answer]:
        planned = [self._plan(file) for file in self.files]
        grants = [plan for plan in planned if isinstance(plan, UploadGrant)]
        renewed = self._renewed([grant for grant in grants if not grant._state.adding])
        written = self._written(self._reserved([grant for grant in grants if grant._state.adding]))
        self._record(renewed, written)
        return [self._answer(plan) for plan in planned]

    def _known_grants(self) -> Mapping[UUID | None, UploadGrant]:
        if not self.visitor:
            return {}
        ids = {file.id for file in self.files} | {file.retry_of for file in self.files if file.retry_of}
        grants = UploadGrant.objects.of_visitor(self.page, self.visitor).filter(client_id__in=ids)
        # Locked, so that none is renewed that a report or settle is just ending.
        return {grant.client_id: grant for grant in grants.locked()}

    def _plan(self, file: AskedFile) -> UploadGrant | Refused:
        """The grant that this file gets, written or not yet."""
        known = self.known.get(file.id)
        if known:
            return known if _is_same_file(known, file) else Refused("id_conflict")
        retried = self.known.get(file.retry_of) if file.retry_of else None
        refusal = self._refusal(file, retried)
        if refusal:
            return Refused(refusal)
        try:
            return self._new_grant(file, retried)
        except FileNameError as error:
            return Refused(error.code)

    def _refusal(self, file: AskedFile, retried: UploadGrant | None) -> str:
        """The code of why there is no new grant, before its name was looked at; empty when nothing speaks against."""
        if not self.page.is_open(self.now):
            return "page_closed"
        if not 0 <= file.size < 2**63:
            return "size_invalid"
        if file.size > MAX_FILE_BYTES:
            return "too_large"
        if file.retry_of and (retried is None or retried.is_open):
            return "retry_invalid"
        return ""

    def _new_grant(self, file: AskedFile, retried: UploadGrant | None) -> UploadGrant:
        name = shown_name(file.name)
        folder = shown_folder(file.path)
        grant = UploadGrant(
            grant_id=new_grant_id(),
            page=self.page,
            visitor=self.visitor,
            client_id=file.id,
            retry_of=retried,
            original_name=file.name,
            file_name=name.text,
            folder=folder,
            name_was_cleaned=name.was_cleaned,
            bucket=storage().default_bucket,
            size_bytes=file.size,
            content_type=chosen_type(file.type, name.text),
            created_at=self.now,
            changed_at=self.now,
        )
        grant.object_key = object_key(
            prefix=self.page.prefix,
            page_id=self.page.page_id,
            day=self.now.date(),
            grant_id=grant.grant_id,
            file_name=name.text,
        )
        grant.signed_headers, grant.additional_headers = granted_headers(self.page, grant)
        return grant

    def _reserved(self, new: Sequence[UploadGrant]) -> Sequence[UploadGrant]:
        """Those for which the page has room, which is taken."""
        fitting = _fitting(self.page, new)
        size = sum(grant.size_bytes or 0 for grant in fitting)
        # The page is locked, so this finds what was just read; it is guarded all the same.
        is_taken = fitting and UploadPage.objects.reserve(
            self.page.pk, files=len(fitting), size_bytes=size, now=self.now
        )
        return fitting if is_taken else []

    def _written(self, grants: Sequence[UploadGrant]) -> Sequence[UploadGrant]:
        for grant in grants:
            grant.signed_at = self.signed_at
            # Also without a URL, where no PUT takes the file: so long is its first part waited for.
            grant.url_ends_at = self._url_ends_at()
            grant.next_check_at = next_look(grant, self.now)
        return UploadGrant.objects.bulk_create(grants)

    def _renewed(self, grants: Iterable[UploadGrant]) -> Sequence[UploadGrant]:
        """A fresh URL for what is open; the report of the attempt before is done with."""
        renewed = [grant for grant in grants if grant.is_open]
        if not renewed:
            return []
        fresh: dict[str, Any] = {
            "signed_at": self.signed_at,
            "reported_at": None,
            "reported_status": None,
            "cause": "",
            "cause_details": {},
            "changed_at": self.now,
        }
        UploadGrant.objects.renew(renewed, fresh, url_ends_at=self._url_ends_at())
        return renewed

    def _record(self, renewed: Iterable[UploadGrant], written: Iterable[UploadGrant]) -> None:
        url = {"signed_at": oss_time(self.signed_at), "expires_in": self._expires_in()}
        data = {**url, "url_ends_at": self._url_ends_at().isoformat()}
        kinds = [(grant, EventKind.RENEWED) for grant in renewed] + [(grant, EventKind.ISSUED) for grant in written]
        GrantEvent.objects.bulk_create(
            GrantEvent(grant=grant, kind=kind, said_by=SaidBy.SERVER, at=self.now, data=data) for grant, kind in kinds
        )

    def _url_ends_at(self) -> datetime:
        """On our own clock, like every time in the database."""
        return self.now + timedelta(seconds=self._expires_in())

    def _expires_in(self) -> int:
        return storage().credentials.usable_expires(self.page.url_validity_seconds, at=self.signed_at)

    def _answer(self, plan: UploadGrant | Refused) -> Answer:
        if isinstance(plan, Refused):
            return plan
        if plan._state.adding:
            return Refused("page_full")
        if not plan.is_open:
            return Existing(plan, is_gone=plan.pk in self.gone)
        expires_in = self._expires_in()
        if (plan.size_bytes or 0) > MAX_PUT_BYTES:
            return Issued(plan, None, expires_in)
        return Issued(plan, sign_grant(plan, expires_in=expires_in, at=self.signed_at), expires_in)


def _is_same_file(grant: UploadGrant, file: AskedFile) -> bool:
    # Where the browser names no type, ours stays as it was signed, even if we would choose another one since.
    is_same_type = grant.content_type == file.type or not is_media_type(file.type)
    return is_same_type and grant.original_name == file.name and grant.size_bytes == file.size


def _fitting(page: UploadPage, grants: Iterable[UploadGrant]) -> list[UploadGrant]:
    """Those, in order, for which the page still has room; one that is too large hinders no smaller one."""
    files, size, fitting = page.used_files, page.used_bytes, []
    most_bytes = MOST_BYTES if page.max_bytes is None else page.max_bytes
    for grant in grants:
        grant_size = grant.size_bytes or 0
        has_room = page.max_files is None or files + 1 <= page.max_files
        if has_room and size + grant_size <= most_bytes:
            files, size = files + 1, size + grant_size
            fitting.append(grant)
    return fitting
