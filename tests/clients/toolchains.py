"""What builds and runs each of the client programs, and whether it is on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.clients.outcome import Outcome
from uploads.snippets import Program

_BUILD_SECONDS = 110
_RUN_SECONDS = 60
# A JVM that lives for a second does not gain from compiling well; a program that streams needs no more memory.
_JAVA = ("java", "-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")
_JAVAC = (
    "javac",
    "-J-XX:TieredStopAtLevel=1",
    "-J-XX:+UseSerialGC",
    "-Xlint:all",
    "-Werror",
    "-encoding",
    "US-ASCII",
)


class ToolChain(NamedTuple):
    """`build` is run beside the source, `run` beside the files; `{folder}` is the source's, `{python}` our own."""

    tools: tuple[str, ...]
    build: tuple[str, ...]
    run: tuple[str, ...]


TOOL_CHAINS = {
    "curl": ToolChain(("sh", "curl"), (), ("sh", "{folder}/upload.sh")),
    "java": ToolChain(("javac", "java"), (*_JAVAC, "Upload.java"), (*_JAVA, "-cp", "{folder}", "Upload")),
    "go": ToolChain(("go",), ("go", "build", "-o", "upload", "upload.go"), ("{folder}/upload",)),
    "python": ToolChain((), (), ("{python}", "{folder}/upload.py")),
    "node": ToolChain(("node",), (), ("node", "{folder}/upload.mjs")),
    "csharp": ToolChain(
        ("mcs", "mono"),
        ("mcs", "-define:MONO", "-r:System.Net.Http.dll", "-warnaserror", "-langversion:7", "Upload.cs"),
        ("mono", "{folder}/Upload.exe"),
    ),
    "cpp": ToolChain(
        ("g++", "curl-config"),
        ("g++", "-std=c++17", "-Wall", "-Wextra", "-Werror", "-o", "upload", "upload.cpp", "-lcurl"),
        ("{folder}/upload",),
    ),
    "android": ToolChain(
        ("javac", "java"), (*_JAVAC, "--release", "8", "-Xlint:-options", "Uploader.java"),
        (*_JAVA, "-cp", "{folder}", "Uploader"),
    ),
}  # fmt: skip


def must_run_all() -> bool:
    """Continuous integration leaves none out."""
    return os.environ.get("CI") == "true" or os.environ.get("CLIENTS") == "all"


def refuse_missing_tools(code: str) -> None:
    """Skips the test whose client cannot be run here, or fails it where all must be."""
    refuse_missing(*TOOL_CHAINS[code].tools)


def refuse_missing(*tools: str) -> None:
    if missing := [tool for tool in tools if not shutil.which(tool)]:
        reason = f"left out: {', '.join(missing)} not found"
        if must_run_all():
            pytest.fail(reason)
        # Nobody has to install nine languages to change a page; .ci/run asks for all.
        pytest.skip(reason)


class CompiledClient:
    """A program that has been built in `folder`; `variables` are added to the environment."""

    def __init__(self, program: Program, folder: Path, **variables: str) -> None:
        self._variables = variables
        self._chain, self._folder = TOOL_CHAINS[program.code], folder
        self.home.mkdir()
        (folder / program.file_name).write_text(program.source, encoding="utf-8")
        if self._chain.build:
            built = self._started(self._chain.build, cwd=folder, timeout=_BUILD_SECONDS)
            assert built.returncode == 0, built.stdout

    def run(self, files: Path, *arguments: str) -> Outcome:
        """In the folder `files`; without an argument it sends the file of its default name."""
        run = self._started((*self.command, *arguments), cwd=files, timeout=_RUN_SECONDS)
        return Outcome(run.returncode, run.stdout)

    @property
    def command(self) -> tuple[str, ...]:
        return tuple(part.format(folder=self._folder, python=sys.executable) for part in self._chain.run)

    @property
    def home(self) -> Path:
        """The home directory of whoever runs it, where nothing lies."""
        return self._folder / "home"

    def _started(self, command: tuple[str, ...], *, cwd: Path, timeout: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=cwd,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )

    @property
    def environment(self) -> dict[str, str]:
        """Nobody's settings. Go builds without modules, hence without a network."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "GO111MODULE": "off",
            "GOCACHE": os.environ.get("GOCACHE", str(self._folder.parent / "go-build")),
            "GOPROXY": "off",
            **self._variables,
        }
