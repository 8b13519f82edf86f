"""The client's multipart calls: against the embedded OSS, and against answers that no sound server gives."""

from __future__ import annotations

import base64
import hashlib
import threading

import pytest
import requests

from tests.oss.stub_server import StubServer, answer, client_of, error, error_xml, reset
from uploads.oss import crc64
from uploads.oss.clock import utc_now
from uploads.oss.errors import ErrorAnswer, NoAnswer, NotFound, RefusedLocally, UnreadableAnswer
from uploads.oss.signing import presign

pytestmark = pytest.mark.usefixtures("quick_retries")

KEY = "incoming/año 2026 (终稿)+100%.tar"
FIRST, LAST = b"a" * 100 * 1024, b"the end"
INITIATED = answer(200, b"<InitiateMultipartUploadResult><UploadId>U1</UploadId></InitiateMultipartUploadResult>")
COMPLETED = answer(200, b"<CompleteMultipartUploadResult><Key>k</Key></CompleteMultipartUploadResult>")
PARTS = [(1, "AB"), (3, "CD")]


@pytest.fixture
def send_part(bucket, credentials):
    """Send a part as a browser would, by a URL that pins its length; its ETag as the client gives them."""

    def send(upload_id: str, number: int, content: bytes) -> str:
        signed = presign(
            bucket,
            credentials,
            method="PUT",
            key=KEY,
            expires_in=60,
            at=utc_now(),
            query={"partNumber": str(number), "uploadId": upload_id},
            headers={"Content-Length": str(len(content))},
            additional_headers=["content-length"],
        )
        response = requests.put(signed.url, data=content, headers=signed.headers, timeout=5)
        assert response.status_code == 200, response.text
        return response.headers["ETag"].strip('"')

    return send


def complete(client) -> None:
    client.complete_multipart("k", "U1", PARTS, forbid_overwrite=True)


def test_it_works(client, send_part):
    upload_id = client.initiate_multipart(KEY, {"Content-Type": "text/plain", "x-oss-meta-grant": "g-1"})
    etags = {number: send_part(upload_id, number, content) for number, content in ((9, LAST), (2, FIRST))}

    parts = client.list_parts(KEY, upload_id)
    client.complete_multipart(KEY, upload_id, [(part.number, part.etag) for part in parts], forbid_overwrite=True)

    assert [(part.number, part.size_bytes, part.etag) for part in parts] == [
        (2, len(FIRST), etags[2]),
        (9, len(LAST), etags[9]),
    ]
    assert parts[0].crc64 == crc64.update(0, FIRST)
    facts = client.head_object(KEY)
    assert (facts.size_bytes, facts.content_type, facts.metadata) == (102_407, "text/plain", {"grant": "g-1"})
    assert facts.crc64 == crc64.update(0, FIRST + LAST)


def parts_page(number: int, *, next_marker: int | None) -> bytes:
    more = f"<NextPartNumberMarker>{next_marker}</NextPartNumberMarker><IsTruncated>true</IsTruncated>"
    part = f"<PartNumber>{number}</PartNumber><Size>1</Size><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
    body = f"<ListPartsResult>{more if next_marker else ''}<Part>{part}</Part></ListPartsResult>"
    return answer(200, body.encode())


def test_all_pages_of_parts_are_read(credentials):
    with StubServer(
        parts_page(1, next_marker=1), parts_page(7, next_marker=7), parts_page(9, next_marker=None)
    ) as server:
        parts = client_of(server, credentials).list_parts("k", "U1")

    assert [part.number for part in parts] == [1, 7, 9]
    assert [seen.target.partition("marker=")[2] for seen in server.seen] == [
        "0&uploadId=U1",
        "1&uploadId=U1",
        "7&uploadId=U1",
    ]


def test_uploads_are_listed_by_prefix(client):
    keys = ["p/a b", "p/a+b%", "q/c"]
    ids = {key: client.initiate_multipart(key, {}) for key in keys}

    found = client.list_multipart_uploads("p/")

    assert [(upload.key, upload.upload_id) for upload in found] == [(key, ids[key]) for key in keys[:2]]
    assert abs((found[0].initiated_at - utc_now()).total_seconds()) < 30
    assert len(client.list_multipart_uploads("")) == 3
    assert client.list_multipart_uploads("none/") == []


def test_an_upload_is_gone_after_abort_and_abort_may_be_repeated(client, send_part):
    upload_id = client.initiate_multipart(KEY, {})
    send_part(upload_id, 1, LAST)

    for _ in range(2):
        client.abort_multipart(KEY, upload_id)

    with pytest.raises(NotFound) as caught:
        client.list_parts(KEY, upload_id)
    assert caught.value.code == "NoSuchUpload"
    assert client.list_multipart_uploads("") == []


def test_abort_in_a_bucket_that_is_not_there_is_an_error(credentials):
    with StubServer(error(404, "NoSuchBucket")) as server, pytest.raises(NotFound):
        client_of(server, credentials).abort_multipart("k", "U1")


def test_an_object_that_is_there_is_not_overwritten(client, send_part):
    first, second = [client.initiate_multipart(KEY, {}) for _ in range(2)]
    for upload_id in (first, second):
        send_part(upload_id, 1, upload_id.encode())
    [part] = client.list_parts(KEY, first)
    client.complete_multipart(KEY, first, [(1, part.etag)], forbid_overwrite=True)
    [part] = client.list_parts(KEY, second)

    with pytest.raises(ErrorAnswer) as completing:
        client.complete_multipart(KEY, second, [(1, part.etag)], forbid_overwrite=True)
    with pytest.raises(ErrorAnswer) as initiating:
        client.initiate_multipart(KEY, {"x-oss-forbid-overwrite": "true"})

    assert completing.value.code == initiating.value.code == "FileAlreadyExists"
    client.complete_multipart(KEY, second, [(1, part.etag)], forbid_overwrite=False)
    assert client.head_object(KEY).size_bytes == len(second)


