"""The client programs stream: what they send does not pass through their memory as a whole."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.clients.forms import PLAIN
from tests.clients.storage import WatchedStorage
from tests.clients.toolchains import TOOL_CHAINS, CompiledClient, refuse_missing_tools
from tests.servers import running_oss
from uploads.snippets import program

FILE_BYTES = 512 * 1024 * 1024
# A JVM or Node.js takes a part of this for itself.
MOST_BYTES = 256 * 1024 * 1024
MEASURED = """
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:])
print("peak", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
sys.exit(status)
"""


@pytest.fixture
def large_file(tmp_path):
    """Without blocks on the disk, but as long as any."""
    path = tmp_path / "large.bin"
    path.touch()
    os.truncate(path, FILE_BYTES)
    return path


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("code", TOOL_CHAINS)
def test_a_large_file_is_never_whole_in_memory(code, tmp_path, large_file):
    refuse_missing_tools(code)
    (tmp_path / "program").mkdir()
    with running_oss(tmp_path / "oss") as oss:
        storage = WatchedStorage(oss)
        instructions = storage.instructions("large.bin", PLAIN, length=FILE_BYTES, file_name=large_file.name)
        client = CompiledClient(program(code, instructions), tmp_path / "program")
        run = subprocess.run(
            [sys.executable, "-c", MEASURED, *client.command], cwd=tmp_path, env=client.environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert run.returncode == 0, run.stdout + run.stderr
    assert int(run.stdout.rpartition("peak ")[2]) < MOST_BYTES
