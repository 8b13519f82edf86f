"""XML in and out: there and back again, and nothing but UnreadableAnswer for what is not readable."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uploads.oss.documents import (
    CorsConfiguration,
    CorsRule,
    bucket_info_from_xml,
    cors_from_xml,
    cors_to_xml,
    error_from_xml,
)
from uploads.oss.errors import RefusedLocally, UnreadableAnswer

# https://www.alibabacloud.com/help/en/oss/developer-reference/getbucketinfo, its shape with values of our own.
BUCKET_INFO = b"""<?xml version="1.0" encoding="UTF-8"?>
<BucketInfo>
  <Bucket>
    <CreationDate>2024-07-31T10:56:21.000Z</CreationDate>
    <ExtranetEndpoint>oss-cn-hangzhou.aliyuncs.com</ExtranetEndpoint>
    <IntranetEndpoint>oss-cn-hangzhou-internal.aliyuncs.com</IntranetEndpoint>
    <Location>oss-cn-hangzhou</Location>
    <StorageClass>Standard</StorageClass>
    <Name>incoming</Name>
    <Owner><DisplayName>27183473</DisplayName><ID>27183473</ID></Owner>
    <AccessControlList><Grant>private</Grant></AccessControlList>
    <Versioning>Enabled</Versioning>
  </Bucket>
</BucketInfo>"""
ERROR = b"""<?xml version="1.0" encoding="UTF-8"?>
<Error>
  <Code>AccessDenied</Code>
  <Message>Use the endpoint &lt;below&gt;.</Message>
  <RequestId>5C3D</RequestId>
  <HostId>bucket.example.com</HostId>
  <Endpoint>oss-cn-beijing.aliyuncs.com</Endpoint>
  <CanonicalRequest>x-oss-security-token:SECRET</CanonicalRequest>
  <EC>0003-00001403</EC>
</Error>"""

UNREADABLE = [
    pytest.param(b"", id="nothing"),
    pytest.param(b"not XML", id="text"),
    pytest.param(b"<Error>", id="a cut off element"),
    pytest.param(b"<Error><Code>A</Code></Error>trailing", id="something after it"),
    pytest.param(b"<html><body/></html>", id="HTML"),
    pytest.param(b"\xff\xfe\x00\x00", id="bytes"),
    pytest.param(b"<Error>\x00</Error>", id="a NUL"),
    pytest.param(b"<?xml version='1.0' encoding='no-such'?><Error/>", id="an unknown encoding"),
    pytest.param(b"<?xml version='1.0' encoding='utf-7'?><Error/>", id="an encoding of many bytes"),
    pytest.param(b"<!DOCTYPE Error><Error/>", id="a document type"),
    pytest.param(b'<!DOCTYPE Error [<!ENTITY a "b">]><Error><Code>&a;</Code></Error>', id="an entity"),
    pytest.param(b'<!DOCTYPE Error SYSTEM "file:///etc/passwd"><Error/>', id="an external document type"),
    pytest.param(b"<Error><Code>&undefined;</Code></Error>", id="an entity nobody defined"),
]

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")).map(str.strip)
rules = st.builds(
    CorsRule,
    *[st.lists(texts, max_size=3).map(tuple) for _ in range(4)],
    st.none() | st.integers(0, 999_999_999),
)


@settings(deadline=None)
@given(st.builds(CorsConfiguration, st.lists(rules, max_size=4).map(tuple), st.booleans()))
def test_rules_come_back_as_they_went(configuration):
    assert cors_from_xml(cors_to_xml(configuration)) == configuration


def test_rules_go_out_in_the_form_of_oss():
    rule = CorsRule(("https://a.example.com", "http://b:1"), ("PUT",), ("*",), ("ETag",), 600)

    assert cors_to_xml(CorsConfiguration((rule,), response_vary=True)) == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<CORSConfiguration><CORSRule>'
        b"<AllowedOrigin>https://a.example.com</AllowedOrigin><AllowedOrigin>http://b:1</AllowedOrigin>"
        b"<AllowedMethod>PUT</AllowedMethod><AllowedHeader>*</AllowedHeader><ExposeHeader>ETag</ExposeHeader>"
        b"<MaxAgeSeconds>600</MaxAgeSeconds></CORSRule><ResponseVary>true</ResponseVary></CORSConfiguration>"
    )


def test_rules_in_a_namespace_and_with_blanks_are_read():
    body = b"""<CORSConfiguration xmlns="http://example.com/doc"><CORSRule>
        <AllowedOrigin> * </AllowedOrigin><Unknown/></CORSRule></CORSConfiguration>"""

    assert cors_from_xml(body) == CorsConfiguration((CorsRule(("*",), ()),))


@pytest.mark.parametrize("origin", ["a\x00", "a\x0b", "a\ud800", "a\ufffe"], ids=ascii)
def test_a_rule_that_xml_cannot_carry_is_refused(origin):
    with pytest.raises(RefusedLocally, match="AllowedOrigin"):
        cors_to_xml(CorsConfiguration((CorsRule((origin,), ("PUT",)),)))


@pytest.mark.parametrize("text", ["soon", "-1", "1.5", "9" * 5000, "٣"], ids=lambda text: ascii(text)[:9])
def test_a_maximum_age_that_is_no_number_is_unreadable(text):
    body = f"<CORSConfiguration><CORSRule><MaxAgeSeconds>{text}</MaxAgeSeconds></CORSRule></CORSConfiguration>"

    with pytest.raises(UnreadableAnswer):
        cors_from_xml(body.encode())


def test_bucket_info_is_read():
    info = bucket_info_from_xml(BUCKET_INFO)

    assert (info.name, info.location, info.region) == ("incoming", "oss-cn-hangzhou", "cn-hangzhou")
    assert (info.storage_class, info.acl, info.versioning) == ("Standard", "private", "Enabled")
    assert info.intranet_endpoint == "oss-cn-hangzhou-internal.aliyuncs.com"
    assert info.created_at == datetime(2024, 7, 31, 10, 56, 21, tzinfo=UTC)


def test_bucket_info_that_says_little_is_read():
    info = bucket_info_from_xml(b"<BucketInfo><Bucket><CreationDate>long ago</CreationDate></Bucket></BucketInfo>")

    assert (info.name, info.created_at, info.acl) == ("", None, "")


def test_bucket_info_of_no_bucket_is_unreadable():
    with pytest.raises(UnreadableAnswer):
        bucket_info_from_xml(b"<BucketInfo/>")


def test_an_error_is_read():
    error = error_from_xml(ERROR)

    assert (error.code, error.message, error.ec) == ("AccessDenied", "Use the endpoint <below>.", "0003-00001403")
    assert (error.request_id, error.host_id) == ("5C3D", "bucket.example.com")
    assert error.fields["Endpoint"] == "oss-cn-beijing.aliyuncs.com"


def test_an_error_does_not_show_the_fields_that_can_hold_a_token():
    assert "SECRET" not in repr(error_from_xml(ERROR))


@pytest.mark.parametrize("body", UNREADABLE)
@pytest.mark.parametrize("read", [error_from_xml, cors_from_xml, bucket_info_from_xml])
def test_what_is_not_readable_is_an_unreadable_answer(read, body):
    with pytest.raises(UnreadableAnswer):
        read(body)


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=60) | st.builds(lambda a, b: ERROR[:a] + b + ERROR[a:], st.integers(0, 400), st.binary()))
def test_an_error_raises_nothing_else_whatever_the_bytes(body):
    with suppress(UnreadableAnswer):
        error_from_xml(body)