def test_a_completion_goes_out_with_its_digest(credentials):
    with StubServer(COMPLETED) as server:
        complete(client_of(server, credentials))

    [seen] = server.seen
    assert (seen.method, seen.target) == ("POST", "/bucket/k?uploadId=U1")
    assert seen.headers["x-oss-forbid-overwrite"] == "true"
    assert seen.headers["content-md5"] == base64.b64encode(hashlib.md5(seen.body).digest()).decode()
    assert seen.body.count(b"<Part>") == 2


def test_an_error_that_comes_with_a_200_is_an_error(credentials):
    body = error_xml("InternalError", "0005-00000001")
    with StubServer(answer(200, body)) as server, pytest.raises(ErrorAnswer) as caught:
        complete(client_of(server, credentials))

    assert (caught.value.status, caught.value.code, caught.value.retryable) == (200, "InternalError", True)
    assert caught.value.request_id


@pytest.mark.parametrize("body", [b"", b"<html/>", b"<CompleteMultipartUploadRes"], ids=ascii)
def test_a_completion_that_says_nothing_is_unreadable(credentials, body):
    with StubServer(answer(200, body)) as server, pytest.raises(UnreadableAnswer):
        complete(client_of(server, credentials))


@pytest.mark.parametrize(
    ("status", "code"), [(404, "NoSuchUpload"), (409, "FileAlreadyExists")], ids=["gone", "there already"]
)
def test_what_follows_a_lost_answer_reaches_the_caller(credentials, status, code):
    """The first try may have made the object: only a HEAD can tell."""
    with StubServer(reset, error(status, code)) as server, pytest.raises(ErrorAnswer) as caught:
        complete(client_of(server, credentials))

    assert (caught.value.code, caught.value.retryable) == (code, False)
    assert len(server.seen) == 2


def test_a_completion_without_any_answer_says_so(credentials):
    with StubServer(reset) as server, pytest.raises(NoAnswer):
        complete(client_of(server, credentials, max_attempts=2))

    assert len(server.seen) == 2


def test_initiating_is_tried_again(credentials):
    with StubServer(error(503, "ServiceUnavailable"), INITIATED) as server:
        assert client_of(server, credentials).initiate_multipart("k", {"Content-Type": "a/b"}) == "U1"

    assert [seen.target for seen in server.seen] == ["/bucket/k?uploads"] * 2
    assert server.seen[0].headers["content-type"] == "a/b"


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([], id="none"),
        pytest.param([(0, "A")], id="the number 0"),
        pytest.param([(10_001, "A")], id="a number too high"),
        pytest.param([(2, "A"), (1, "B")], id="descending"),
        pytest.param([(1, "A"), (1, "B")], id="the same twice"),
    ],
)
def test_parts_of_which_no_object_can_be_made_are_not_sent(credentials, parts):
    with StubServer(COMPLETED) as server, pytest.raises(RefusedLocally):
        client_of(server, credentials).complete_multipart("k", "U1", parts, forbid_overwrite=False)

    assert not server.seen


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.abort_multipart("k", ""),
        lambda client: client.list_parts("k", ""),
        lambda client: client.complete_multipart("k", "", PARTS, forbid_overwrite=False),
        lambda client: client.abort_multipart("", "U1"),
        lambda client: client.initiate_multipart("", {}),
    ],
    ids=["abort", "list", "complete", "abort without a key", "initiate without a key"],
)
def test_an_empty_upload_id_or_key_is_never_sent(credentials, call):
    with StubServer(answer(204)) as server, pytest.raises(RefusedLocally):
        call(client_of(server, credentials))

    assert not server.seen


@pytest.mark.parametrize("marker", ["0", "2"], ids=["the first page again", "the same page again"])
def test_a_list_of_parts_that_never_ends_is_given_up(credentials, marker):
    page = (
        f"<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>{marker}</NextPartNumberMarker>"
        "</ListPartsResult>"
    )
    with StubServer(answer(200, page.encode())) as server, pytest.raises(UnreadableAnswer):
        client_of(server, credentials).list_parts("k", "U1")

    assert len(server.seen) <= 2


def test_a_list_of_uploads_that_never_ends_is_given_up(credentials):
    page = b"<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker>"
    with (
        StubServer(answer(200, page + b"</ListMultipartUploadsResult>")) as server,
        pytest.raises(UnreadableAnswer),
    ):
        client_of(server, credentials).list_multipart_uploads("")

    assert [seen.target.partition("?")[2].partition("max")[0] for seen in server.seen] == [
        "encoding-type=url&",
        "encoding-type=url&key-marker=k&",
    ]


def test_a_list_without_end_is_not_kept(credentials):
    sent = []

    def endless(connection, stopping: threading.Event) -> None:
        connection.sendall(answer(200, length=10**12))
        while not stopping.is_set() and len(sent) < 10_000:
            connection.sendall(b"x" * 65536)
            sent.append(65536)

    with StubServer(endless) as server, pytest.raises(UnreadableAnswer):
        client_of(server, credentials).list_parts("k", "U1")
    assert sum(sent) < 50_000_000
