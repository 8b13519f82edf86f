"""Presigned URLs per second: this signer, the two official SDKs and boto3, in one run on the same input.

    python -m tests.benchmarks.bench_signing

Each URL has its own key and the real time, as in use, so each SDK builds what its users must build for each URL.
The four take turns, so that a slow moment of the machine hits all of them; the table has the medians of the rounds.
Before anything is timed, a URL of each is taken apart: the official SDKs' must have the very signature of ours.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

import alibabacloud_oss_v2
import boto3
import oss2
from botocore.config import Config

from uploads.oss.credentials import Credentials
from uploads.oss.endpoints import Bucket, Endpoint, public_endpoint
from uploads.oss.signing import presign

ROUNDS = 15
SECONDS_A_TURN = 0.1
KEYS_A_BATCH = 200
ACCESS_KEY_ID = "bench-access-key-id-000000"
ACCESS_KEY_SECRET = "ExampleSecretExampleSecretExam"
REGION = "cn-hangzhou"
BUCKET = "example-bucket"
EXPIRES_SECONDS = 900

HEADERS = {
    "Content-Type": "image/png",
    "x-oss-storage-class": "IA",
    "x-oss-meta-project": "spring-2026",
    "x-oss-meta-sender": "anna",
}
GRANT_HEADERS = {
    "Content-Type": "image/png",
    "Content-Length": "3145728",
    "Content-Disposition": "attachment; filename*=UTF-8''photo%201.png",
    "x-oss-forbid-overwrite": "true",
    "x-oss-meta-grant": "0f7c2a9e5b7d4e0f9f3a1c2b4d6e8f01",
    "x-oss-storage-class": "IA",
}
AMAZON_SIGNED_HEADERS = "content-type;host;x-amz-meta-project;x-amz-meta-sender;x-amz-storage-class"

OUR_BUCKET = Bucket(BUCKET, REGION, Endpoint.parse(public_endpoint(REGION)))
OUR_CREDENTIALS = Credentials(ACCESS_KEY_ID, ACCESS_KEY_SECRET)

Signer = Callable[[str], str]


class Row(NamedTuple):
    """A contestant's name and the median of its rounds."""

    name: str
    microseconds: float


def main() -> None:
    """Check that all sign the same, let them take turns, print a table."""
    same_input = {
        "alibabacloud-oss-v2 client.presign": official_sdk(),
        "oss2 sign_url (V4)": oss2_sdk(),
        "boto3 generate_presigned_url (s3v4)": boto3_sdk(),
        "this signer": this_signer(HEADERS),
    }
    for name, sign in same_input.items():
        _refuse_another_input(name, sign)
    grant = this_signer(GRANT_HEADERS, additional_headers=("content-length", "content-disposition"))
    _print(_medians({**same_input, "this signer, a full grant's headers": grant}))


def this_signer(headers: dict[str, str], additional_headers: tuple[str, ...] = ()) -> Signer:
    """The one code path that issues grants, its validation included."""
    return lambda key: (
        presign(
            OUR_BUCKET,
            OUR_CREDENTIALS,
            method="PUT",
            key=key,
            expires_in=EXPIRES_SECONDS,
            at=datetime.now(UTC),
            headers=headers,
            additional_headers=additional_headers,
        ).url
    )


def official_sdk() -> Signer:
    """The official SDK of today. The request object holds the key, so there is one for each URL."""
    config = alibabacloud_oss_v2.config.load_default()
    config.credentials_provider = alibabacloud_oss_v2.credentials.StaticCredentialsProvider(
        ACCESS_KEY_ID, ACCESS_KEY_SECRET
    )
    config.region = REGION
    client = alibabacloud_oss_v2.Client(config)

    def sign(key: str) -> str:
        request = alibabacloud_oss_v2.PutObjectRequest(
            bucket=BUCKET,
            key=key,
            content_type="image/png",
            storage_class="IA",
            metadata={"project": "spring-2026", "sender": "anna"},
        )
        url: str = client.presign(request, expires=timedelta(seconds=EXPIRES_SECONDS)).url
        return url

    return sign


