"""Use case: somebody hands in an error of OSS, and reads what it means; with its grant, what exactly differed."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from uploads.canonical_requests import CanonicalRequest
from uploads.diagnosis import Diagnosis, OssAnswer, diagnose_error
from uploads.error_bodies import ErrorBody, read_error
from uploads.grant_diagnosis import signed_terms
from uploads.models.grant_queries import UploadGrantQuerySet
from uploads.models.grants import UploadGrant
from uploads.signature_diff import Row, compared_rows

MAX_HINT_CHARACTERS = 4096
_EC_PAGE = "https://api.aliyun.com/troubleshoot?q="


@dataclass(frozen=True, slots=True)
class Explanation:
    """An error and its cause. `rows` compare what was signed with what was sent, where both are known."""

    body: ErrorBody
    diagnosis: Diagnosis
    grant: UploadGrant | None
    rows: list[Row]

    @property
    def lacks_grant(self) -> bool:
        """OSS quotes what was sent, but there is nothing to compare it with."""
        return self.grant is None and bool(self.body.canonical_request)


def explain(text: str, *, hint: str, grants: UploadGrantQuerySet | None) -> Explanation | None:
    """None where no error of OSS is found in the text. Nothing of it is kept.

    `hint`: the id or the URL of the grant, or empty; `grants`: those in which it is looked for, by what was sent too.
    """
    body = read_error(text)
    if body is None:
        return None
    facts = {**body.fields, "canonical_request": body.canonical_request}
    answer = OssAnswer(body.status, body.code, body.ec, facts)
    sent = answer.sent
    grant = _grant(grants, sent, hint=hint.strip()[:MAX_HINT_CHARACTERS]) if grants is not None else None
    signed = signed_terms(grant, sent) if grant else None
    rows = compared_rows(signed, sent) if signed and sent else []
    return Explanation(body, diagnose_error(answer, signed), grant, rows)


def ec_address(ec: str) -> str:
    """The vendor's page for an EC; empty for none."""
    return f"{_EC_PAGE}{ec}" if ec else ""


def _grant(grants: UploadGrantQuerySet, sent: CanonicalRequest | None, *, hint: str) -> UploadGrant | None:
    """By the id that somebody gave, by the one that was sent as metadata, by the key of the URL or of the request."""
    ids = [id_ for id_ in (hint, sent.grant_id if sent else "") if id_ and len(id_) <= 24]
    keys = _keys_in(hint) if "/" in hint else []
    if sent:
        keys.append(sent.key)
    of_keys = [grants.filter(object_key=key) for key in keys]
    # One key may have had grants before: the one whose URL was used goes before the latest.
    stamp = sent.query.get("x-oss-date") if sent else None
    used = [found.filter(events__data__signed_at=stamp) for found in of_keys] if stamp else []
    for found in (*(grants.filter(grant_id=id_) for id_ in ids), *used, *of_keys):
        if grant := found.first():
            return grant
    return None


def _keys_in(url: str) -> list[str]:
    """The key may be all of a URL's path, or what follows the bucket in it."""
    try:
        path = unquote(urlsplit(url).path).lstrip("/").replace("\x00", "")
    except ValueError:
        return []
    return [key for key in (path, path.partition("/")[2]) if key]
