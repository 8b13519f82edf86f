"""The storage that the clients send to, which notes what came over the wire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import requests

from tests.servers import BUCKET, CREDENTIALS, RunningOss
from uploads.localoss.replies import Reply
from uploads.localoss.strict_http import RAW_HEADERS
from uploads.oss.documents import CorsRule
from uploads.oss.signing import Presigned, presign
from uploads.snippets import Instructions

# What HTTP itself needs, and what every client says of itself: no signature covers these.
_HARMLESS = {"host", "content-length", "connection", "user-agent", "accept", "accept-encoding", "accept-language"}
_BROWSERS_OWN = {"origin", "referer"}


class Stored(NamedTuple):
    """An object as whoever downloads it gets it; names of headers are in lower case."""

    body: bytes
    headers: Mapping[str, str]


class WatchedStorage:
    """`requests` are the PUTs that arrived, each the headers that a signature may cover, names in lower case."""

    def __init__(self, oss: RunningOss, *, certificate: Path | None = None) -> None:
        self._oss = oss
        self._verify = True if certificate is None else str(certificate)
        self._signed_at = datetime.now(UTC)
        self.requests: list[dict[str, str]] = []
        self.redirects_to = ""
        oss.app.intercept = self._note

    def instructions(
        self, key: str, headers: Mapping[str, str], *, length: int | None = None, file_name: str
    ) -> Instructions:
        """Everything among `headers` is signed, and the length where there is one.

        The same URL each time: a program that has been built once stays good.
        """
        lengths = {} if length is None else {"Content-Length": str(length)}
        signed = self._signed("PUT", key, {**headers, **lengths}, (*headers, *lengths))
        return Instructions("PUT", signed.url, signed.headers, length, file_name)

    def stored(self, key: str) -> Stored:
        answer = self._read("GET", key)
        assert answer.status_code == 200, answer.text
        return Stored(answer.content, {name.lower(): value for name, value in answer.headers.items()})

    def has(self, key: str) -> bool:
        return self._read("HEAD", key).status_code == 200

    def forget(self) -> None:
        self.requests.clear()
        self.redirects_to = ""

    def allow_origin(self, origin: str) -> None:
        rule = CorsRule(
            allowed_origins=(origin,),
            allowed_methods=("PUT",),
            allowed_headers=("*",),
            expose_headers=("x-oss-request-id",),
            max_age_seconds=0,
        )
        self._oss.app.set_cors(BUCKET, [rule])

    def _read(self, method: str, key: str) -> requests.Response:
        return requests.request(method, self._signed(method, key, {}, ()).url, timeout=20, verify=self._verify)

    def _signed(self, method: str, key: str, headers: Mapping[str, str], additional: tuple[str, ...]) -> Presigned:
        return presign(
            self._oss.bucket,
            CREDENTIALS,
            method=method,
            key=key,
            expires_in=3600,
            at=self._signed_at,
            headers=headers,
            additional_headers=additional,
        )

    def _note(self, environ) -> Reply | None:
        if environ["REQUEST_METHOD"] != "PUT":
            return None
        self.requests.append({name.decode("latin-1").lower(): value.decode() for name, value in environ[RAW_HEADERS]})
        if self.redirects_to:
            return Reply(302, {"Location": self.redirects_to, "Content-Length": "0"})
        return None


def covered(sent: Mapping[str, str]) -> dict[str, str]:
    """Of the headers that were sent, those that are somebody's choice."""
    return {
        name: value
        for name, value in sent.items()
        if name not in _HARMLESS | _BROWSERS_OWN and not name.startswith("sec-")
    }
