"""`make demo`, as a newcomer runs it: a real process, its ports, its data, its end."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests

ROOT = Path(__file__).parents[2]
KEY = {"X-Upload-Key": "0123456789abcdef0123456789abcdef"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Demo:
    """A running demo and what it has printed."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.port, self.oss_port = free_port(), free_port()
        self.data_dir = data_dir
        self.process = subprocess.Popen(
            ["make", "--no-print-directory", "demo"],
            cwd=ROOT,
            env=os.environ
            | {"PORT": str(self.port), "OSS_PORT": str(self.oss_port), "DATA_DIR": str(data_dir), "DEBUG": "true"}
            | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def announced(self) -> dict[str, str]:
        lines = {}
        for line in self.process.stdout:
            name, _, value = line.strip().partition(": ")
            lines[name] = value
            if name == "Sign in as":
                return lines
        raise AssertionError(f"The demo ended without a word of where it is: {lines}")

    def end(self, number: int) -> int:
        """Signal make alone, as a service manager does, and wait."""
        self.process.send_signal(number)
        return self.process.wait(20)

    def is_listening(self, port: int) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def run_demo(tmp_path):
    demos = []

    def run(**environment: str) -> Demo:
        demos.append(Demo(tmp_path / "var", **environment))
        return demos[-1]

    yield run
    for demo in demos:
        if demo.process.poll() is None:
            os.killpg(demo.process.pid, signal.SIGKILL)
        demo.process.wait()
        demo.process.stdout.close()


def upload(page_url: str, content: bytes) -> tuple[dict, requests.Response]:
    id_ = str(uuid4())
    file = {"id": id_, "name": "report.pdf", "size": len(content), "type": "application/pdf"}
    grant = requests.post(f"{page_url}grants", json={"files": [file]}, headers=KEY, timeout=10).json()["grants"][0]
    put = requests.put(grant["url"], data=content, headers=grant["headers"], timeout=10)
    return grant, put


def test_a_file_sent_to_the_demo_arrives_and_is_settled_without_a_report(run_demo):
    demo = run_demo()
    lines = demo.announced()
    assert set(lines) >= {"Upload page", "Staff", "Admin", "Sign in as"}
    assert requests.get(lines["Upload page"], timeout=10).status_code == 200

    grant, put = upload(lines["Upload page"], b"hello")
    assert put.status_code == 200, put.text
    key = urlsplit(grant["url"]).path.removeprefix("/demo-bucket/")
    stored = [path for path in (demo.data_dir / "oss").rglob("*") if path.is_file() and path.read_bytes() == b"hello"]
    assert stored, f"The bytes of {key} are nowhere below the data folder."

    with sqlite3.connect(demo.data_dir / "demo.sqlite3") as database:
        database.execute("UPDATE uploads_uploadgrant SET next_check_at = created_at")
    deadline = time.monotonic() + 20
    state = ""
    while state != "stored" and time.monotonic() < deadline:
        answer = requests.post(f"{lines['Upload page']}status", json={"ids": [grant["id"]]}, headers=KEY, timeout=10)
        state = answer.json()["grants"][0]["state"]
        time.sleep(0.2)
    assert state == "stored"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM to make alone", "Ctrl-C"])
def test_a_signal_stops_everything(run_demo, number):
    demo = run_demo()
    demo.announced()
    if number == signal.SIGINT:
        os.killpg(demo.process.pid, number)
        demo.process.wait(20)
    else:
        demo.end(number)
    assert not demo.is_listening(demo.port)
    assert not demo.is_listening(demo.oss_port)


def test_the_second_run_keeps_account_page_and_password(run_demo):
    first = run_demo()
    before = first.announced()
    first.end(signal.SIGTERM)
    after = run_demo().announced()
    assert after["Sign in as"] == before["Sign in as"]
    assert urlsplit(after["Upload page"]).path == urlsplit(before["Upload page"]).path


def test_it_refuses_to_run_without_debug(run_demo):
    demo = run_demo(DEBUG="false")
    assert demo.process.wait(20) != 0
    assert "DEBUG" in demo.process.stdout.read()


def test_nobodys_settings_get_into_it(run_demo, tmp_path):
    demo = run_demo(
        DATABASE_URL=f"sqlite:///{tmp_path}/mine.sqlite3",
        OSS_ENDPOINT="https://oss-cn-hangzhou.aliyuncs.com",
        OSS_CNAME="true",
        SITE_URL="https://mine.example.com",
    )
    page_url = demo.announced()["Upload page"]
    grant, put = upload(page_url, b"hello")
    assert put.status_code == 200
    assert grant["url"].startswith(f"http://127.0.0.1:{demo.oss_port}/demo-bucket/")
    assert not (tmp_path / "mine.sqlite3").exists()


def test_a_taken_port_is_said_so(run_demo):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        demo = run_demo(PORT=str(taken.getsockname()[1]))
        assert demo.process.wait(20) != 0
    assert re.search(r"Port \d+ cannot be used", demo.process.stdout.read())


@pytest.mark.parametrize("port", ["99999", "-1", "eighty"])
def test_a_port_that_is_none_is_said_so(run_demo, port):
    demo = run_demo(PORT=port)
    assert demo.process.wait(20) != 0
    assert "PORT and OSS_PORT are numbers from 0 to 65535." in demo.process.stdout.read()


def test_only_this_machine_and_the_sites_own_origins_reach_it(run_demo):
    demo = run_demo()
    demo.announced()
    preflight = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type"}
    url = f"http://127.0.0.1:{demo.oss_port}/demo-bucket/a"
    answers = {
        origin: requests.options(url, headers={**preflight, "Origin": origin}, timeout=10).status_code
        for origin in (
            f"http://127.0.0.1:{demo.port}",
            f"http://localhost:{demo.port}",
            "http://evil.example",
            f"http://127.0.0.1:{demo.port + 1}",
        )
    }
    assert list(answers.values()) == [200, 200, 403, 403]
