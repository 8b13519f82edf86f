"""A visitor of an upload page without a browser: real HTTP to the storage, Django's client to the site."""

from __future__ import annotations

import secrets
import uuid

import pytest
import requests
import time_machine
from django.test import Client

from tests.conftest import BUCKET
from tests.staff_cast import make_person, make_signer
from uploads.localoss.errors import Cause, Refusal
from uploads.models import UploadGrant
from uploads.settle import settle_due

TIMEOUT_SECONDS = 10


class Visitor:
    """Whoever has the link of a page, with a key of the own. `key=""` is a browser that sends none."""

    def __init__(self, page, *, key=None):
        self.page = page
        self.key = secrets.token_hex(16) if key is None else key
        self.client = Client()

    def post(self, call, body, **headers):
        key = {"X-Upload-Key": self.key} if self.key else {}
        return self.client.post(
            f"/u/{self.page.token}/{call}", body, content_type="application/json", headers={**key, **headers}
        )

    def ask(self, *files):
        return self._answers("grants", {"files": files}, "grants")

    def report(self, *reports):
        return self._answers("results", {"results": reports}, "results")

    def status(self, *ids):
        return self._answers("status", {"ids": ids}, "grants")

    def cancel(self, *ids):
        return self._answers("cancel", {"ids": ids}, "grants")

    def parts(self, *files):
        return self._answers("parts", {"files": files}, "files")

    def complete(self, *files):
        return self._answers("complete", {"files": files}, "files")

    def send(self, content=b"hello", **fields):
        """Ask, PUT and report as a browser does when all goes well; the answer to the report."""
        [answer] = self.ask(a_file(size=len(content), **fields))
        assert put(answer, content).status_code == 200
        return self.report({"id": answer["id"], "status": 200})[0]

    def _answers(self, call, body, name):
        response = self.post(call, body)
        assert response.status_code == 200, response.content
        return response.json()[name]


def a_file(name="report.txt", **fields):
    return {"id": str(uuid.uuid4()), "name": name, "size": 5, "type": "text/plain", **fields}


def put(answer, content=b"hello", **changed):
    """PUT with exactly the granted headers, but for those that `changed` says otherwise (None: left out)."""
    headers = {**answer["headers"], **{name.replace("_", "-"): value for name, value in changed.items()}}
    kept = {name: value for name, value in headers.items() if value is not None}
    return requests.request(answer["method"], answer["url"], data=content, headers=kept, timeout=TIMEOUT_SECONDS)


def row(answer):
    """The grant behind an answer, as it is in the database now."""
    return UploadGrant.objects.get(grant_id=answer["grant"])


def kinds(grant):
    """The history of a grant, in order."""
    return [event.kind for event in grant.events.all()]


@pytest.fixture
def visitor(oss, open_page):
    return Visitor(open_page)


@pytest.fixture
def staff(client, owner):
    """A client in which the owner is signed in."""
    client.user = owner
    client.force_login(owner)
    return client


@pytest.fixture
def client_of(owner):
    """Makes a client of somebody of the cast."""

    def sign_in(who, **options):
        client = Client(**options)
        if who != "anonymous":
            client.force_login(make_person(who, owner))
        return client

    return sign_in


@pytest.fixture
def signer(client):
    """A client in which somebody with the permission to sign any key is signed in."""
    client.user = make_signer()
    client.force_login(client.user)
    return client


@pytest.fixture
def clock():
    """The time of site and storage, both in this process; `clock.shift(seconds)` moves it."""
    with time_machine.travel("2026-11-20T10:00:00Z", tick=True) as traveller:
        yield traveller


@pytest.fixture
def heads(oss):
    """The keys that the server has asked the storage about; HEAD is answered as ever."""
    seen = []

    def note(environ):
        if environ["REQUEST_METHOD"] == "HEAD":
            seen.append(environ["PATH_INFO"].removeprefix(f"/{BUCKET}/"))

    oss.app.intercept = note
    return seen


@pytest.fixture
def refuse_heads(oss):
    """Let the storage answer every HEAD with an error."""

    def refuse(status, code, ec=""):
        def intercept(environ):
            if environ["REQUEST_METHOD"] == "HEAD":
                raise Refusal(Cause(status, code, ec, "As the test wants it."))

        oss.app.intercept = intercept

    return refuse


@pytest.fixture
def refuse_calls(oss):
    """Let the storage answer every call by one method with an error."""

    def refuse(method, status, code, ec=""):
        def intercept(environ):
            if environ["REQUEST_METHOD"] == method:
                raise Refusal(Cause(status, code, ec, "As the test wants it."))

        oss.app.intercept = intercept

    return refuse


def used(page):
    """Files and bytes for which the page has given away its room."""
    page.refresh_from_db()
    return page.used_files, page.used_bytes


def settle_for(clock, seconds, *, step=300):
    """Let the time go by, with settle running all along."""
    for _ in range(0, int(seconds), step):
        clock.shift(step)
        settle_due()
