"""From what OSS or the line did to its cause: which code, EC and evidence mean which entry of `uploads/causes.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from uploads.canonical_requests import CanonicalRequest, parsed_canonical_request
from uploads.cause import Cause
from uploads.causes import CAUSES
from uploads.signature_diff import METADATA_PREFIX, Difference, Part, SignedTerms, differences

# A differing header may be as long as all headers together, and so is what is kept of it.
MOST_KEPT = 8
MOST_CHARACTERS = 200

_BY_EC = {
    "0002-00000005": "token_missing",
    "0002-00000040": "signature",
    "0002-00000069": "url_lapsed",
    "0002-00000201": "signature",
    **dict.fromkeys(("0002-00000207", "0002-00000209", "0002-00000210", "0002-00000212"), "parameters"),
    **dict.fromkeys(("0002-00000213", "0002-00000214", "0002-00000502", "0002-00000503"), "parameters"),
    "0002-00000211": "header_missing",
    **dict.fromkeys(("0002-00000215", "0002-00000216", "0002-00000217", "0002-00000218"), "query_cut"),
    **dict.fromkeys(("0002-00000222", "0002-00000223", "0002-00000224"), "parameters"),
    "0002-00000226": "region",
    "0002-00000228": "region",
    "0002-00000232": "bad_validity",
    "0002-00000235": "not_yet_valid",
    "0002-00000236": "url_lapsed",
    "0002-00000504": "clock_drift",
    "0002-00000902": "access_key",
    "0003-00000101": "denied_by_bucket",
    "0003-00000301": "denied_by_session",
    "0003-00000601": "cors",
    "0003-00000602": "cors",
    "0003-00000801": "account",
    # Nobody signs: what was left of the URL had no signature in it.
    "0003-00000905": "query_cut",
    "0003-00001403": "endpoint",
}
_BY_CODE = {
    "SignatureDoesNotMatch": "signature",
    "InvalidAccessKeyId": "access_key",
    "InvalidSecurityToken": "token_invalid",
    "AccessKeyIdAndSecurityTokenNotMatch": "token_invalid",
    "SecurityTokenExpired": "token_expired",
    "RequestTimeTooSkewed": "clock_drift",
    "AccessDenied": "denied",
    "AccessForbidden": "cors",
    "UserDisable": "account",
    "NoSuchBucket": "no_bucket",
    "NoSuchKey": "no_object",
    "InvalidBucketName": "no_bucket",
    "InvalidObjectName": "object_name",
    "PublicEndpointForbidden": "public_endpoint",
    "SecondLevelDomainForbidden": "second_level_domain",
    "NonStandardHostForbidden": "endpoint",
    "TransferAccelerationDisabled": "acceleration_off",
    "FileAlreadyExists": "overwrite",
    "FileImmutable": "immutable",
    "EntityTooLarge": "too_large",
    "EntityTooSmall": "parts",
    "InvalidPart": "parts",
    "InvalidPartOrder": "parts",
    "NoSuchUpload": "parts_lost",
    "MissingContentLength": "no_length",
    "InvalidDigest": "digest",
    "InvalidCRC64": "digest",
    "MethodNotAllowed": "method_not_allowed",
    "ApkDownloadForbidden": "download_domain",
    "CallbackFailed": "callback",
    "IncompleteBody": "connection_broke",
    "RequestTimeout": "connection_broke",
    **dict.fromkeys(("QpsLimitExceeded", "ServiceUnavailable", "InternalError"), "storage_busy"),
    "NotImplemented": "refused",
}
# Without them, the parameters after the first & did not arrive.
_LAST_PARAMETERS = frozenset({"x-oss-signature-version", "x-oss-signature", "x-oss-credential"})
# What an answer says of its own cause; OSS's names for it.
_NAMED = {
    "url_lapsed": ("Expires", "ServerTime"),
    "clock_drift": ("RequestTime", "ServerTime"),
    "endpoint": ("Endpoint",),
    "no_bucket": ("BucketName",),
    **dict.fromkeys(("header_missing", "parameters", "query_cut", "refused"), ("ArgumentName",)),
}


@dataclass(frozen=True, slots=True)
class OssAnswer:
    """What a sender was told. `facts` are the evidence: of a browser (`uploads/evidence.py`), of the bucket's CORS
    rules (`origin`, `cors`), and the elements of an error's body."""

    status: int | None = None
    code: str = ""
    ec: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)
    is_of_browser: bool = False

    @property
    def sent(self) -> CanonicalRequest | None:
        """The request as OSS got it, if its answer quotes it."""
        text = self.facts.get("canonical_request", "")
        return parsed_canonical_request(text) if text else None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A cause, and what was found in this one case: differences, or `what`, which are names and values alone."""

    code: str
    differences: tuple[Difference, ...] = ()
    what: str = ""
    # It rests on more than status, code and EC, and a browser has said so.
    by_browser: bool = False

    @property
    def cause(self) -> Cause:
        """A code that a newer version wrote, before it was rolled back, is a refusal of an unknown kind."""
        return CAUSES.get(self.code, CAUSES["refused"])

    @property
    def found(self) -> str:
        """What was found, in words; no full stop."""
        return "; ".join(difference.sentence() for difference in self.differences) or self.what

    @property
    def staff_sentence(self) -> str:
        found = self.found
        sentence = str(self.cause.staff) % {"what": found, "aside": f" ({found})" if found else ""}
        sentence = sentence.replace(": .", ".")
        return _("According to the sender: %(sentence)s") % {"sentence": sentence} if self.by_browser else sentence

    def details(self) -> dict[str, Any]:
        """What is kept with the code, to say the same again in any language."""
        kept = [[part and part[:MOST_CHARACTERS] for part in each] for each in self.differences[:MOST_KEPT]]
        details = {"differences": kept, "what": self.what[:MOST_CHARACTERS], "by_browser": self.by_browser}
        return {name: value for name, value in details.items() if value}


def kept_diagnosis(code: str, details: Mapping[str, Any]) -> Diagnosis:
    """The reverse of `details`."""
    found = tuple(Difference(*each) for each in details.get("differences", ()))
    return Diagnosis(code, found, details.get("what", ""), by_browser=details.get("by_browser", False))


def diagnose_attempt(answer: OssAnswer, signed: SignedTerms | None = None) -> Diagnosis:
    """The cause of an attempt after which the object is not there, from what the sender was told."""
    status = answer.status
    if status is None:
        return _without_answer(answer.facts, is_of_browser=answer.is_of_browser)
    if status < 400:
        return Diagnosis("not_there")
    # 409 without the object: what was in the way is gone.
    if status in {408, 409, 429} or (status >= 500 and status != 501):
        return Diagnosis("storage_busy")
    return diagnose_error(answer, signed)


def diagnose_error(answer: OssAnswer, signed: SignedTerms | None = None) -> Diagnosis:
    """The cause of an error of OSS. With `signed` and OSS's CanonicalRequest the difference is named."""
    code = _BY_EC.get(answer.ec) or _BY_CODE.get(answer.code) or _by_the_rest(answer)
    if code == "signature":
        return _signature(answer, signed)
    return Diagnosis(code, what=_named(answer.facts, _NAMED.get(code, ())))


