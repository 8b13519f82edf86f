"""Values as string literals of the languages of the client programs: data, never code."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from django import template

register = template.Library()

# What may stand in a string in double quotes of each of these languages only with a backslash.
_DOUBLE_QUOTED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SECOND_QUESTION_MARK = re.compile(r"(?<=\?)\?")
# PowerShell takes typographic quotes for straight ones.
_POWERSHELL_QUOTES = (
    "'\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}\N{SINGLE LOW-9 QUOTATION MARK}"
    + ("\N{SINGLE HIGH-REVERSED-9 QUOTATION MARK}")
)


@register.filter
def sh_string(value: str) -> str:
    """In single quotes, in which a POSIX shell reads nothing but the end."""
    return "'" + value.replace("'", "'\\''") + "'"


@register.filter
def powershell_string(value: str) -> str:
    """In single quotes; each of the quotes that would end it is doubled."""
    return "'" + "".join(char * 2 if char in _POWERSHELL_QUOTES else char for char in value) + "'"


@register.filter
def curl_config_string(value: str) -> str:
    """For a line of `curl --config`: https://curl.se/docs/manpage.html#-K"""
    return _quoted(value, _DOUBLE_QUOTED, lambda char: char)


@register.filter
def java_string(value: str) -> str:
    """In ASCII: which encoding a compiler expects depends on the machine."""
    return _quoted(value, _DOUBLE_QUOTED, _java_escape)


@register.filter
def csharp_string(value: str) -> str:
    """In ASCII, as for Java."""
    return _quoted(value, _DOUBLE_QUOTED, _utf16_escape)


@register.filter
def cpp_string(value: str) -> str:
    """The bytes of UTF-8; two question marks would begin a trigraph."""
    return _SECOND_QUESTION_MARK.sub(r"\\?", _quoted(value, _DOUBLE_QUOTED, _octal_escape))


@register.filter
def go_string(value: str) -> str:
    return _quoted(value, _DOUBLE_QUOTED, lambda char: char if char.isprintable() else _rune_escape(char))


@register.filter
def python_string(value: str) -> str:
    return _quoted(value, _DOUBLE_QUOTED, lambda char: char if char.isprintable() else _rune_escape(char))


@register.filter
def js_string(value: str) -> str:
    """Also for a script inside a page, where a `<` could begin `</script>`."""
    table = {**_DOUBLE_QUOTED, "<": "\\u003c"}
    return _quoted(value, table, lambda char: char if char.isprintable() else _utf16_escape(char))


def _quoted(value: str, table: Mapping[str, str], other: Callable[[str], str]) -> str:
    """`other` writes what is neither in the table nor printable ASCII."""
    written = (table.get(char) or (char if " " <= char <= "~" else other(char)) for char in value)
    return '"' + "".join(written) + '"'


def _java_escape(char: str) -> str:
    """Java reads backslash-u before anything else: as such, a line break would end the line, not stand in it."""
    return f"\\{ord(char):03o}" if char < " " else _utf16_escape(char)


def _utf16_escape(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at] << 8 | units[at + 1]:04x}" for at in range(0, len(units), 2))


def _octal_escape(char: str) -> str:
    """Three digits: a hexadecimal escape would go on into the text that follows."""
    return "".join(f"\\{byte:03o}" for byte in char.encode("utf-8", "replace"))


def _rune_escape(char: str) -> str:
    code = ord(char) if not "\ud800" <= char <= "\udfff" else 0xFFFD
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
