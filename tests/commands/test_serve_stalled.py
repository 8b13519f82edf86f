"""Visitors who vanish in the middle of a request, or only seem to: they may not keep the site from the others."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from select import select
from time import monotonic
from uuid import uuid4

import pytest
import requests

from tests.rig.hasty_worker import HastyWorker
from tests.rig.processes import wait_until
from tests.rig.serving import PATIENCE_SECONDS, SERVE, installed_environment, running
from tests.servers import REPOSITORY, RawClient

# For one worker with two threads.
VISITORS = 8
MAKE_PAGE = """
from tests.factories import make_page
print(make_page().link_path())
"""
# More of them than the system keeps for somebody who does not read.
MANY_ANSWERS = b"GET /static/admin/js/vendor/jquery/jquery.js HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 60
BODY = json.dumps({"files": [{"id": str(uuid4()), "name": "a.csv", "size": 4, "type": "text/csv"}]}).encode()


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    worker = f"{HastyWorker.__module__}.{HastyWorker.__name__}"
    own = {"WEB_WORKERS": "1", "WEB_THREADS": "2", "GUNICORN_CMD_ARGS": f"--worker-class={worker}"}
    return installed_environment(tmp_path_factory.mktemp("serve")) | own


@pytest.fixture(scope="module")
def site(environment):
    with running(SERVE, environment) as site:
        yield site
    site.said("Worker exiting")
    assert not site.said("Traceback|WORKER TIMEOUT", times=0)


@pytest.fixture(scope="module")
def grants_call(environment):
    """The head of a call for grants; its length comes last."""
    make_page = [sys.executable, "manage.py", "shell", "-v0", "-c", MAKE_PAGE]
    made = subprocess.run(make_page, cwd=REPOSITORY, env=environment, check=True, capture_output=True, text=True)
    head = "Host: 127.0.0.1\nX-Upload-Key: key-of-a-visitor-of-ours\nContent-Type: application/json\nContent-Length: "
    return f"POST {made.stdout.strip()}grants HTTP/1.1\n{head}".replace("\n", "\r\n")


def begun(head: str, length: int) -> bytes:
    return f"{head}{length}\r\n\r\n".encode()


@contextmanager
def visitors(site, begin: bytes, *, read_buffer: int | None = None):
    """So many who send this and nothing else, and read nothing."""
    with ExitStack() as stack:
        crowd = [stack.enter_context(RawClient(site.port, timeout=PATIENCE_SECONDS)) for _ in range(VISITORS)]
        for visitor in crowd:
            if read_buffer:
                visitor.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, read_buffer)
            visitor.send(begin)
        yield crowd


def test_what_does_not_arrive_is_given_up_and_the_others_are_served(site, grants_call):
    with visitors(site, begun(grants_call, 1000) + b"{") as bodies, visitors(site, b"G") as heads:
        assert site.is_healthy()
        for visitor in bodies:
            reply = visitor.reply()
            assert (reply.status, json.loads(reply.body)["error"]["message"]) == (400, "The body did not arrive.")
        assert all(visitor.is_closed() for visitor in bodies + heads)


def test_answers_that_nobody_takes_do_not_keep_the_others_from_theirs(site):
    with visitors(site, MANY_ANSWERS, read_buffer=2048):
        wait_until(lambda: not answers_soon(site))
        wait_until(lambda: answers_soon(site))


def answers_soon(site) -> bool:
    try:
        return requests.get(f"{site.url}/healthz", timeout=0.5).ok
    except requests.Timeout:
        return False


def test_connections_that_are_left_open_after_the_last_answer_keep_nobody_waiting(site):
    with visitors(site, b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n") as crowd:
        begun_at = monotonic()
        assert {visitor.reply().status for visitor in crowd} == {200}
        assert site.is_healthy()
        # gunicorn by itself gives each of them two seconds to close it, one after the other.
        assert monotonic() - begun_at < VISITORS


def test_a_byte_now_and_then_gains_no_time(site, grants_call):
    with RawClient(site.port, timeout=PATIENCE_SECONDS) as visitor:
        visitor.send(begun(grants_call, 1000))
        sent = 0
        while not select([visitor.socket], [], [], 0.25)[0]:
            visitor.send(b" ")
            sent += 1
        assert 0 < sent < 100
        assert visitor.reply().status == 400


def test_a_slow_body_that_moves_is_taken(site, grants_call):
    with RawClient(site.port, timeout=PATIENCE_SECONDS) as visitor:
        visitor.send(begun(grants_call, len(BODY)))
        for start in range(0, len(BODY), 40):
            select([visitor.socket], [], [], 0.1)
            visitor.send(BODY[start : start + 40])
        assert json.loads(visitor.reply().body)["grants"][0]["method"] == "PUT"


def test_a_body_that_was_cut_off_is_not_taken_for_a_whole_one(site, grants_call):
    with RawClient(site.port, timeout=PATIENCE_SECONDS) as visitor:
        visitor.send(begun(grants_call, len(BODY) + 1) + BODY)
        visitor.socket.shutdown(socket.SHUT_WR)
        assert visitor.reply().status == 400
