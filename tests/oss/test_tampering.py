"""URLs that were changed on their way: the embedded OSS stores nothing, whatever was changed."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
import requests

from tests.oss.uploading import BODY, HEADERS, KEY, signed_put
from uploads.oss.clock import utc_now
from uploads.oss.errors import NotFound


def changed(url: str, name: str) -> str:
    """The URL with another last character in one parameter's value; a digit stays a digit."""
    pairs = dict(parse_qsl(urlsplit(url).query))
    value = pairs[name]
    last = value[-1]
    swapped = str((int(last) + 1) % 10) if last.isdigit() else ("a" if last != "a" else "b")
    return url.replace(f"{name}={quote(value, safe='')}", f"{name}={quote(value[:-1] + swapped, safe='')}")


@pytest.mark.parametrize(
    "tamper",
    [
        pytest.param(lambda url, headers: (url.replace("/bucket/inc", "/bucket/Inc"), headers), id="the key"),
        pytest.param(lambda url, headers: (url + "&acl", headers), id="a parameter more"),
        pytest.param(lambda url, headers: (url + "&x-oss-process=a", headers), id="a parameter of OSS more"),
        *[
            pytest.param(lambda url, headers, n=name: (changed(url, n), headers), id=name)
            for name in (
                "x-oss-additional-headers",
                "x-oss-credential",
                "x-oss-date",
                "x-oss-expires",
                "x-oss-signature",
                "x-oss-signature-version",
            )
        ],
        *[
            pytest.param(lambda url, headers, n=name: (url, {**headers, n: "text/html"}), id=f"another {name}")
            for name in HEADERS
        ],
        *[
            pytest.param(
                lambda url, headers, n=name: (url, {k: v for k, v in headers.items() if k != n}), id=f"no {name}"
            )
            for name in HEADERS
        ],
        pytest.param(lambda url, headers: (url, {**headers, "x-oss-object-acl": "public-read"}), id="an ACL more"),
        pytest.param(lambda url, headers: (url, {**headers, "x-oss-meta-b": "1"}), id="a metadatum more"),
        pytest.param(lambda url, headers: (url, {**headers, "Content-MD5": "a"}), id="a Content-MD5 more"),
    ],
)
def test_a_url_that_was_tampered_with_stores_nothing(bucket, credentials, client, tamper):
    signed = signed_put(bucket, credentials)
    url, headers = tamper(signed.url, signed.headers)
    assert (url, headers) != (signed.url, signed.headers)

    answer = requests.put(url, data=BODY, headers=headers, timeout=5)

    assert answer.status_code in {400, 403}
    with pytest.raises(NotFound):
        client.head_object(KEY)


@pytest.mark.parametrize("size", [0, len(BODY) - 1, len(BODY) + 1], ids=["nothing", "a byte less", "a byte more"])
def test_a_body_of_another_length_is_not_stored(bucket, credentials, client, size):
    signed = signed_put(bucket, credentials)

    answer = requests.put(signed.url, data=b"x" * size, headers=signed.headers, timeout=5)

    assert answer.status_code == 403
    with pytest.raises(NotFound):
        client.head_object(KEY)


def test_a_url_of_yesterday_is_refused(bucket, credentials):
    signed = signed_put(bucket, credentials, at=utc_now() - timedelta(days=1))

    answer = requests.put(signed.url, data=BODY, headers=signed.headers, timeout=5)

    assert answer.status_code == 403
    assert answer.headers["x-oss-ec"] == "0002-00000236"
