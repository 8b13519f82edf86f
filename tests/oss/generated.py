"""Generated requests to sign: as wild as two signers can agree on."""

from __future__ import annotations

import re
import string
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

from hypothesis import strategies as st

from uploads.oss.credentials import Credentials
from uploads.oss.endpoints import Bucket, Endpoint, public_endpoint
from uploads.oss.rules import SIGNERS_OWN

# What percent-encoding, sorting and joining go wrong on, more often than chance would bring it.
AWKWARD = [
    "%",
    "%2F",
    "%2f",
    "%25",
    "+",
    "~",
    "|",
    " ",
    "/",
    "//",
    "&",
    "=",
    "?",
    "#",
    ";",
    ":",
    "'",
    "*",
    "\\",
    "..",
]
UNICODE = ["é", "e\u0301", "终稿", "\u200b", "\u202e", "\ufeff", "\U0001f600", "\U0010ffff", "\x00", "\r\n", "\x7f"]
TOKEN = string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~"
PRINTABLE = "".join(chr(code) for code in range(0x20, 0x7F))
CONTROL = [chr(code) for code in (*range(0x20), 0x7F)]
DOT_SEGMENTS = re.compile(r"(^|/)\.{1,2}(/|$)")

any_text = st.lists(
    st.sampled_from(AWKWARD) | st.sampled_from(UNICODE) | st.characters(exclude_categories=["Cs"]), max_size=10
).map("".join)

keys = st.builds(lambda text, times: text * times, any_text, st.integers(1, 6)).filter(
    lambda key: 1 <= len(key.encode()) <= 1023 and key[0] not in "/\\" and not DOT_SEGMENTS.search(key)
)

header_names = st.one_of(
    st.sampled_from(
        ["Content-Type", "content-MD5", "X-OSS-Storage-Class", "x-oss-forbid-overwrite", "x-oss-tagging"]
    ),
    st.sampled_from(
        ["Content-Length", "content-disposition", "Cache-Control", "Host", "Range", "x-ossmeta", "X-OSS"]
    ),
    st.text(TOKEN, min_size=1, max_size=8).map("x-oss-meta-{}".format),
    st.text(TOKEN, min_size=1, max_size=8),
).filter(lambda name: name.lower() not in SIGNERS_OWN)

header_values = (
    st.lists(
        st.sampled_from(AWKWARD) | st.characters(exclude_categories=["Cs"], exclude_characters=CONTROL), max_size=10
    )
    .map("".join)
    .map(str.strip)
    .filter(bool)
)

headers = st.lists(st.tuples(header_names, header_values), max_size=6, unique_by=lambda item: item[0].lower()).map(
    dict
)

queries = st.dictionaries(
    st.sampled_from(["uploads", "partNumber", "x-oss-traffic-limit", "a", "a-b", "A", "zz"]) | any_text.filter(bool),
    any_text,
    max_size=5,
).filter(lambda query: not SIGNERS_OWN & set(query))

ascii_ids = st.text(string.ascii_letters + string.digits + ".-_", min_size=1, max_size=30)
secrets = st.text(PRINTABLE, min_size=1, max_size=40).map(str.strip).filter(bool)
credentials = st.builds(Credentials, ascii_ids, secrets, st.just("") | secrets)

lower = string.ascii_lowercase + string.digits
regions = st.sampled_from(["cn-hangzhou", "ap-southeast-1", "us-west-1", "cb-123"]) | st.text(lower, min_size=1)
bucket_names = st.text(lower + "-", min_size=1, max_size=30).map("b{}0".format)
buckets = st.builds(
    lambda name, region, product: Bucket(name, region, Endpoint.parse(public_endpoint(region)), product=product),
    bucket_names,
    regions,
    st.sampled_from(["oss", "oss-cloudbox"]),
)

times = st.datetimes(
    min_value=datetime(1970, 1, 2),
    max_value=datetime(2399, 12, 30),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-9, minutes=-30))]),
)


class Request(NamedTuple):
    """What a signer is asked to sign."""

    bucket: Bucket
    credentials: Credentials
    method: str
    key: str
    at: datetime
    expires_in: int
    headers: dict[str, str]
    additional_headers: list[str]
    query: dict[str, str]


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """A request. Additional headers: some of its own, in upper or lower case, and some that it does not have."""
    given = draw(headers)
    own = st.sampled_from([*given, "content-type"]).map(draw(st.sampled_from([str.lower, str.upper, str])))
    absent = st.sampled_from(["x-absent", "content-encoding"])
    holder = draw(credentials)
    return Request(
        bucket=draw(buckets),
        credentials=holder,
        method=draw(st.sampled_from(["PUT", "GET", "HEAD", "POST", "DELETE"])),
        key=draw(keys),
        at=draw(times),
        expires_in=draw(st.integers(1, holder.max_expires)),
        headers=given,
        additional_headers=draw(st.lists(own | absent, max_size=4)),
        query=draw(queries),
    )
