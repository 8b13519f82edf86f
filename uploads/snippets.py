"""A signed PUT as a complete program in the languages of those who have no browser, or do not want one.

One template a language, in templates/uploads/snippets. Each streams the file, sends exactly the signed headers and a
Content-Length, prints what OSS answers and fails when that is not success.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from uploads.key_signing import SignedUrl, UrlTerms, signed_length
from uploads.models.grants import UploadGrant
from uploads.oss.signing import Presigned

# Control and format characters, surrogates, and what breaks a line: pasted into a shell, they could be keys pressed.
_NOT_IN_NAMES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Instructions:
    """What any client needs to know of a signed PUT.

    `headers` are exactly those that it must set itself; `content_length` in bytes, where one was signed; `file_name`
    is a default for the local file.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    content_length: int | None
    file_name: str


@dataclass(frozen=True, slots=True)
class Program:
    """A complete program; `file_name` is what to save it as, `needs` what it takes to run it."""

    code: str
    label: str
    file_name: str
    needs: str
    source: str


class Header(NamedTuple):
    """As the templates need it: in two pieces or as one line."""

    name: str
    value: str

    @property
    def line(self) -> str:
        return f"{self.name}: {self.value}"


class _Language(NamedTuple):
    code: str
    label: str
    file_name: str
    needs: Promise


_LANGUAGES = (
    _Language("curl", "curl", "upload.sh", _("curl 7.76 or newer, POSIX shell")),
    _Language("powershell", "curl (PowerShell)", "upload.ps1", _("PowerShell 5.1 or newer, curl 7.76 or newer")),
    _Language("java", "Java", "Upload.java", _("JDK 11 or newer")),
    _Language("go", "Go", "upload.go", _("Go 1.16 or newer")),
    _Language("python", "Python", "upload.py", _("Python 3.8 or newer, requests 2.31 or newer")),
    _Language("node", "Node.js", "upload.mjs", _("Node.js 18 or newer")),
    _Language("browser", "Browser", "upload.html", _("The bucket’s CORS rules must allow the page’s origin")),
    _Language("csharp", "C#", "Upload.cs", _(".NET 6 or newer; Mono 6 with -define:MONO")),
    _Language("cpp", "C++", "upload.cpp", _("C++17, libcurl 7.62 or newer")),
    _Language("android", "Android", "Uploader.java", _("Android 4.4 (API level 19) or newer, or a JDK")),
)
_BY_CODE = {language.code: language for language in _LANGUAGES}

PROGRAM_CODES = tuple(_BY_CODE)
# Two quotings of one client are one client.
CLIENT_CODES = tuple(code for code in PROGRAM_CODES if code != "powershell")


def instructions_for(grant: UploadGrant, signed: Presigned) -> Instructions:
    """For a grant whose URL has just been signed."""
    is_pinned = "content-length" in {name.lower() for name in grant.additional_headers}
    length = grant.size_bytes if is_pinned else None
    name = grant.file_name or grant.object_key.rpartition("/")[2]
    return Instructions(signed.method, signed.url, signed.headers, length, name)


def instructions_for_url(terms: UrlTerms, result: SignedUrl, *, file_name: str = "") -> Instructions:
    """For what staff have just signed; `file_name` is the key's last part if it is empty. Raises RefusedLocally."""
    signed = result.signed
    name = file_name or result.key.rpartition("/")[2]
    return Instructions(signed.method, signed.url, signed.headers, signed_length(terms), name)


def programs(instructions: Instructions) -> list[Program]:
    """All of them, in the order in which they are shown."""
    return [program(code, instructions) for code in PROGRAM_CODES]


def program(code: str, instructions: Instructions) -> Program:
    """Raises KeyError for a code that is not known."""
    language = _BY_CODE[code]
    headers = [Header(name, value) for name, value in instructions.headers.items()]
    length = instructions.content_length
    context = {
        "url": instructions.url,
        "curl_url": _without_final_slash(instructions.url),
        "headers": headers,
        "has_content_type": any(header.name.lower() == "content-type" for header in headers),
        # As text: a template would write a number as the reader's country does.
        "content_length": None if length is None else str(length),
        "file_name": _local_name(instructions.file_name),
    }
    # What is rendered is marked as safe HTML, which a program is not; with a plain text added to it, it is one.
    source = render_to_string(f"uploads/snippets/{code}.txt", context) + ""
    return Program(code, language.label, language.file_name, str(language.needs), source)


def _local_name(name: str) -> str:
    """A name that no shell takes for an option, and no terminal for a key pressed."""
    visible = "".join("_" if unicodedata.category(char) in _NOT_IN_NAMES else char for char in name)
    if visible in {"", ".", ".."}:
        return "file"
    return f"./{visible}" if visible.startswith("-") else visible


def _without_final_slash(url: str) -> str:
    """curl adds the file's name to a path that ends with a slash; percent-encoded, it is the same key to OSS."""
    path, mark, query = url.partition("?")
    return f"{path[:-1]}%2F{mark}{query}" if path.endswith("/") else url
