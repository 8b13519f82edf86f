"""Another browser's grants: as unknown as those that never were."""

from __future__ import annotations

import uuid

import pytest

from tests.app.conftest import Visitor, a_file, put, row
from tests.factories import make_page
from uploads.models import GrantEvent, UploadGrant

pytestmark = pytest.mark.django_db


def bodies(id_):
    return {
        "results": {"results": [{"id": id_, "status": 403, "code": "SignatureDoesNotMatch"}]},
        "status": {"ids": [id_]},
        "cancel": {"ids": [id_]},
    }


CALLS = list(bodies(""))


@pytest.fixture
def other_page(owner):
    return make_page(owner=owner)


@pytest.fixture
def strangers(visitor, open_page, other_page):
    """Everybody who is not the visitor on the visitor's page."""
    return {
        "another key": Visitor(open_page),
        "no key": Visitor(open_page, key=""),
        "the key in other letters": Visitor(open_page, key=visitor.key.upper()),
        "the same key on another page": Visitor(other_page, key=visitor.key),
        "the hash of the key": Visitor(open_page, key=row(visitor.ask(a_file())[0]).visitor),
    }


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "who",
    ["another key", "no key", "the key in other letters", "the same key on another page", "the hash of the key"],
)
def test_a_foreign_grant_is_as_unknown_as_none(visitor, strangers, call, who):
    file = a_file()
    [answer] = visitor.ask(file)
    before = UploadGrant.objects.values().get(grant_id=answer["grant"])
    events = GrantEvent.objects.count()

    foreign = strangers[who].post(call, bodies(file["id"])[call])
    unknown = strangers[who].post(call, bodies(str(uuid.uuid4()))[call])

    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.content == unknown.content
    assert foreign.headers.keys() == unknown.headers.keys()
    assert UploadGrant.objects.values().get(grant_id=answer["grant"]) == before
    assert GrantEvent.objects.count() == events


@pytest.mark.parametrize("call", CALLS)
def test_an_unknown_page_says_the_same_as_an_unknown_file(visitor, call):
    unknown_page = Visitor(make_page(token="x" * 32), key=visitor.key)
    unknown_page.page.delete()

    assert (
        unknown_page.post(call, bodies(str(uuid.uuid4()))[call]).content
        == visitor.post(call, bodies(str(uuid.uuid4()))[call]).content
    )


@pytest.mark.parametrize("call", CALLS)
def test_among_known_files_a_foreign_one_is_unknown(visitor, open_page, call):
    own, foreign, nowhere = a_file(), a_file(), str(uuid.uuid4())
    visitor.ask(own)
    Visitor(open_page).ask(foreign)
    name = "results" if call == "results" else "ids"
    items = [bodies(id_)[call][name][0] for id_ in (foreign["id"], own["id"], nowhere)]

    response = visitor.post(call, {name: items})

    theirs, ours, nobodys = response.json()["results" if call == "results" else "grants"]
    assert (theirs["id"], ours["id"], nobodys["id"]) == (foreign["id"], own["id"], nowhere)
    assert theirs["error"] == nobodys["error"] == {"code": "not_found", "message": "There is nothing here."}
    assert "error" not in ours


@pytest.mark.parametrize(
    "who",
    ["another key", "no key", "the same key on another page"],
)
def test_the_same_id_is_simply_a_new_grant(visitor, strangers, who):
    file = a_file()
    [answer] = visitor.ask(file)

    [theirs] = strangers[who].ask({**file, "name": "other.txt"})

    assert theirs["grant"] != answer["grant"]
    assert row(theirs).object_key != row(answer).object_key
    assert put(theirs).status_code == 200


def test_without_a_key_every_asking_is_a_new_one(oss, open_page):
    file = a_file()
    nobody = Visitor(open_page, key="")

    grants = {nobody.ask(file)[0]["grant"] for _ in range(3)}

    assert len(grants) == 3
    open_page.refresh_from_db()
    assert open_page.used_files == 3


@pytest.mark.parametrize("call", CALLS)
def test_without_a_key_nobody_knows_what_was_asked_for_without_a_key(oss, open_page, call):
    file = a_file()
    Visitor(open_page, key="").ask(file)

    assert Visitor(open_page, key="").post(call, bodies(file["id"])[call]).status_code == 404


def test_without_a_key_nothing_can_be_tried_again(oss, open_page):
    file = a_file()
    nobody = Visitor(open_page, key="")
    nobody.ask(file)

    assert nobody.ask(a_file(retry_of=file["id"]))[0]["error"]["code"] == "retry_invalid"


def test_the_key_is_stored_as_a_hash_only(visitor):
    [answer] = visitor.ask(a_file())

    assert visitor.key not in repr(UploadGrant.objects.values()) + repr(GrantEvent.objects.values())
    assert len(row(answer).visitor) == 64
    assert visitor.key not in repr(answer)
