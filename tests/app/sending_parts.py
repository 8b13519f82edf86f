"""A visitor's side of files in parts: small ones, because a part may be as short as a unit."""

from __future__ import annotations

import secrets

import requests

from tests.app.conftest import TIMEOUT_SECONDS, a_file
from uploads.storage import storage

UNIT = 256 * 1024
# Two units and a short end: three parts of one unit, or one of two units and one of the rest.
CONTENT = secrets.token_bytes(2 * UNIT + 1000)
SIZE = len(CONTENT)
WHOLE = ((0, UNIT), (UNIT, UNIT), (2 * UNIT, 1000))


def spans(*pairs):
    """As the API takes parts."""
    return [{"offset": offset, "size": length} for offset, length in pairs or WHOLE]


def large_file(**fields):
    return a_file("video.mp4", **{"size": SIZE, "type": "video/mp4", **fields})


def granted(visitor, **fields):
    """A file for which there is a grant, as it was asked for."""
    file = large_file(**fields)
    [answer] = visitor.ask(file)
    assert answer["file_state"] == "waiting"
    return file


def signed(visitor, file, *pairs):
    [answer] = visitor.parts({"id": file["id"], "parts": spans(*pairs)})
    return answer["parts"]


def put_part(part, content=CONTENT):
    body = content[part["offset"] : part["offset"] + part["size"]]
    return requests.request(part["method"], part["url"], data=body, headers=part["headers"], timeout=TIMEOUT_SECONDS)


def send_parts(visitor, file, *pairs, content=CONTENT):
    """Ask for these parts, or all, and send them."""
    for part in signed(visitor, file, *pairs):
        assert put_part(part, content).status_code == 200


def sent_in_parts(visitor, **fields):
    """A file all of whose parts are there, and about which nothing more was said."""
    file = granted(visitor, **fields)
    send_parts(visitor, file)
    return file


def complete(visitor, file, **fields):
    [answer] = visitor.complete({"id": file["id"], **fields})
    return answer


def uploads_in_oss():
    """The ids of all multipart uploads that are neither completed nor aborted."""
    return [upload.upload_id for upload in storage().client().list_multipart_uploads("")]


def stored_bytes(key):
    """The object, as anybody would download it."""
    url = storage().client().presigned_get(key, expires_in=60).url
    return requests.get(url, timeout=TIMEOUT_SECONDS).content
