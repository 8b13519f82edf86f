"""`manage.py presign` with a security token: no URL outlives it."""

from __future__ import annotations

import io

import pytest
import time_machine
from django.core.management import CommandError

from tests.commands.presigning import parameters, presign
from uploads.models.grants import UploadGrant


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("token_ends", "asked", "signed"),
    [
        pytest.param("", 3600, 900, id="an end that nobody told"),
        pytest.param("2026-11-20T10:10:00Z", 3600, 600, id="an end before the URL's"),
        pytest.param("2026-11-20T22:00:00Z", 3600, 3600, id="an end after the URL's"),
    ],
)
def test_a_url_ends_with_the_security_token_and_it_is_said(settings, token_ends, asked, signed):
    settings.OSS_SESSION_TOKEN = "token"
    settings.OSS_SESSION_TOKEN_EXPIRES_AT = token_ends
    stderr = io.StringIO()
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False):
        url = presign("a", "--expires", str(asked), stderr=stderr)
    grant = UploadGrant.objects.get()
    assert parameters(url)["x-oss-expires"] == str(signed)
    assert (grant.url_ends_at - grant.created_at).total_seconds() == signed
    assert ("not 3600" in stderr.getvalue()) == (signed < asked)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("token_ends", "asked", "sentence"),
    [
        pytest.param("2026-11-20T10:00:00Z", "60", "has expired", id="a token that has expired"),
        pytest.param("2026-11-30T10:00:00Z", "43201", "1 to 43200", id="more than twelve hours"),
    ],
)
def test_with_a_security_token_it_refuses(settings, token_ends, asked, sentence):
    settings.OSS_SESSION_TOKEN = "token"
    settings.OSS_SESSION_TOKEN_EXPIRES_AT = token_ends
    with time_machine.travel("2026-11-20T10:00:00Z"), pytest.raises(CommandError, match=sentence):
        presign("a", "--expires", asked)
    assert not UploadGrant.objects.exists()
