"""The answer of OSS to a PUT as curl printed it (`-i`): what a visitor without a browser reports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

# An answer of OSS is far shorter; a proxy's page may be longer, and says nothing of use.
MOST_CHARACTERS = 65_536
_HEAD = re.compile(r"HTTP/[\d.]+ (\d{3})[^\n]*\n((?:[^\s:]+:[^\n]*\n)*)\r?\n?")
_SHORT = re.compile(r"[ -~]{1,128}")


@dataclass(frozen=True, slots=True)
class PutAnswer:
    """`status` is None when OSS gave no answer; the rest is empty where it said nothing."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    @property
    def code(self) -> str:
        return self._element("Code")

    @property
    def ec(self) -> str:
        return self._header("x-oss-ec") or self._element("EC")

    @property
    def request_id(self) -> str:
        return self._header("x-oss-request-id") or self._element("RequestId")

    @property
    def etag(self) -> str:
        return self._header("etag")

    def _header(self, name: str) -> str:
        value = self.headers.get(name, "")
        return value if _SHORT.fullmatch(value) else ""

    def _element(self, name: str) -> str:
        # A pattern, as in static/uploads/js/lib/oss-error.js: where the line broke, there is no whole document.
        found = re.search(rf"<{name}>\s*([\w.-]{{1,128}})\s*</{name}>", self.body, re.ASCII)
        return found[1] if found else ""


def put_answer(printed: str) -> PutAnswer:
    """The last answer in what curl printed. Before it may stand `100 Continue` and a proxy's answer to CONNECT."""
    printed = printed[:MOST_CHARACTERS]
    answer, end = PutAnswer(), 0
    while head := _HEAD.match(printed, end):
        end = head.end()
        answer = PutAnswer(int(head[1]), _headers(head[2]), printed[end:])
    # Without OSS's mark it is of a proxy on the way, whose refusal says nothing of the grant, or 1xx, no answer yet.
    return answer if "x-oss-request-id" in answer.headers else PutAnswer()


def _headers(lines: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in lines.splitlines())
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
