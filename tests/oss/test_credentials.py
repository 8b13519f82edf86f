"""Key pairs: what is refused, what is shown, and how long a URL can be promised."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from uploads.oss.credentials import Credentials
from uploads.oss.errors import RefusedLocally

AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(("", "sk"), id="no key id"),
        pytest.param(("ak", ""), id="no secret"),
        pytest.param((" ak", "sk"), id="a blank before the key id"),
        pytest.param(("ak", "sk\n"), id="a line break after the secret"),
        pytest.param(("ak", "sk", "token\r\n"), id="a line break after the token"),
        pytest.param(("a/k", "sk"), id="a slash in the key id"),
        pytest.param(("aké", "sk"), id="a letter that is not ASCII"),
        pytest.param(("ak", "sk", "to\x00ken"), id="a control character in the token"),
        pytest.param(("ak", "s\ud800k"), id="half a surrogate pair in the secret"),
    ],
)
def test_it_refuses_credentials(fields):
    with pytest.raises(RefusedLocally, match=r"\.$") as caught:
        Credentials(*fields)

    assert "sk" not in str(caught.value)


def test_secret_and_token_are_not_shown():
    shown = repr(Credentials("ak", "SECRET", "TOKEN"))

    assert "ak" in shown
    assert "SECRET" not in shown
    assert "TOKEN" not in shown


def test_a_key_pair_keeps_a_url_for_seven_days():
    assert Credentials("ak", "sk").usable_expires(10**7, at=AT) == 604_800


@pytest.mark.parametrize(
    ("left", "wanted", "usable"),
    [
        pytest.param(timedelta(hours=20), 86_400, 43_200, id="twelve hours are the most"),
        pytest.param(timedelta(minutes=10), 900, 600, id="no longer than the token lives"),
        pytest.param(timedelta(hours=1), 900, 900, id="what is wanted, if the token lives longer"),
        pytest.param(timedelta(seconds=1, microseconds=999_999), 900, 1, id="whole seconds"),
    ],
)
def test_a_token_bounds_the_validity(left, wanted, usable):
    assert Credentials("ak", "sk", "token", AT + left).usable_expires(wanted, at=AT) == usable


def test_a_token_of_unknown_end_keeps_a_url_for_fifteen_minutes():
    assert Credentials("ak", "sk", "token").usable_expires(86_400, at=AT) == 900


@pytest.mark.parametrize("left", [timedelta(0), timedelta(seconds=-1), timedelta(milliseconds=999)])
def test_a_token_that_has_expired_signs_nothing(left):
    with pytest.raises(RefusedLocally, match="has expired"):
        Credentials("ak", "sk", "token", AT + left).usable_expires(900, at=AT)
