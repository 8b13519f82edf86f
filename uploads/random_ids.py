"""Random names: of links, which are secrets, and of pages and grants, which are not."""

from __future__ import annotations

import secrets

# Letters and digits without those that are mistaken for one another when read aloud or copied by hand.
_ID_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def new_token() -> str:
    """192 random bits for the link of a page."""
    return secrets.token_urlsafe(24)


def new_page_id() -> str:
    return "p" + _random_id(10)


def new_grant_id() -> str:
    return "g" + _random_id(20)


def _random_id(length: int) -> str:
    return "".join(secrets.choice(_ID_ALPHABET) for _ in range(length))
