"""The errors that the embedded OSS answers, with OSS's own status, code, fine-grained code (EC) and text.

A row without an EC is one whose EC we have not seen; we make none up. A comment marks what was inferred.
https://www.alibabacloud.com/help/en/oss/developer-reference/error-responses
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Cause(NamedTuple):
    """One row of the table. An EC names one cause; several share a code."""

    status: int
    code: str
    ec: str
    message: str


class Refusal(Exception):
    """A request that is answered with an error. `fields` are the elements that this cause adds to the XML."""

    def __init__(self, cause: Cause, fields: Mapping[str, str] | None = None) -> None:
        self.cause = cause
        self.fields = dict(fields or {})
        super().__init__(f"{cause.status} {cause.code} {cause.ec}")


def invalid_argument(message: str, ec: str = "", **named: str) -> Refusal:
    """400 InvalidArgument; `name` and `value` say which argument."""
    fields = {"ArgumentName": named.get("name", ""), "ArgumentValue": named.get("value", "")}
    return Refusal(Cause(400, "InvalidArgument", ec, message), {name: text for name, text in fields.items() if text})


def not_implemented(what: str) -> Refusal:
    """501: exists in OSS, not in the embedded one."""
    return Refusal(Cause(501, "NotImplemented", "", f"The embedded OSS does not implement {what}."))


# --- Signature ------------------------------------------------------------------------------------------------------

SIGNATURE_DOES_NOT_MATCH = Cause(
    403,
    "SignatureDoesNotMatch",
    "0002-00000201",
    "The request signature we calculated does not match the signature you provided."
    " Check your key and signing method.",
)
INVALID_ACCESS_KEY_ID = Cause(
    403,
    "InvalidAccessKeyId",
    "0002-00000902",
    "The OSS Access Key Id you provided does not exist in our records.",
)
# The texts of the next two are inferred from the one of V1; code and EC are known.
URL_EXPIRED = Cause(403, "AccessDenied", "0002-00000236", "Request has expired.")
URL_NOT_YET_VALID = Cause(403, "AccessDenied", "0002-00000235", "Request is not valid yet.")
REQUEST_TIME_TOO_SKEWED = Cause(
    403,
    "RequestTimeTooSkewed",
    "0002-00000504",
    "The difference between the request time and the current time is too large.",
)
# Status and text inferred.
DATE_MISSING = Cause(403, "AccessDenied", "0002-00000503", "OSS authentication requires a valid Date.")
DATE_MALFORMED = Cause(403, "AccessDenied", "0002-00000502", "OSS authentication requires a valid Date.")
INVALID_SECURITY_TOKEN = Cause(403, "InvalidSecurityToken", "", "The security token you provided is invalid.")
SECURITY_TOKEN_EXPIRED = Cause(403, "SecurityTokenExpired", "", "The security token you provided has expired.")
SECURITY_TOKEN_MISSING = Cause(
    403, "AccessDenied", "0002-00000005", "Security-token must be provided by query string parameter."
)
# The text is inferred.
ANONYMOUS = Cause(403, "AccessDenied", "0003-00000905", "Anonymous user has no right to access this bucket.")

# --- Names ----------------------------------------------------------------------------------------------------------

NO_SUCH_BUCKET = Cause(404, "NoSuchBucket", "0015-00000101", "The specified bucket does not exist.")
INVALID_BUCKET_NAME = Cause(400, "InvalidBucketName", "0015-00000001", "The specified bucket is not valid.")
NO_SUCH_KEY = Cause(404, "NoSuchKey", "0026-00000001", "The specified key does not exist.")
OBJECT_NAME_TOO_LONG = Cause(
    400, "InvalidObjectName", "0016-00000003", "The length of object name must be less than 1024."
)
OBJECT_NAME_NOT_UTF8 = Cause(400, "InvalidObjectName", "0016-00000002", "The specified object is not valid.")
OBJECT_NAME_WITH_SLASH = Cause(400, "InvalidObjectName", "0016-00000005", "The specified object is not valid.")
METHOD_NOT_ALLOWED = Cause(405, "MethodNotAllowed", "", "The specified method is not allowed against this resource.")

# --- Objects --------------------------------------------------------------------------------------------------------

FILE_ALREADY_EXISTS = Cause(
    409,
    "FileAlreadyExists",
    "0026-00000002",
    "The object you specified already exists and can not be overwritten.",
)
ENTITY_TOO_LARGE = Cause(400, "EntityTooLarge", "", "Your proposed upload exceeds the maximum allowed size.")
MISSING_CONTENT_LENGTH = Cause(
    411, "MissingContentLength", "0017-00000101", "You must provide the Content-Length HTTP header."
)
INCOMPLETE_BODY = Cause(
    400,
    "IncompleteBody",
    "",
    "You did not provide the number of bytes specified by the Content-Length HTTP header.",
)
REQUEST_TIMEOUT = Cause(
    400,
    "RequestTimeout",
    "",
    "Your socket connection to the server was not read from or written to within the timeout period."
    " Idle connections will be closed.",
)
INVALID_DIGEST = Cause(400, "InvalidDigest", "", "The Content-MD5 you specified was invalid.")
# Code and status inferred.
INVALID_CRC64 = Cause(400, "InvalidCRC64", "", "The CRC64 value you specified does not match what we received.")
CONDITIONAL_PUT = Cause(
    400,
    "NotImplemented",
    "0017-00000245",
    "A header you provided implies functionality that is not implemented.",
)
PRECONDITION_FAILED = Cause(
    412, "PreconditionFailed", "0017-00001001", "At least one of the pre-conditions you specified did not hold."
)
INVALID_RANGE = Cause(416, "InvalidRange", "", "The requested range cannot be satisfied.")
INVALID_OBJECT_STATE = Cause(403, "InvalidObjectState", "", "The operation is not valid for the object's state.")

# --- Multipart uploads ----------------------------------------------------------------------------------------------

NO_SUCH_UPLOAD = Cause(
    404,
    "NoSuchUpload",
    "0042-00000002",
    "The specified upload does not exist. The upload ID may be invalid,"
    " or the upload may have been aborted or completed.",
)
INVALID_PART_NUMBER = Cause(
    400, "InvalidArgument", "0017-00000220", "Part number must be an integer between 1 and 10000, inclusive."
)
INVALID_PART = Cause(
    400,
    "InvalidPart",
    "",
    "One or more of the specified parts could not be found or the specified entity tag might not have matched the"
    " part's entity tag.",
)
INVALID_PART_ORDER = Cause(400, "InvalidPartOrder", "0042-00000209", "The list of parts was not in ascending order.")
ENTITY_TOO_SMALL = Cause(
    400, "EntityTooSmall", "0042-00000213", "Your proposed upload is smaller than the minimum allowed size."
)
# OSS's own spelling.
COMPLETE_ALL_WITH_BODY = Cause(
    400, "InvalidArgument", "0042-00000216", "Should not speficy both complete all header and http body."
)

# --- CORS -----------------------------------------------------------------------------------------------------------

_CORS_REFUSED = (
    "CORSResponse: This CORS request is not allowed. This is usually because the evaluation of Origin, request "
    "method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's "
    "CORS spec."
)
CORS_NOT_CONFIGURED = Cause(403, "AccessForbidden", "0003-00000601", _CORS_REFUSED)
CORS_NO_RULE_MATCHES = Cause(403, "AccessForbidden", "0003-00000602", _CORS_REFUSED)
CORS_ORIGIN_MISSING = Cause(
    400, "BadRequest", "0034-00000101", "Insufficient information. Origin request header needed."
)
CORS_METHOD_MISSING = Cause(
    400,
    "BadRequest",
    "0034-00000102",
    "Insufficient information. Request Access-Control-Request-Method header needed.",
)
NO_SUCH_CORS_CONFIGURATION = Cause(
    404, "NoSuchCORSConfiguration", "0034-00000001", "The CORS Configuration does not exist."
)
MALFORMED_XML = Cause(
    400,
    "MalformedXML",
    "",
    "The XML you provided was not well-formed or did not validate against our published schema.",
)
PARTS_MALFORMED = Cause(400, "MalformedXML", "0042-00000205", MALFORMED_XML.message)
CORS_WITHOUT_RULE = Cause(400, "MalformedXML", "0034-00000002", MALFORMED_XML.message)
CORS_TOO_MANY_RULES = Cause(400, "CORSRuleBeyondLimit", "0034-00000006", "The CORS Rules num is beyond limit.")
