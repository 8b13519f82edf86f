"""Client programs for a signed URL."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from uploads.models.grants import UploadGrant
from uploads.oss.signing import Presigned


@dataclass(frozen=True, slots=True)
class Instructions:
    """What any client needs."""

    method: str
    url: str
    headers: Mapping[str, str]
    content_length: int | None
    file_name: str


@dataclass(frozen=True, slots=True)
class Program:
    """A complete program in one language."""

    code: str
    label: str
    file_name: str
    needs: str
    source: str


def instructions_for(grant: UploadGrant, signed: Presigned) -> Instructions:
    """Of a grant that has just been signed."""
    name = grant.file_name or grant.object_key.rsplit("/", 1)[-1]
    return Instructions(signed.method, signed.url, signed.headers, grant.size_bytes, name)


def programs(instructions: Instructions) -> list[Program]:
    """The one program that there is so far."""
    headers = dict(instructions.headers)
    lines = [f"curl --fail-with-body -T {shlex.quote(instructions.file_name)}"]
    lines += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in headers.items()]
    if "content-type" not in {name.lower() for name in headers}:
        lines.append("-H 'Content-Type:'")
    source = " \\\n  ".join([*lines, shlex.quote(instructions.url)]) + "\n"
    return [Program("curl", "curl", "upload.sh", "curl 7.76 or newer, POSIX shell", source)]
