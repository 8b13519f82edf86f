"""What a browser may ask of an upload page: the shapes of the JSON bodies, and their refusal by field."""

from __future__ import annotations

import json
import re
from typing import Annotated, TypeVar
from uuid import UUID

import msgspec

from uploads.evidence import MAX_CHARACTERS as MAX_EVIDENCE_CHARACTERS

MAX_BATCH = 100
# An error report carries short codes and ids; anything longer is not one.
ShortText = Annotated[str, msgspec.Meta(max_length=128, pattern=r"^[ -~]*\Z")]
Crc64 = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,20}\Z")]
HttpStatus = Annotated[int, msgspec.Meta(ge=100, le=599)]
Evidence = Annotated[str, msgspec.Meta(max_length=MAX_EVIDENCE_CHARACTERS)]
MAX_CRC64 = 2**64 - 1


class BadRequest(ValueError):
    """The request as a whole has the wrong shape. `field` names where, such as `files[3].size`."""

    def __init__(self, message: str, field: str = "") -> None:
        self.field = field
        super().__init__(message)


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class AskedFile(_Strict, frozen=True):
    """A file for which a grant is asked. Whether it can be taken is another question (uploads/issuing.py)."""

    id: UUID
    name: str
    size: int
    type: str
    retry_of: UUID | None = None
    # The folder that it was in on the visitor's machine, if a whole folder was chosen.
    path: str = ""


class Report(_Strict, frozen=True):
    """How a PUT ended, as the browser saw it. `status` is null when there was no answer. `evidence` is JSON, of which
    only what is known is kept (uploads/evidence.py)."""

    id: UUID
    status: HttpStatus | None
    code: ShortText = ""
    ec: ShortText = ""
    request_id: ShortText = ""
    etag: ShortText = ""
    crc64: Crc64 | None = None
    evidence: Evidence = ""

    @property
    def checksum(self) -> str:
        return _checksum(self.crc64)


class AskedPart(_Strict, frozen=True):
    """Some bytes of a file. Whether they can be a part is another question (uploads/part_plan.py)."""

    offset: int
    size: int


class PartsOfFile(_Strict, frozen=True):
    """The parts of one file that are to be sent next, and whether to say what OSS has of it already."""

    id: UUID
    parts: Annotated[list[AskedPart], msgspec.Meta(max_length=MAX_BATCH)] = []
    is_listed: bool = msgspec.field(name="list", default=False)


class SentFile(_Strict, frozen=True):
    """A file of which all parts have been sent."""

    id: UUID
    crc64: Crc64 | None = None

    @property
    def checksum(self) -> str:
        return _checksum(self.crc64)


class GrantsRequest(_Strict, frozen=True):
    files: Annotated[list[AskedFile], msgspec.Meta(min_length=1, max_length=MAX_BATCH)]


class ResultsRequest(_Strict, frozen=True):
    results: Annotated[list[Report], msgspec.Meta(min_length=1, max_length=MAX_BATCH)]


class IdsRequest(_Strict, frozen=True):
    ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=MAX_BATCH)]


class PartsRequest(_Strict, frozen=True):
    files: Annotated[list[PartsOfFile], msgspec.Meta(min_length=1, max_length=MAX_BATCH)]

    def __post_init__(self) -> None:
        if sum(len(file.parts) for file in self.files) > MAX_BATCH:
            raise ValueError(f"Expected at most {MAX_BATCH} parts in all")


class CompletionRequest(_Strict, frozen=True):
    files: Annotated[list[SentFile], msgspec.Meta(min_length=1, max_length=MAX_BATCH)]


Shape = TypeVar("Shape", GrantsRequest, ResultsRequest, IdsRequest, PartsRequest, CompletionRequest)


def parsed(body: bytes, shape: type[Shape]) -> Shape:
    """The body in the asked shape. Raises BadRequest naming the first field that does not fit."""
    try:
        # Not msgspec's own decoder: it refuses a whole batch for one name with a lone surrogate.
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is not JSON.") from error
    try:
        request = msgspec.convert(document, shape, strict=True)
    except msgspec.ValidationError as error:
        raise _bad_field(str(error)) from error
    except UnicodeEncodeError as error:
        raise BadRequest("A name or an id in the body is not valid Unicode.") from error
    _refuse_doubles(request)
    return request


def _bad_field(message: str) -> BadRequest:
    """msgspec's "Expected `int`, got `str` - at `$.files[3].size`" in our form."""
    text, _, path = message.partition(" - at `$")
    field = path.rstrip("`").lstrip(".")
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", text, re.DOTALL)
    missing = re.fullmatch(r"Object missing required field `(.*)`", text, re.DOTALL)
    if unknown or missing:
        name = (unknown or missing)[1][:64]  # type: ignore[index]
        text = "This field is not known." if unknown else "This field is missing."
        field = f"{field}.{name}".lstrip(".")
    return BadRequest(text, field)


def _checksum(digits: str | None) -> str:
    """The CRC-64 as OSS writes it; empty without one, or where the number is too large for one."""
    return str(int(digits)) if digits is not None and int(digits) <= MAX_CRC64 else ""


def _refuse_doubles(
    request: GrantsRequest | ResultsRequest | IdsRequest | PartsRequest | CompletionRequest,
) -> None:
    if isinstance(request, IdsRequest):
        name, ids = "ids", request.ids
    elif isinstance(request, ResultsRequest):
        name, ids = "results", [report.id for report in request.results]
    else:
        name, ids = "files", [file.id for file in request.files]
    for index, item in enumerate(ids):
        if item in ids[:index]:
            raise BadRequest("The same id stands twice in the list.", f"{name}[{index}]")
