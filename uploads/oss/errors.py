"""Everything that can go wrong between us and OSS, as one exception tree."""

from __future__ import annotations

from http import HTTPStatus

# Codes with which OSS asks for another try although the status alone would not say so.
# An InternalError can come with a 200, when OSS began to answer before it was through.
RETRYABLE_CODES = frozenset({"RequestTimeout", "RequestTimeTooSkewed", "BadRequest", "InternalError"})


class OssError(Exception):
    """Root of the tree. `retryable` tells whether the same call may succeed a moment later."""

    retryable = False


class RefusedLocally(OssError, ValueError):
    """Asked for something that OSS would refuse or misread; nothing was sent. The message is a whole sentence."""


class NoAnswer(OssError):
    """OSS did not answer: name look-up, connection, TLS or time limit. What it did with the request is not known."""

    retryable = True


class UnreadableAnswer(OssError):
    """Something answered, but not in the form of OSS: a proxy, a captive portal, or broken XML.

    It says nothing about the object, whatever its `status` (0 where only a document was read).
    """

    def __init__(self, message: str, *, status: int = 0) -> None:
        self.status = status
        super().__init__(message)

    @property
    def retryable(self) -> bool:  # type: ignore[override]
        return is_transient(self.status)


class ErrorAnswer(OssError):
    """OSS answered with an error.

    `status` is the HTTP status, `code` and `ec` are OSS's own ("NoSuchKey", "0026-00000001"), empty where the
    answer had none. https://www.alibabacloud.com/help/en/oss/developer-reference/error-responses
    """

    def __init__(  # An error record has that many facts.
        self, *, status: int, code: str = "", message: str = "", ec: str = "", request_id: str = ""
    ) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.ec = ec
        self.request_id = request_id
        super().__init__(
            f"OSS answered {status} {code or 'without a code'} (EC {ec or '-'}, request {request_id or '-'})"
        )

    @property
    def retryable(self) -> bool:  # type: ignore[override]
        return is_transient(self.status) or self.code in RETRYABLE_CODES


class NotFound(ErrorAnswer):
    """404: the object, the bucket or the configuration is not there; `code` says which, if OSS does.

    Never raised for a 403, and never for a 404 that is not from OSS.
    """


class AccessRefused(ErrorAnswer):
    """403: the credentials, the signature or a policy did not allow it."""


def error_answer(*, status: int, code: str, message: str, ec: str, request_id: str) -> ErrorAnswer:
    """The exception of the tree that fits an error answer."""
    # Whole numbers for keys: servers in between have statuses of their own, such as 520.
    kind = {404: NotFound, 403: AccessRefused}.get(status, ErrorAnswer)
    return kind(status=status, code=code, message=message, ec=ec, request_id=request_id)


def is_transient(status: int) -> bool:
    """Whether an HTTP status says that the same request may succeed a moment later."""
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
    }


def summary(error: Exception) -> str:
    """For a column of a table: status, code and EC of an error answer, and of everything else the kind."""
    if isinstance(error, ErrorAnswer):
        return f"{error.status} {error.code} {error.ec}".strip()
    return type(error).__name__
