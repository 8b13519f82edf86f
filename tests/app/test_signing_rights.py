"""Who may sign what: the cast against the use case itself, which no form stands before."""

from __future__ import annotations

import pytest

from tests.factories import make_grant, make_page, make_user
from tests.staff_cast import make_person, make_signer
from uploads.key_signing import KeyTakenError, UrlTerms
from uploads.models import GrantEvent, UploadGrant
from uploads.oss.errors import RefusedLocally
from uploads.signing_rights import NotPermittedError, refuse_unpermitted
from uploads.staff_signing import sign_for

pytestmark = pytest.mark.django_db

FORBID = {"x-oss-forbid-overwrite": "true"}


def put(key, **fields):
    return UrlTerms(key=key, **{"headers": FORBID, **fields})


TERMS = {
    "own": put("surveys/pmine/hand-over.zip"),
    "foreign": put("elsewhere/hand-over.zip"),
    "read": UrlTerms(key="surveys/pmine/hand-over.zip", method="GET"),
    "overwrite": put("surveys/pmine/hand-over.zip", headers={}),
}
MAY = {
    "owner": {"own"},
    "stranger": set(),
    "reviewer": set(),
    "editor": set(),
    "signer": set(TERMS),
    "administrator": set(TERMS),
    "anonymous": set(),
    "account that is not staff": set(),
    "account switched off": set(),
    "owner switched off": set(),
}


@pytest.mark.parametrize("what", TERMS)
@pytest.mark.parametrize("who", MAY)
def test_the_cast_may_sign(survey_page, owner, oss, who, what):
    if what in MAY[who]:
        assert sign_for(make_person(who, owner), TERMS[what]).result.signed.url
        return
    with pytest.raises(NotPermittedError):
        sign_for(make_person(who, owner), TERMS[what])
    assert not UploadGrant.objects.exists()
    assert not GrantEvent.objects.exists()


TRICKY_KEYS = {
    "the folder itself": "surveys/pmine/",
    "the folder without its slash": "surveys/pmine",
    "a folder that only begins alike": "surveys/pmine2/a.txt",
    "another capital": "Surveys/pmine/a.txt",
    "out by two dots": "surveys/pmine/../pother/a.txt",
    "out and in again": "surveys/pmine/../pmine/a.txt",
    "one dot": "surveys/pmine/./a.txt",
    "two slashes before": "surveys//pmine/a.txt",
    "two slashes after": "surveys/pmine//a.txt",
    "a leading slash": "/surveys/pmine/a.txt",
    "a leading backslash": "\\surveys/pmine/a.txt",
    "a backslash for a slash": "surveys\\pmine\\a.txt",
    "encoded slashes": "surveys%2Fpmine%2Fa.txt",
    "the page id elsewhere": "other/pmine/a.txt",
    "the page id as a file": "surveys/x/pmine",
    "the folder of another page in the own prefix": "surveys/pother/a.txt",
    "the own folder inside another's": "surveys/pother/surveys/pmine/a.txt",
    "a blank before": " surveys/pmine/a.txt",
    "nothing": "",
}


@pytest.mark.parametrize("key", TRICKY_KEYS.values(), ids=TRICKY_KEYS)
def test_an_owner_signs_no_key_that_only_looks_like_the_own(survey_page, owner, key):
    make_page(page_id="pother", prefix="surveys")
    with pytest.raises(NotPermittedError):
        sign_for(owner, put(key))


@pytest.mark.parametrize(
    ("prefix", "key"),
    [
        pytest.param("", "pmine/a.txt", id="no prefix"),
        pytest.param("a/b", "a/b/pmine/c/d.txt", id="a deep one"),
        pytest.param("勘测", "勘测/pmine/照片.jpg", id="letters of other scripts"),
    ],
)
def test_an_owner_signs_below_whatever_prefix_the_page_has(owner, oss, prefix, key):
    make_page(owner=owner, page_id="pmine", prefix=prefix)
    assert sign_for(owner, put(key)).result.grant.issued_by == owner


def test_a_page_whose_prefix_is_another_pages_folder_opens_nothing_of_it(owner):
    make_page(page_id="pother", prefix="surveys")
    make_page(owner=owner, page_id="pmine", prefix="surveys/pother")
    for key in ("surveys/pother/a.txt", "surveys/pother/2026-11-20/grant/a.txt"):
        with pytest.raises(NotPermittedError):
            sign_for(owner, put(key))


@pytest.mark.parametrize(
    "terms",
    [
        pytest.param({"bucket": "another-bucket"}, id="another bucket"),
        pytest.param({"query": {"acl": ""}}, id="the object's ACL"),
        pytest.param({"query": {"partNumber": "1", "uploadId": "x"}}, id="a part"),
        pytest.param({"method": "POST", "query": {"append": "", "position": "0"}}, id="appending"),
        pytest.param({"method": "DELETE"}, id="deleting"),
        pytest.param({"method": "HEAD"}, id="asking"),
        pytest.param({"headers": {**FORBID, "x-oss-copy-source": "/b/secret"}}, id="copying another object"),
        pytest.param({"headers": {**FORBID, "X-OSS-Object-ACL": "public-read"}}, id="making it public"),
        pytest.param({"headers": {"x-oss-forbid-overwrite": "false"}}, id="overwriting said otherwise"),
        pytest.param({"headers": {**FORBID, "x-oss-callback": "e30="}}, id="a call back"),
    ],
)
def test_an_owner_signs_nothing_but_a_plain_put(survey_page, owner, terms):
    with pytest.raises(NotPermittedError):
        refuse_unpermitted(owner, put("surveys/pmine/a.txt", **terms))


@pytest.mark.parametrize("key", ["surveys/pother/a.txt", "nobody/a.txt"])
def test_the_refusal_does_not_tell_whether_a_foreign_key_is_in_use(survey_page, owner, key):
    make_grant(page=make_page(page_id="pother"), object_key="surveys/pother/a.txt")
    with pytest.raises(NotPermittedError, match="Any other key needs the permission"):
        sign_for(owner, put(key))


def test_the_open_grant_of_a_visitor_keeps_its_key(survey_page, owner, oss):
    grant = make_grant(page=survey_page, object_key="surveys/pmine/2026-11-20/g/a.txt")
    before = UploadGrant.objects.filter(pk=grant.pk).values().get()
    for person in (owner, make_user("administrator", is_superuser=True)):
        with pytest.raises(KeyTakenError, match=grant.grant_id):
            sign_for(person, put(grant.object_key))
    assert UploadGrant.objects.filter(pk=grant.pk).values().get() == before


def test_what_somebody_else_has_signed_keeps_its_terms(survey_page, owner, oss):
    sign_for(make_signer(), put("surveys/pmine/a.txt", headers={"Content-Type": "text/csv"}))
    with pytest.raises(KeyTakenError, match="somebody else"):
        sign_for(owner, put("surveys/pmine/a.txt"))
    assert UploadGrant.objects.get().content_type == "text/csv"


def test_the_permission_does_not_sign_what_no_browser_could_send(oss):
    with pytest.raises(RefusedLocally, match="between slashes"):
        sign_for(make_signer(), put("a/../b"))
