"""The page of one grant: what was signed against what is stored."""

from __future__ import annotations

import pytest
import requests

from tests.app.conftest import a_file, row
from tests.app.grant_page import address_of
from tests.conftest import BUCKET
from tests.factories import make_page

pytestmark = pytest.mark.django_db


def rows_of(response) -> dict[str, tuple]:
    return {row.name: (row.signed, row.stored) for row in response.context["match"].rows}


def test_what_is_stored_stands_beside_what_was_signed(staff, visitor):
    answer = visitor.send(name="report.txt")

    response = staff.get(address_of(row(answer)))

    rows = rows_of(response)
    assert rows["Content-Type"] == ("text/plain", "text/plain")
    assert rows["Length"] == ("5 bytes", "5 bytes")
    assert rows["x-oss-meta-grant"] == (answer["grant"], answer["grant"])
    assert rows["Content-Disposition"] == ("attachment; filename*=UTF-8''report.txt",) * 2
    assert rows["CRC-64"][0] is None
    assert "6 of 6 agree" in response.text
    assert response.context["attempt"] is None


def test_headers_that_staff_have_signed_are_compared_and_metadata_is_decoded(staff, owner, oss):
    headers = {"Content-Type": "text/csv", "Cache-Control": "no-cache", "x-oss-meta-by": "%E6%9D%8E"}
    make_page(owner=owner, page_id="pmine", prefix="surveys")
    form = {"key": "surveys/pmine/a.csv", "validity": 600, "metadata": "by=李", "cache_control": "no-cache"}
    signed = staff.post("/staff/sign/", form).context["signed"]
    requests.put(signed.url, data=b"1", headers={**headers, "x-oss-forbid-overwrite": "true"}, timeout=10)

    response = staff.post(address_of(signed.grant) + "verify/", follow=True)

    assert rows_of(response)["Cache-Control"] == ("no-cache", "no-cache")
    assert rows_of(response)["x-oss-meta-by"] == ("%E6%9D%8E", "%E6%9D%8E")
    assert "Decoded: <bdi>李</bdi>" in response.text


def test_a_mismatch_shows_the_field_that_differs(staff, visitor, oss):
    [answer] = visitor.ask(a_file())
    oss.app.store.put_bytes(BUCKET, row(answer).object_key, b"longer!", content_type="text/plain")
    visitor.report({"id": answer["id"], "status": 200})

    response = staff.get(address_of(row(answer)))

    differing = {r.name: (r.signed, r.stored) for r in response.context["match"].rows if r.differs}
    disposition = "attachment; filename*=UTF-8''report.txt"
    assert differing == {
        "Length": ("5 bytes", "7 bytes"),
        "x-oss-meta-grant": (answer["grant"], ""),
        "Content-Disposition": (disposition, ""),
    }
    assert "3 of 6 agree" in response.text
    assert "length: 5 granted, 7 stored" in response.text
