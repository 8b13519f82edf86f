"""The programs for the URL of a grant, as its page shows them."""

from __future__ import annotations

import subprocess

import pytest
from django.utils import timezone

from tests.clients.toolchains import refuse_missing_tools
from tests.factories import make_grant, make_page
from uploads.grant_terms import granted_headers, sign_grant
from uploads.snippets import instructions_for, program
from uploads.storage import storage

pytestmark = pytest.mark.django_db


@pytest.fixture
def page_grant(oss):
    """With everything that a page signs, and a name that needs quoting."""
    page = make_page(storage_class="IA", metadata={"project": "a'b"})
    grant = make_grant(page=page, file_name="it's 王.txt", content_type="text/plain;charset=utf8")
    grant.signed_headers, grant.additional_headers = granted_headers(page, grant)
    grant.save()
    return grant


def instructions(grant):
    return instructions_for(grant, sign_grant(grant, expires_in=600, at=timezone.now()))


def test_it_works(page_grant, tmp_path):
    refuse_missing_tools("curl")
    (tmp_path / page_grant.file_name).write_bytes(b"12345")
    source = program("curl", instructions(page_grant)).source

    run = subprocess.run(["sh", "-c", source], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stderr
    facts = storage().client().head_object(page_grant.object_key)
    assert (facts.size_bytes, facts.content_type, facts.storage_class) == (5, "text/plain;charset=utf8", "IA")
    assert facts.metadata == {"project": "a'b", "grant": page_grant.grant_id}
    assert facts.content_disposition == "attachment; filename*=UTF-8''it%27s%20%E7%8E%8B.txt"


def test_a_signed_length_is_pinned_and_no_header_of_the_program(page_grant):
    made = instructions(page_grant)
    assert made.content_length == 5
    assert "content-length" not in {name.lower() for name in made.headers}


def test_without_a_signed_length_any_file_may_be_sent():
    assert instructions(make_grant(signed_headers={}, additional_headers=[])).content_length is None


def test_a_grant_without_a_file_name_is_called_as_its_key_ends():
    assert instructions(make_grant(file_name="", object_key="a/b/c.txt")).file_name == "c.txt"
