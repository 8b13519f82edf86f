"""Method and sub-resource to operation. What OSS has and we have not is answered with 501 and its name."""

from __future__ import annotations

from collections.abc import Callable

from uploads.localoss import multipart, multipart_lists, operations
from uploads.localoss.errors import (
    METHOD_NOT_ALLOWED,
    OBJECT_NAME_TOO_LONG,
    OBJECT_NAME_WITH_SLASH,
    Refusal,
    not_implemented,
)
from uploads.localoss.operations import Service
from uploads.localoss.replies import Reply
from uploads.localoss.request import Request
from uploads.oss.rules import MAX_KEY_BYTES

Operation = Callable[[Request, Service], Reply]

_OBJECT_OPERATIONS: dict[tuple[str, str], Operation] = {
    ("PUT", ""): operations.put_object,
    ("GET", ""): operations.get_object,
    ("HEAD", ""): operations.head_object,
    ("DELETE", ""): operations.delete_object,
    ("POST", "uploads"): multipart.initiate,
    ("PUT", "uploadId"): multipart.upload_part,
    ("GET", "uploadId"): multipart_lists.list_parts,
    ("POST", "uploadId"): multipart.complete,
    ("DELETE", "uploadId"): multipart.abort,
}
_BUCKET_OPERATIONS: dict[tuple[str, str], Operation] = {
    ("PUT", ""): operations.put_bucket,
    ("GET", "bucketInfo"): operations.get_bucket_info,
    ("GET", "uploads"): multipart_lists.list_uploads,
    ("GET", "location"): operations.get_bucket_location,
    ("PUT", "cors"): operations.put_bucket_cors,
    ("GET", "cors"): operations.get_bucket_cors,
    ("DELETE", "cors"): operations.delete_bucket_cors,
}
# Any other parameter changes nothing.
_SUB_RESOURCES = (
    *(
        "sequential",
        "uploadId",
        "uploads",
        "partNumber",
        "append",
        "position",
        "acl",
        "tagging",
        "symlink",
        "restore",
        "versionId",
    ),
    *("objectMeta", "x-oss-process", "x-oss-async-process", "callback", "callback-var", "delete", "select"),
    *("bucketInfo", "location", "cors", "stat", "versioning", "versions", "lifecycle", "logging", "website"),
    *("referer", "policy", "policyStatus", "encryption", "inventory", "inventoryId", "worm", "replication"),
    *("requestPayment", "transferAcceleration", "accessmonitor", "resourceGroup", "publicAccessBlock", "style"),
    *("cname", "qosInfo", "live", "comp", "list-type", "metaQuery", "archiveDirectRead", "httpsConfig"),
)


def operation_for(request: Request) -> Operation:
    """Raises Refusal: 405 for a method that an object cannot take, 501 for what the embedded OSS has not."""
    sub_resource = next((name for name in _SUB_RESOURCES if name in request.query), "")
    operations_here = _OBJECT_OPERATIONS if request.key else _BUCKET_OPERATIONS
    operation = operations_here.get((request.method, sub_resource)) if request.bucket else None
    if operation is not None:
        return operation
    if request.key and not sub_resource:
        raise Refusal(METHOD_NOT_ALLOWED, {"Method": request.method, "ResourceType": "Object"})
    where = "an object" if request.key else "a bucket" if request.bucket else "the service"
    raise not_implemented(f"{request.method} of {where} {f'with ?{sub_resource}' if sub_resource else ''}".rstrip())


def refuse_bad_key(key: str) -> None:
    """https://www.alibabacloud.com/help/en/oss/user-guide/object-naming-conventions"""
    if key[0] in "/\\":
        raise Refusal(OBJECT_NAME_WITH_SLASH, {"ObjectName": key})
    if len(key.encode()) > MAX_KEY_BYTES:
        raise Refusal(OBJECT_NAME_TOO_LONG, {"ObjectName": key})
