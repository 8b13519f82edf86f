"""What a visitor who asks for something to be signed is answered."""

from __future__ import annotations

from dataclasses import dataclass

from uploads.models.grants import UploadGrant
from uploads.oss.signing import Presigned
from uploads.part_plan import Span


@dataclass(frozen=True, slots=True)
class Issued:
    """A grant with a fresh URL; `expires_in` counts from now, in seconds.

    Without one, where the file is too large for a PUT: it goes in parts (uploads/multipart_issuing.py).
    """

    grant: UploadGrant
    signed: Presigned | None
    expires_in: int


@dataclass(frozen=True, slots=True)
class SignedPart:
    """A part and its URL."""

    span: Span
    signed: Presigned


@dataclass(frozen=True, slots=True)
class SignedParts:
    """The URLs for one file; `expires_in` counts from now, in seconds. `stored` is None where nobody asked for it."""

    grant: UploadGrant
    unit: int
    parts: tuple[SignedPart, ...]
    expires_in: int
    stored: tuple[Span, ...] | None


@dataclass(frozen=True, slots=True)
class Existing:
    """A grant that was asked for before and needs no URL any more.

    `is_gone`: its object was seen and is there no more; somebody has deleted it, or a rule of the bucket.
    """

    grant: UploadGrant
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that gets no grant; `code` is the API's."""

    code: str
