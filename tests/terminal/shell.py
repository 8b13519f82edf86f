"""A visitor with a shell and curl: the commands are those of the page, with only the file's name put in."""

from __future__ import annotations

import html
import re
import shlex
import subprocess
from pathlib import Path
from typing import NamedTuple

import requests

TIMEOUT_SECONDS = 60
NAME_COMMAND = "f='report.pdf'"


class Ended(NamedTuple):
    """How a command ended, and all that it wrote."""

    status: int
    said: str


class Shell:
    def __init__(self, command: tuple[str, ...], home: Path, page_url: str) -> None:
        self.command = command
        self.home = home
        self.page_url = page_url
        self.commands = commands_of(requests.get(page_url, timeout=10).text)

    def send(self, name: str) -> list[Ended]:
        """Both commands, one after the other, as they are pasted; how each of them ended."""
        _, sent, reported = self.run(self.named(name), self.commands["send"], self.commands["report"])
        return [sent, reported]

    def named(self, name: str) -> str:
        """The only change that the page asks for."""
        assert self.commands["name"] == NAME_COMMAND
        return f"f={shlex.quote(name)}"

    def run(self, *commands: str) -> list[Ended]:
        """In one shell, which lives on whatever they do."""
        ends = "\nprintf '\\n<ended %s>\\n' $?\n"
        ended = subprocess.run(
            [*self.command, "-c", "".join(command + ends for command in commands)],
            cwd=self.home,
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.home), "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        found = re.findall(r"(.*?)\n<ended (\d+)>\n", ended.stdout.decode(errors="replace"), re.DOTALL)
        assert len(found) == len(commands), ended.stdout
        return [Ended(int(status), said) for said, status in found]


def commands_of(page: str) -> dict[str, str]:
    """What is copied from the page: `name`, `send` and `report`; empty when it shows none."""
    found = re.findall(r'<code data-terminal="(\w+)">(.*?)</code>', page, re.DOTALL)
    return {name: html.unescape(text) for name, text in found}
