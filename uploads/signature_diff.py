"""What was sent, held against what was signed: the difference behind a signature that does not match, by its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext as _

from uploads.canonical_requests import CanonicalRequest
from uploads.oss.rules import is_signed_by_default
from uploads.oss.signing import ALGORITHM
from uploads.redaction import redacted

# Who signed: compared by OSS itself, with errors of its own, and none of our business to keep.
NOT_COMPARED = frozenset({"x-oss-credential", "x-oss-security-token", "x-oss-signature"})
_AS_WRITTEN = {"content-type": "Content-Type", "content-md5": "Content-MD5"}
METADATA_PREFIX = "x-oss-meta-"


class Part(TextChoices):
    """Parts of a request, in the order in which their differences explain the most."""

    METHOD = "method"
    KEY = "key"
    QUERY = "query"
    HEADER = "header"


class SignedTerms(NamedTuple):
    """What a URL was made of. `headers` are those that were signed, by name in lower case; `signed_at` is as in
    x-oss-date; `expires_in` is in seconds, None where it is not known. `is_whole`: all that was signed is known."""

    method: str
    bucket: str
    key: str
    headers: Mapping[str, str]
    additional_headers: tuple[str, ...]
    query: Mapping[str, str]
    signed_at: str
    expires_in: int | None = None
    is_whole: bool = True

    def parameters(self) -> dict[str, str]:
        """The query as far as it is known and may be shown."""
        parameters = {
            **self.query,
            "x-oss-date": self.signed_at,
            "x-oss-signature-version": ALGORITHM,
        }
        if self.additional_headers:
            parameters["x-oss-additional-headers"] = ";".join(self.additional_headers)
        if self.expires_in is not None:
            parameters["x-oss-expires"] = str(self.expires_in)
        return parameters


class Difference(NamedTuple):
    """None for what was not signed, or not sent. Plain data, so that it can be kept as JSON."""

    part: str
    name: str
    signed: str | None
    sent: str | None

    def sentence(self) -> str:
        """Names the difference, without a full stop."""
        names = {"name": self.name, "signed": self.signed, "sent": self.sent}
        if self.part == Part.QUERY:
            return _query_sentence(self) % names
        if self.sent is None:
            return _("%(name)s was signed but not sent") % names
        if self.signed is None:
            return _("%(name)s %(sent)s was sent but not signed") % names
        return _("signed %(name)s %(signed)s, sent %(sent)s") % names


class Row(NamedTuple):
    """One line of the table of what was signed against what was sent."""

    name: str
    signed: str | None
    sent: str | None

    @property
    def differs(self) -> bool:
        return self.signed != self.sent


def differences(signed: SignedTerms, sent: CanonicalRequest) -> list[Difference]:
    """All of them, those first that explain the most. Empty: what was signed has arrived as it was."""
    return [
        *_pairs(Part.METHOD, {"method": signed.method}, {"method": sent.method}),
        *_pairs(Part.KEY, {"bucket": signed.bucket, "key": signed.key}, {"bucket": sent.bucket, "key": sent.key}),
        *_query_differences(signed, sent),
        *(Difference(Part.HEADER, *row) for row in header_rows(signed, sent) if row.differs),
    ]


def header_rows(signed: SignedTerms, sent: CanonicalRequest) -> list[Row]:
    """Every header that was signed or sent, those that differ first."""
    ours = {name: redacted(value) for name, value in signed.headers.items()}
    theirs = {name: redacted(value) for name, value in sent.headers.items()}
    names = ours.keys() | theirs.keys() if sent.is_whole else theirs.keys()
    rows = [Row(_AS_WRITTEN.get(name, name), ours.get(name), theirs.get(name)) for name in names]
    return sorted(rows, key=lambda row: (not row.differs, _weight(row.name.lower())))


def compared_rows(signed: SignedTerms, sent: CanonicalRequest) -> list[Row]:
    """The headers, and before them whatever else differs."""
    others = [found for found in differences(signed, sent) if found.part != Part.HEADER]
    return [Row(found.name, found.signed, found.sent) for found in others] + header_rows(signed, sent)


def signed_part(headers: Mapping[str, str], additional_headers: tuple[str, ...]) -> dict[str, str]:
    """Of all headers of a request those that are signed, by their names in lower case."""
    wanted = {name.lower() for name in additional_headers}
    lowered = {name.lower(): value for name, value in headers.items()}
    return {name: value for name, value in lowered.items() if is_signed_by_default(name) or name in wanted}


def _query_differences(signed: SignedTerms, sent: CanonicalRequest) -> Iterator[Difference]:
    if not sent.query and not sent.is_whole:
        return
    ours = signed.parameters()
    left_out = NOT_COMPARED if "x-oss-expires" in ours else NOT_COMPARED | {"x-oss-expires"}
    theirs = {name: redacted(value) for name, value in sent.query.items() if name not in left_out}
    yield from _pairs(Part.QUERY, ours, theirs)


def _pairs(part: Part, signed: Mapping[str, str], sent: Mapping[str, str]) -> Iterator[Difference]:
    for name in sorted(signed.keys() | sent.keys()):
        if signed.get(name) != sent.get(name):
            yield Difference(part.value, name, signed.get(name), sent.get(name))


def _weight(name: str) -> tuple[int, str]:
    """The type first, which is wrong most often; then the user's own metadata, the storage class, the rest."""
    if name == "content-type":
        return (0, name)
    if name.startswith(METADATA_PREFIX):
        return (1, name)
    return (2, name) if name == "x-oss-storage-class" else (3, name)


def _query_sentence(difference: Difference) -> str:
    if difference.sent is None:
        return _("%(name)s is gone")
    if difference.signed is None:
        return _("%(name)s %(sent)s was added")
    return _("%(name)s %(signed)s became %(sent)s")
