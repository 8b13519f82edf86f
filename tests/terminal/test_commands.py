"""The two commands of the page, as written there, in the shells that people have."""

from __future__ import annotations

import secrets
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.utils import timezone

from tests.browser.mishaps import DENIED
from tests.conftest import BUCKET
from tests.factories import make_page
from tests.terminal.conftest import SHELLS
from uploads.diagnosis import cause_sentence
from uploads.models.grants import UploadGrant

NAMES = {
    "spaces": "annual report  2026.pdf",
    "quotes": "b \"c\" 'd'.txt",
    "a substitution": "$(touch stolen) ${HOME}.txt",
    "backticks": "`touch stolen`.txt",
    "a sequence": "a; touch stolen & touch stolen | x.txt",
    "Chinese": "终稿（2026）.pdf",
    "a leading hyphen": "-rf.txt",
    "a leading at sign": "@report.txt",
    "patterns of curl": "page[1-3]{a,b}#1.txt",
    "signs of a form": "a=b&size=1%20+c.txt",
    "a new line": "two\nlines.txt",
    "an exclamation mark": "stop!now.txt",
}
CONTENTS = {"nothing": b"", "a byte": b"\x00", "five megabytes": secrets.token_bytes(5 * 1024**2)}


def stored_object(oss, grant):
    return oss.app.store.read_bytes(BUCKET, grant.object_key), oss.app.store.find(BUCKET, grant.object_key).headers


@pytest.mark.parametrize("kind", SHELLS)
def test_it_works(new_shell, open_page, home, oss, kind):
    (home / "report.pdf").write_bytes(b"hello")
    sent, reported = new_shell(open_page, kind).send("report.pdf")
    assert (sent.status, reported.status) == (0, 0), (sent.said, reported.said)
    assert "Stored and verified: report.pdf" in reported.said
    grant = UploadGrant.objects.get()
    content, headers = stored_object(oss, grant)
    assert (grant.state, content, headers["content-type"]) == ("stored", b"hello", "application/pdf")


@pytest.mark.parametrize("kind", ["bash", "dash"])
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_name_is_data_and_never_code(new_shell, open_page, home, oss, name, kind):
    (home / name).write_bytes(b"hello")
    _, reported = new_shell(open_page, kind).send(name)
    assert reported.status == 0, reported.said
    grant = UploadGrant.objects.get()
    assert (grant.original_name, stored_object(oss, grant)[0]) == (name, b"hello")
    assert [file.name for file in home.iterdir()] == [name]


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS.keys())
def test_a_file_arrives_byte_for_byte(shell, home, oss, content):
    (home / "table.csv").write_bytes(content)
    _, reported = shell.send("table.csv")
    assert reported.status == 0, reported.said
    arrived, headers = stored_object(oss, UploadGrant.objects.get())
    assert (arrived, headers["content-type"]) == (content, "text/csv")


def test_the_name_without_the_folders_is_what_the_site_learns(shell, home):
    (home / "my clients").mkdir()
    (home / "my clients" / "a.txt").write_bytes(b"hello")
    shell.send(f"{home}/my clients/a.txt")
    assert UploadGrant.objects.get().original_name == "a.txt"


def test_the_download_has_the_name_of_the_file(shell, home, oss):
    (home / "终稿.pdf").write_bytes(b"hello")
    shell.send("终稿.pdf")
    headers = stored_object(oss, UploadGrant.objects.get())[1]
    assert headers["content-disposition"] == f"attachment; filename*=UTF-8''{quote('终稿.pdf')}"


def test_the_same_file_is_sent_again_under_a_grant_of_its_own(shell, home):
    (home / "a.txt").write_bytes(b"hello")
    assert [ended.status for ended in shell.send("a.txt") + shell.send("a.txt")] == [0, 0, 0, 0]
    assert list(UploadGrant.objects.values_list("state", flat=True)) == ["stored", "stored"]


def test_the_report_can_be_made_twice(shell, home):
    (home / "a.txt").write_bytes(b"hello")
    send, report = shell.commands["send"], shell.commands["report"]
    *_, first, second = shell.run(shell.named("a.txt"), send, report, report)
    assert first == second
    assert first.status == 0


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ({"max_bytes": 4}, "The page has taken all it can."),
        ({"max_files": 1, "used_files": 1}, "The page has taken all it can."),
    ],
    ids=["too large for the page", "full"],
)
def test_what_the_page_does_not_take_is_not_sent(new_shell, owner, home, mishaps, limits, sentence):
    (home / "a.txt").write_bytes(b"hello")
    sent, reported = new_shell(make_page(owner=owner, **limits)).send("a.txt")
    assert sent.status != 0
    assert sentence in sent.said
    assert mishaps.seen["PUT"] == 0
    assert reported.status != 0


