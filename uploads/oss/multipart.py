"""The client's calls for uploads in parts. Parts themselves are sent by others, with presigned URLs.

https://www.alibabacloud.com/help/en/oss/user-guide/multipart-upload
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from itertools import pairwise

from uploads.oss.errors import NotFound, RefusedLocally, UnreadableAnswer, error_answer
from uploads.oss.multipart_documents import (
    PartFacts,
    UploadFacts,
    error_in_success,
    parts_page_from_xml,
    parts_to_xml,
    upload_id_from_xml,
    uploads_page_from_xml,
)
from uploads.oss.transport import Answer, Call, Transport

MAX_PART_NUMBER = 10_000
MIN_PART_BYTES = 100 * 1024
MAX_PART_BYTES = 5 * 1024**3
# 1,000 uploads with keys of 1,023 bytes, each byte percent-encoded.
MAX_LISTING_BYTES = 4 * 1024**2


class MultipartCalls:
    """The multipart half of `OssClient`; what is said there of errors and retries holds here."""

    _transport: Transport

    def initiate_multipart(self, key: str, headers: Mapping[str, str]) -> str:
        """Begin an upload and return its id. What the object is to have goes in `headers`: parts carry nothing.

        When an answer is lost, the retry begins a second upload and the first stays without parts, which costs
        nothing; whoever lists uploads finds it. Raises ErrorAnswer with code FileAlreadyExists where
        `x-oss-forbid-overwrite` is among the headers and the object is there.
        https://www.alibabacloud.com/help/en/oss/developer-reference/initiatemultipartupload
        """
        call = Call("POST", key, query={"uploads": ""}, headers=headers)
        return upload_id_from_xml(self._transport.exchange(call).body)

    def list_parts(self, key: str, upload_id: str) -> list[PartFacts]:
        """All parts that OSS has, by number. NotFound (code NoSuchUpload): it was completed, aborted or never was."""
        parts: list[PartFacts] = []
        marker: int | None = 0
        while marker is not None:
            query = {**_of_upload(upload_id), "max-parts": "1000", "part-number-marker": str(marker)}
            page = parts_page_from_xml(self._list(query, key).body)
            if page.next_marker is not None and page.next_marker <= marker:
                raise UnreadableAnswer("The list of parts goes round in circles.")
            parts += page.parts
            marker = page.next_marker
        return parts

    def complete_multipart(
        self, key: str, upload_id: str, parts: Sequence[tuple[int, str]], *, forbid_overwrite: bool
    ) -> None:
        """Make the object of exactly these parts, given by number and ETag in ascending order.

        A lost answer is followed by a retry, so NotFound (code NoSuchUpload) and ErrorAnswer (code
        FileAlreadyExists) can mean that the object is there, and ours: `head_object` tells. RefusedLocally for
        parts that no object can be made of.
        https://www.alibabacloud.com/help/en/oss/developer-reference/completemultipartupload
        """
        _refuse_bad_parts(parts)
        body = parts_to_xml(parts)
        digest = hashlib.md5(body, usedforsecurity=False).digest()
        headers = {"Content-Type": "application/xml", "Content-MD5": base64.b64encode(digest).decode()}
        if forbid_overwrite:
            headers["x-oss-forbid-overwrite"] = "true"
        call = Call("POST", key, query=_of_upload(upload_id), headers=headers, body=body)
        _refuse_error(self._transport.exchange(call))

    def abort_multipart(self, key: str, upload_id: str) -> None:
        """Throw an upload and its parts away, if it is there; an object that was made of it stays.

        A part that is under way at this moment can outlive it, so abort again once nobody sends any more.
        https://www.alibabacloud.com/help/en/oss/developer-reference/abortmultipartupload
        """
        call = Call("DELETE", key, query=_of_upload(upload_id), expected_status=HTTPStatus.NO_CONTENT)
        try:
            self._transport.exchange(call)
        except NotFound as error:
            if error.code != "NoSuchUpload":
                raise

    def list_multipart_uploads(self, prefix: str) -> list[UploadFacts]:
        """All uploads to keys with this prefix that are neither completed nor aborted, by key and then by id."""
        uploads: list[UploadFacts] = []
        marker: tuple[str, str] | None = ("", "")
        while marker is not None:
            key_marker, id_marker = marker
            markers = {"key-marker": key_marker, "upload-id-marker": id_marker} if key_marker else {}
            query = {"uploads": "", "encoding-type": "url", "max-uploads": "1000", "prefix": prefix, **markers}
            page = uploads_page_from_xml(self._list(query).body)
            if page.next_marker is not None and page.next_marker <= marker:
                raise UnreadableAnswer("The list of uploads goes round in circles.")
            uploads += page.uploads
            marker = page.next_marker
        return uploads

    def _list(self, query: Mapping[str, str], key: str | None = None) -> Answer:
        return self._transport.exchange(Call("GET", key, query=query, max_answer_bytes=MAX_LISTING_BYTES))


def _of_upload(upload_id: str) -> dict[str, str]:
    if not upload_id:
        # To delete the upload "" must never come to mean to delete the object.
        raise RefusedLocally("The upload id is empty.")
    return {"uploadId": upload_id}


def _refuse_bad_parts(parts: Sequence[tuple[int, str]]) -> None:
    numbers = [number for number, _ in parts]
    if not numbers:
        raise RefusedLocally("An object is made of one part at least.")
    if not 1 <= min(numbers) <= max(numbers) <= MAX_PART_NUMBER:
        raise RefusedLocally(f"Part numbers go from 1 to {MAX_PART_NUMBER}.")
    if any(number >= following for number, following in pairwise(numbers)):
        raise RefusedLocally("The numbers of the parts do not ascend.")


def _refuse_error(answer: Answer) -> None:
    error = error_in_success(answer.body)
    if error is not None:
        request_id = answer.headers["x-oss-request-id"]
        raise error_answer(
            status=HTTPStatus.OK, code=error.code, message=error.message, ec=error.ec, request_id=request_id
        )
