"""`make serve`: real gunicorn, real settle, and the signals that a rough machine sends them."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
from contextlib import closing

import pytest
from django.core.management import CommandError, call_command

from tests.rig.serving import (
    MAKE_SERVE,
    MASTER,
    PATIENCE_SECONDS,
    SERVE,
    SETTLE,
    WORKER,
    installed_environment,
    running,
)
from tests.servers import REPOSITORY, RawClient


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    return installed_environment(tmp_path_factory.mktemp("serve"))


@pytest.fixture(scope="module")
def shared_site(environment):
    """For tests that leave it running. Ended as a service manager would that knows of make alone."""
    with running(MAKE_SERVE, environment) as site:
        yield site


@pytest.fixture
def site(environment):
    with running(SERVE, environment) as site:
        yield site


def test_it_serves(shared_site):
    assert shared_site.is_healthy()


@pytest.mark.parametrize("victim", [WORKER, SETTLE], ids=["a worker", "settle"])
def test_what_is_killed_comes_back(shared_site, victim):
    shared_site.said(WORKER, times=2)
    shared_site.kill(victim)
    assert shared_site.is_healthy()


def test_a_killed_master_comes_back_on_the_same_port_and_its_workers_go(shared_site):
    workers = shared_site.said(WORKER, times=2)
    killed = shared_site.said(r"Worker \(pid:(\d+)\) was sent SIGKILL", times=0)
    shared_site.kill(MASTER)
    assert shared_site.is_healthy()
    for pid in set(workers) - set(killed):
        shared_site.said(rf"Worker exiting \(pid: {pid}\)")


def test_ctrl_c_ends_everything_and_frees_the_port(site):
    assert site.is_healthy()
    os.killpg(site.process.pid, signal.SIGINT)
    assert site.is_over()
    assert site.process.wait(PATIENCE_SECONDS) == 0
    # By SIGTERM, which is graceful; gunicorn does not see the Ctrl-C, on which it would cut what is in flight.
    site.said("Handling signal: term")


def test_a_request_in_flight_is_answered_before_the_end(site, environment):
    database = sqlite3.connect(environment["DATABASE_URL"].removeprefix("sqlite:///"), isolation_level=None)
    with closing(database), RawClient(site.port, timeout=PATIENCE_SECONDS) as visitor:
        # The site has to wait for its database; that it says "continue" shows that a worker is at it.
        database.execute("PRAGMA locking_mode=EXCLUSIVE")
        database.execute("BEGIN EXCLUSIVE")
        going_on = visitor.request("GET /healthz HTTP/1.1\nHost: 127.0.0.1\nExpect: 100-continue")
        site.process.terminate()
        site.said("Handling signal: term")
        database.close()
        assert (going_on.status, visitor.reply().status) == (100, 200)
    assert site.is_over()
    assert site.process.wait(PATIENCE_SECONDS) == 0


def test_nothing_outlives_a_killed_supervisor(site):
    site.said(WORKER, times=2)
    site.process.kill()
    assert site.is_over()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"WEB_BIND": "8000"}, "WEB_BIND is HOST:PORT, such as 127.0.0.1:8000"),
        ({"WEB_BIND": "127.0.0.1"}, "WEB_BIND is HOST:PORT"),
        ({"WEB_BIND": "127.0.0.1:70000"}, "WEB_BIND is HOST:PORT"),
        ({"WEB_BIND": "http://127.0.0.1:80"}, "WEB_BIND is HOST:PORT"),
        ({"WEB_WORKERS": "0"}, "WEB_WORKERS is a whole number from 1 on, not '0'"),
        ({"WEB_THREADS": "many"}, "WEB_THREADS is a whole number"),
        ({"SETTLE_SECONDS": "-5"}, "SETTLE_SECONDS is a whole number"),
    ],
)
def test_it_says_what_is_not_fit_to_serve(settings, change, sentence):
    for name, value in change.items():
        setattr(settings, name, value)
    with pytest.raises(CommandError, match=sentence):
        call_command("serve")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        pytest.param({"SECRET_KEY": "", "DEBUG": "false"}, "SECRET_KEY is not set.", id="no secret key"),
        pytest.param(
            {"DATABASE_URL": "sqlite:////no/such/folder/a"}, "The database cannot be used", id="no database"
        ),
        pytest.param({"DATABASE_URL": "sqlite:///:memory:"}, "Run: manage.py migrate", id="an empty database"),
        pytest.param(
            {"DEBUG": "false", "ALLOWED_HOSTS": "a", "STATIC_ROOT": "/no/such/folder"},
            "Run: manage.py collectstatic",
            id="no static files",
        ),
        pytest.param({"DEBUG": "false"}, "ALLOWED_HOSTS is empty", id="no host names"),
        pytest.param({"OSS_BUCKET": ""}, "OSS_BUCKET", id="no bucket"),
        pytest.param({"WEB_BIND": "192.0.2.1:80"}, "cannot listen on 192.0.2.1:80: ", id="an address not ours"),
    ],
)
def test_it_refuses_to_begin_and_says_why(environment, change, sentence):
    done = serve_in_vain(environment | change)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Site:" not in done.stdout


def test_it_says_that_its_port_is_taken(environment):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        done = serve_in_vain(environment | {"WEB_BIND": bind})
    assert done.returncode == 1
    assert f"cannot listen on {bind}: Address already in use" in done.stderr


def serve_in_vain(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        SERVE,
        cwd=REPOSITORY,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )


@pytest.mark.slow
def test_a_gunicorn_that_does_not_come_up_is_given_up(environment):
    with running(SERVE, environment | {"GUNICORN_CMD_ARGS": "--keep-alive=for-ever"}) as site:
        site.said("invalid int value: 'for-ever'", times=5)
        site.said(r"^CommandError: web \(\d+\) ended with status 2, .* it is given up\.")
        assert site.is_over()
        assert site.process.wait(PATIENCE_SECONDS) != 0
