"""A signed URL taken apart for a person: its parameters, the headers to send, and what was signed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import unquote

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from uploads.models.grants import UploadGrant
from uploads.signing_rights import may_overwrite
from uploads.snippets import Program, instructions_for, programs
from uploads.staff_signing import SignedForStaff
from uploads.storage import storage
from uploads.templatetags.snippet_strings import sh_string
from uploads.user_metadata import decoded

_MEANINGS = {
    "x-oss-additional-headers": _("Headers that are signed beyond those that OSS always checks."),
    "x-oss-credential": _("Who signed (an AccessKey id, no secret), on which day in UTC, for which region."),
    "x-oss-date": _("When it was signed, in UTC."),
    "x-oss-expires": _("For how many seconds from then on a request may begin."),
    "x-oss-security-token": _("The temporary credentials of the signer. The URL ends with them."),
    "x-oss-signature": _("Seals method, key, headers and all other parameters: change one, and OSS answers 403."),
    "x-oss-signature-version": _("The algorithm."),
    "response-content-type": _("OSS answers with this Content-Type."),
    "response-cache-control": _("OSS answers with this Cache-Control."),
    "response-content-disposition": _("OSS answers with this Content-Disposition."),
}
_OTHER = _("A parameter of the request, signed as it stands.")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of the URL, as it is written there."""

    name: str
    value: str
    meaning: str | Promise


@dataclass(frozen=True, slots=True)
class HeaderRow:
    """One header that has to be sent; `note` says what is special about it."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class SignedView:
    """What the page of a signed URL shows. Times are the server's own; `seconds` count from now."""

    method: str
    url: str
    base: str
    parameters: list[Parameter]
    bucket: str
    region: str
    key: str
    headers: list[HeaderRow]
    has_type: bool
    may_overwrite: bool
    seconds: int
    asked_seconds: int
    ends_at: datetime
    has_token: bool
    knows_token_end: bool
    programs: list[Program]
    fetch_command: str
    grant: UploadGrant | None

    @property
    def is_cut(self) -> bool:
        return self.seconds < self.asked_seconds


def signed_view(done: SignedForStaff) -> SignedView:
    """All that is shown once, and kept nowhere."""
    signed, result = done.result.signed, done.result
    base, _mark, query = signed.url.partition("?")
    rows = list(_header_rows(done))
    credentials = storage().credentials
    return SignedView(
        method=signed.method,
        url=signed.url,
        base=base,
        parameters=[_parameter(pair) for pair in query.split("&")],
        bucket=result.bucket,
        region=storage().region,
        key=result.key,
        headers=rows,
        has_type=any(row.name.lower() == "content-type" for row in rows),
        may_overwrite=may_overwrite(done.terms),
        seconds=result.expires_in,
        asked_seconds=done.terms.expires_in,
        ends_at=timezone.now() + timedelta(seconds=result.expires_in),
        has_token=bool(credentials.security_token),
        knows_token_end=credentials.expires_at is not None,
        programs=_programs(done),
        fetch_command=_fetch_command(done) if signed.method == "GET" else "",
        grant=result.grant,
    )


def _programs(done: SignedForStaff) -> list[Program]:
    """They send one file by PUT; for other ways to make an object there are none."""
    grant, signed = done.result.grant, done.result.signed
    return programs(instructions_for(grant, signed)) if grant and signed.method == "PUT" else []


def _fetch_command(done: SignedForStaff) -> str:
    name = done.result.key.rsplit("/", 1)[-1] or "object"
    # A name that begins with a hyphen must not become an option.
    return f"curl --fail --output {sh_string(f'./{name}')} {sh_string(done.result.signed.url)}"


def _parameter(pair: str) -> Parameter:
    name, _equals, value = pair.partition("=")
    return Parameter(name, value, _MEANINGS.get(unquote(name), _OTHER))


def _header_rows(done: SignedForStaff) -> Iterator[HeaderRow]:
    """In the order of the terms: what the client sets itself, and the pinned length, which needs no setting."""
    to_set = done.result.signed.headers
    pinned = {name.lower() for name in done.terms.additional_headers}
    for name, value in done.terms.headers.items():
        if name in to_set:
            yield HeaderRow(name, value, _encoding_note(name, value))
        elif name.lower() == "content-length" and "content-length" in pinned:
            yield HeaderRow(name, value, gettext("Clients set it from the file; OSS refuses any other length."))


def _encoding_note(name: str, value: str) -> str:
    text = decoded(name, value)
    return (
        gettext("Percent-encoded, because headers have ASCII only. Decoded: %(text)s") % {"text": text}
        if text
        else ""
    )
