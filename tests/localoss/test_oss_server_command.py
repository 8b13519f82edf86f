"""`manage.py oss_server`, in a process of its own."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.localoss.hand_signing import Hand, head, signed_url
from tests.localoss.sdks import SDKS, SdkOss2, SdkV2
from tests.servers import BUCKET, REPOSITORY, RawClient, oss_process
from uploads.localoss.store import Store

DOMAIN = "files.example.test"


def put(port: int, **signing) -> int:
    with RawClient(port) as client:
        return client.request(head("PUT", signed_url("PUT", "k", **signing), {"Content-Length": "3"}), b"abc").status


def run(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "oss_server", *options],
        cwd=REPOSITORY,
        env={"ENV_FILE": "", "PATH": "", "SECRET_KEY": "for a process of the tests", **environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_it_takes_the_key_pair_of_the_environment_and_keeps_plain_files(tmp_path: Path) -> None:
    with oss_process(tmp_path) as oss:
        assert put(oss.port) == 200
        assert put(oss.port, hand=Hand(secret="other")) == 403
        assert put(oss.port, hand=Hand(key_id="demo-access-key-id")) == 403

    assert b"abc" in {path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


def test_it_has_a_key_pair_and_a_bucket_for_the_demo(tmp_path: Path) -> None:
    unset = {"OSS_ACCESS_KEY_ID": "", "OSS_ACCESS_KEY_SECRET": "", "OSS_BUCKET": ""}
    demo = Hand(key_id="demo-access-key-id", secret="demo-access-key-secret")
    with oss_process(tmp_path, **unset) as oss:
        assert put(oss.port, hand=demo, bucket="demo-bucket") == 200
        assert put(oss.port) == 403


def test_it_serves_the_region_of_the_environment(tmp_path: Path) -> None:
    with oss_process(tmp_path, OSS_REGION="eu-central-1") as oss:
        assert put(oss.port) == 400
        assert put(oss.port, hand=Hand(region="eu-central-1")) == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_when_asked_to(tmp_path: Path, number: signal.Signals) -> None:
    with oss_process(tmp_path) as oss, RawClient(oss.port):
        oss.process.send_signal(number)

        assert oss.process.wait(timeout=20) == 0
        assert oss.process.stdout is not None
        assert oss.process.stdout.read() == ""


def test_it_sets_no_cors_rules_by_itself(tmp_path: Path) -> None:
    with oss_process(tmp_path) as oss:
        assert preflight(oss.url, "http://127.0.0.1:8000").headers["x-oss-ec"] == "0003-00000601"


def test_it_lets_the_origins_in_that_it_is_told(tmp_path: Path) -> None:
    origins = ("http://127.0.0.1:8000", "http://localhost:8000")
    options = [word for origin in origins for word in ("--cors-origin", origin)]
    with oss_process(tmp_path, *options) as oss:
        for origin in origins:
            answer = preflight(oss.url, origin)
            assert answer.headers["Access-Control-Allow-Origin"] == origin
            assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
        assert preflight(oss.url, "http://127.0.0.1:8001").status_code == 403


def preflight(url: str, origin: str) -> requests.Response:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "content-type,x-oss-forbid-overwrite",
    }
    return requests.options(f"{url}/{BUCKET}/k", headers=asked, timeout=20)


@pytest.mark.parametrize("sdk_class", SDKS, ids=["alibabacloud-oss-v2", "oss2"])
@pytest.mark.filterwarnings("ignore:datetime.datetime.utc:DeprecationWarning")
def test_an_sdk_puts_through_a_custom_domain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sdk_class: type[SdkV2] | type[SdkOss2]
) -> None:
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *rest, **named: real("127.0.0.1" if host == DOMAIN else host, *rest, **named),
    )
    with oss_process(tmp_path, "--cname", f"{DOMAIN}={BUCKET}") as oss:
        sdk = sdk_class(f"http://{DOMAIN}:{oss.port}", is_cname=True)

        sdk.put("folder/key +%.txt", b"abc")

        assert sdk.get("folder/key +%.txt") == b"abc"
    assert Store(tmp_path).keys(BUCKET) == ["folder/key +%.txt"]


def test_it_refuses_when_debug_is_off(tmp_path: Path) -> None:
    result = run("--root", str(tmp_path / "root"), DEBUG="false")

    assert result.returncode == 1
    assert "DEBUG is off" in result.stderr
    assert not (tmp_path / "root").exists()


def test_it_runs_without_debug_when_asked_for_by_name(tmp_path: Path) -> None:
    with oss_process(tmp_path, "--even-without-debug", DEBUG="false", SECRET_KEY="") as oss:
        assert put(oss.port) == 200


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--cname", "no-equals-sign"], "is not HOST=BUCKET"),
        (["--cname", "host=Bad_Bucket"], "is not HOST=BUCKET"),
        (["--cors-origin", "https://*"], "AllowedOrigin is invalid"),
        (["--host", "192.0.2.1"], "Cannot listen on 192.0.2.1"),
    ],
)
def test_it_says_what_is_wrong_in_one_sentence(tmp_path: Path, options: list[str], sentence: str) -> None:
    result = run("--port", "0", "--root", str(tmp_path), *options, DEBUG="true")

    assert result.returncode == 1
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


def test_a_bad_region_is_a_sentence_too(tmp_path: Path) -> None:
    result = run("--root", str(tmp_path), DEBUG="true", OSS_REGION="oss-cn-hangzhou")

    assert result.returncode == 1
    assert "Traceback" not in result.stderr
