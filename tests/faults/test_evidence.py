"""What is shown of a run that went wrong."""

from __future__ import annotations

import os

from tests.faults.evidence import evidence
from tests.faults.judge import Verdict
from tests.faults.plan import Kind, Odds, Plan, Request


def test_it_has_the_end_of_each_log(tmp_path):
    log = tmp_path / "site.log"
    log.write_text("\n".join(f"line {number}" for number in range(1000)))
    plan = Plan(1, {"storage": Odds({Kind.BUSY: 1}, attempts=1)})
    for _ in range(2):
        plan.decide(Request("storage", "PUT", "f0001.bin", "5"))
    plan.decide(Request("storage", "PUT", "f0002.bin"))
    moves = {"f0001.bin": ["2.0 s ago: failed (10)"]}
    found = evidence(moves=moves, decisions=plan.log, requests=["200 grants"], pids=[os.getpid()], log=log)
    shown = found.splitlines()
    assert shown[1:3] == ["f0001.bin:", "2.0 s ago: failed (10)"]
    ago = [line.partition(" ago: ")[2] for line in shown[4:10]]
    own = ["storage PUT f0001.bin 5 (1): busy", "storage PUT f0001.bin 5 (2): left alone"]
    assert (ago[:2], ago[3:6]) == (own, [*own, "storage PUT f0002.bin (1): busy"])
    assert "200 grants" in shown
    assert any(line.startswith(f"{os.getpid()} ") and "python" in line for line in shown)
    assert (shown[-1], "line 900" in shown) == ("line 999", False)


def test_a_verdict_shows_a_few_of_many_wrongs():
    verdict = Verdict(stored=["a"], wrong=[f"f{number} waits." for number in range(100)])
    assert str(verdict).splitlines()[0] == "1 stored, 0 ended, 100 wrong:"
    assert str(verdict).splitlines()[-2:] == ["f7 waits.", "and 92 more."]