def test_a_page_that_was_closed_since_takes_nothing(shell, open_page, home, mishaps):
    (home / "a.txt").write_bytes(b"hello")
    open_page.closed_at = timezone.now() - timedelta(seconds=1)
    open_page.save()
    sent, _ = shell.send("a.txt")
    assert sent.status != 0
    assert "The page is closed; it takes no more files." in sent.said
    assert mishaps.seen["PUT"] == 0


def test_a_file_over_5_gb_is_not_sent(shell, home, mishaps):
    with (home / "disk.img").open("wb") as sparse:
        sparse.truncate(5 * 1024**3 + 1)
    sent, _ = shell.send("disk.img")
    assert sent.status != 0
    assert "This file is larger than the 5 GB of one PUT." in sent.said
    assert mishaps.seen["PUT"] == 0


@pytest.mark.parametrize("name", ["missing.txt", ".", ""], ids=["missing", "a folder", "no name"])
@pytest.mark.parametrize("kind", SHELLS)
def test_what_is_no_file_asks_for_nothing(new_shell, open_page, name, kind):
    sent, reported = new_shell(open_page, kind).send(name)
    assert sent.status != 0
    assert reported.status != 0
    assert "There is nothing here." in reported.said
    assert not UploadGrant.objects.exists()


def test_what_one_run_did_is_not_said_of_the_next(shell, home):
    (home / "a.txt").write_bytes(b"hello")
    send, report = shell.commands["send"], shell.commands["report"]
    *_, sent, reported = shell.run(shell.named("a.txt"), send, report, shell.named("missing.txt"), send, report)
    assert sent.status != 0
    assert (reported.status, "There is nothing here." in reported.said) == (22, True)


def test_a_refusal_of_the_storage_is_explained(shell, home, mishaps):
    (home / "a.txt").write_bytes(b"hello")
    mishaps.refuse("PUT", DENIED)
    sent, reported = shell.send("a.txt")
    grant = UploadGrant.objects.get()
    assert (sent.status, reported.status) == (22, 22)
    assert f"please tell Ingrid Dahl: {grant.grant_id}." in reported.said
    assert (grant.state, grant.cause) == ("failed", "denied")
    assert (grant.reported_code, grant.reported_ec) == (DENIED.code, DENIED.ec)
    assert grant.reported_request_id


def test_a_header_that_was_not_signed_is_named_to_staff(shell, home):
    (home / "a.txt").write_bytes(b"hello")
    shell.commands["send"] = shell.commands["send"].replace("curl -gi", "curl -H 'x-oss-meta-extra: 1' -gi")
    sent, reported = shell.send("a.txt")
    grant = UploadGrant.objects.get()
    assert (sent.status, reported.status, grant.state) == (22, 22, "failed")
    assert "x-oss-meta-extra 1 was sent but not signed" in cause_sentence(grant.cause, grant.cause_details)


def test_a_broken_line_is_explained(shell, home, line):
    (home / "a.txt").write_bytes(b"hello")
    line.broken.set()
    sent, reported = shell.send("a.txt")
    assert sent.status not in {0, 22}
    assert reported.status == 22
    assert "The connection broke before the file arrived. Try again." in reported.said


def test_a_site_out_of_reach_is_no_success(shell, home):
    (home / "a.txt").write_bytes(b"hello")
    for name, command in shell.commands.items():
        shell.commands[name] = command.replace(shell.page_url, "http://127.0.0.1:9/")
    sent, reported = shell.send("a.txt")
    assert "curl: (7)" in sent.said
    assert sent.status != 0
    assert reported.status == 7


def test_a_storage_that_cannot_be_asked_has_confirmed_nothing(shell, home, mishaps):
    (home / "a.txt").write_bytes(b"hello")
    mishaps.refuse("HEAD", DENIED)
    sent, reported = shell.send("a.txt")
    assert (sent.status, reported.status) == (0, 22)
    assert "The storage has not confirmed the file yet." in reported.said


def test_nothing_is_left_in_the_folder(shell, home):
    (home / "a.txt").write_bytes(b"hello")
    shell.send("a.txt")
    assert [file.name for file in home.iterdir()] == ["a.txt"]
