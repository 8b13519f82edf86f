"""The official SDKs' own multipart uploaders against the embedded OSS."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import alibabacloud_oss_v2 as oss_v2
import oss2
import pytest
import requests
from alibabacloud_oss_v2.uploader import UploadError

from tests.localoss.parts import content_of
from tests.localoss.sdks import SdkError, SdkOss2, SdkV2
from tests.localoss.test_auth import NASTY_KEYS
from tests.servers import BUCKET, CREDENTIALS, RunningOss
from uploads.oss.clock import utc_now
from uploads.oss.signing import presign

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utc:DeprecationWarning")

PART_BYTES = 100 * 1024
SIZE = 7 * PART_BYTES + 1
CONTENT = random.Random(0).randbytes(SIZE)


@pytest.fixture
def v2(oss: RunningOss) -> SdkV2:
    return SdkV2(oss.url)


@pytest.fixture
def old(oss: RunningOss) -> SdkOss2:
    return SdkOss2(oss.url)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "large.bin"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def stored(oss: RunningOss) -> Callable[[str], bytes]:
    def read(key: str) -> bytes:
        content = oss.app.store.read_bytes(BUCKET, key)
        assert content is not None
        assert not oss.app.store.upload_folders(BUCKET)
        return content

    return read


@pytest.fixture(autouse=True)
def no_upload_is_left(oss: RunningOss) -> None:
    for folder in oss.app.store.upload_folders(BUCKET):
        folder.discard()


def v2_initiate(v2: SdkV2, key: str) -> str:
    request = oss_v2.InitiateMultipartUploadRequest(bucket=BUCKET, key=key, content_type="text/plain")
    upload_id = v2.client.initiate_multipart_upload(request).upload_id
    assert upload_id is not None
    return upload_id


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("key", NASTY_KEYS[:4])
def test_the_uploader_of_v2_sends_a_file(v2: SdkV2, file: Path, stored, key: str, threads: int) -> None:
    uploader = v2.client.uploader(part_size=PART_BYTES, parallel_num=threads)

    result = uploader.upload_file(oss_v2.PutObjectRequest(bucket=BUCKET, key=key), str(file))

    assert stored(key) == CONTENT
    assert result.etag.endswith('-8"')
    assert v2.head(key)["x-oss-hash-crc64ecma"] == result.hash_crc64


def test_the_uploader_of_v2_goes_on_from_its_checkpoint(oss, v2: SdkV2, file: Path, stored, key: str) -> None:
    """It lists the parts that are there and sends the rest."""
    sent = []

    def fail_on_the_fourth(environ):
        if "partNumber" in environ["QUERY_STRING"]:
            sent.append(environ["QUERY_STRING"])
            if len(sent) == 4:
                raise RuntimeError("The server breaks down.")

    options = {"part_size": PART_BYTES, "parallel_num": 1, "enable_checkpoint": True, "leave_parts_on_error": True}
    uploader = v2.client.uploader(**options, checkpoint_dir=str(file.parent))
    request = oss_v2.PutObjectRequest(bucket=BUCKET, key=key)
    oss.app.intercept = fail_on_the_fourth
    with pytest.raises(UploadError):
        uploader.upload_file(request, str(file))

    uploader.upload_file(request, str(file))

    assert stored(key) == CONTENT
    assert len(sent) == 4 + 5


def test_v2_lists_and_completes_what_was_sent_by_its_presigned_part_urls(v2: SdkV2, stored, key: str) -> None:
    upload_id = v2_initiate(v2, key)
    for number in (1, 2):
        part = oss_v2.UploadPartRequest(bucket=BUCKET, key=key, upload_id=upload_id, part_number=number)
        signed = v2.client.presign(part, expires=timedelta(minutes=1))
        assert requests.put(signed.url, data=content_of(number), timeout=20).status_code == 200

    listed = v2.client.list_parts(oss_v2.ListPartsRequest(bucket=BUCKET, key=key, upload_id=upload_id))
    parts = [oss_v2.UploadPart(part_number=part.part_number, etag=part.etag) for part in listed.parts]
    v2.client.complete_multipart_upload(
        oss_v2.CompleteMultipartUploadRequest(
            bucket=BUCKET,
            key=key,
            upload_id=upload_id,
            complete_multipart_upload=oss_v2.CompleteMultipartUpload(parts=parts),
        )
    )

    assert [(part.part_number, part.size) for part in listed.parts] == [(1, PART_BYTES), (2, PART_BYTES)]
    assert stored(key) == content_of(1) + content_of(2)
    assert v2.head(key)["Content-Type"] == "text/plain"


def test_v2_completes_all_that_our_own_part_urls_sent(oss: RunningOss, v2: SdkV2, stored, key: str) -> None:
    upload_id = v2_initiate(v2, key)
    signed = presign(
        oss.bucket,
        CREDENTIALS,
        method="PUT",
        key=key,
        expires_in=60,
        at=utc_now(),
        query={"partNumber": "5", "uploadId": upload_id},
        headers={"Content-Length": "3"},
        additional_headers=["content-length"],
    )
    assert requests.put(signed.url, data=b"four", headers=signed.headers, timeout=20).status_code == 403
    assert requests.put(signed.url, data=b"abc", headers=signed.headers, timeout=20).status_code == 200

    v2.client.complete_multipart_upload(
        oss_v2.CompleteMultipartUploadRequest(bucket=BUCKET, key=key, upload_id=upload_id, complete_all="yes")
    )

    assert stored(key) == b"abc"


def test_v2_aborts_and_reads_that_the_upload_is_gone(v2: SdkV2, key: str) -> None:
    upload_id = v2_initiate(v2, key)
    v2.client.abort_multipart_upload(oss_v2.AbortMultipartUploadRequest(bucket=BUCKET, key=key, upload_id=upload_id))

    error = v2.error_of(
        lambda: v2.client.list_parts(oss_v2.ListPartsRequest(bucket=BUCKET, key=key, upload_id=upload_id))
    )

    assert error == SdkError(404, "NoSuchUpload", "0042-00000002")


def test_v2_pages_through_uploads_and_parts(v2: SdkV2, key: str) -> None:
    ids = {v2_initiate(v2, f"{key}/{name}") for name in ("a", "a", "b b", "c\x01", "d+%")}
    uploads = list(
        v2.client.list_multipart_uploads_paginator(limit=2).iter_page(
            oss_v2.ListMultipartUploadsRequest(bucket=BUCKET, prefix=key)
        )
    )

    assert [len(page.uploads) for page in uploads] == [2, 2, 1]
    found = [(upload.key.removeprefix(f"{key}/"), upload.upload_id) for page in uploads for upload in page.uploads]
    assert [name for name, _ in found] == ["a", "a", "b b", "c\x01", "d+%"]
    assert {upload_id for _, upload_id in found} == ids


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("key", NASTY_KEYS[:4])
def test_the_resumable_upload_of_oss2_sends_a_file(old: SdkOss2, file: Path, stored, key: str, threads: int) -> None:
    result = oss2.resumable_upload(
        old.bucket,
        key,
        str(file),
        store=oss2.ResumableStore(root=str(file.parent)),
        multipart_threshold=PART_BYTES,
        part_size=PART_BYTES,
        num_threads=threads,
        headers={"x-oss-meta-a": "b"},
    )

    assert stored(key) == CONTENT
    assert result.etag.endswith("-8")
    assert old.head(key)["x-oss-meta-a"] == "b"


def test_oss2_sends_lists_and_completes_parts_one_by_one(old: SdkOss2, stored, key: str) -> None:
    """It compares the CRC of each part and of the whole with its own."""
    upload_id = old.bucket.init_multipart_upload(key).upload_id
    parts = []
    for number in range(1, 6):
        result = old.bucket.upload_part(key, upload_id, number, content_of(number))
        parts.append(oss2.models.PartInfo(number, result.etag, size=PART_BYTES, part_crc=result.crc))

    listed = list(oss2.PartIterator(old.bucket, key, upload_id, max_parts=2))
    uploads = [upload.upload_id for upload in oss2.ObjectUploadIterator(old.bucket, key)]
    old.bucket.complete_multipart_upload(key, upload_id, parts)

    assert [(part.part_number, part.etag) for part in listed] == [(part.part_number, part.etag) for part in parts]
    assert uploads == [upload_id]
    assert stored(key) == b"".join(content_of(number) for number in range(1, 6))


def test_oss2_aborts_and_reads_that_the_upload_is_gone(old: SdkOss2, key: str) -> None:
    upload_id = old.bucket.init_multipart_upload(key).upload_id
    old.bucket.abort_multipart_upload(key, upload_id)

    error = old.error_of(lambda: old.bucket.upload_part(key, upload_id, 1, b"abc"))

    assert error == SdkError(404, "NoSuchUpload", "0042-00000002")


def test_a_part_url_presigned_by_oss2_takes_a_part(old: SdkOss2, stored, key: str) -> None:
    upload_id = old.bucket.init_multipart_upload(key).upload_id
    url = old.bucket.sign_url("PUT", key, 60, params={"partNumber": "1", "uploadId": upload_id}, slash_safe=True)

    etag = requests.put(url, data=b"abc", timeout=20).headers["ETag"]
    old.bucket.complete_multipart_upload(key, upload_id, [oss2.models.PartInfo(1, etag)])

    assert stored(key) == b"abc"
