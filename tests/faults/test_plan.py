"""The same seed repeats the same faults, whatever comes first and whenever it comes."""

from __future__ import annotations

import random

from tests.faults.files import many_sizes
from tests.faults.plan import Kind, Odds, Plan, Request

ODDS = {
    "storage": Odds({Kind.RESET_IN_BODY: 0.2, Kind.LOST_ANSWER: 0.2, Kind.BUSY: 0.1}),
    "site": Odds({Kind.SERVER_ERROR: 0.3}, methods=("POST",)),
}
REQUESTS = [
    *[Request("storage", "PUT", f"f{number:04}.bin", part) for number in range(200) for part in ("", "1", "5")],
    *[Request("site", "POST", name) for name in ("grants", "results", "status")],
]


def decisions(seed, requests):
    plan = Plan(seed, ODDS)
    for request in requests:
        plan.decide(request)
    return sorted((*decision.request, decision.attempt, str(decision.kind), decision.share) for decision in plan.log)


def test_the_same_seed_decides_the_same_in_any_order():
    twice = REQUESTS * 2
    shuffled = random.Random(7).sample(twice, len(twice))
    assert decisions(1, twice) == decisions(1, shuffled)


def test_another_seed_decides_otherwise():
    assert decisions(1, REQUESTS) != decisions(2, REQUESTS)


def test_faults_come_about_as_often_as_their_odds_say():
    hit = Plan(1, ODDS)
    kinds = [hit.decision(Request("storage", "PUT", f"f{number}"), 1).kind for number in range(4000)]
    for kind, probability in ODDS["storage"].kinds.items():
        assert abs(kinds.count(kind) / 4000 - probability) < 0.03


def test_after_so_many_attempts_a_request_is_left_alone():
    plan = Plan(1, {"storage": Odds({Kind.BUSY: 1}, attempts=2)})
    request = Request("storage", "PUT", "f0001.bin")
    assert [plan.decide(request).kind for _ in range(3)] == [Kind.BUSY, Kind.BUSY, None]


def test_what_nobody_gave_odds_for_is_left_alone():
    plan = Plan(1, {"storage": Odds({Kind.BUSY: 1})})
    assert plan.decide(Request("storage", "OPTIONS", "f0001.bin")).kind is None
    assert plan.decide(Request("inner", "HEAD", "f0001.bin")).kind is None


def test_the_log_knows_what_has_hit_a_file():
    plan = Plan(1, {"storage": Odds({Kind.BUSY: 1}, attempts=1)})
    for part in ("1", "2"):
        plan.decide(Request("storage", "PUT", "f0001.bin", part))
    plan.decide(Request("storage", "PUT", "f0002.bin"))
    assert plan.faults_of("f0001.bin") == [Kind.BUSY, Kind.BUSY]
    assert plan.counts() == {Kind.BUSY: 3}


def test_the_same_seed_makes_the_same_files():
    assert many_sizes(3, 500) == many_sizes(3, 500)
    assert many_sizes(3, 500) != many_sizes(4, 500)
