"""What an upload id and the URL of a part are good for: their own upload, key and number, until its end."""

from __future__ import annotations

import pytest
import requests

from tests.localoss.parts import abort, complete, initiate, list_parts, send_part, send_parts
from tests.localoss.sending import code_of, refusal, send
from tests.servers import BUCKET, RunningOss


@pytest.mark.parametrize("end", ["complete", "abort"])
def test_nothing_can_be_done_with_an_upload_that_has_ended(oss: RunningOss, key: str, end: str) -> None:
    upload_id = initiate(oss, key)
    parts = send_parts(oss, key, upload_id, [1])
    ended = complete(oss, key, upload_id, parts) if end == "complete" else abort(oss, key, upload_id)
    assert ended.status_code == (200 if end == "complete" else 204)

    for answer in (
        send_part(oss, key, upload_id, 1, b"abc"),
        list_parts(oss, key, upload_id),
        complete(oss, key, upload_id, parts),
        abort(oss, key, upload_id),
    ):
        assert refusal(answer) == (404, "NoSuchUpload", "0042-00000002")


def test_an_upload_is_good_for_its_own_key_only(oss: RunningOss, key: str) -> None:
    upload_id = initiate(oss, key)

    assert code_of(send_part(oss, f"{key}.other", upload_id, 1, b"abc")) == "NoSuchUpload"
    assert code_of(abort(oss, f"{key}.other", upload_id)) == "NoSuchUpload"


@pytest.mark.parametrize(
    "upload_id", ["../uploads", "..", ".", "a/../../bucket.json", "", "\x00", "0" * 32, "a" * 5000], ids=ascii
)
def test_no_upload_id_reaches_another_file(oss: RunningOss, key: str, upload_id: str) -> None:
    assert code_of(list_parts(oss, key, upload_id)) == "NoSuchUpload"
    assert code_of(abort(oss, key, upload_id)) == "NoSuchUpload"
    assert oss.app.store.bucket(BUCKET) is not None


def test_a_part_url_is_good_for_its_number_only(oss: RunningOss, key: str) -> None:
    upload_id = initiate(oss, key)
    answer = send(oss, "PUT", key, b"abc", query={"partNumber": "1", "uploadId": upload_id})
    assert answer.request.url is not None

    moved = requests.put(answer.request.url.replace("partNumber=1", "partNumber=2"), data=b"abc", timeout=20)

    assert code_of(moved) == "SignatureDoesNotMatch"
