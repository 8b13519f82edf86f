"""The main job: a visitor's file reaches OSS from the browser, and the grant records what the server has checked."""

from __future__ import annotations

import secrets

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import file
from tests.conftest import BUCKET
from uploads.models.grants import UploadGrant

FILES = {
    "nothing at all": ("nothing.txt", b"", "text/plain"),
    "one byte": ("one.bin", b"\x00", "application/octet-stream"),
    "five megabytes": ("five.bin", secrets.token_bytes(5 * 1024 * 1024), ""),
    "signs of every kind in its name": ("año 2026 (终稿)+final%20.tar.gz", b"archive", "application/gzip"),
    "no type": ("no-type", b"who knows", ""),
    "a type that nobody knows": ("model.x", b"odd", "application/vnd.odd+thing;v=1"),
    "the type that Excel gives to csv": ("table.csv", b"a,b\n", "application/vnd.ms-excel"),
    "markup in its name": ("<img src=x onerror=alert(1)>.svg", b"<svg/>", "image/svg+xml"),
    "quotes in its name": ("b \"c\" 'd'.txt", b"quoted", "text/plain"),
}


def stored_object(oss, grant):
    """The bytes that the storage has for a grant, and the headers it serves them with."""
    return oss.app.store.read_bytes(BUCKET, grant.object_key), oss.app.store.find(BUCKET, grant.object_key).headers


def test_it_works(visitor, oss):
    visitor.choose(file("hello.txt", b"hello", "text/plain"))
    visitor.sees("hello.txt", "stored", "Stored, verified")
    visitor.sees_queue("done")
    assert stored_object(oss, UploadGrant.objects.get())[0] == b"hello"
    assert not visitor.complaints


@pytest.mark.parametrize(("name", "content", "content_type"), FILES.values(), ids=FILES.keys())
def test_a_file_arrives_byte_for_byte_with_the_granted_type(visitor, oss, name, content, content_type):
    visitor.choose(file(name, content, content_type))
    visitor.sees_queue("done")
    grant = UploadGrant.objects.get()
    stored, headers = stored_object(oss, grant)
    assert stored == content
    assert headers["content-type"] == grant.content_type
    assert (grant.state, grant.original_name) == ("stored", name)
    assert visitor.rows.locator(".file__name").text_content() == name
    assert not visitor.complaints


def test_many_files_arrive_each_with_its_own_bytes(visitor, oss):
    contents = {f"file-{number}.txt": f"content {number}".encode() for number in range(60)}
    visitor.choose(*(file(name, content) for name, content in contents.items()))
    visitor.sees_queue("done", timeout_ms=30_000)
    arrived = {grant.file_name: stored_object(oss, grant)[0] for grant in UploadGrant.objects.all()}
    assert arrived == contents
    assert visitor.rows.locator(".file__name").all_text_contents() == list(contents)


def test_sixty_files_need_few_requests_to_the_site(visitor, open_page):
    visitor.choose(*(file(f"file-{number}.txt") for number in range(60)))
    visitor.sees_queue("done", timeout_ms=30_000)
    assert len(visitor.requests_to(f"{open_page.token}/grants")) == 2
    assert len(visitor.requests_to(f"{open_page.token}/results")) <= 20


def test_a_file_dropped_beside_the_zone_is_sent_and_the_page_stays(visitor, oss):
    address = visitor.tab.url
    was_prevented = visitor.tab.evaluate(
        """() => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File(["dropped"], "dropped.txt", { type: "text/plain" }));
          const events = ["dragenter", "dragover", "drop"].map(
            (type) => new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
          return events.map((event) => !document.querySelector(".foot").dispatchEvent(event));
        }"""
    )
    assert was_prevented == [True, True, True]
    visitor.sees("dropped.txt", "stored")
    assert stored_object(oss, UploadGrant.objects.get())[0] == b"dropped"
    assert visitor.tab.url == address


def test_the_zone_shows_that_files_hang_over_the_page(visitor):
    drag = """(type) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([""], "a.txt"));
      document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    }"""
    visitor.tab.evaluate(drag, "dragenter")
    expect(visitor.tab.get_by_text("Let go to add them")).to_be_visible()
    visitor.tab.evaluate(drag, "dragleave")
    expect(visitor.tab.get_by_text("Let go to add them")).to_be_hidden()


def test_text_that_is_dragged_about_is_left_alone(visitor):
    was_prevented = visitor.tab.evaluate(
        """() => {
          const dataTransfer = new DataTransfer();
          dataTransfer.setData("text/plain", "words");
          const drop = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
          return !document.body.dispatchEvent(drop);
        }"""
    )
    assert not was_prevented


def test_a_file_chosen_twice_is_sent_once(visitor, tmp_path):
    path = tmp_path / "twice.txt"
    path.write_text("twice")
    visitor.choose(path)
    visitor.choose(path)
    visitor.sees("twice.txt", "stored", "Chosen twice; it is sent once.")
    assert UploadGrant.objects.count() == 1


def test_more_files_can_be_added_to_those_that_are_stored(visitor):
    visitor.choose(file("first.txt"))
    visitor.sees_queue("done")
    visitor.choose(file("second.txt"))
    visitor.sees("second.txt", "stored")
    expect(visitor.tab.get_by_role("heading", name="2 of 2 received and verified")).to_be_visible()


def test_hidden_characters_in_a_name_are_taken_out_and_the_row_says_so(visitor):
    visitor.choose(file("invoice\u202efdp.exe"))
    visitor.sees("invoicefdp.exe", "stored", "Hidden characters were taken out of the name.")


def test_a_name_that_cannot_be_taken_hinders_no_other(visitor):
    visitor.choose(file("x" * 5000 + ".txt"), file("short.txt"))
    visitor.sees("short.txt", "stored")
    visitor.sees_queue("attention")
    refused = visitor.rows.first
    expect(refused).to_have_attribute("data-file-state", "failed")
    expect(refused).to_contain_text("Not accepted The name of this file is too long.")
    expect(refused.get_by_text("Retry")).to_be_hidden()


def test_a_reload_begins_a_new_list_for_the_same_visitor(visitor):
    visitor.choose(file("before.txt"))
    visitor.sees_queue("done")
    visitor.tab.reload()
    visitor.choose(file("after.txt"))
    visitor.sees_queue("done")
    assert visitor.rows.count() == 1
    assert UploadGrant.objects.values("visitor").distinct().count() == 1


def test_a_file_that_was_deleted_from_the_bucket_is_sent_again_when_it_is_chosen_again(visitor, oss, tmp_path):
    on_disk = tmp_path / "again.txt"
    on_disk.write_text("hello")
    visitor.choose(on_disk)
    visitor.sees_queue("done")
    [first] = UploadGrant.objects.all()
    oss.app.store.delete(first.bucket, first.object_key)
    # Otherwise it has just been asked about.
    UploadGrant.objects.update(looked_at=None)

    visitor.tab.reload()
    visitor.choose(on_disk)
    visitor.sees_queue("done")

    second = UploadGrant.objects.get(retry_of=first)
    assert (second.state, oss.app.store.find(second.bucket, second.object_key) is not None) == ("stored", True)
