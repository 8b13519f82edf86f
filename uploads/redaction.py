"""Takes out of what OSS or a browser says whatever opens a bucket: signatures, security tokens, key ids.

OSS's own error bodies quote the request: the AccessKey id, the credential scope and, with STS, the whole token.
"""

from __future__ import annotations

import re

HIDDEN = "…"
_SECRETS = (
    # In a query, a canonical query or a form, also with `&amp;` between the parameters.
    (
        re.compile(r"(?i)\b((?:x-oss-)?(?:signature|security-token)|OSSAccessKeyId)(=|%3D)[^&\s\"'<>,]*"),
        r"\1\2" + HIDDEN,
    ),
    (re.compile(r"(?i)\b((?:x-oss-)?credential)(=|%3D)[^&\s/%\"'<>]*"), r"\1\2" + HIDDEN),
    # In a header.
    (
        re.compile(r"(?im)^([<>* \t]*(?:x-oss-security-token|x-oss-signature|authorization)[ \t]*:).*$"),
        rf"\1{HIDDEN}",
    ),
    # Wherever they stand: key ids and tokens by their own look.
    (re.compile(r"\b(?:LTAI[A-Za-z0-9]{8,}|(?:STS|TMP)\.[A-Za-z0-9]{8,}|CAIS[A-Za-z0-9+/=%_-]{40,})"), HIDDEN),
)


def redacted(text: str) -> str:
    """The same text without secrets; doing it twice changes nothing more."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text