def oss2_sdk() -> Signer:
    """The official SDK before that, with signature V4."""
    auth = oss2.ProviderAuthV4(oss2.credentials.StaticCredentialsProvider(ACCESS_KEY_ID, ACCESS_KEY_SECRET))
    bucket = oss2.Bucket(auth, public_endpoint(REGION), BUCKET, region=REGION)

    def sign(key: str) -> str:
        url: str = bucket.sign_url("PUT", key, EXPIRES_SECONDS, headers=dict(HEADERS), slash_safe=True)
        return url

    return sign


def boto3_sdk() -> Signer:
    """Amazon's, for another protocol of the same shape."""
    client = boto3.client(
        "s3",
        region_name="us-east-1",
        aws_access_key_id=ACCESS_KEY_ID,
        aws_secret_access_key=ACCESS_KEY_SECRET,
        config=Config(signature_version="s3v4"),
    )

    def sign(key: str) -> str:
        parameters = {
            "Bucket": BUCKET,
            "Key": key,
            "ContentType": "image/png",
            "StorageClass": "STANDARD_IA",
            "Metadata": {"project": "spring-2026", "sender": "anna"},
        }
        url: str = client.generate_presigned_url("put_object", Params=parameters, ExpiresIn=EXPIRES_SECONDS)
        return url

    return sign


def _refuse_another_input(name: str, sign: Signer) -> None:
    """Who signs something else would win or lose for nothing. What OSS takes must be signed as we sign it."""
    key = "incoming/a b.png"
    query = dict(parse_qsl(urlsplit(sign(key)).query))
    if "X-Amz-SignedHeaders" in query:
        is_same = query["X-Amz-SignedHeaders"] == AMAZON_SIGNED_HEADERS
    else:
        at = datetime.strptime(query["x-oss-date"], "%Y%m%dT%H%M%S%z")
        seconds = int(query["x-oss-expires"])
        own = presign(OUR_BUCKET, OUR_CREDENTIALS, method="PUT", key=key, expires_in=seconds, at=at, headers=HEADERS)
        is_same = query["x-oss-signature"] in own.url and EXPIRES_SECONDS - seconds in {0, 1}
    if not is_same:
        raise SystemExit(f"{name} signs another input.")


def _medians(signers: dict[str, Signer]) -> list[Row]:
    numbers = count()
    turns: dict[str, list[float]] = {name: [] for name in signers}
    for name in [*signers] * (ROUNDS + 1):
        turns[name].append(_one_turn(signers[name], numbers))
    return [Row(name, statistics.median(rounds[1:])) for name, rounds in turns.items()]


def _one_turn(sign: Signer, numbers: Iterator[int]) -> float:
    """Microseconds a URL, each with a key of its own; making the keys is not timed."""
    seconds = 0.0
    done = 0
    while seconds < SECONDS_A_TURN:
        keys = [f"incoming/page-7/2026-01-01/{n:08d}/photo-{n}.png" for n in islice(numbers, KEYS_A_BATCH)]
        began = time.perf_counter()
        for key in keys:
            sign(key)
        seconds += time.perf_counter() - began
        done += len(keys)
    return seconds / done * 1e6


def _print(rows: list[Row]) -> None:
    official = rows[0].microseconds
    width = max(len(row.name) for row in rows)
    print(f"PUT with Content-Type, storage class and two metadata; one key a URL; medians of {ROUNDS} rounds.\n")
    print(f"{'':{width}}  {'µs a URL':>9}  {'URLs a second':>13}  {'times the official SDK':>22}")
    for row in rows:
        rate = 1e6 / row.microseconds
        print(f"{row.name:{width}}  {row.microseconds:9.1f}  {rate:13,.0f}  {official / row.microseconds:22.2f}")


if __name__ == "__main__":
    main()
