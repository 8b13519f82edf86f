"""A missing tool chain is told, and where nothing may be left out it is a failure."""

from __future__ import annotations

import pytest

from tests.clients.toolchains import refuse_missing_tools


@pytest.fixture
def bare_machine(monkeypatch):
    for name in ("CI", "CLIENTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "")


def test_what_is_not_there_is_left_out_by_name(bare_machine):
    with pytest.raises(pytest.skip.Exception, match="left out: mcs, mono not found"):
        refuse_missing_tools("csharp")


@pytest.mark.parametrize(("name", "value"), [("CI", "true"), ("CLIENTS", "all")])
def test_continuous_integration_leaves_nothing_out(bare_machine, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(pytest.fail.Exception, match="mcs, mono not found"):
        refuse_missing_tools("csharp")
