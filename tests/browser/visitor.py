"""What a visitor does on an upload page, and sees."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from uploads.models.pages import UploadPage


class Visitor:
    """A browser tab, with all that it requested and all that it complained of."""

    def __init__(self, tab: Page) -> None:
        self.tab = tab
        self.requested: list[str] = []
        self.complaints: list[str] = []
        tab.on("request", lambda request: self.requested.append(f"{request.method} {request.url}"))
        tab.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, page: UploadPage) -> None:
        self.tab.goto(page.link_path())

    def choose(self, *files: Path | dict[str, str | bytes]) -> None:
        """Pick files in the browser's dialog."""
        self.tab.locator("#files").set_input_files(list(files))

    def hurry(self) -> None:
        """Try again at once what failed: its random pauses take no time, but the clock says that they did."""
        self.tab.evaluate(
            """() => {
                const now = Date.now;
                let skipped = 0;
                Math.random = () => {
                    skipped += 7000;
                    return 0;
                };
                Date.now = () => now() + skipped;
            }"""
        )

    def take_time(self) -> None:
        """Make the pauses between two tries as long as they can be, so that what is said meanwhile can be seen."""
        self.tab.evaluate("Math.random = () => 1")

    @property
    def rows(self) -> Locator:
        return self.tab.locator("li.file")

    def row(self, name: str) -> Locator:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return self.rows.filter(has=self.tab.locator(f'.file__name[title="{quoted}"]'))

    def sees(self, name: str, state: str, text: str = "", *, timeout_ms: int = 10_000) -> None:
        """Wait until the file's row shows the state, and the text with it."""
        expect(self.row(name)).to_have_attribute("data-file-state", state, timeout=timeout_ms)
        expect(self.row(name)).to_contain_text(text)

    def sees_queue(self, state: str, *, timeout_ms: int = 10_000) -> None:
        """Wait until the whole queue is in the state."""
        queue = self.tab.locator("[data-upload-state]")
        expect(queue).to_have_attribute("data-upload-state", state, timeout=timeout_ms)

    def press(self, button: str, name: str) -> None:
        """Press "Retry", "Cancel" or "Remove" in the file's row."""
        self.tab.get_by_role("button", name=f"{button} {name}", exact=True).click()

    def waits_until(self, condition: Callable[[], object]) -> None:
        """For what no page shows."""
        for _ in range(100):
            if condition():
                return
            self.tab.wait_for_timeout(100)
        raise AssertionError("It did not come about within ten seconds.")

    def requests_to(self, part: str) -> list[str]:
        """Method and URL of the requests whose URL has this part."""
        return [request for request in self.requested if part in request]


def file(name: str, content: bytes = b"hello", content_type: str = "") -> dict[str, str | bytes]:
    """A file as `choose` takes it. Without a type, Playwright leaves the browser none to send."""
    return {"name": name, "mimeType": content_type, "buffer": content}
