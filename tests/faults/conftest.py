"""One installation behind one proxy, and both browsers, for all the runs of a process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults.proxy import running_proxy
from tests.faults.run import Rig, Run
from tests.faults.table import Result, record
from tests.rig.chromium import running_chromium
from tests.rig.firefox import running_firefox
from tests.rig.installation import Ports, installed
from tests.rig.processes import free_port

LINES = ("site", "storage", "inner")


@pytest.fixture(scope="session")
def rig(tmp_path_factory):
    with running_proxy(*LINES) as proxy:
        own = Ports(
            site=free_port(),
            storage=free_port(),
            public_site=proxy.ports["site"],
            public_storage=proxy.ports["storage"],
            internal_storage=proxy.ports["inner"],
        )
        proxy.start(site=own.site, storage=own.storage, inner=own.storage)
        with installed(tmp_path_factory.mktemp("installation"), own) as site:
            yield Rig(site, proxy)


@pytest.fixture(scope="session")
def chromium():
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def firefox():
    with running_firefox() as browser:
        yield browser


@pytest.fixture
def browser(request):
    """The one that the test is parametrised with, by name."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def carry_out(rig, browser, request, tmp_path):
    """Carries a row out, writes the result down where FAULTS_RESULTS says, and returns the verdict.

    Where that finds something wrong, what may explain it is printed.
    """

    def carry_out(row, sizes, *, seed):
        run = Run(rig, browser, tmp_path / "files")
        verdict = run.carry_out(row, sizes, seed=seed)
        ended = len(verdict.ended)
        result = Result(
            row.title, browser.name, run.faults, len(verdict.stored), ended, len(verdict.wrong), run.seconds
        )
        if path := os.environ.get("FAULTS_RESULTS"):
            record(Path(path), result)
        if verdict.wrong:
            request.node.add_report_section("call", "evidence", run.evidence(verdict))
        return verdict

    return carry_out
