"""A machine without a browser is told what to install."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.browser.chromium import MissingBrowserError, chromium_path


def playwright_with(path):
    return SimpleNamespace(chromium=SimpleNamespace(executable_path=str(path)))


def test_a_missing_browser_is_an_error_that_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    with pytest.raises(MissingBrowserError, match="apt-get install chromium"):
        chromium_path(playwright_with(tmp_path / "chrome"))


def test_the_browser_that_was_named_comes_before_any_other(monkeypatch, tmp_path):
    for name in ("named", "chromium"):
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "named"))
    assert chromium_path(playwright_with(tmp_path / "chromium")) == str(tmp_path / "named")


def test_playwrights_own_browser_serves_where_the_system_has_none(monkeypatch, tmp_path):
    (tmp_path / "own").touch()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.delenv("CHROMIUM", raising=False)
    assert chromium_path(playwright_with(tmp_path / "own")) == str(tmp_path / "own")
