"""One upload by a presigned URL, for the tests that need an object or a URL."""

from __future__ import annotations

from uploads.oss.clock import utc_now
from uploads.oss.credentials import Credentials
from uploads.oss.endpoints import Bucket
from uploads.oss.signing import Presigned, presign

KEY = "incoming/año 2026 (终稿)+final%20~|'*.tar.gz"
BODY = bytes(range(256)) * 1000
HEADERS = {
    "Content-Type": "application/gzip",
    "Content-Disposition": "attachment; filename*=UTF-8''a.gz",
    "x-oss-meta-grant": "g-1",
    "x-oss-storage-class": "IA",
}


def signed_put(bucket: Bucket, credentials: Credentials, **changes) -> Presigned:
    """A URL for BODY under KEY, with the headers of a grant; `changes` are arguments of `presign`."""
    request = {
        "method": "PUT",
        "key": KEY,
        "expires_in": 900,
        "at": utc_now(),
        "headers": {**HEADERS, "Content-Length": str(len(BODY))},
        "additional_headers": ["content-length", "content-disposition"],
    }
    return presign(bucket, credentials, **{**request, **changes})
