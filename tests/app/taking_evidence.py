"""The evidence that the page's script hands in beside its report."""

from __future__ import annotations

import json


def evidence_of(response, **changed) -> str:
    """As the page's script takes it from OSS's answer, escaped as it stands there."""
    canonical = response.text.partition("<CanonicalRequest>")[2].partition("</CanonicalRequest>")[0]
    return json.dumps({"canonical_request": canonical, **changed})
