"""The list of settings in .env.example is complete, and the demo knows which of them are not its own."""

from __future__ import annotations

import re
from pathlib import Path

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
