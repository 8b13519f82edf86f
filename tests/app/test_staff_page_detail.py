"""One upload page for staff: its link, its rules and its grants."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import make_grant, make_page
from tests.staff_cast import HOSTILE_NAMES
from uploads.models.events import EventKind, GrantEvent, SaidBy
from uploads.models.grants import GrantState, UploadGrant

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(open_page):
    return f"/staff/pages/{open_page.page_id}/"


def listed_names(response) -> list[str]:
    return [row.grant.file_name for row in response.context["grants"].rows]


def test_it_works(staff, address, grant):
    response = staff.get(address)

    assert response.status_code == 200
    assert listed_names(response) == [grant.file_name]


def test_the_link_is_the_whole_address_that_visitors_open(staff, address, open_page):
    assert f"http://testserver/u/{open_page.token}/</p>" in staff.get(address).text


def test_a_configured_site_goes_before_the_host_that_somebody_sends(staff, address, open_page, settings):
    settings.SITE_URL = "https://upload.example.com"
    settings.ALLOWED_HOSTS = ["*"]

    response = staff.get(address, headers={"host": "evil.example"})

    assert response.context["link"] == f"https://upload.example.com/u/{open_page.token}/"
    assert "evil.example" not in response.text


def test_the_rules_of_the_page_are_shown(staff, owner):
    page = make_page(
        owner=owner, prefix="surveys/2026", instructions="PDF <b>only</b>", max_files=60, used_files=41,
        max_bytes=60 * 1024**3, used_bytes=3 * 1024**3, metadata={"case": "Ål 7"}, storage_class="IA",
        url_validity_seconds=12 * 3600, is_attachment=False,
    )  # fmt: skip

    text = staff.get(f"/staff/pages/{page.page_id}/").text

    for shown in ("surveys/2026", "PDF &lt;b&gt;only", "41 of 60 files", "case=<bdi>Ål 7", "Infrequent Access"):
        assert shown in text
    assert "3.00\u00a0GB of 60\u00a0GB" in text
    assert "12 hours" in text


def test_without_grants_it_says_that_they_will_appear(staff, address):
    assert "appears here by itself" in staff.get(address).text


def test_urls_that_still_work_are_counted_with_the_end_of_the_last(staff, address, open_page):
    now = timezone.now()
    for state, minutes in [("issued", 5), ("reported", 10), ("cancelled", 12), ("expired", -1), ("stored", 60)]:
        make_grant(page=open_page, state=state, url_ends_at=now + timedelta(minutes=minutes))

    live_urls = staff.get(address).context["live_urls"]

    assert live_urls == (3, now + timedelta(minutes=12))


def test_a_file_that_no_put_takes_has_no_url_before_its_first_part(staff, address, open_page):
    make_grant(page=open_page, size_bytes=6 * 1024**3)
    assert staff.get(address).context["live_urls"].number == 0

    make_grant(page=open_page, size_bytes=6 * 1024**3, parts_begun_at=timezone.now())
    assert staff.get(address).context["live_urls"].number == 1


def test_after_closing_it_still_says_until_when_urls_work(staff, address, grant):
    text = staff.post(f"{address}close/", follow=True).text

    assert "Closed" in text
    assert "The last one lapses at" in text
    assert "Reopen" in text


def test_closing_twice_keeps_the_first_time(staff, address, open_page):
    staff.post(f"{address}close/")
    open_page.refresh_from_db()
    first = open_page.closed_at

    staff.post(f"{address}close/")

    open_page.refresh_from_db()
    assert open_page.closed_at == first


@pytest.mark.parametrize("state", GrantState)
def test_each_state_is_a_word_a_shape_and_a_colour(staff, address, open_page, state):
    make_grant(page=open_page, state=state)

    text = staff.get(address).text

    glyph = f'<svg class="glyph" aria-hidden="true"><use href="#s-{state}"/></svg>'
    assert f'data-file-state="{state}">{glyph}{state.label}' in text
    assert f'<symbol id="s-{state}"' in text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        pytest.param({"state": "failed", "cause": "signature"}, "SignatureDoesNotMatch", id="a cause"),
        pytest.param(
            {"state": "reported", "check_error": "403 AccessDenied"}, "403 AccessDenied", id="a failed check"
        ),
        pytest.param({"state": "stored", "compared": ["length", "crc64"]}, "length, CRC-64.", id="what was compared"),
        pytest.param({"reported_request_id": "65F1A2B3C4"}, "<code>65F1A2B3C4</code>", id="the request id"),
        pytest.param({"name_was_cleaned": True}, "Hidden characters were taken out", id="hidden characters"),
    ],
)
def test_a_row_says(staff, address, open_page, fields, sentence):
    make_grant(page=open_page, **fields)

    assert sentence in staff.get(address).text


@pytest.mark.parametrize("path", ["", "grants/"])
@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_file_names_are_shown_as_text_and_isolated(staff, address, open_page, name, path):
    make_grant(page=open_page, file_name=name, check_error=name[:200], reported_request_id=name[:60])

    text = staff.get(address + path).text

    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert '<bdi class="file__name" title="' in text


@pytest.mark.parametrize(
    ("show", "states"),
    [
        ("all", {"failed", "mismatch", "late", "stored", "issued", "expired"}),
        ("need-you", {"failed", "mismatch", "late"}),
        ("stored", {"stored"}),
        ("no such filter", {"failed", "mismatch", "late", "stored", "issued", "expired"}),
    ],
)
def test_filters_show_their_states_and_count_all(staff, address, open_page, show, states):
    for state in ("failed", "mismatch", "late", "stored", "issued", "expired"):
        make_grant(page=open_page, state=state)

    grants = staff.get(address, {"show": show}).context["grants"]

    assert {row.grant.state for row in grants.rows} == states
    assert [pick.count for pick in grants.picks] == [6, 3, 1]


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("signed.p", id="part of the name"),
        pytest.param("signed REPORT", id="words of the name in any order"),
        pytest.param("2026-11-23/gabc", id="part of the object key"),
        pytest.param("65F1A2B3C4D5E6F708192A3B", id="the request id that the browser reported"),
        pytest.param("65F1A2B3C4D5E6F708192A3C", id="a request id of its history"),
        pytest.param("{grant.grant_id}", id="the grant id"),
    ],
)
def test_it_finds_a_grant_by(staff, address, open_page, query):
    grant = make_grant(
        page=open_page, file_name="Survey report, signed.pdf", object_key="surveys/p/2026-11-23/gabc/x.pdf",
        reported_request_id="65F1A2B3C4D5E6F708192A3B",
    )  # fmt: skip
    for _ in range(2):
        GrantEvent.objects.create(
            grant=grant, kind=EventKind.ATTEMPT_FAILED, said_by=SaidBy.BROWSER, request_id="65F1A2B3C4D5E6F708192A3C"
        )
    make_grant(page=open_page, file_name="other.pdf")

    response = staff.get(address, {"q": query.format(grant=grant)})

    assert listed_names(response) == ["Survey report, signed.pdf"]


@pytest.mark.parametrize("query", ["65F1A2B3C4D5E6F708192A3", "%", "_____", "no such file", "\x00"])
def test_a_search_that_finds_nothing(staff, address, open_page, query):
    make_grant(page=open_page, file_name="x.pdf", reported_request_id="65F1A2B3C4D5E6F708192A3B", object_key="k")

    found = listed_names(staff.get(address, {"q": query}))

    assert found == (["x.pdf"] if query == "\x00" else [])


def test_a_search_does_not_leave_the_page(staff, address):
    make_grant(page=make_page(), file_name="elsewhere.pdf")

    assert listed_names(staff.get(address, {"q": "elsewhere"})) == []


def test_filter_and_search_go_along_to_the_next_screen(staff, address, open_page):
    for number in range(51):
        make_grant(page=open_page, state="stored", file_name=f"a&b {number}.pdf")

    response = staff.get(address, {"show": "stored", "q": "a&b"})
    older = staff.get(address + response.context["grants"].next_address)

    assert len(listed_names(response)) == 50
    assert listed_names(older) == ["a&b 0.pdf"]
    assert older.context["grants"].next_address == ""
    assert staff.get(address + older.context["grants"].previous_address).context["grants"].paging.number == 1


def test_each_grant_has_a_page_of_its_own(staff, address, grant):
    assert f'href="/staff/grants/{grant.grant_id}/"' in staff.get(address).text


@pytest.mark.parametrize("path", ["", "grants/"])
def test_it_asks_the_database_as_often_for_30_grants_as_for_3(
    staff, address, open_page, path, django_assert_num_queries, django_assert_max_num_queries
):
    for _ in range(3):
        make_grant(page=open_page)
    with django_assert_max_num_queries(9) as few:
        staff.get(address + path)
    for _ in range(27):
        make_grant(page=open_page)

    with django_assert_num_queries(len(few)):
        response = staff.get(address + path)

    assert UploadGrant.objects.count() == len(response.context["grants"].rows) == 30
