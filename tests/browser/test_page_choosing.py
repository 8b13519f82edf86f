"""Ways to get files in: folders, pasting, the camera."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import file
from uploads.models.grants import UploadGrant

DROP_FILES = """(files) => {
  const dataTransfer = new DataTransfer();
  for (const [name, content] of files) dataTransfer.items.add(new File([content], name));
  return dataTransfer;
}"""


@pytest.fixture
def folder(tmp_path):
    """A folder with folders in it, and with what systems leave there."""
    files = {"a.txt": "a", "2026/b.txt": "b", "2026/deep/er/c.txt": "c", ".DS_Store": "x", "2026/Thumbs.db": "x"}
    for path, content in files.items():
        place = tmp_path / "photos" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
    return tmp_path / "photos"


def drop(visitor, *paths):
    """Let real files and folders fall onto the page, as the system's file manager does."""
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    browser = visitor.tab.context.new_cdp_session(visitor.tab)
    for type_ in ("dragEnter", "dragOver", "drop"):
        browser.send("Input.dispatchDragEvent", {"type": type_, "x": 700, "y": 200, "data": data})


def paths_shown(visitor):
    rows = visitor.rows.all()
    return sorted(
        f"{row.locator('.file__path').text_content()}/{row.locator('.file__name').text_content()}" for row in rows
    )


IN_FOLDER = ["photos/2026/b.txt", "photos/2026/deep/er/c.txt", "photos/a.txt"]


def test_a_dropped_folder_is_opened_and_its_paths_are_kept(visitor, folder):
    drop(visitor, folder)
    expect(visitor.rows).to_have_count(3)
    visitor.sees_queue("done")
    assert paths_shown(visitor) == IN_FOLDER
    folders = UploadGrant.objects.values_list("folder", flat=True)
    assert sorted(folders) == ["photos", "photos/2026", "photos/2026/deep/er"]
    expect(visitor.tab.get_by_text("2 hidden files of the system are left out.")).to_be_visible()
    assert not visitor.complaints


def test_a_file_and_a_folder_can_be_dropped_together(pretended, folder, tmp_path):
    (tmp_path / "beside.txt").write_text("beside")
    drop(pretended, folder, tmp_path / "beside.txt")
    expect(pretended.rows).to_have_count(4)
    assert paths_shown(pretended) == ["/beside.txt", *IN_FOLDER]


def test_a_folder_of_more_files_than_the_browser_gives_at_once_is_read_to_its_end(pretended, tmp_path):
    (tmp_path / "many").mkdir()
    for number in range(150):
        (tmp_path / "many" / f"{number}.txt").touch()
    drop(pretended, tmp_path / "many")
    expect(pretended.rows).to_have_count(150)


def test_an_empty_folder_is_said_to_be_empty(pretended, tmp_path):
    (tmp_path / "empty").mkdir()
    drop(pretended, tmp_path / "empty")
    expect(pretended.tab.get_by_text("There is no file in that folder.")).to_be_visible()
    pretended.choose(file("a.txt"))
    expect(pretended.tab.get_by_text("There is no file in that folder.")).to_be_hidden()


def test_a_folder_can_be_chosen(pretended, folder):
    with pretended.tab.expect_file_chooser() as chooser:
        pretended.tab.get_by_role("button", name="Choose a folder").click()
    chooser.value.set_files(folder)
    expect(pretended.rows).to_have_count(3)
    assert paths_shown(pretended) == IN_FOLDER
    expect(pretended.tab.get_by_role("button", name="Choose a folder")).to_be_focused()


def test_after_a_folder_was_not_chosen_the_next_dialog_asks_for_files(pretended):
    with pretended.tab.expect_file_chooser():
        pretended.tab.get_by_role("button", name="Choose a folder").click()
    with pretended.tab.expect_file_chooser() as chooser:
        pretended.tab.get_by_role("button", name="Drop files here Choose files").click()
    chooser.value.set_files(file("a.txt"))
    expect(pretended.row("a.txt")).to_be_visible()


def test_the_camera_is_asked_for_pictures_and_films(pretended):
    # A touch screen shows the button; the tests' browser has a mouse.
    camera = pretended.tab.locator("input[capture]")
    with pretended.tab.expect_file_chooser():
        camera.evaluate("(input) => input.click()")
    asks = camera.evaluate("(input) => [input.accept, input.getAttribute('capture'), input.multiple]")
    assert asks == ["image/*,video/*", "environment", True]
    expect(camera).to_be_hidden()


def paste(tab, *files):
    """Whether the page kept the browser from pasting."""
    return tab.evaluate(
        f"""(files) => {{
          const clipboardData = ({DROP_FILES})(files);
          if (files.length === 0) clipboardData.setData("text/plain", "words");
          const event = new ClipboardEvent("paste", {{ clipboardData, bubbles: true, cancelable: true }});
          return !document.body.dispatchEvent(event);
        }}""",
        files,
    )


def test_a_pasted_picture_is_sent(visitor):
    assert paste(visitor.tab, ["image.png", "picture"])
    visitor.sees("image.png", "stored")


def test_pasted_words_are_left_to_the_browser(pretended):
    assert not paste(pretended.tab)
    assert pretended.rows.count() == 0
