"""What a request says of its own signature, read from its URL or from its Authorization header; nothing verified yet.

An EC that a comment does not question is documented for exactly that form.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NamedTuple

from uploads.localoss.errors import DATE_MALFORMED, DATE_MISSING, Refusal, invalid_argument
from uploads.localoss.request import Request
from uploads.oss.signing import ALGORITHM

# A query with one of these means to be signed.
MARKS = ("x-oss-signature", "x-oss-credential", "x-oss-signature-version")

_STAMP = re.compile(r"\d{8}T\d{6}Z", re.ASCII)
_DATE = re.compile(r"\d{8}", re.ASCII)
_ACCESS_KEY_ID = re.compile(r"[A-Za-z0-9._-]+")
_FIELD = re.compile(r"\s*(Credential|AdditionalHeaders|Signature)=([^,]*)", re.ASCII)


class Claim(NamedTuple):
    """`expires` is in seconds, None for a signature in a header. `additional_headers` are sorted."""

    access_key_id: str
    region: str
    stamp: str
    signed_at: datetime
    signature: str
    additional_headers: tuple[str, ...]
    security_token: str
    expires: int | None

    def wrong_region(self) -> Refusal:
        # Both ECs and both texts are known; which EC goes with which text is inferred.
        if self.expires is None:
            return invalid_argument("Invalid signing region in Authorization header.", "0002-00000226")
        return invalid_argument("The signing region in credential is invalid.", "0002-00000228")


class _CredentialErrors(NamedTuple):
    """ECs of a bad key id, date and format; they differ between URL and header."""

    argument: str
    key_id: str
    date: str
    form: str


_IN_QUERY = _CredentialErrors("x-oss-credential", "0002-00000222", "0002-00000223", "0002-00000224")
# The EC of a bad key id in a header we have not seen.
_IN_HEADER = _CredentialErrors("Authorization", "", "0002-00000212", "0002-00000213")


def from_query(request: Request) -> Claim:
    """Raises Refusal for a parameter that is missing, empty or malformed."""
    query = request.query
    if query.get("x-oss-signature-version") != ALGORITHM:
        raise invalid_argument(f"x-oss-signature-version must be {ALGORITHM}.", name="x-oss-signature-version")
    credential = _required(request, "x-oss-credential", missing="0002-00000217", empty="0002-00000218")
    expires = _required(request, "x-oss-expires", missing="0002-00000215", empty="0002-00000216")
    # The ECs of these two in a URL we have not seen.
    stamp = _required(request, "x-oss-date", missing="", empty="")
    provided = _required(request, "x-oss-signature", missing="", empty="")
    access_key_id, date, region = _parsed_credential(credential, _IN_QUERY)
    if not re.fullmatch(r"-?\d{1,18}", expires, re.ASCII):
        raise invalid_argument("x-oss-expires is not a number.", "0002-00000232", name="x-oss-expires")
    signed_at = _time(stamp)
    if signed_at is None:
        raise invalid_argument("x-oss-date must look like 20060102T150405Z.", name="x-oss-date", value=stamp)
    _check_same_day(date, stamp)
    return Claim(
        access_key_id=access_key_id,
        region=region,
        stamp=stamp,
        signed_at=signed_at,
        signature=provided,
        additional_headers=_additional_headers(query.get("x-oss-additional-headers")),
        security_token=query.get("x-oss-security-token", ""),
        expires=int(expires),
    )


def from_header(request: Request) -> Claim:
    """Raises Refusal for a field or a header that is missing, empty or malformed."""
    fields = _fields(request.headers["authorization"].removeprefix(f"{ALGORITHM} "))
    if not fields.get("Credential"):
        raise invalid_argument("The Authorization header has no Credential.", _IN_HEADER.form)
    if not fields.get("Signature"):
        raise invalid_argument("The Authorization header has no Signature.", "0002-00000207")
    access_key_id, date, region = _parsed_credential(fields["Credential"], _IN_HEADER)
    if not request.headers.get("x-oss-content-sha256"):
        raise invalid_argument("x-oss-content-sha256 must be UNSIGNED-PAYLOAD.", name="x-oss-content-sha256")
    stamp = request.headers.get("x-oss-date", "")
    if not stamp:
        raise Refusal(DATE_MISSING)
    signed_at = _time(stamp)
    if signed_at is None:
        raise Refusal(DATE_MALFORMED)
    _check_same_day(date, stamp)
    return Claim(
        access_key_id=access_key_id,
        region=region,
        stamp=stamp,
        signed_at=signed_at,
        signature=fields["Signature"],
        additional_headers=_additional_headers(fields.get("AdditionalHeaders")),
        security_token=request.headers.get("x-oss-security-token", ""),
        expires=None,
    )


def _fields(text: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for part in text.split(","):
        match = _FIELD.fullmatch(part)
        if not match or match[1] in fields:
            raise invalid_argument("The Authorization header is malformed.")
        fields[match[1]] = match[2].strip()
    return fields


def _required(request: Request, name: str, *, missing: str, empty: str) -> str:
    if name not in request.query:
        raise invalid_argument(f"The query has no {name}.", missing, name=name)
    if not request.query[name]:
        raise invalid_argument(f"{name} is empty.", empty, name=name)
    return request.query[name]


def _parsed_credential(text: str, errors: _CredentialErrors) -> tuple[str, str, str]:
    """Key id, date and region out of `id/date/region/oss/aliyun_v4_request`."""
    parts = text.split("/")
    if len(parts) != 5 or parts[3:] != ["oss", "aliyun_v4_request"] or not parts[2]:
        raise invalid_argument("The credential is malformed.", errors.form, name=errors.argument)
    if not _ACCESS_KEY_ID.fullmatch(parts[0]):
        raise invalid_argument("The access key id in the credential is invalid.", errors.key_id)
    if not _DATE.fullmatch(parts[1]):
        raise invalid_argument("The date in the credential is invalid.", errors.date, name=errors.argument)
    return parts[0], parts[1], parts[2]


def _check_same_day(date: str, stamp: str) -> None:
    if date != stamp[:8]:
        # Code and EC not seen.
        raise invalid_argument("The date in the credential is not that of x-oss-date.", name="x-oss-date")


def _additional_headers(text: str | None) -> tuple[str, ...]:
    """OSS sorts them itself: one of its SDKs sends them unsorted. The ECs are those of the header form; in a URL they
    are inferred."""
    if text is None:
        return ()
    if not text:
        raise invalid_argument("The list of additional headers is empty.", "0002-00000209")
    names = text.split(";")
    if "" in names:
        raise invalid_argument("The list of additional headers has an empty name.", "0002-00000210")
    if text != text.lower():
        # https://help.aliyun.com/en/oss/user-guide/0002-00000209 wants lower case; what OSS does else is not known.
        raise invalid_argument("The names of additional headers must be in lower case.", "0002-00000211")
    return tuple(sorted(set(names)))


def _time(stamp: str) -> datetime | None:
    if not _STAMP.fullmatch(stamp):
        return None
    try:
        return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
