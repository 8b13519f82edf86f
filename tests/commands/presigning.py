"""`manage.py presign` as many tests call it, and the query of the URL that it prints."""

from __future__ import annotations

import io
from urllib.parse import parse_qs, urlsplit

from django.core.management import call_command

AT = "20231217T025437Z"


def presign(*args: str, stderr: io.StringIO | None = None) -> str:
    out = io.StringIO()
    call_command("presign", *args, stdout=out, stderr=stderr or io.StringIO())
    return out.getvalue()


def parameters(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query, keep_blank_values=True).items()}
