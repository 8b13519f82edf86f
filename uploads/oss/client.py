"""The few calls that the server itself makes to OSS, and what they answer."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import NamedTuple

import requests
from urllib3.exceptions import HTTPError

from uploads.oss.clock import OssClock
from uploads.oss.credentials import Credentials
from uploads.oss.documents import BucketInfo, CorsConfiguration, bucket_info_from_xml, cors_from_xml, cors_to_xml
from uploads.oss.endpoints import Bucket
from uploads.oss.errors import NoAnswer, RefusedLocally, UnreadableAnswer
from uploads.oss.multipart import MultipartCalls
from uploads.oss.signing import Presigned, presign
from uploads.oss.transport import Call, Limits, Timeout, Transport

META_PREFIX = "x-oss-meta-"
DIGITS = re.compile(r"[0-9]{1,20}")


class ByteRange(NamedTuple):
    """Bytes of an object from `first` to `last`, both included; without `last`, to the end."""

    first: int
    last: int | None = None

    def header(self) -> str:
        """The value of `Range`. Raises RefusedLocally for a range that is none."""
        if self.first < 0 or (self.last is not None and self.last < self.first):
            raise RefusedLocally(f"{self.first} to {self.last} is no range of bytes.")
        return f"bytes={self.first}-{'' if self.last is None else self.last}"


@dataclass(frozen=True, slots=True)
class ObjectFacts:
    """What OSS says of a stored object. Texts are empty and `crc64` is None where it says nothing.

    `size_bytes` is the whole object's, `etag` is without its quotes (an MD5 only for objects of a single PUT),
    `metadata` without `x-oss-meta-`, names in lower case, values as on the wire.
    https://www.alibabacloud.com/help/en/oss/developer-reference/headobject
    """

    size_bytes: int
    content_type: str
    etag: str
    crc64: int | None
    last_modified: datetime
    metadata: Mapping[str, str]
    storage_class: str
    content_disposition: str
    cache_control: str
    version_id: str
    request_id: str


@dataclass(frozen=True, slots=True)
class ObjectStream:
    """An object whose bytes are on their way."""

    facts: ObjectFacts
    _response: requests.Response = field(repr=False)

    def chunks(self, size_bytes: int = 64 * 1024) -> Iterator[bytes]:
        """The bytes as they are stored, once. Raises NoAnswer when they end too early."""
        try:
            yield from self._response.raw.stream(size_bytes, decode_content=False)
        except HTTPError as error:
            raise NoAnswer(f"The object did not arrive to its end ({type(error).__name__}).") from error


class OssClient(MultipartCalls):
    """Calls to one bucket, signed with OSS's time. May be shared by threads.

    Every call raises OssError: NoAnswer and UnreadableAnswer say nothing about the object; NotFound and AccessRefused
    carry OSS's code; RefusedLocally means that nothing was sent. A call that arrives twice does no harm, so what may
    succeed a moment later is tried again, up to `max_attempts` times and while `total_seconds` last. `timeout` is for
    the connection and for the next bytes, in seconds. `public_bucket` is the bucket as the world reaches it, for
    presigned URLs, where `bucket` has an internal endpoint.
    """

    def __init__(
        self,
        bucket: Bucket,
        credentials: Credentials,
        clock: OssClock,
        *,
        timeout: tuple[float, float] = (3, 10),
        max_attempts: int = 3,
        total_seconds: float = 30,
        public_bucket: Bucket | None = None,
    ) -> None:
        self._public_bucket = public_bucket or bucket
        self._credentials = credentials
        self._clock = clock
        limits = Limits(Timeout(*timeout), max_attempts, total_seconds)
        self._transport = Transport(bucket, credentials, clock, limits=limits)

    def head_object(self, key: str) -> ObjectFacts:
        """What is stored under `key`. NotFound: nothing is, or (code NoSuchBucket) there is no such bucket.

        OSS tells the two apart on HEAD in `x-oss-err`; without it `code` is empty.
        """
        return _object_facts(self._transport.exchange(Call("HEAD", key)).headers)

    @contextmanager
    def get_object(self, key: str, byte_range: ByteRange | None = None) -> Iterator[ObjectStream]:
        """The object, or a range of it, as a stream. https://www.alibabacloud.com/help/en/oss/developer-reference/getobject"""
        call = Call("GET", key)
        if byte_range:
            # Without "standard", OSS answers a range that the object does not have with the whole object.
            headers = {"Range": byte_range.header(), "x-oss-range-behavior": "standard"}
            call = Call("GET", key, headers=headers, expected_status=HTTPStatus.PARTIAL_CONTENT)
        response = self._transport.open(call)
        try:
            yield ObjectStream(_object_facts(response.headers), response)
        finally:
            response.close()

    def delete_object(self, key: str) -> None:
        """Delete, if it is there: OSS does not say whether it was."""
        self._transport.exchange(Call("DELETE", key, expected_status=HTTPStatus.NO_CONTENT))

    def presigned_get(
        self, key: str, *, expires_in: int, response_content_disposition: str = "", response_content_type: str = ""
    ) -> Presigned:
        """A download URL for `expires_in` seconds, or for as long as the security token lives if that is less."""
        at = self._clock.now()
        query = {
            "response-content-disposition": response_content_disposition,
            "response-content-type": response_content_type,
        }
        return presign(
            self._public_bucket,
            self._credentials,
            method="GET",
            key=key,
            expires_in=self._credentials.usable_expires(expires_in, at=at),
            at=at,
            query={name: value for name, value in query.items() if value},
        )

    def get_cors(self) -> CorsConfiguration:
        """The bucket's CORS rules. NotFound (code NoSuchCORSConfiguration) when it has none."""
        return cors_from_xml(self._transport.exchange(Call("GET", query={"cors": ""})).body)

    def put_cors(self, configuration: CorsConfiguration) -> None:
        """Replace the bucket's CORS rules, all of them."""
        body = cors_to_xml(configuration)
        digest = hashlib.md5(body, usedforsecurity=False).digest()
        headers = {"Content-Type": "application/xml", "Content-MD5": base64.b64encode(digest).decode()}
        self._transport.exchange(Call("PUT", query={"cors": ""}, headers=headers, body=body))

    def bucket_info(self) -> BucketInfo:
        """Where the bucket is and how it is set up."""
        return bucket_info_from_xml(self._transport.exchange(Call("GET", query={"bucketInfo": ""})).body)


