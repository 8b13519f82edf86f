"""A visitor's file name: what may be stored and shown of it."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

MAX_NAME_CHARACTERS = 1024
MAX_NAME_BYTES = 255
MAX_FOLDER_BYTES = 1024

# Bidirectional controls reorder what is shown ("exe.gpj" for "jpg.exe"); zero-width characters make two names look
# the same; control characters and line separators break lists, headers and logs.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")


class FileNameError(ValueError):
    """The name cannot be taken. `code` is the API's."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class ShownName(NamedTuple):
    """A name that can be shown and downloaded under; `was_cleaned` when hidden characters were taken out."""

    text: str
    was_cleaned: bool


def shown_name(raw: str) -> ShownName:
    """The last part of a path, in NFC, without characters that hide or reorder, at most 255 bytes.

    Raises FileNameError `name_too_long` (over 1,024 characters: nothing a file system made) or `name_invalid`
    (empty, NUL or a lone surrogate, which neither PostgreSQL nor UTF-8 can hold).
    """
    if len(raw) > MAX_NAME_CHARACTERS:
        raise FileNameError("name_too_long")
    if not raw or "\x00" in raw or _SURROGATE.search(raw):
        raise FileNameError("name_invalid")
    base = re.split(r"[/\\]", raw.rstrip("/\\"))[-1]
    visible = _HIDDEN.sub("", base)
    text = shortened(unicodedata.normalize("NFC", visible).strip(), MAX_NAME_BYTES)
    if text in {"", ".", ".."}:
        raise FileNameError("name_invalid")
    return ShownName(text, was_cleaned=visible != base)


def shown_folder(raw: str) -> str:
    """A folder such as `photos/2026`, its parts cleaned as names are, without empty ones; `` is none.

    Raises FileNameError `path_invalid` for more than 1,024 bytes, a part `..`, and what no name can hold.
    """
    try:
        parts = [shown_name(part).text for part in re.split(r"[/\\]", raw) if part not in {"", "."}]
    except FileNameError as error:
        raise FileNameError("path_invalid") from error
    folder = "/".join(parts)
    if len(folder.encode()) > MAX_FOLDER_BYTES:
        raise FileNameError("path_invalid")
    return folder


def shortened(name: str, max_bytes: int) -> str:
    """`name` cut to so many bytes of UTF-8 at its stem; the ending (`.tar.gz`) stays where it fits."""
    if len(name.encode()) <= max_bytes:
        return name
    stem, ending = split_ending(name)
    room = max_bytes - len(ending.encode())
    if room < 1:
        return name.encode()[:max_bytes].decode(errors="ignore")
    return stem.encode()[:room].decode(errors="ignore") + ending


def split_ending(name: str) -> tuple[str, str]:
    """Stem and ending; `.tar.gz` and its like count as one ending, a leading dot as none."""
    match = re.search(r"(?<=.)(\.tar)?\.[^.\s]{1,16}$", name)
    return (name[: match.start()], match.group()) if match else (name, "")
