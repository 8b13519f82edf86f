"""The embedded OSS: a WSGI application that behaves as Alibaba Cloud OSS does, as strictly as we know it.

For trying the project out and for tests: one key pair, one region, no policies, and everything below one directory.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from uploads.localoss import cors
from uploads.localoss.auth import Verifier
from uploads.localoss.errors import INVALID_BUCKET_NAME, NO_SUCH_BUCKET, Cause, Refusal
from uploads.localoss.multipart_store import MultipartStore
from uploads.localoss.operations import CORS_DOCUMENT, Service, put_bucket
from uploads.localoss.replies import Reply, empty_reply, error_reply
from uploads.localoss.request import Environ, Target, locate, read_request
from uploads.localoss.routing import operation_for, refuse_bad_key
from uploads.localoss.store import Store
from uploads.oss.clock import utc_now
from uploads.oss.credentials import Credentials
from uploads.oss.documents import CorsConfiguration, CorsRule, cors_from_xml, cors_to_xml
from uploads.oss.endpoints import BUCKET_NAME

_INTERNAL_ERROR = Cause(500, "InternalError", "", "We encountered an internal error. Please try again.")

Intercept = Callable[[Environ], Reply | None]

logger = logging.getLogger(__name__)


class LocalOss:
    """Serve it with `uploads.localoss.server`; other WSGI servers do not tell it what a signature needs.

    `cnames` gives the bucket of each custom domain. `intercept`, for tests, sees each environ first and makes the
    server misbehave: it returns a Reply or raises a Refusal to answer in the server's place, or returns None. It may
    be set later as well.
    """

    def __init__(
        self,
        root: Path,
        *,
        credentials: Credentials,
        region: str,
        cnames: Mapping[str, str] | None = None,
        now: Callable[[], datetime] = utc_now,
        intercept: Intercept | None = None,
    ) -> None:
        self.store = Store(root, now)
        self.intercept = intercept
        self._cnames = {host.lower(): bucket for host, bucket in (cnames or {}).items()}
        self._now = now
        self._verifier = Verifier(credentials, region, now)
        self._service = Service(self.store, MultipartStore(self.store), region)

    def create_bucket(self, name: str) -> None:
        """Does nothing for one that is there. Raises ValueError for a bad name."""
        self.store.create_bucket(name)

    def set_cors(self, name: str, rules: Iterable[CorsRule], *, response_vary: bool = False) -> None:
        """Replace the bucket's CORS rules. Raises Refusal for rules that OSS would not take."""
        configuration = CorsConfiguration(tuple(rules), response_vary)
        cors.refuse_bad_rules(configuration)
        self.store.write_document(name, CORS_DOCUMENT, cors_to_xml(configuration))

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        started = time.monotonic()
        request_id = secrets.token_hex(12).upper()
        target = locate(environ, self._cnames)
        is_head = environ["REQUEST_METHOD"] == "HEAD"
        try:
            reply = self._answer(environ, target)
        except Refusal as error:
            reply = error_reply(error, request_id=request_id, host=target.host, is_head=is_head)
        except Exception:
            logger.exception("The embedded OSS failed to answer request %s.", request_id)
            reply = error_reply(Refusal(_INTERNAL_ERROR), request_id=request_id, host=target.host, is_head=is_head)
        headers = {
            "Server": "localoss",
            "Date": format_datetime(self._now().astimezone(UTC), usegmt=True),
            "x-oss-request-id": request_id,
            "x-oss-server-time": str(int((time.monotonic() - started) * 1000)),
            **self._cors_headers(environ, target),
            **reply.headers,
        }
        status = f"{reply.status} {HTTPStatus(reply.status).phrase}"
        start_response(status, [(name, value.encode().decode("latin-1")) for name, value in headers.items()])
        return reply.body

    def _answer(self, environ: Environ, target: Target) -> Reply:
        if self.intercept is not None and (reply := self.intercept(environ)) is not None:
            return reply
        request = read_request(environ, target)
        if request.bucket and not BUCKET_NAME.fullmatch(request.bucket):
            raise Refusal(INVALID_BUCKET_NAME, {"BucketName": request.bucket})
        if request.method == "OPTIONS":
            # Nobody signs a preflight: browsers send it by themselves.
            self._refuse_missing_bucket(request.bucket)
            return empty_reply(headers=cors.preflight_headers(self._cors(request.bucket), request.headers))
        self._verifier.verify(request)
        operation = operation_for(request)
        if operation is not put_bucket:
            self._refuse_missing_bucket(request.bucket)
        if request.key:
            refuse_bad_key(request.key)
        return operation(request, self._service)

    def _refuse_missing_bucket(self, name: str) -> None:
        if self.store.bucket(name) is None:
            raise Refusal(NO_SUCH_BUCKET, {"BucketName": name})

    def _cors(self, bucket: str) -> CorsConfiguration | None:
        document = self.store.document(bucket, CORS_DOCUMENT) if BUCKET_NAME.fullmatch(bucket) else None
        return None if document is None else cors_from_xml(document)

    def _cors_headers(self, environ: Environ, target: Target) -> dict[str, str]:
        """For errors too, or JavaScript could not read them; an answer to a preflight brings its own."""
        method = environ["REQUEST_METHOD"]
        origin = "" if method == "OPTIONS" else environ.get("HTTP_ORIGIN", "")
        return cors.actual_headers(self._cors(target.bucket), origin, method)
