"""Reading and writing XML elements. The only module that touches the parser.

What comes in is foreign: entities, document types and external references are refused.
"""

from __future__ import annotations

import re
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml.ElementTree import fromstring

from uploads.oss.errors import RefusedLocally, UnreadableAnswer

_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
# https://www.w3.org/TR/xml/#charsets
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WHOLE_NUMBER = re.compile(r"[0-9]{1,20}")


def root_of(body: bytes, name: str) -> Element:
    """The document's outermost element, which must have that name. Its namespace, if any, does not matter."""
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, ValueError, LookupError) as error:  # ValueError: refused by defusedxml, or a bad encoding.
        # Neither the message nor the chain repeats the body: it can hold a security token.
        raise UnreadableAnswer(f"The answer is not readable XML ({type(error).__name__}).") from None
    if local_name(root) != name:
        raise UnreadableAnswer(f"The answer is XML, but no {name}.")
    return root


def local_name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def text_of(parent: Element, path: str) -> str:
    return (parent.findtext(f"{{*}}{path}") or "").strip()


def texts_of(parent: Element, name: str) -> tuple[str, ...]:
    return tuple((element.text or "").strip() for element in parent.findall(f"{{*}}{name}"))


def number_of(parent: Element, name: str) -> int:
    """A whole number of at most 20 digits. Raises UnreadableAnswer for anything else."""
    text = text_of(parent, name)
    if not _WHOLE_NUMBER.fullmatch(text):
        raise UnreadableAnswer(f"The {name} in the answer is not a number.")
    return int(text)


def flag_of(parent: Element, name: str) -> bool:
    return text_of(parent, name).lower() == "true"


def time_of(parent: Element, name: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text_of(parent, name))
    except ValueError:
        return None


def add_all(parent: Element, name: str, texts: tuple[str, ...]) -> None:
    """Raises RefusedLocally for a text that XML cannot carry."""
    for text in texts:
        if _NOT_XML.search(text):
            raise RefusedLocally(f"The {name} {text!r} has a character that XML cannot carry.")
        SubElement(parent, name).text = text


def document_of(root: Element) -> bytes:
    body: bytes = tostring(root, encoding="utf-8")
    return _DECLARATION + body
