"""Builds the client programs, once each, and lets them send to an embedded OSS."""

from __future__ import annotations

import os
from dataclasses import replace
from hashlib import sha256

import pytest

from tests.clients.chromium_client import ChromiumClient, served
from tests.clients.forms import FILE_NAME
from tests.clients.storage import WatchedStorage
from tests.clients.table import PROPERTY
from tests.clients.toolchains import CompiledClient, refuse_missing_tools
from tests.servers import running_oss
from uploads.snippets import program

# More than curl and libcurl send without asking for a go-ahead.
FILE_BYTES = 2 * 1024 * 1024 + 1


@pytest.fixture(scope="session")
def session_storage(tmp_path_factory):
    with running_oss(tmp_path_factory.mktemp("oss")) as oss:
        yield WatchedStorage(oss)


@pytest.fixture
def storage(session_storage):
    session_storage.forget()
    return session_storage


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """A folder with the file of the programs' default name, an empty one, and one of another length."""
    folder = tmp_path_factory.mktemp("files")
    (folder / FILE_NAME).write_bytes(os.urandom(FILE_BYTES))
    (folder / "empty.bin").touch()
    (folder / "short.bin").write_bytes(b"short")
    return folder


@pytest.fixture(scope="session")
def programs_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("programs")


@pytest.fixture(scope="session")
def programs_origin(programs_folder, session_storage):
    with served(programs_folder) as origin:
        session_storage.allow_origin(origin)
        yield origin


@pytest.fixture(scope="session")
def built(programs_folder):
    """What was built in this process, by source."""
    return {}


@pytest.fixture
def client_for(request, built, programs_folder):
    """Makes a client that can be run from instructions, in which `edit` may spoil the source.

    Skips where its tools are missing, unless all must run.
    """

    def make(code, instructions, edit=None):
        written = program(code, instructions)
        if edit:
            written = replace(written, source=edit(written.source))
        name = sha256(f"{code} {written.source}".encode()).hexdigest()[:16]
        if name not in built:
            if code != "browser":
                refuse_missing_tools(code)
            (programs_folder / name).mkdir()
            built[name] = build(written, programs_folder / name)
        return built[name]

    def build(written, folder):
        if written.code != "browser":
            return CompiledClient(written, folder)
        origin = request.getfixturevalue("programs_origin")
        browser = request.getfixturevalue("browser")
        return ChromiumClient(written, folder, browser=browser, url=f"{origin}/{folder.name}")

    return make


@pytest.fixture
def in_table(record_property):
    """Gives the test's outcome to the table."""
    return lambda code, form: record_property(PROPERTY, (code, form))
