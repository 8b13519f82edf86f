"""Object keys: the server picks them, so that no visitor can name, guess or overwrite another's object."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from uploads.file_names import shortened, split_ending

MAX_SAFE_NAME_BYTES = 120
# With page, date, grant and file name below it a key stays under OSS's 1,023 bytes.
MAX_PREFIX_BYTES = 512
_NOT_SAFE = re.compile(r"[^\w.-]+")


class PrefixError(ValueError):
    """The prefix cannot begin an object key; the message says why."""


def object_key(*, prefix: str, page_id: str, day: date, grant_id: str, file_name: str) -> str:
    """`prefix/page/yyyy-mm-dd/grant/safe-name`. `page_id` is never the token of the page's link."""
    return page_folder(prefix, page_id) + "/".join([day.isoformat(), grant_id, safe_name(file_name)])


def page_folder(prefix: str, page_id: str) -> str:
    """Where all objects of a page are, and of no other: `prefix/page/`."""
    return "".join(f"{part}/" for part in (prefix.strip("/"), page_id) if part)


def safe_name(file_name: str) -> str:
    """Letters and digits of any script, `._-`, at most 120 bytes, the ending kept; never empty or a dot segment."""
    stem, ending = split_ending(unicodedata.normalize("NFC", file_name))
    stem = _NOT_SAFE.sub("_", stem).strip("._-") or "file"
    return shortened(stem + _NOT_SAFE.sub("_", ending), MAX_SAFE_NAME_BYTES)


def checked_prefix(prefix: str) -> str:
    """The prefix without outer slashes. Raises PrefixError for what would make keys that OSS or browsers refuse."""
    prefix = prefix.strip().strip("/")
    if "\\" in prefix or any(unicodedata.category(character) in {"Cc", "Cs"} for character in prefix):
        raise PrefixError("A folder has no backslashes and no control characters.")
    if len(prefix.encode()) > MAX_PREFIX_BYTES:
        raise PrefixError(f"A folder has at most {MAX_PREFIX_BYTES} bytes.")
    if any(part in {"", ".", ".."} for part in prefix.split("/")) and prefix:
        raise PrefixError("A folder has no empty, '.' or '..' parts between its slashes.")
    return prefix
