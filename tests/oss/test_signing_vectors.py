"""The signer against vectors made outside our code; `vectors/v4.json` says how."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from uploads.oss.credentials import Credentials
from uploads.oss.endpoints import Bucket, Endpoint, public_endpoint
from uploads.oss.signing import (
    authorize,
    canonical_headers,
    canonical_query,
    canonical_uri,
    presign,
    signature,
    signing_scope,
)

FILE = json.loads((Path(__file__).parent / "vectors" / "v4.json").read_text())
VECTORS = FILE["sdk"] + FILE["agreed"]
PRESIGNED = [pytest.param(vector, id=vector["id"]) for vector in VECTORS if vector["kind"] == "presign"]
AUTHORIZED = [pytest.param(vector, id=vector["id"]) for vector in VECTORS if vector["kind"] == "header"]
EVERY = PRESIGNED + AUTHORIZED


def bucket_of(vector) -> Bucket:
    endpoint = Endpoint.parse(public_endpoint(vector["region"]))
    return Bucket(vector["bucket"], vector["region"], endpoint, product=vector["product"])


def credentials_of(vector) -> Credentials:
    return Credentials(vector["access_key_id"], vector["access_key_secret"], vector.get("security_token", ""))


def signed(vector):
    at = datetime.strptime(vector["date"], "%Y%m%dT%H%M%S%z")
    request = {name: vector[name] for name in ("method", "key", "headers", "additional_headers", "query")}
    if vector["kind"] == "presign":
        return presign(bucket_of(vector), credentials_of(vector), at=at, expires_in=vector["expires"], **request)
    return authorize(bucket_of(vector), credentials_of(vector), at=at, **request)


def test_the_file_has_all_vectors_of_the_sdks_and_those_agreed_upon():
    assert [len(FILE["sdk"]), len(FILE["agreed"])] == [11, 10]
    assert len(EVERY) == 21


@pytest.mark.parametrize("vector", EVERY)
def test_the_canonical_request_is_the_published_one(vector):
    assert signed(vector).canonical_request == vector["canonical_request"]


@pytest.mark.parametrize("vector", EVERY)
def test_the_string_to_sign_is_the_published_one(vector):
    assert signed(vector).string_to_sign == vector["string_to_sign"]


@pytest.mark.parametrize("vector", PRESIGNED)
def test_the_url_has_the_published_signature(vector):
    query = dict(parse_qsl(urlsplit(signed(vector).url).query))

    assert query["x-oss-signature"] == vector["expected_signature"]


@pytest.mark.parametrize("vector", [param for param in PRESIGNED if "expected_url" in param.values[0]])
def test_the_url_is_the_expected_one_to_the_byte(vector):
    assert signed(vector).url == vector["expected_url"]


@pytest.mark.parametrize("vector", AUTHORIZED)
def test_the_authorization_is_the_published_one(vector):
    assert signed(vector).headers["Authorization"] == vector["expected_authorization"]


@pytest.mark.parametrize("vector", EVERY)
def test_the_signature_can_be_made_again_from_its_intermediates(vector):
    scope = signing_scope(credentials_of(vector), vector["date"][:8], bucket_of(vector))

    assert signature(scope.keyed, vector["string_to_sign"]) == vector["expected_signature"]


@pytest.mark.parametrize("vector", EVERY)
def test_each_line_of_the_canonical_request_can_be_asked_for(vector):
    method, uri, query, *rest = vector["canonical_request"].split("\n")
    header_lines = rest[: rest.index("")]
    headers = dict(line.split(":", 1) for line in header_lines)

    assert method == vector["method"]
    assert canonical_uri(vector["bucket"], vector["key"]) == uri
    assert canonical_query(dict(parse_qsl(query, keep_blank_values=True))) == query
    assert canonical_headers(headers) == "".join(f"{line}\n" for line in header_lines)


def test_keys_of_two_days_and_two_secrets_are_not_mixed_up():
    vector = FILE["sdk"][0]
    bucket = bucket_of(vector)
    pairs = [(secret, date) for secret in ("one", "two") for date in ("20260101", "20260102")]

    signatures = [signature(signing_scope(Credentials("ak", s), d, bucket).keyed, "text") for s, d in pairs * 2]

    assert signatures[:4] == signatures[4:]
    assert len(set(signatures)) == 4
