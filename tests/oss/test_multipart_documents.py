"""The XML of multipart uploads: as OSS's manual shows it, and everything that it is not."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oss.stub_server import error_xml
from tests.oss.test_documents import UNREADABLE
from uploads.oss.errors import RefusedLocally, UnreadableAnswer
from uploads.oss.multipart_documents import (
    error_in_success,
    parts_from_xml,
    parts_page_from_xml,
    parts_to_xml,
    upload_id_from_xml,
    uploads_page_from_xml,
)

# The shape of https://www.alibabacloud.com/help/en/oss/developer-reference/listparts with values of our own.
PARTS = b"""<?xml version="1.0" encoding="UTF-8"?>
<ListPartsResult>
  <Bucket>incoming</Bucket>
  <Key>multipart.data</Key>
  <UploadId>0004B999EF5A239BB9138C6227D69F95</UploadId>
  <PartNumberMarker>0</PartNumberMarker>
  <NextPartNumberMarker>5</NextPartNumberMarker>
  <MaxParts>2</MaxParts>
  <IsTruncated>true</IsTruncated>
  <Part>
    <PartNumber>1</PartNumber>
    <LastModified>2012-02-23T07:01:34.000Z</LastModified>
    <ETag>"3349DC700140D7F86A0784842780AAAA"</ETag>
    <Size>6291456</Size>
    <HashCrc64ecma>18446744073709551615</HashCrc64ecma>
  </Part>
  <Part>
    <PartNumber>5</PartNumber>
    <LastModified>2012-02-23T07:02:03.000Z</LastModified>
    <ETag>"7265F4D211B56873A381D321F586AAAA"</ETag>
    <Size>1024</Size>
  </Part>
</ListPartsResult>"""
# https://www.alibabacloud.com/help/en/oss/developer-reference/listmultipartuploads
UPLOADS = b"""<?xml version="1.0" encoding="UTF-8"?>
<ListMultipartUploadsResult>
  <Bucket>incoming</Bucket><EncodingType>url</EncodingType>
  <KeyMarker/><UploadIdMarker/>
  <NextKeyMarker>a%2Fb%20c</NextKeyMarker><NextUploadIdMarker>ID1</NextUploadIdMarker>
  <Delimiter/><Prefix/><MaxUploads>1</MaxUploads><IsTruncated>true</IsTruncated>
  <Upload>
    <Key>a%2Fb%20c</Key><UploadId>ID1</UploadId><StorageClass>Standard</StorageClass>
    <Initiated>2012-02-23T04:18:23.000Z</Initiated>
  </Upload>
</ListMultipartUploadsResult>"""
READERS = [upload_id_from_xml, parts_page_from_xml, uploads_page_from_xml, parts_from_xml, error_in_success]


def test_a_page_of_parts_is_read():
    page = parts_page_from_xml(PARTS)

    first, second = page.parts
    assert (first.number, first.size_bytes, first.etag) == (1, 6291456, "3349DC700140D7F86A0784842780AAAA")
    assert first.last_modified == datetime(2012, 2, 23, 7, 1, 34, tzinfo=UTC)
    assert (first.crc64, second.crc64) == (2**64 - 1, None)
    assert page.next_marker == 5


def test_the_last_page_of_parts_has_no_marker():
    page = parts_page_from_xml(PARTS.replace(b"<IsTruncated>true", b"<IsTruncated>false"))

    assert page.next_marker is None


def test_a_page_of_uploads_is_read_with_its_keys_decoded():
    page = uploads_page_from_xml(UPLOADS)

    [upload] = page.uploads
    assert (upload.key, upload.upload_id) == ("a/b c", "ID1")
    assert upload.initiated_at == datetime(2012, 2, 23, 4, 18, 23, tzinfo=UTC)
    assert page.next_marker == ("a/b c", "ID1")


def test_keys_that_are_not_encoded_are_taken_as_they_are():
    page = uploads_page_from_xml(UPLOADS.replace(b"<EncodingType>url</EncodingType>", b""))

    assert page.uploads[0].key == "a%2Fb%20c"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<PartNumber>1<", b"<PartNumber>one<"),
        (b"<PartNumber>1<", b"<PartNumber>-1<"),
        (b"<Size>1024<", b"<Size><"),
        (b"<Size>1024<", b"<Size>" + b"9" * 5000 + b"<"),
        (b"<HashCrc64ecma>1", b"<HashCrc64ecma>x1"),
        (b"2012-02-23T07:02:03.000Z", b"yesterday"),
        (b"2012-02-23T07:02:03.000Z", b"2012-02-23T07:02:03"),
        (b"<NextPartNumberMarker>5<", b"<NextPartNumberMarker><"),
    ],
    ids=lambda text: text[:32].decode(),
)
def test_a_page_of_parts_with_an_odd_value_is_unreadable(old, new):
    assert old in PARTS
    with pytest.raises(UnreadableAnswer):
        parts_page_from_xml(PARTS.replace(old, new))


def test_an_answer_without_an_upload_id_is_unreadable():
    with pytest.raises(UnreadableAnswer):
        upload_id_from_xml(b"<InitiateMultipartUploadResult><UploadId/></InitiateMultipartUploadResult>")


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 10_000), st.text("0123456789ABCDEF-", min_size=1)), max_size=5))
def test_parts_come_back_as_they_went(parts):
    assert parts_from_xml(parts_to_xml(parts)) == parts


def test_parts_go_out_in_the_form_of_oss():
    assert parts_to_xml([(1, "AB"), (5, "CD-2")]) == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<CompleteMultipartUpload>'
        b'<Part><PartNumber>1</PartNumber><ETag>"AB"</ETag></Part>'
        b'<Part><PartNumber>5</PartNumber><ETag>"CD-2"</ETag></Part></CompleteMultipartUpload>'
    )


def test_an_etag_that_xml_cannot_carry_is_refused():
    with pytest.raises(RefusedLocally, match="ETag"):
        parts_to_xml([(1, "a\x00")])


def test_a_success_can_be_an_error():
    error = error_in_success(error_xml("InternalError", "0005-00000001"))

    assert error is not None
    assert (error.code, error.ec) == ("InternalError", "0005-00000001")
    assert error_in_success(b"<CompleteMultipartUploadResult/>") is None


@pytest.mark.parametrize("body", UNREADABLE)
@pytest.mark.parametrize("read", READERS)
def test_what_is_not_readable_is_an_unreadable_answer(read, body):
    with pytest.raises(UnreadableAnswer):
        read(body)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from([PARTS, UPLOADS]), st.integers(0, 900), st.binary(max_size=20))
def test_a_listing_raises_nothing_else_whatever_the_bytes(document, position, junk):
    body = document[:position] + junk + document[position:]
    for read in READERS:
        with suppress(UnreadableAnswer):
            read(body)