def is_final(code: str) -> bool:
    """Whether the grant is over with this cause."""
    return Diagnosis(code).cause.is_final


def visitor_sentence(code: str, *, owner: str, grant: str) -> str:
    """What the visitor can do; empty when there is no cause."""
    return str(Diagnosis(code).cause.visitor) % {"owner": owner, "grant": grant} if code else ""


def cause_sentence(code: str, details: Mapping[str, Any] | None = None) -> str:
    """One sentence for staff; empty when there is no cause."""
    return kept_diagnosis(code, details or {}).staff_sentence if code else ""


def _without_answer(facts: Mapping[str, Any], *, is_of_browser: bool) -> Diagnosis:
    """`fetch` has one error for everything; what can be told apart is told apart by evidence."""
    code, what = "connection_broke", ""
    if facts.get("online") is False:
        code = "offline"
    elif facts.get("reached") is False:
        code = "unreachable"
    elif facts.get("cors") == "origin":
        code, what = "cors_origin", facts.get("origin", "")
    elif facts.get("cors"):
        code, what = "cors_headers", facts["cors"]
    return Diagnosis(code, what=what, by_browser=is_of_browser and code != "connection_broke")


def _by_the_rest(answer: OssAnswer) -> str:
    argument = answer.facts.get("ArgumentName", "")
    if answer.code == "InvalidArgument" and argument.startswith("x-oss-"):
        return "query_cut" if argument in _LAST_PARAMETERS else "parameters"
    return "storage_busy" if (answer.status or 0) >= 500 else "refused"


def _signature(answer: OssAnswer, signed: SignedTerms | None) -> Diagnosis:
    if length := answer.facts.get("SignatureLength"):
        return Diagnosis("signature_cut", what=f"{length} / 64")
    sent = answer.sent
    if sent is None or signed is None:
        return Diagnosis("signature")
    found = tuple(differences(signed, sent))
    if not found:
        is_certain = sent.is_whole and signed.is_whole
        return Diagnosis(
            "wrong_secret" if is_certain else "signature", by_browser=answer.is_of_browser and is_certain
        )
    return Diagnosis(_code_of(found[0]), found, by_browser=answer.is_of_browser)


def _code_of(difference: Difference) -> str:
    if difference.part != Part.HEADER:
        return {"method": "method", "key": "key", "query": "query_changed"}[difference.part]
    name = difference.name.lower()
    if name.startswith(METADATA_PREFIX):
        return "metadata"
    by_name = {
        "content-type": "content_type",
        "x-oss-storage-class": "storage_class",
        "content-length": "wrong_length",
    }
    return by_name.get(name, "header")


def _named(facts: Mapping[str, Any], names: tuple[str, ...]) -> str:
    if len(names) == 1:
        return str(facts.get(names[0], ""))
    return ", ".join(f"{name} {facts[name]}" for name in names if facts.get(name))
