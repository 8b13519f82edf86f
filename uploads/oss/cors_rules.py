"""Which CORS rule of a bucket holds for a request.

https://www.alibabacloud.com/help/en/oss/developer-reference/putbucketcors
"""

from __future__ import annotations

from collections.abc import Iterable

from uploads.oss.documents import CorsRule


def first_match(
    rules: Iterable[CorsRule], *, origin: str, method: str, headers: Iterable[str] = ()
) -> CorsRule | None:
    """The first rule that allows the origin, the method and every one of the headers."""
    for rule in rules:
        if (
            any(_matches(pattern, origin) for pattern in rule.allowed_origins)
            and method in rule.allowed_methods
            and all(any(_matches(pattern.lower(), name) for pattern in rule.allowed_headers) for name in headers)
        ):
            return rule
    return None


def _matches(pattern: str, text: str) -> bool:
    """Whether the text is the pattern, whose one `*`, if any, stands for anything."""
    start, star, end = pattern.partition("*")
    if not star:
        return pattern == text
    return len(text) >= len(start) + len(end) and text.startswith(start) and text.endswith(end)