def _object_facts(headers: Mapping[str, str]) -> ObjectFacts:
    lowered = {name.lower(): value for name, value in headers.items()}
    checksum = headers.get("x-oss-hash-crc64ecma", "")
    return ObjectFacts(
        size_bytes=_size_bytes(headers),
        content_type=headers.get("Content-Type", ""),
        etag=headers.get("ETag", "").strip('"'),
        crc64=int(checksum) if DIGITS.fullmatch(checksum) else None,
        last_modified=_last_modified(headers),
        metadata={n.removeprefix(META_PREFIX): v for n, v in lowered.items() if n.startswith(META_PREFIX)},
        storage_class=headers.get("x-oss-storage-class", ""),
        content_disposition=headers.get("Content-Disposition", ""),
        cache_control=headers.get("Cache-Control", ""),
        version_id=headers.get("x-oss-version-id", ""),
        request_id=headers["x-oss-request-id"],
    )


def _size_bytes(headers: Mapping[str, str]) -> int:
    text = headers.get("Content-Range", "").rpartition("/")[2] or headers.get("Content-Length", "")
    if not DIGITS.fullmatch(text):
        raise UnreadableAnswer("The answer does not say how long the object is.")
    return int(text)


def _last_modified(headers: Mapping[str, str]) -> datetime:
    try:
        moment = parsedate_to_datetime(headers.get("Last-Modified", ""))
    except (ValueError, OverflowError):
        raise UnreadableAnswer("The answer does not say how old the object is.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
