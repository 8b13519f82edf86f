"""From what OSS or the line did to what a person reads: a table of causes."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Cause(NamedTuple):
    """`visitor` says what to do, `staff` says what was wrong. `is_final`: the same URL or a fresh one cannot help."""

    visitor: str | Promise
    staff: str | Promise
    is_final: bool


_ASK_OWNER = _("The storage refused this page's permission. You did nothing wrong; please tell %(owner)s: %(grant)s.")

CAUSES = {
    "connection_broke": Cause(
        _("The connection broke before the file arrived. Try again."),
        _("The browser got no answer, and the object is not there: a broken line, a firewall, or CORS."),
        is_final=False,
    ),
    "storage_busy": Cause(
        _("The storage was busy and did not take the file. Try again."),
        _("OSS answered with a passing error, and the object is not there."),
        is_final=False,
    ),
    "url_lapsed": Cause(
        _("The permission lapsed before the file was sent. Try again."),
        _("The URL had lapsed when the request arrived."),
        is_final=False,
    ),
    "not_there": Cause(
        _("The file was sent, but the storage does not have it. Send it again."),
        _("The browser reported success, but OSS has no such object."),
        is_final=False,
    ),
    "parts_missing": Cause(
        _("Some of the file has not arrived. Try again; what is there is kept."),
        _("The browser said that all parts were sent, but OSS does not have all of them."),
        is_final=False,
    ),
    "parts_lost": Cause(
        _("The storage no longer has what was sent of this file. Send it again."),
        _("NoSuchUpload: the multipart upload was aborted, perhaps by a lifecycle rule; no object is there."),
        is_final=False,
    ),
    "signature": Cause(
        _ASK_OWNER,
        _("SignatureDoesNotMatch: what was sent is not what was signed, or the AccessKey secret is wrong."),
        is_final=True,
    ),
    "access_key": Cause(
        _ASK_OWNER,
        _("OSS does not know the AccessKey id, or the security token is invalid or has expired."),
        is_final=True,
    ),
    "denied": Cause(
        _ASK_OWNER,
        _("OSS denied access: the signer lacks oss:PutObject on this key, or a bucket policy forbids it."),
        is_final=True,
    ),
    "wrong_length": Cause(
        _("The file changed while it was being sent. Choose it again."),
        _("The length of the body was not the signed one."),
        is_final=True,
    ),
    "no_bucket": Cause(_ASK_OWNER, _("There is no such bucket, or it is not at this endpoint."), is_final=True),
    "refused": Cause(_ASK_OWNER, _("OSS refused the request; see code and EC."), is_final=True),
    "never_arrived": Cause(
        _("The file did not arrive before the permission lapsed. Send it again."),
        _("Every URL has lapsed, and the object is not there."),
        is_final=True,
    ),
    "differs": Cause(
        _("What arrived differs from what you sent. It was set aside; please send it again."),
        _("The stored object is not what was granted; see what was compared."),
        is_final=True,
    ),
}

_BY_CODE = {
    "SignatureDoesNotMatch": "signature",
    "InvalidAccessKeyId": "access_key",
    "InvalidSecurityToken": "access_key",
    "SecurityTokenExpired": "access_key",
    "AccessKeyIdAndSecurityTokenNotMatch": "access_key",
    "AccessDenied": "denied",
    "UserDisable": "denied",
    "NoSuchBucket": "no_bucket",
    "NoSuchUpload": "parts_lost",
    "IncompleteBody": "connection_broke",
    "RequestTimeout": "connection_broke",
    "RequestTimeTooSkewed": "url_lapsed",
    "InvalidDigest": "wrong_length",
}
# Expired, and used too early: a fresh URL helps against both.
_LAPSED_ECS = frozenset({"0002-00000235", "0002-00000236", "0002-00000069"})


def cause_of_report(*, status: int | None, code: str, ec: str) -> str:
    """The cause of an attempt after which the object is not there, from what the browser was told."""
    if status is None:
        return "connection_broke"
    if status < 400:
        return "not_there"
    if ec in _LAPSED_ECS:
        return "url_lapsed"
    if status in {408, 409, 429} or status >= 500:
        return "storage_busy"
    return _BY_CODE.get(code, "refused")


def is_final(cause: str) -> bool:
    """Whether the grant is over with this cause."""
    return CAUSES[cause].is_final


def visitor_sentence(cause: str, *, owner: str, grant: str) -> str:
    """One sentence for the visitor; empty when there is no cause."""
    return str(_known(cause).visitor) % {"owner": owner, "grant": grant} if cause else ""


def cause_sentence(cause: str) -> str:
    """One sentence for staff; empty when there is no cause."""
    return str(_known(cause).staff) if cause else ""


def _known(cause: str) -> Cause:
    """A code that a newer version wrote, before it was rolled back, is a refusal of an unknown kind."""
    return CAUSES.get(cause, CAUSES["refused"])
