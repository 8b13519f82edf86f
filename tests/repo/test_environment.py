"""The list of settings in .env.example is complete, and the demo knows which of them are not its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from uploads.demo import SETTING_NAMES

ROOT = Path(__file__).parents[2]
# Read from the environment by others than settings, or with no meaning outside the tests.
NOT_SETTINGS = {"ENV_FILE"}
DEMO_ONLY = {"PORT", "OSS_PORT", "DATA_DIR"}


def names_read_by_settings() -> set[str]:
    source = (ROOT / "uploader_site/settings.py").read_text(encoding="utf-8")
    return set(re.findall(r"env(?:\.\w+)?\(\s*\"([A-Z_]+)\"", source)) - NOT_SETTINGS


def names_in_example() -> set[str]:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    return {match[1] for line in lines if (match := re.fullmatch(r"(?:# )?([A-Z_]+)=.*", line))}


def test_every_setting_is_in_the_example_and_nothing_else():
    assert names_in_example() == names_read_by_settings() | DEMO_ONLY


def test_the_demo_shuts_out_every_setting_but_the_log_level():
    assert names_read_by_settings() - SETTING_NAMES == {"LOG_LEVEL"}


def test_the_readme_explains_every_setting():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert {name for name in names_read_by_settings() if f"`{name}`" not in readme} == set()


@pytest.mark.parametrize(
    ("given", "key"),
    [pytest.param(r"\$ecret", "$ecret", id="an escaped dollar"), pytest.param("a$b", "a$b", id="a dollar inside")],
)
def test_a_secret_may_have_a_dollar(given, key):
    printed = subprocess.run(
        [sys.executable, "-c", "from uploader_site import settings; print(settings.SECRET_KEY)"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "ENV_FILE": "", "SECRET_KEY": given},
        capture_output=True,
        text=True,
        check=True,
    )
    assert printed.stdout.strip() == key


def test_a_made_up_secret_key_may_begin_with_a_dollar():
    program = (
        "import django.core.management.utils as utils; utils.get_random_secret_key = lambda: '$made-up';"
        "from uploader_site import settings; print(settings.SECRET_KEY)"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "ENV_FILE": "", "DEBUG": "true"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert printed.stdout.strip() == "$made-up"
