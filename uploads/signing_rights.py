"""Who may sign which URL: owners below the folders of their own pages, all else with `uploads.sign_any_key`."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from uploads.key_signing import UrlTerms
from uploads.models.grants import UploadGrant
from uploads.models.pages import UploadPage
from uploads.object_keys import page_folder
from uploads.storage import storage
from uploads.user_metadata import PREFIX

ANY_KEY = "uploads.sign_any_key"
# What an owner may have signed. Others do more than store one object: x-oss-copy-source reads another one,
# x-oss-object-acl makes it public.
OWNERS_HEADERS = frozenset(
    {
        "cache-control",
        "content-disposition",
        "content-length",
        "content-type",
        "x-oss-forbid-overwrite",
        "x-oss-storage-class",
    }
)

Person = User | AnonymousUser


class NotPermittedError(PermissionError):
    """The person may not sign this; `sentence` says why, `field` which part of the terms it is about."""

    def __init__(self, field: str, sentence: str | Promise) -> None:
        super().__init__(str(sentence))
        self.field = field
        self.sentence = sentence


def may_sign_any_key(person: Person) -> bool:
    return is_staff(person) and person.has_perm(ANY_KEY)


def is_staff(person: Person) -> bool:
    return person.is_active and person.is_staff


def refuse_unpermitted(person: Person, terms: UrlTerms) -> None:
    """Raises NotPermittedError unless the person may sign these terms.

    Whose a foreign key is does not matter, nor whether it is in use: the answer is the same for all of them.
    """
    if not is_staff(person):
        raise NotPermittedError("", _("Only staff may sign URLs."))
    if person.has_perm(ANY_KEY):
        return
    if terms.method != "PUT" or not _is_plain_put(terms):
        raise NotPermittedError("method", _("Signing anything but a plain PUT needs the permission sign_any_key."))
    if may_overwrite(terms):
        raise NotPermittedError("overwrite", _("Allowing to overwrite needs the permission sign_any_key."))
    if not _is_below_own_page(person, terms.key):
        raise NotPermittedError(
            "key",
            _("You may sign below the folders of your own pages. Any other key needs the permission sign_any_key."),
        )


def may_sign_again(person: Person, grant: UploadGrant) -> bool:
    """A page's grant: whoever may change the page. Another one: who signed it, or who may sign any key."""
    if not is_staff(person):
        return False
    if grant.page is not None:
        return grant.page.owner_id == person.pk or person.has_perm("uploads.change_uploadpage")
    return grant.issued_by_id == person.pk or person.has_perm(ANY_KEY)


def may_overwrite(terms: UrlTerms) -> bool:
    """Whether the URL can replace an object that is there."""
    lowered = {name.lower(): value for name, value in terms.headers.items()}
    return terms.creates_object and lowered.get("x-oss-forbid-overwrite") != "true"


def own_folders(person: Person, *, limit: int) -> list[str]:
    """Where an owner may sign, the newest page first."""
    pages = UploadPage.objects.filter(owner=person.pk)[:limit]
    return [page_folder(page.prefix, page.page_id) for page in pages]


def _is_plain_put(terms: UrlTerms) -> bool:
    """One object into the usual bucket, with nothing that does more than that."""
    names = {name.lower() for name in (*terms.headers, *terms.additional_headers)}
    is_known = all(name in OWNERS_HEADERS or name.startswith(PREFIX) for name in names)
    return is_known and not terms.query and terms.bucket in {"", storage().default_bucket}


def _is_below_own_page(person: Person, key: str) -> bool:
    """Page ids are made by the server, so nobody can have a page whose folder is in another's by choice."""
    parts = key.split("/")
    if any(part in {"", ".", ".."} for part in parts):
        return False
    pages = UploadPage.objects.filter(owner=person.pk, page_id__in=parts)
    return any(key.startswith(page_folder(page.prefix, page.page_id)) for page in pages)
