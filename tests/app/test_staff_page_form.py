"""Making an upload page, and changing one."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.test import Client

from tests.factories import make_page, make_user
from uploads.models.pages import UploadPage

pytestmark = pytest.mark.django_db

FIELDS = {
    "form_key": "one-time",
    "title": "Supplier invoices",
    "instructions": "Please send PDF.",
    "prefix": "invoices/2026",
    "max_files": "",
    "max_bytes_0": "",
    "max_bytes_1": str(1024**3),
    "url_validity_seconds": "900",
    "storage_class": "",
    "metadata": "",
    "is_attachment": "on",
}


def make(client, **fields):
    return client.post("/staff/pages/new/", {**FIELDS, **fields})


def test_it_works(staff, owner):
    response = make(staff)

    page = UploadPage.objects.get()
    assert response["Location"] == f"/staff/pages/{page.page_id}/"
    assert (page.owner, page.title, page.prefix) == (owner, "Supplier invoices", "invoices/2026")
    assert page.is_attachment
    assert page.closed_at is None


def test_all_that_can_be_chosen_is_kept(staff):
    make(
        staff,
        max_files="60",
        max_bytes_0="1.5",
        max_bytes_1=str(1024**4),
        url_validity_seconds="3600",
        storage_class="IA",
        metadata="department=survey\r\nCase=Ål 7",
        is_attachment="",
    )

    page = UploadPage.objects.get()
    assert (page.max_files, page.max_bytes) == (60, 3 * 1024**4 // 2)
    assert (page.url_validity_seconds, page.storage_class) == (3600, "IA")
    assert page.metadata == {"department": "survey", "case": "Ål 7"}
    assert not page.is_attachment


def test_the_same_form_sent_twice_makes_one_page(staff):
    first = make(staff)
    second = make(staff)

    assert first["Location"] == second["Location"]
    assert UploadPage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_twice_at_the_same_moment_makes_one_page(owner):
    client = Client()
    client.force_login(owner)
    answers = []
    starting = threading.Barrier(2)

    def send():
        starting.wait(timeout=10)
        try:
            answers.append(make(Client(headers={"cookie": client.cookies.output(header="", attrs=[])}))["Location"])
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 2
    assert len(set(answers)) == 1
    assert UploadPage.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"form_key": "another"}, id="another form"),
        pytest.param({"title": "Changed after going back"}, id="a form that was changed"),
    ],
)
def test_it_makes_a_second_page_for(staff, change):
    make(staff)
    make(staff, **change)

    assert UploadPage.objects.count() == 2


def test_somebody_elses_form_key_is_no_way_to_their_page(staff):
    make(staff)
    other = Client()
    other.force_login(make_user("other"))

    make(other)

    assert UploadPage.objects.count() == 2


def test_each_form_has_a_key_of_its_own(staff):
    keys = {staff.get("/staff/pages/new/").context["form"]["form_key"].value() for _ in range(2)}

    assert len(keys) == 2


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        pytest.param("title", "", "Give the page one", id="no title"),
        pytest.param("title", "x" * 201, "at most 200 characters", id="a title that is too long"),
        pytest.param("title", "a\x00b", "Null characters", id="a NUL in the title"),
        pytest.param("prefix", "a//b", "no empty", id="an empty part in the folder"),
        pytest.param("prefix", "a/../b", "no empty", id="a way up in the folder"),
        pytest.param("prefix", "a\\b", "no backslashes", id="a backslash in the folder"),
        pytest.param("prefix", "ä" * 300, "at most 512", id="a folder that is too long"),
        pytest.param("max_files", "0", "greater than or equal to 1", id="no files"),
        pytest.param("max_files", "1e99", "whole number", id="files as a float"),
        pytest.param("max_files", "9" * 20, "less than or equal to", id="more files than there are numbers"),
        pytest.param("max_bytes", "many", "not a number", id="a size in words"),
        pytest.param("max_bytes", "0", "at least one byte", id="no bytes"),
        pytest.param("max_bytes", "-1", "at least one byte", id="less than no bytes"),
        pytest.param("max_bytes", "NaN", "not a number", id="a size that is NaN"),
        pytest.param("max_bytes", "9999999999999", "less than or equal to", id="more bytes than there are numbers"),
        pytest.param("url_validity_seconds", "86401", "valid choice", id="a validity that is not offered"),
        pytest.param("storage_class", "Glacier", "valid choice", id="a storage class of somebody else"),
        pytest.param("metadata", "a=1\nno equals", "Line 2 has no equals sign", id="metadata without an equals sign"),
        pytest.param("metadata", "a=1\na=2", "Line 2: the name a is there twice", id="the same metadata twice"),
        pytest.param("metadata", "A=1\na=2", "is there twice", id="the same metadata in two cases"),
        pytest.param("metadata", "a_b=1", "Line 1: The metadata name", id="an underscore in a metadata name"),
        pytest.param("metadata", "grant=1", "Line 1: The metadata name", id="our own metadata name"),
        pytest.param("metadata", "a=", "has no value", id="metadata without a value"),
        pytest.param("metadata", "a=x\x00y", "cannot be stored", id="metadata with a NUL"),
        pytest.param("metadata", "a=" + "x" * 9000, "8 KB", id="too much metadata"),
    ],
)
def test_it_refuses_beside_the_field(staff, field, value, sentence):
    response = make(staff, **{"max_bytes_0" if field == "max_bytes" else field: value})

    form = response.context["form"]
    assert list(form.errors) == [field]
    assert sentence in str(form.errors[field])
    assert f'id="id_{field}_error"' in response.text
    assert f'aria-describedby="{form[field].aria_describedby}"' in response.text
    assert response.text.count("autofocus") == 1
    assert not UploadPage.objects.exists()


def test_the_first_field_with_an_error_has_the_focus(staff):
    response = make(staff, prefix="a//b", metadata="?")

    assert 'name="prefix" value="a//b" spellcheck="false"' in response.text
    assert response.context["form"].fields["prefix"].widget.attrs["autofocus"]
    assert response.text.count("autofocus") == 1


@pytest.mark.parametrize(("metadata", "is_open"), [("no equals", True), ("", False)])
def test_the_folded_part_opens_where_an_error_is_in_it(staff, metadata, is_open):
    response = make(staff, title="", metadata=metadata)

    assert ('<details class="disclose" open>' in response.text) == is_open


def test_what_was_typed_is_shown_again_as_text(staff):
    response = make(staff, title="</title><script>alert(1)</script>", prefix="a//b")

    assert "<script>alert" not in response.text
    assert "&lt;/title&gt;&lt;script&gt;" in response.text


def test_a_page_can_be_changed(staff, open_page):
    response = staff.post(f"/staff/pages/{open_page.page_id}/edit/", {**FIELDS, "title": "Changed"})

    token = open_page.token
    open_page.refresh_from_db()
    assert response["Location"] == f"/staff/pages/{open_page.page_id}/"
    assert (open_page.title, open_page.token) == ("Changed", token)


def test_saving_an_unchanged_form_changes_nothing(staff, owner):
    page = make_page(
        owner=owner,
        instructions="a\nb",
        max_bytes=1_000_001,
        max_files=7,
        url_validity_seconds=77,
        storage_class="Archive",
        metadata={"case": "Ål 7", "equation": "a=b"},
        is_attachment=False,
    )
    before = UploadPage.objects.filter(pk=page.pk).values().get()
    form = staff.get(f"/staff/pages/{page.page_id}/edit/").context["form"]
    fields = {bound.html_name: bound.value() for bound in form if bound.name not in {"max_bytes", "is_attachment"}}
    amount, unit = form.fields["max_bytes"].widget.decompress(form["max_bytes"].value())

    staff.post(f"/staff/pages/{page.page_id}/edit/", {**fields, "max_bytes_0": amount, "max_bytes_1": unit})

    assert UploadPage.objects.filter(pk=page.pk).values().get() == before


def test_a_change_does_not_put_back_what_uploads_have_reserved_meanwhile(staff, open_page, monkeypatch):
    clean = UploadPage.clean

    def upload_meanwhile(page):
        UploadPage.objects.filter(pk=page.pk).update(used_files=5, used_bytes=500)
        clean(page)

    monkeypatch.setattr(UploadPage, "clean", upload_meanwhile)
    staff.post(f"/staff/pages/{open_page.page_id}/edit/", {**FIELDS, "title": "Changed"})

    open_page.refresh_from_db()
    assert (open_page.title, open_page.used_files, open_page.used_bytes) == ("Changed", 5, 500)


@pytest.mark.parametrize("field", ["token", "page_id", "owner", "used_files", "closed_at"])
def test_a_forged_field_changes_nothing(staff, open_page, field):
    before = UploadPage.objects.filter(pk=open_page.pk).values(field).get()

    staff.post(f"/staff/pages/{open_page.page_id}/edit/", {**FIELDS, field: "999"})

    assert UploadPage.objects.filter(pk=open_page.pk).values(field).get() == before


@pytest.mark.parametrize(
    ("size_bytes", "shown"),
    [
        (1, ["1", 1]),
        (1024**2, ["1", 1024**2]),
        (3 * 1024**3 // 2, ["1.5", 1024**3]),
        (1_000_001, [1_000_001, 1]),
        (100 * 1024**4, ["100", 1024**4]),
    ],
)
def test_a_limit_is_shown_in_the_largest_unit_that_keeps_it_exact(staff, owner, size_bytes, shown):
    page = make_page(owner=owner, max_bytes=size_bytes)

    form = staff.get(f"/staff/pages/{page.page_id}/edit/").context["form"]

    assert [str(part) for part in form.fields["max_bytes"].widget.decompress(size_bytes)] == [str(s) for s in shown]
